// Brings dead letters back to work: for an admin in Slack, or for the operator at a terminal.

import type { AuditNote } from "../../../domain/request/moved.ts";
import { transition } from "../../../domain/request/transition.ts";
import { includes } from "../../../domain/rules/rule-match.ts";
import { parseRequestId } from "../../../domain/text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import { words } from "../../../domain/text/words.ts";
import { Fault, isFault } from "../../../ports/fault.ts";
import type { Answer, Sender } from "../../../ports/inbound.ts";
import type { Requeued } from "../../../ports/storage/dead-letters.ts";
import type { StoredRequest, Write } from "../../../ports/storage/requests.ts";
import { said } from "../../answering/answering.ts";
import type { Deps } from "../../deps.ts";
import {
  DECIDING_AGE_MS,
  groupMembersOf,
  orCannotCheck,
  refuseOutsiders,
} from "../../people/people.ts";
import { type Changed, changeRequest } from "../change-request.ts";

type Needs = Pick<
  Deps,
  "requests" | "deadLetters" | "chat" | "onCall" | "log" | "policy" | "onCommitted"
>;

type RequeueNeeds = Pick<Deps, "deadLetters" | "requests" | "policy" | "onCommitted">;

/** `unknown`: nothing is on record under that name. */
export type BroughtBack = Requeued | "unknown";

export type By = { readonly by: string; readonly delivery?: string } & Pick<Write, "notices">;

/** Once, however often and from wherever it is asked for; `member` as dead letters are listed. */
export async function requeue(deps: RequeueNeeds, member: string, by: By): Promise<BroughtBack> {
  const id = parseRequestId(member);
  if (id === undefined) return requeueParked(deps, member, by);
  const act = { act: "requeued", operator: by.by } as const;
  const change = ({ request, nowMs }: StoredRequest) => transition(request, act, nowMs);
  const { delivery } = by;
  const changed = await changedUnlessUnreadable(
    changeRequest(deps, id, change, { ...(delivery !== undefined && { delivery }) }),
  );
  switch (changed.outcome) {
    case "changed":
      return "requeued";
    case "repeated":
      return "repeated";
    case "unreadable":
    // One that couldn't be written when it was parked: nothing in it says so.
    case "unchanged":
      return requeueParked(deps, id, by);
    case "missing": {
      const outcome = await requeueParked(deps, id, by);
      return outcome === "not-parked" ? "unknown" : outcome;
    }
    case "refused":
    case "frozen":
    case "too-many-open":
    case "contended":
      throw new Fault({
        source: "redis",
        code: "Contended",
        message: `${id} is being changed by somebody else: try again.`,
        retryable: true,
      });
  }
}

async function changedUnlessUnreadable(
  changing: Promise<Changed>,
): Promise<Changed | { readonly outcome: "unreadable" }> {
  try {
    return await changing;
  } catch (thrown) {
    if (isFault(thrown) && thrown.code === "Unreadable") return { outcome: "unreadable" };
    throw thrown;
  }
}

async function requeueParked(
  { deadLetters, policy, onCommitted }: RequeueNeeds,
  member: string,
  { by, delivery, notices = [] }: By,
): Promise<Requeued> {
  const detail = { policy: policy().hash, about: member };
  const note: AuditNote = { what: "requeued", by, detail };
  const outcome = await deadLetters.requeue(member, { audit: [note], notices, delivery });
  if (outcome === "requeued" || outcome === "gone") onCommitted({ audit: [note], isDue: true });
  return outcome;
}

/** Pressed beside what has no request to be shown with. Whether that is an admin is asked of Slack now. */
export async function requeueClick(
  deps: Needs,
  sender: Sender,
  member: string,
): Promise<Answer | Refusal> {
  const mayNot = await refuseNonAdmins(deps, sender);
  if (mayNot !== undefined) return mayNot;
  const outcome = await requeue(deps, member, { by: sender.user, delivery: sender.delivery });
  switch (outcome) {
    case "requeued":
      deps.log.info({ due: member, user: sender.user }, "requeued");
      return said(words`Trying again.`);
    case "gone":
      return said(words`There's nothing left to do for it. It's no longer listed.`);
    case "unknown":
    case "not-parked":
      return refuse("wrong-state")`That's no longer parked, so you don't need to try it again.`;
    case "repeated":
      return { answer: "nothing" };
  }
}

async function refuseNonAdmins(deps: Needs, sender: Sender): Promise<Refusal | undefined> {
  const outsider = await refuseOutsiders(deps.chat, sender, DECIDING_AGE_MS);
  if (outsider !== undefined) return outsider;
  const { admins } = deps.policy();
  const members = await orCannotCheck(() => groupMembersOf(deps, [admins], DECIDING_AGE_MS));
  if (isRefusal(members)) return members;
  return includes(admins, sender.user, members)
    ? undefined
    : refuse("not-yours")`Only an admin can bring parked requests back.`;
}
