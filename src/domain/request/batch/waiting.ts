// What waits for people in a batch: who is called about it, and by whom. Pure.

import type { Member } from "../document/batch.ts";
import type { Step, StepKind } from "../document/step.ts";
import { common } from "../moves.ts";
import { type AccessRequest, type In, isEscalated, isWaiting } from "../request.ts";
import { labelOf } from "./label.ts";
import { isLead, type Lead } from "./roles.ts";

/** What calls those who decide or review, and not the requester. */
export const CALLS_APPROVERS: ReadonlySet<StepKind> = new Set([
  "reminded",
  "escalated",
  "waits-again",
  "approval-void",
  "taken-back",
  "review-reminded",
]);

/** What began to wait within this time is called about together. */
const TOGETHER_MS = 60_000;

/** What comes to those that wait alike by time alone, and so to the lead as well: nobody is called twice about it. */
export const COMES_WITH_TIME: ReadonlySet<StepKind> = new Set(["reminded", "escalated"]);

/** Whether approvers are called about it by what they read of the lead, as long as that waits. */
const isCalledWithLead = (lead: Lead, member: Member, what: StepKind): boolean =>
  isInCallOfLead(lead, member, what) && lead.state === "pending";

/** Whether a call of the lead was about it, too, whatever became of the lead since. */
export const isInCallOfLead = (lead: Lead, member: Member, what: StepKind): boolean =>
  COMES_WITH_TIME.has(what) && waitsAlike(lead, member);

function waitsAlike(lead: Lead, { waits }: Member): boolean {
  const { askedAtMs } = lead.ask;
  const sinceMs = lead.state === "pending" ? (lead.sinceMs ?? askedAtMs) : askedAtMs;
  return waits !== undefined && Math.abs(sinceMs - waits.sinceMs) <= TOGETHER_MS;
}

/**
 * Calls that were left to the lead, which was decided before it made them: somebody may have looked at it, by which
 * its own reminder waits.
 */
export function owedCalls(
  before: AccessRequest,
  after: AccessRequest,
  atMs: number,
): readonly Omit<Step, "n">[] {
  if (!isLead(before) || before.state !== "pending" || after.state === "pending") return [];
  const { remindedAtMs } = before;
  return before.batch.members.flatMap((member): readonly Omit<Step, "n">[] => {
    if (member.state !== "pending" || !waitsAlike(before, member)) return [];
    const of = labelOf(before, member);
    if (member.waits?.isEscalated === true && !isEscalated(before)) {
      return [{ what: "escalated", of, atMs }];
    }
    return member.waits?.isReminded === true && remindedAtMs === undefined
      ? [{ what: "reminded", of, atMs }]
      : [];
  });
}

/** Of what happened to another one of the batch, what its lead tells people. */
export const toldByLead = (lead: Lead, member: Member, steps: readonly Step[]): readonly Step[] =>
  steps.filter(({ what }) => !isCalledWithLead(lead, member, what));

/**
 * A request of the batch by itself, as far as the lead knows it, while it waits: for what is said of one. `undefined`:
 * it doesn't wait, or an earlier version stored it.
 */
export function waitingOne(
  lead: Lead,
  { id, waits, state, approvedBy = [], ports, fault: heldUp, ...own }: Member,
): In<"pending" | "ready"> | undefined {
  if (id === lead.id) {
    const { batch: _, ...alone } = lead;
    return isWaiting(alone) ? alone : undefined;
  }
  if (waits === undefined) return undefined;
  const { sinceMs, expiresAtMs, needed, absent, onDuty, ruleNow } = waits;
  const { batch: _, narrowed: _cut, wasEscalated: _was, ...shared } = common(lead);
  const { durationMs, source = lead.ask.source, sourceName } = own;
  const one = {
    ...shared,
    id,
    ask: {
      ...lead.ask,
      vm: { ...lead.ask.vm, name: own.vm },
      ports,
      durationMs,
      source,
      sourceName,
    },
    promised: { ...lead.promised, approvals: needed },
    approvals: approvedBy,
    ...(waits.isEscalated && { wasEscalated: waits.isEscalated }),
  };
  if (state === "ready") {
    const { fromMs, frozen, unchecked } = waits;
    return { ...one, state, readyAtMs: sinceMs, expiresAtMs, frozen, fromMs, unchecked, heldUp };
  }
  // Questions, and who looks, are the lead's.
  const claim = lead.state === "pending" ? lead.claim : undefined;
  return { ...one, state: "pending", expiresAtMs, sinceMs, absent, onDuty, ruleNow, claim };
}
