// How a request is changed: the small steps that the acts of people and the news from the world share.

import type { AuditNote, Moved } from "./moved.ts";
import type {
  AccessRequest,
  AzureProgress,
  Common,
  Grant,
  Phase,
  Step,
  StepKind,
} from "./request.ts";

/** The shared part alone, without the fields of the present state. */
export function common(request: AccessRequest): Common {
  const { id, revision, ask, promised, approvals, nonce, cards, steps, told, tries } = request;
  const { askedIn, facts, narrowed, review, questions, succeeded, endMessages, deadLetter } =
    request;
  return {
    id,
    revision,
    ask,
    promised,
    approvals,
    nonce,
    cards,
    steps,
    told,
    tries,
    ...(askedIn && { askedIn }),
    ...(facts && { facts }),
    ...(narrowed && { narrowed }),
    ...(review && { review }),
    ...(questions && { questions }),
    ...(succeeded && { succeeded }),
    ...(endMessages && { endMessages }),
    ...(deadLetter && { deadLetter }),
  };
}

/** Messages keep their own pace, whatever else starts afresh. */
export function keptTries({ tries }: Common): Common["tries"] {
  const { card, thread, requester, review } = tries;
  return {
    ...(review && { review }),
    ...(card && { card }),
    ...(thread && { thread }),
    ...(requester && { requester }),
  };
}

type Told = { readonly what: StepKind; readonly atMs: number } & Partial<Omit<Step, "n">>;

/** Adds steps for people to be told, and with them a new revision for the cards. */
export function withSteps(shared: Common, steps: readonly Told[]): Common {
  let last = shared.told.last;
  const added = steps.map((step): Step => ({ ...step, n: ++last }));
  return {
    ...shared,
    revision: shared.revision + 1,
    steps: [...shared.steps, ...added],
    told: { ...shared.told, last },
  };
}

/**
 * Moves to another phase, telling people of `steps`. Tries of the old state are forgotten, and so is that it
 * was parked: a new state starts afresh, except that messages keep their own pace.
 */
export function move(
  request: AccessRequest,
  phase: Phase,
  { steps, audit, change }: { steps: readonly Told[]; audit: AuditNote; change?: Partial<Common> },
): Moved {
  const { deadLetter, ...kept } = common(request);
  const stays = phase.state === request.state && deadLetter !== undefined && { deadLetter };
  const tries = keptTries(request);
  const shared = withSteps({ ...kept, ...stays, ...change, tries }, steps);
  return { request: { ...shared, ...phase }, audit: [audit] };
}

/** Tells people something that changes no state. */
export function tell(
  request: AccessRequest,
  steps: readonly Told[],
  ...audit: readonly AuditNote[]
): Moved {
  const { revision, steps: all, told } = withSteps(common(request), steps);
  return { request: { ...request, revision, steps: all, told }, audit };
}

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
  const count = request.tries.azure?.count ?? 0;
  return quietly({
    ...request,
    tries: { ...request.tries, azure: { count, nextAtMs, fault: "" } },
  });
}
