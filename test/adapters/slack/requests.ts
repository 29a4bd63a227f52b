// Requests in every state, made of the same few typed texts, for the tests of the screens.

import type { Phase } from "../../../src/domain/request/document/phase.ts";
import type { Step, StepKind } from "../../../src/domain/request/document/step.ts";
import type { Grant } from "../../../src/domain/request/grant.ts";
import type { AccessRequest, Common, In } from "../../../src/domain/request/request.ts";
import { channelId, groupId, requestIdFrom, userId, vmKey } from "../../../src/domain/text/ids.ts";

export const ERIN = userId("U0ERIN");
export const LEAD = userId("U0LEAD");
export const OMAR = userId("U0OMAR");
export const PROD = channelId("C0PROD");

/** 1 November 2026, 14:00 UTC. */
export const ASKED_AT_MS = Date.UTC(2026, 10, 1, 14, 0);
export const DECIDED_AT_MS = ASKED_AT_MS + 5 * 60_000;
export const ENDS_AT_MS = DECIDED_AT_MS + 2 * 3_600_000;

/** Everything in a request that somebody outside typed or named. */
export type Typed = {
  readonly vm: string;
  readonly resourceGroup: string;
  readonly reason: string;
  readonly rule: string;
  readonly sourceName: string | undefined;
  readonly source: string;
  readonly denial: string;
  readonly review: string;
  readonly code: string;
  readonly message: string;
  readonly address: string | undefined;
};

export const PLAIN: Typed = {
  vm: "vm-01",
  resourceGroup: "rg-prod-web",
  reason: "restart the print spooler, ticket OPS-4711",
  rule: "production",
  sourceName: "vpn",
  source: "203.0.113.0/24",
  denial: "use the jump host",
  review: "nobody knew of the outage",
  code: "AuthorizationFailed",
  message: "The client does not have authorization to perform action 'initiate'.",
  address: "198.51.100.7",
};

type Change = Partial<Common> & { readonly ask?: never; readonly ports?: readonly number[] };

export function common(typed: Typed, { ports = [22], ...change }: Change = {}): Common {
  const id = `/subscriptions/s1/resourceGroups/${typed.resourceGroup}/providers/Microsoft.Compute/virtualMachines/${typed.vm}`;
  return {
    id: requestIdFrom(Uint8Array.of(10, 11, 12, 1, 2, 3)),
    revision: 7,
    ask: {
      requester: ERIN,
      vm: { key: vmKey(id), id, name: typed.vm, os: "linux" },
      jitPolicyId: "/subscriptions/s1/policy",
      ports,
      durationMs: 2 * 3_600_000,
      source: typed.source,
      sourceName: typed.sourceName,
      reason: typed.reason,
      askedAtMs: ASKED_AT_MS,
    },
    promised: {
      rule: typed.rule,
      policyHash: "hash",
      approvals: 1,
      approvers: { users: [LEAD, OMAR], groups: [groupId("S0ONCALL")] },
      warnBeforeMs: 600_000,
    },
    approvals: [],
    nonce: "n0nce",
    cards: [{ to: PROD, channel: PROD, ts: "1.000001", shown: 6 }],
    steps: [],
    toldUpTo: { thread: 0, requester: 0, last: 0 },
    attempts: {},
    ...change,
  };
}

export function grant(typed: Typed, change: Partial<Grant> = {}): Grant {
  return {
    startsAtMs: DECIDED_AT_MS,
    endsAtMs: ENDS_AT_MS,
    approvedBy: [LEAD],
    policyHash: "hash",
    azure: { sent: 1, answer: "accepted", reads: 0, seenPorts: [] },
    openedAtMs: DECIDED_AT_MS,
    wayIn: { address: typed.address, mappedPorts: {} },
    ...change,
  };
}

/** A request made of `typed` in the phase `phase`. */
export const inPhase = <P extends Phase>(typed: Typed, phase: P, change?: Change) => ({
  ...common(typed, change),
  ...phase,
});

export const pending = (typed: Typed = PLAIN, change?: Change): In<"pending"> =>
  inPhase(typed, { state: "pending", expiresAtMs: ASKED_AT_MS + 4 * 3_600_000 }, change);

export const open = (typed: Typed = PLAIN, change?: Change): In<"open"> =>
  inPhase(typed, { state: "open", grant: grant(typed) }, change);

export const opening = (typed: Typed = PLAIN, azure: Partial<Grant["azure"]> = {}): In<"opening"> =>
  inPhase(typed, {
    state: "opening",
    grant: grant(typed, {
      azure: { sent: 1, answer: "accepted", reads: 0, seenPorts: [], ...azure },
      openedAtMs: undefined,
      wayIn: undefined,
    }),
  });

export const failed = (typed: Typed = PLAIN): In<"failed"> =>
  inPhase(typed, {
    state: "failed",
    grant: grant(typed),
    fault: { code: typed.code, message: typed.message },
  });

export const ended = (typed: Typed = PLAIN, change: Partial<In<"ended">> = {}): In<"ended"> => ({
  ...inPhase(typed, {
    state: "ended",
    grant: grant(typed),
    how: "expired",
    endedAtMs: ENDS_AT_MS,
    closing: "closed",
  }),
  ...change,
});

export const denied = (typed: Typed = PLAIN): In<"denied"> =>
  inPhase(typed, {
    state: "denied",
    deniedBy: LEAD,
    denial: typed.denial,
    deniedAtMs: DECIDED_AT_MS,
  });

export const ending = (typed: Typed = PLAIN): In<"ending"> =>
  inPhase(typed, { state: "ending", grant: grant(typed), endedBy: LEAD, closeSent: 1 });

export const cancelled = (typed: Typed = PLAIN): In<"cancelled"> =>
  inPhase(typed, { state: "cancelled", cancelledBy: ERIN, cancelledAtMs: DECIDED_AT_MS });

export const lapsed = (typed: Typed = PLAIN): In<"lapsed"> =>
  inPhase(typed, { state: "lapsed", expiredAtMs: DECIDED_AT_MS });

/** It waits for its requester; with `frozen`, for a freeze to be lifted. */
export function ready(typed: Typed = PLAIN, change: Partial<In<"ready">> = {}): In<"ready"> {
  const waiting = inPhase(typed, {
    state: "ready",
    readyAtMs: DECIDED_AT_MS,
    expiresAtMs: ENDS_AT_MS,
  });
  const { promised } = waiting;
  const keeps = change.frozen === undefined && { keepForMs: ENDS_AT_MS - DECIDED_AT_MS };
  return { ...waiting, promised: { ...promised, ...keeps }, ...change };
}

/** Every state, and the variants in which a state reads differently. */
export function everyRequest(typed: Typed): readonly AccessRequest[] {
  const fault = { code: typed.code, message: typed.message };
  const approvals = [{ by: LEAD, atMs: DECIDED_AT_MS }];
  return [
    pending(typed),
    pending(typed, { approvals, promised: { ...common(typed).promised, approvals: 2 } }),
    ready(typed),
    ready(typed, { frozen: { by: LEAD, atMs: DECIDED_AT_MS, reason: typed.denial } }),
    opening(typed, { answer: "unsent", sent: 0, fault }),
    opening(typed, { answer: "unknown", sent: 2, fault }),
    opening(typed),
    open(typed),
    open(typed, { ports: [22, 3389, 5985, 5986, 8080] }),
    ending(typed),
    { ...ending(typed), fault },
    ended(typed),
    ended(typed, { how: "early", endedBy: LEAD, closing: "unknown" }),
    ended(typed, { how: "elsewhere" }),
    ended(typed, { how: "extended" }),
    ended(typed, { closing: "still-open" }),
    failed(typed),
    { ...failed(typed), fault: { code: "NeverSeenOpen", message: typed.message } },
    denied(typed),
    cancelled(typed),
    { ...cancelled(typed), cancelledBy: undefined },
    lapsed(typed),
    { ...lapsed(typed), unused: true },
    { ...lapsed(typed), frozen: true },
  ];
}

const STEP_KINDS: Readonly<Record<StepKind, true>> = {
  asked: true,
  "broke-glass": true,
  ready: true,
  "ready-reminded": true,
  started: true,
  frozen: true,
  thawed: true,
  "held-up": true,
  "not-opened": true,
  "opened-by-rule": true,
  reminded: true,
  escalated: true,
  narrowed: true,
  left: true,
  reviewed: true,
  "review-reminded": true,
  "no-approvers": true,
  recovered: true,
  adopted: true,
  "card-unposted": true,
  unasked: true,
  approved: true,
  "approval-void": true,
  questioned: true,
  answered: true,
  "taken-back": true,
  denied: true,
  cancelled: true,
  lapsed: true,
  opening: true,
  delayed: true,
  watched: true,
  accepted: true,
  open: true,
  retried: true,
  "waits-again": true,
  failed: true,
  ending: true,
  "not-ended": true,
  "warning-missed": true,
  ended: true,
  "still-open": true,
  "closed-late": true,
  parked: true,
  requeued: true,
};

export const step = (what: StepKind, change: Partial<Step> = {}): Step => ({
  n: 1,
  atMs: DECIDED_AT_MS,
  what,
  ...change,
});

export function everyStep(typed: Typed): readonly Step[] {
  const fault = { code: typed.code, message: typed.message };
  return Object.keys(STEP_KINDS).flatMap((kind, index) => {
    const what = Object.keys(STEP_KINDS).find((one): one is StepKind => one === kind);
    return what === undefined ? [] : [step(what, { n: index + 1, by: LEAD, fault })];
  });
}
