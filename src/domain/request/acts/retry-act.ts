// Retry: what failed is opened again until the same end, or waits for the approvals that it lacks by now.

import type { UserId } from "../../text/ids.ts";
import { type Refusal, refuse } from "../../text/refusal.ts";
import type { Card } from "../document/sent-messages.ts";
import type { AzureProgress, Grant, WaitsAgain } from "../grant.ts";
import type { Moved } from "../moved.ts";
import { move, throughPolicy, UNSENT } from "../moves.ts";
import type { AccessRequest, Approval, In } from "../request.ts";
import { undecidedUntilMs } from "./deciding-acts.ts";
import { type ActBy, isBy, type Waits, wrongState } from "./person-act.ts";

/** The part of a grant's time that must be left for Retry to be worth it. */
const RETRY_LEAST_SHARE = 1 / 4;

/**
 * Whether Retry is offered: at least a quarter of the granted time is left. Whatever Azure refused it for, the JIT
 * policy may be another one by then, and only Azure knows.
 */
export const mayRetry = (request: In<"failed">, nowMs: number): boolean =>
  request.retryOver !== true && nowMs < retryOverAtMs(request.grant);

/** From then on it is offered no more, and the card is edited. */
export const retryOverAtMs = ({ startsAtMs, endsAtMs }: Grant): number =>
  Math.floor(endsAtMs - (endsAtMs - startsAtMs) * RETRY_LEAST_SHARE) + 1;

export function retry(request: AccessRequest, act: ActBy<"retry">, nowMs: number): Moved | Refusal {
  if (!isBy(act, request.ask.requester) && !act.roles.isApprover) {
    return refuse("not-yours")`Only the requester or an approver can retry ${request.id}.`;
  }
  if (request.state !== "failed") return wrongState(request, "retry", act);
  if (!mayRetry(request, nowMs)) {
    return refuse(
      "too-late",
    )`There's too little time left on ${request.id}, and its end (${{ atMs: request.grant.endsAtMs }}) doesn't move: request it again.`;
  }
  const counted = request.approvals.filter((one) => act.stillApprovers.includes(one.by));
  if (counted.length < act.needed) {
    const { waits, ...lacking } = act;
    return waits === undefined
      ? refuse("cannot-check")`${request.id} is missing an approval: request it again.`
      : waitsAgain(request, { ...lacking, waits }, { tried: "retry", counted, nowMs });
  }
  const grant: Grant = {
    ...request.grant,
    azure: afresh(request.grant.azure),
    checkedAtMs: nowMs,
  };
  return move(
    request,
    { state: "opening", grant },
    {
      steps: [{ what: "retried", by: act.by, atMs: nowMs }],
      audit: { what: "retried", by: act.by, detail: { policy: act.policyHash } },
      change: { ask: throughPolicy(request.ask, act.jitPolicyId) },
    },
  );
}

type Lacking = {
  /** Who tried; left out: nobody in particular. */
  readonly by?: UserId;
  readonly needed: number;
  readonly policyHash: string;
  readonly waits: Waits;
};

type Trying = Pick<WaitsAgain, "tried"> & {
  readonly counted: readonly Approval[];
  readonly nowMs: number;
};

/** What would be granted under other conditions than today's is decided again, and its end with it. */
export function waitsAgain(
  request: AccessRequest,
  { by, needed, policyHash, waits }: Lacking,
  { tried, counted, nowMs }: Trying,
): Moved {
  const voided = request.approvals.filter((one) => !counted.includes(one));
  const have = counted.length;
  const isRaised = needed > request.approvals.length;
  const again = { tried, ...(isRaised && { isRaised }), voided: voided.length };
  return move(
    request,
    {
      state: "pending",
      expiresAtMs: undecidedUntilMs(request.ask, waits.expireAfterMs, nowMs),
      sinceMs: nowMs,
    },
    {
      steps: [
        ...voided.map((one) => ({ what: "approval-void" as const, by: one.by, atMs: nowMs })),
        { what: "waits-again", by, again, atMs: nowMs },
      ],
      audit: { what: "waits-again", by, detail: { policy: policyHash, have, need: needed } },
      change: {
        approvals: counted,
        // Each approved no more than the one before.
        narrowed: counted.at(-1)?.narrowed,
        promised: {
          ...request.promised,
          approvals: needed,
          approvers: waits.approvers,
          policyHash,
          nobody: undefined,
        },
        cards:
          request.batch?.role === "member"
            ? request.cards
            : withCardIn(waits.channel, request.cards),
      },
    },
  );
}

/** A rule that asked nobody may have had no channel; the first card is the one with the thread. */
function withCardIn(channel: Waits["channel"], cards: readonly Card[]): readonly Card[] {
  if (channel === undefined || cards.some((card) => card.to === channel)) return cards;
  const card: Card = { to: channel, shown: 0 };
  return cards.length === 0 ? [card] : [...cards, card];
}

/** An answer that never came is still read back before Azure is asked again. */
const afresh = (azure: AzureProgress): AzureProgress =>
  azure.answer === "unknown" ? { ...UNSENT, sent: azure.sent, answer: "unknown" } : UNSENT;
