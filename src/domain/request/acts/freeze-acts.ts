// What a freeze does to a request that was decided: it waits, and goes on when the freeze is lifted.

import { isHeldByFreeze, isSameFreeze } from "../../rules/freeze.ts";
import { wasSent } from "../grant.ts";
import type { Moved } from "../moved.ts";
import { move, quietly, same, tell } from "../moves.ts";
import type { AccessRequest, In } from "../request.ts";
import { opened } from "./open-act.ts";
import { frozenAgain, frozenDetail, waitingFor, waitsForRequester } from "./ready.ts";
import { waitsAgain } from "./retry-act.ts";
import type { News, WorldAct } from "./world-act.ts";

type FreezeAct = News<
  | "frozen"
  | "still-frozen"
  | "thawing"
  | "thawed"
  | "thawed-short"
  | "held-up"
  | "not-checked"
  | "not-opened"
>;

const NAMES: Readonly<Record<FreezeAct["act"], true>> = {
  frozen: true,
  "still-frozen": true,
  thawing: true,
  thawed: true,
  "thawed-short": true,
  "held-up": true,
  "not-checked": true,
  "not-opened": true,
};

export const isFreezeAct = (act: WorldAct): act is FreezeAct => Object.hasOwn(NAMES, act.act);

export function byFreeze(request: AccessRequest, act: FreezeAct, nowMs: number): Moved {
  if (act.act === "frozen") return frozen(request, act, nowMs);
  if (request.state !== "ready" || waitsForRequester(request)) return same(request);
  switch (act.act) {
    case "still-frozen":
      return stillFrozen(request, act, nowMs);
    case "thawing": {
      const { thaw: _, ...attempts } = request.attempts;
      return quietly({ ...request, attempts });
    }
    case "thawed":
      return opened(request, act, {
        nowMs,
        step: { what: request.frozen === undefined ? "started" : "thawed" },
      });
    case "thawed-short":
      return thawedShort(request, act, nowMs);
    case "held-up":
      return heldUp(request, act, nowMs);
    case "not-checked":
      return notChecked(request, act);
    case "not-opened":
      return move(
        request,
        {
          state: "cancelled",
          cancelledBy: undefined,
          cancelledAtMs: nowMs,
          fault: act.fault,
          ...(request.frozen === undefined && request.heldUp && { heldUp: request.heldUp }),
        },
        {
          steps: [{ what: "not-opened", fault: act.fault, atMs: nowMs }],
          audit: {
            what: "not-opened",
            detail: { code: act.fault.code, message: act.fault.message },
          },
        },
      );
  }
}

/** The freeze is why it waits now: what held it up before is found out again when the freeze is lifted. */
function stillFrozen(
  { heldUp: _, unchecked: _unchecked, ...request }: In<"ready">,
  { freeze, nextAtMs, expireAfterMs }: News<"still-frozen">,
  nowMs: number,
): Moved {
  return quietly({
    ...request,
    ...(!isSameFreeze(request.frozen, freeze) && { frozen: freeze }),
    // Its time has come into a freeze: from now on it waits as long as anything that a freeze keeps.
    ...(request.frozen === undefined && {
      expiresAtMs: Math.max(request.expiresAtMs, nowMs + expireAfterMs),
    }),
    attempts: { ...request.attempts, thaw: { count: 0, nextAtMs, fault: "" } },
  });
}

/** Only what Azure was never asked for goes back to wait: its end is fixed again, and nobody has been sent the old one. */
function frozen(request: AccessRequest, act: News<"frozen">, nowMs: number): Moved {
  if (request.state !== "opening" || wasSent(request.grant)) return same(request);
  const { freeze, expireAfterMs } = act;
  if (!isHeldByFreeze(request)) return same(request);
  const { readyUntilMs } = request;
  const phase =
    readyUntilMs === undefined
      ? waitingFor(request, { freeze, expireAfterMs }, nowMs)?.phase
      : frozenAgain(freeze, readyUntilMs, nowMs);
  if (phase === undefined) return same(request);
  return move(request, phase, {
    steps: [{ what: "frozen", atMs: nowMs }],
    audit: { what: "waits-frozen", detail: frozenDetail(freeze) },
  });
}

/** It stays ready, and its card says why it isn't open. Nobody is called for what passes by itself. */
function notChecked(request: In<"ready">, { fault, nextAtMs }: News<"not-checked">): Moved {
  const count = (request.attempts.thaw?.count ?? 0) + 1;
  const attempts = { ...request.attempts, thaw: { count, nextAtMs, fault } };
  return quietly({ ...request, attempts, unchecked: true });
}

/** It stays ready, and is told once for each reason. */
function heldUp(
  { unchecked: _, ...before }: In<"ready">,
  act: News<"held-up">,
  nowMs: number,
): Moved {
  const { fault, nextAtMs } = act;
  const attempts = { ...before.attempts, thaw: { count: 0, nextAtMs, fault: fault.message } };
  const request: AccessRequest = { ...before, heldUp: fault, attempts };
  if (before.heldUp?.code === fault.code) {
    return quietly(before.heldUp.message === fault.message ? { ...before, attempts } : request);
  }
  const detail = { code: fault.code, message: fault.message };
  return tell(request, [{ what: "held-up", fault, atMs: nowMs }], { what: "held-up", detail });
}

function thawedShort(request: In<"ready">, act: News<"thawed-short">, nowMs: number): Moved {
  const counted = request.approvals.filter((one) => act.stillApprovers.includes(one.by));
  const tried = request.frozen === undefined ? "time" : "thaw";
  return waitsAgain(request, act, { tried, counted, nowMs });
}
