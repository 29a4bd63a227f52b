// Parking: a request on which work fails again and again becomes a dead letter, until a person brings it back.

import { type Refusal, refuse } from "../../text/refusal.ts";
import type { AuditNote, Moved } from "../moved.ts";
import { keptAttempts, quietly, same, tell } from "../moves.ts";
import type { AccessRequest } from "../request.ts";
import type { ActBy, PersonAct } from "./person-act.ts";

/** Parked the first time, its messages are still sent. Where that fails as well, nothing is done any more. */
export function park(
  request: AccessRequest,
  { why }: { readonly why: string },
  nowMs: number,
): Moved {
  const { deadLetter } = request;
  if (deadLetter === undefined) {
    const parked = { ...request, deadLetter: { atMs: nowMs, why } };
    return tell(parked, [{ what: "parked", atMs: nowMs }], { what: "parked", detail: { why } });
  }
  if (deadLetter.isMute === true) return same(request);
  return quietly(
    { ...request, deadLetter: { ...deadLetter, isMute: true } },
    { what: "parked", detail: { why, how: "messages" } },
  );
}

export function requeue(
  request: AccessRequest,
  { by, roles }: ActBy<"requeue">,
  nowMs: number,
): Moved | Refusal {
  if (!roles.isAdmin) return refuse("not-yours")`Only an admin can try ${request.id} again.`;
  if (request.deadLetter === undefined) {
    return refuse("wrong-state")`${request.id} isn't parked, so you don't need to try it again.`;
  }
  return broughtBack(request, { by }, nowMs);
}

/** Brought back from a terminal, where the person is known by another name than Slack's. */
export const requeued = (request: AccessRequest, operator: string, nowMs: number): Moved =>
  request.deadLetter === undefined ? same(request) : broughtBack(request, { operator }, nowMs);

function broughtBack(
  request: AccessRequest,
  who: { readonly by: ActBy<"requeue">["by"] } | { readonly operator: string },
  nowMs: number,
): Moved {
  const { deadLetter, ...rest } = request;
  const fresh = { ...rest, attempts: keptAttempts(request) };
  const by = "by" in who ? who.by : who.operator;
  const detail = { parkedAtMs: deadLetter?.atMs ?? 0, why: deadLetter?.why ?? "" };
  const step = { what: "requeued", atMs: nowMs, ...("by" in who && { by: who.by }) } as const;
  return tell(fresh, [step], { what: "requeued", by, detail });
}

/** They lead to work that a dead letter does not get. */
const NEEDS_WORK: ReadonlySet<PersonAct["act"]> = new Set([
  "approve",
  "open",
  "retry",
  "ask",
  "claim",
]);

/**
 * What opens something has to wait until an admin has tried the request again: it must not seem to be done.
 * What takes access away works. It moves the request on, and with that brings it back (see `move`): the new
 * state is other work than the one that failed, and nobody has to find an admin to get a port closed.
 */
export const refuseParked = (request: AccessRequest, { act }: PersonAct): Refusal | undefined =>
  request.deadLetter !== undefined && NEEDS_WORK.has(act)
    ? refuse(
        "wrong-state",
      )`${request.id} is parked after an error. An admin has to bring it back first, with Try again on its card, in App Home or in ${{ code: "/jit doctor" }}.`
    : undefined;

/** Whatever moved a dead letter on has brought it back: that is on record like an admin's doing so. */
export function backByMoving(
  before: AccessRequest,
  after: AccessRequest,
  { act, by }: { readonly act: string; readonly by?: string },
): readonly AuditNote[] {
  const { deadLetter } = before;
  const isBack = deadLetter !== undefined && after.deadLetter === undefined;
  if (!isBack || act === "requeue" || act === "requeued") return [];
  const detail = { parkedAtMs: deadLetter.atMs, why: deadLetter.why, act };
  return [{ what: "requeued", ...(by !== undefined && { by }), detail }];
}
