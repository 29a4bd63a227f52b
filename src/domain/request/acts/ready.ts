// Ready: approved, and waiting until it may be opened: for its requester, its time, or a freeze to be lifted.

import type { Ask } from "../../rules/ask.ts";
import { type Freeze, isHeldByFreeze } from "../../rules/freeze.ts";
import { HOUR_MS, MINUTE_MS } from "../../text/duration.ts";
import type { Phase } from "../document/phase.ts";
import type { StepKind } from "../document/step.ts";
import type { FaultNote } from "../grant.ts";
import type { AuditNote } from "../moved.ts";
import type { AccessRequest, In, Promised } from "../request.ts";

/** An approved request that access is frozen for. */
const readyPhase = (
  freeze: Freeze,
  { nowMs, expireAfterMs }: { readonly nowMs: number; readonly expireAfterMs: number },
): Phase => ({
  state: "ready",
  readyAtMs: nowMs,
  expiresAtMs: nowMs + expireAfterMs,
  frozen: freeze,
});

/** What the audit says of one that waits for a freeze to be lifted. */
export const frozenDetail = ({ by, atMs }: Freeze) => ({
  frozenBy: by ?? "the bot",
  frozenAtMs: atMs,
});

type Waiting = {
  readonly phase: Phase;
  readonly step: StepKind;
  readonly fault?: FaultNote;
  readonly detail: NonNullable<AuditNote["detail"]>;
};

export type Frozen = { readonly freeze: Freeze; readonly expireAfterMs: number };

/**
 * What becomes of a request that has all that it needs, where it isn't opened at once; `undefined`: it is. Where
 * its requester opens it, a freeze is looked at when they do.
 */
export function waitingFor(
  request: { readonly ask: Ask; readonly promised: Pick<Promised, "keepForMs"> },
  frozen: Frozen | undefined,
  nowMs: number,
): Waiting | undefined {
  const { keepForMs } = request.promised;
  const { opensAtMs } = request.ask;
  const from = opensAtMs !== undefined && opensAtMs > nowMs && { fromMs: opensAtMs };
  if (keepForMs !== undefined || from) {
    const start = keepForMs === undefined ? "at its time" : "requester";
    const expiresAtMs = (from ? from.fromMs : nowMs) + (keepForMs ?? OPENS_WITHIN_MS);
    return {
      phase: { state: "ready", readyAtMs: nowMs, expiresAtMs, ...from },
      step: "ready",
      detail: { start, ...(from && { opensAtMs }), readyUntilMs: expiresAtMs },
    };
  }
  if (frozen === undefined || !isHeldByFreeze(request)) return undefined;
  const { freeze, expireAfterMs } = frozen;
  return {
    phase: readyPhase(freeze, { nowMs, expireAfterMs }),
    step: "frozen",
    detail: frozenDetail(freeze),
  };
}

/** What its requester opened into a freeze: it goes on by itself, and its approval is good no longer than before. */
export const frozenAgain = (freeze: Freeze, readyUntilMs: number, nowMs: number): Phase => ({
  state: "ready",
  readyAtMs: nowMs,
  expiresAtMs: readyUntilMs,
  frozen: freeze,
});

/** What would be opened by its approval, but for something that its requester can put right. It is tried at once. */
export const waitingHeldUp = (fault: FaultNote, nowMs: number): Waiting => ({
  phase: {
    state: "ready",
    readyAtMs: nowMs,
    expiresAtMs: nowMs + OPENS_WITHIN_MS,
    heldUp: fault,
  },
  step: "held-up",
  fault,
  detail: { heldUp: fault.code, message: fault.message },
});

/** What can't be opened when it could be, or can't be checked then, is tried again for this long. */
const OPENS_WITHIN_MS = HOUR_MS;

/** Whether it is opened by its requester alone, and by nothing else. Once they did, a freeze only puts it off. */
export const waitsForRequester = (request: AccessRequest): boolean =>
  request.state === "ready" &&
  request.promised.keepForMs !== undefined &&
  request.frozen === undefined;

/** Whether its requester may open it: it waits for that, or for them to put something right. */
export const opensByHand = (request: AccessRequest): boolean =>
  waitsForRequester(request) || (request.state === "ready" && request.heldUp !== undefined);

/** They are reminded once, when a third of the time is left, or half an hour before. */
const REMIND_LEAST_SHARE = 1 / 3;
const REMIND_BEFORE_MS = 30 * MINUTE_MS;

export function remindsAtMs({ ask, readyAtMs, expiresAtMs }: In<"ready">): number {
  const third = (expiresAtMs - Math.max(readyAtMs, ask.opensAtMs ?? 0)) * REMIND_LEAST_SHARE;
  return Math.round(expiresAtMs - Math.min(REMIND_BEFORE_MS, third));
}
