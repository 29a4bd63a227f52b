// How a request is changed: the small steps that the acts of people and the news from the world share.

import type { Ask } from "../rules/ask.ts";
import type { Phase } from "./document/phase.ts";
import type { Step, StepKind } from "./document/step.ts";
import type { AzureProgress, Grant } from "./grant.ts";
import type { AuditNote, Moved } from "./moved.ts";
import type { AccessRequest, Common } from "./request.ts";

/** The shared part alone, without the fields of the present state. */
export function common(request: AccessRequest): Common {
  const { id, revision, ask, promised, approvals, nonce, cards, steps, toldUpTo, attempts } =
    request;
  const {
    batch,
    askedIn,
    facts,
    narrowed,
    wasEscalated,
    review,
    questions,
    tookOver,
    live,
    endMessages,
    deadLetter,
  } = request;
  return {
    id,
    revision,
    ask,
    promised,
    approvals,
    nonce,
    cards,
    steps,
    toldUpTo,
    attempts,
    ...(batch && { batch }),
    ...(askedIn && { askedIn }),
    ...(facts && { facts }),
    ...(narrowed && { narrowed }),
    ...(wasEscalated && { wasEscalated }),
    ...(review && { review }),
    ...(questions && { questions }),
    ...(tookOver && { tookOver }),
    ...(live && { live }),
    ...(endMessages && { endMessages }),
    ...(deadLetter && { deadLetter }),
  };
}

/** Messages keep their own pace, whatever else starts afresh. */
export function keptAttempts({ attempts }: Common): Common["attempts"] {
  const { card, thread, requester, review } = attempts;
  return {
    ...(review && { review }),
    ...(card && { card }),
    ...(thread && { thread }),
    ...(requester && { requester }),
  };
}

type NewStep = { readonly what: StepKind; readonly atMs: number } & Partial<Omit<Step, "n">>;

/** Adds steps for people to be told, and with them a new revision for the cards. */
export function withSteps(shared: Common, steps: readonly NewStep[]): Common {
  let last = shared.toldUpTo.last;
  const added = steps.map((step): Step => ({ ...step, n: ++last }));
  return {
    ...shared,
    revision: shared.revision + 1,
    steps: [...shared.steps, ...added],
    toldUpTo: { ...shared.toldUpTo, last },
  };
}

/**
 * Moves to another phase, telling people of `steps`. Tries of the old state are forgotten, and so is that it
 * was parked: a new state starts afresh, except that messages keep their own pace.
 */
export function move(
  request: AccessRequest,
  phase: Phase,
  {
    steps,
    audit,
    change,
  }: { steps: readonly NewStep[]; audit: AuditNote; change?: Partial<Common> },
): Moved {
  const { deadLetter, ...kept } = common(request);
  const stays = phase.state === request.state && deadLetter !== undefined && { deadLetter };
  const attempts = keptAttempts(request);
  const shared = withSteps({ ...kept, ...stays, ...change, attempts }, steps);
  return { request: { ...shared, ...phase }, audit: [audit] };
}

/** Tells people something that changes no state. */
export function tell(
  request: AccessRequest,
  steps: readonly NewStep[],
  ...audit: readonly AuditNote[]
): Moved {
  const { revision, steps: all, toldUpTo } = withSteps(common(request), steps);
  return { request: { ...request, revision, steps: all, toldUpTo }, audit };
}

/** The same ask through another JIT policy, which covers the VM by now; `undefined`: through the same one. */
export const throughPolicy = (ask: Ask, jitPolicyId: string | undefined): Ask =>
  jitPolicyId === undefined ? ask : { ...ask, jitPolicyId };

export const UNSENT: AzureProgress = { sent: 0, answer: "unsent", reads: 0, seenPorts: [] };

export function withAzure(grant: Grant, change: Partial<AzureProgress>): Grant {
  return { ...grant, azure: { ...grant.azure, ...change } };
}

/** The request unchanged: the news came too late to matter. */
export const same = (request: AccessRequest): Moved => ({ request, audit: [] });

/** A change that nobody sees on the card and nobody is told of. */
export const quietly = (request: AccessRequest, ...audit: readonly AuditNote[]): Moved => ({
  request,
  audit,
});

export function waitAzure(request: AccessRequest, nextAtMs: number): Moved {
  const count = request.attempts.azure?.count ?? 0;
  return quietly({
    ...request,
    attempts: { ...request.attempts, azure: { count, nextAtMs, fault: "" } },
  });
}
