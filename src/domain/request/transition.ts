// What an act does to a request: total over every state and act, and the only place where a state changes.
//
// A request is born (`birth.ts`): ask → pending, or opening where nobody has to decide; an opening at Azure
// whose record was lost → open; one of others' that an admin adopts → open, or closes → ending.
//
// The table (acts of people above the line, news from the world below; "–" is refused or ignored):
//
//               pending           opening           open       ending     ended  failed             denied…lapsed
//   approve     pending, opening  –                 –          –          –      –                  –
//   deny        denied            –                 –          –          –      –                  –
//   take-back   pending           –                 –          –          –      –                  –
//   ask         pending           –                 –          –          –      –                  –
//   answer      pending           –                 –          –          –      –                  –
//   claim       pending           –                 –          –          –      –                  –
//   cancel      cancelled         –                 –          –          –      –                  –
//   end         –                 ending            ending     –          –      –                  –
//   requeue⁹    (every state)
//   retry       –                 –                 –          –          –      opening, pending⁷  –
//   open        (of what is ready alone)¹¹
//   review⁶     (every state)
//   ---------------------------------------------------------------------------------------------
//   expire      lapsed            –                 –          –          –      –                  –
//   recovered⁸  open              –                 –          –          –      open               open
//   remind      pending           –                 –          –          –      –                  –
//   escalate    pending           –                 –          –          –      –                  –
//   unclaim     pending           –                 –          –          –      –                  –
//   absences    pending           –                 –          –          –      –                  –
//   on-call     pending           –                 –          –          –      –                  –
//   rule-now    pending           –                 –          –          –      –                  –
//   left        cancelled         ending            ending     –          –      –                  –
//   frozen      –                 ready¹⁰           –          –          –      –                  –
//   extended    –                 –                 ended      –          –      –                  –
//   sending     –                 opening           –          ending¹    –      –                  –
//   accepted    –                 opening           –          ending²    –      –                  –
//   unanswered  –                 opening, failed³  –          ending     –      –                  –
//   refused     –                 failed³           –          open⁴      –      –                  –
//   seen        –                 opening, open     –          –          –      –                  –
//   closed      –                 –                 –          ended      –      –                  –
//   not-closed  –                 –                 –          open       –      –                  –
//   gone        –                 –                 ended      –          –      –                  –
//   over        –                 failed⁵           ended      ended      –      –                  –
//   checked     –                 –                 –          –          ended  –                  –
//   warned      –                 –                 open       –          –      –                  –
//
//   ¹ to close  ² the opening was accepted while somebody already ended it  ³ never after a 202: then it
//   stays opening  ⁴ Azure refused to close  ⁵ the door was never seen open  ⁶ changes no state, only the
//   review of an access that nobody approved beforehand; neither do "review-reminded" and "took-over", of a batch
//   "member" and "unmade", of what is ending "closing", and of what failed "retry-over"
//   ⁸ where Azure has its ports open: the decision, or the retry, was lost
//   ⁷ pending where it lacks an approval by now
//   ¹⁰ where Azure was never asked. What is ready waits for a freeze to be lifted ("still-frozen", "thawing"):
//   "thawed" opening, "thawed-short" pending, "held-up" and "not-checked" ready, "not-opened" and left cancelled, expire lapsed, recovered open; and by people:
//   cancel cancelled, take-back pending
//   ¹¹ where its requester opens it, approve leads to ready, and so does "frozen": open opening, or pending
//   where it lacks an approval by now; "remind-ready" ready, left cancelled, expire lapsed, recovered open; cancel
//   and take-back as above. What is ready an admin cancels who ends everything
//   ⁹ changes no state: a dead letter, which "park" made of it, is worked on again, as by "requeued" from a
//   terminal. So it is by every act and all news that lead to another state; approve and retry are refused meanwhile
//
// Who: deny, approve, take-back, ask and claim: approvers who are not the requester. answer, cancel: the
// requester. open: the requester. end: the requester, an approver, an admin. retry: the requester or an approver. requeue: an admin.

import { isRefusal, type Refusal } from "../text/refusal.ts";
import { backByMoving } from "./acts/dead-letter-acts.ts";
import { byPerson } from "./acts/people-acts.ts";
import type { PersonAct } from "./acts/person-act.ts";
import type { WorldAct } from "./acts/world-act.ts";
import { byWorld } from "./acts/world-acts.ts";
import { batchChanged } from "./batch/pace.ts";
import { owedCalls } from "./batch/waiting.ts";
import type { Moved } from "./moved.ts";
import { tell } from "./moves.ts";
import type { AccessRequest } from "./request.ts";
import { isShownAlike } from "./shown.ts";

export type Act = PersonAct | WorldAct;

/** News that no longer matters answers the request unchanged; a person always gets a change or a refusal. */
export function transition(request: AccessRequest, act: WorldAct, nowMs: number): Moved;
export function transition(request: AccessRequest, act: Act, nowMs: number): Moved | Refusal;
export function transition(request: AccessRequest, act: Act, nowMs: number): Moved | Refusal {
  const moved = "by" in act ? byPerson(request, act, nowMs) : byWorld(request, act, nowMs);
  if (isRefusal(moved)) return moved;
  const back = backByMoving(request, moved.request, act);
  const owed = owedCalls(request, moved.request, nowMs);
  const told = owed.length === 0 ? moved.request : tell(moved.request, owed).request;
  const next = revised(request, told);
  const shown = next.revision > request.revision ? batchChanged(next, nowMs) : next;
  return { request: shown, audit: [...moved.audit, ...back] };
}

/** What screens show has changed: the cards are to follow, whether or not anybody is told of it. */
function revised(before: AccessRequest, after: AccessRequest): AccessRequest {
  return after.revision > before.revision || isShownAlike(before, after)
    ? after
    : { ...after, revision: before.revision + 1 };
}
