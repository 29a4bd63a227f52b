// What a lead hears of the other requests of its batch, and what each of them remembers of having told it. Pure.

import type { Member } from "../document/batch.ts";
import type { Step } from "../document/step.ts";
import type { FaultNote } from "../grant.ts";
import type { Moved } from "../moved.ts";
import { quietly, same, tell } from "../moves.ts";
import type { AccessRequest } from "../request.ts";
import { labelOf } from "./label.ts";
import { batchChanged } from "./pace.ts";
import { isFollower, isLead } from "./roles.ts";
import { toldByLead } from "./waiting.ts";

/** How a member stands now, and what happened to it; older news changes nothing. */
export function memberHeard(
  lead: AccessRequest,
  { member, steps }: { readonly member: Member; readonly steps: readonly Step[] },
  nowMs: number,
): Moved {
  if (!isLead(lead)) return same(lead);
  const known = lead.batch.members.find(({ id }) => id === member.id);
  if (known === undefined || known.heard >= member.heard) return same(lead);
  const of = labelOf(lead, member);
  const news = toldByLead(lead, member, steps)
    .filter(({ n }) => n > known.stepsTo)
    .map(({ n: _, ...step }) => ({ ...step, of }));
  const now = withMember(lead, known, {
    ...member,
    stepsTo: Math.max(known.stepsTo, member.stepsTo),
  });
  if (news.length > 0) return tell(batchChanged(now, nowMs), news);
  if (isAlike(known, member)) return quietly(now);
  return quietly({ ...batchChanged(now, nowMs), revision: now.revision + 1 });
}

/** It was never made: what its line said before it was to be is taken back. */
export function memberUnmade(
  lead: AccessRequest,
  { id, fault }: { readonly id: Member["id"]; readonly fault: FaultNote },
  nowMs: number,
): Moved {
  if (!isLead(lead)) return same(lead);
  const known = lead.batch.members.find((one) => one.id === id);
  if (known === undefined || known.heard > 0 || known.state === "unmade") return same(lead);
  const { warnsAtMs: _, endsAtMs: _end, ...rest } = known;
  const now = withMember(lead, known, { ...rest, state: "unmade", fault });
  return quietly({ ...batchChanged(now, nowMs), revision: now.revision + 1 });
}

/** These were warned by the message that was just posted. */
export function membersWarned(lead: AccessRequest, ids: readonly Member["id"][]): AccessRequest {
  if (!isLead(lead)) return lead;
  const members = lead.batch.members.map((member): Member => {
    const { warnsAtMs: _, ...rest } = member;
    return ids.includes(member.id) ? rest : member;
  });
  return { ...lead, batch: { ...lead.batch, members } };
}

/** The lead knows it, and tells people of it. */
export function toldLead(
  request: AccessRequest,
  known: Pick<Member, "heard" | "stepsTo">,
): AccessRequest {
  if (!isFollower(request)) return request;
  const { heard, stepsTo } = known;
  const { "tell-lead": _, ...attempts } = request.attempts;
  return {
    ...request,
    batch: { ...request.batch, heard: Math.max(request.batch.heard, heard) },
    steps: request.steps.filter(({ n }) => n > stepsTo),
    toldUpTo: {
      ...request.toldUpTo,
      thread: Math.max(request.toldUpTo.thread, stepsTo),
      requester: Math.max(request.toldUpTo.requester, stepsTo),
    },
    attempts,
  };
}

function withMember(lead: AccessRequest, known: Member, member: Member): AccessRequest {
  if (!isLead(lead)) return lead;
  const members = lead.batch.members.map((one) => (one === known ? member : one));
  return { ...lead, batch: { ...lead.batch, members } };
}

/** Whether its line, and the buttons, are the same. */
const isAlike = (one: Member, other: Member): boolean => shown(one) === shown(other);

const shown = ({ heard: _, stepsTo: _to, warnsAtMs: _warns, waits, ...rest }: Member): string => {
  const { isReminded: _reminded, ...known } = waits ?? {};
  const all = { ...rest, waits: known };
  return JSON.stringify(Object.entries(all).sort(([a], [b]) => a.localeCompare(b)));
};
