// A request rests exactly when nothing is outstanding: whatever becomes of its effects, in any state.
// Of src/domain/request/outstanding.ts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WorldAct } from "../../../src/domain/request/acts/world-act.ts";
import type { EffectName } from "../../../src/domain/request/document/attempts.ts";
import {
  cardDead,
  cardShown,
  cleared,
  markTold,
  putRight,
  tried,
  untoldSteps,
  waiting,
} from "../../../src/domain/request/effects.ts";
import {
  agenda,
  dueAtMs,
  isMoot,
  isStale,
  outstanding,
} from "../../../src/domain/request/outstanding.ts";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import { transition } from "../../../src/domain/request/transition.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { HOUR, inState, LEA, PROD, STATES, T0 } from "../../support/requests.ts";

const END = T0 + 2 * HOUR;

/** Approvers are reminded, and further ones asked, before it expires. */
const CALLING = {
  ...inState("pending").promised,
  remindAfterMs: HOUR / 6,
  escalate: { afterMs: HOUR / 3, to: { users: [LEA], groups: [] } },
};

describe("whatever becomes of its effects", () => {
  type Result = "done" | "failed" | "dead" | "later";
  const results = fc.array(
    fc.tuple(
      fc.constantFrom<EffectName>(
        "card",
        "thread",
        "requester",
        "put-right",
        "warn",
        "azure",
        "check",
        "lapse",
        "remind",
        "escalate",
        "thaw",
      ),
      fc.constantFrom<Result>("done", "failed", "dead", "later"),
      fc.nat({ max: 5 * 60 }),
    ),
    { maxLength: 30 },
  );
  const WORLD: readonly WorldAct[] = [
    { act: "expire" },
    { act: "sending", to: "open" },
    { act: "accepted" },
    { act: "refused", fault: { code: "x", message: "x" } },
    { act: "closed", closing: "closed" },
    { act: "over", closing: "unknown" },
    { act: "checked", closing: "still-open", nextAtMs: END + HOUR },
    { act: "checked", closing: "closed", nextAtMs: END },
    { act: "warned" },
    { act: "retry-over" },
  ];

  function after(
    request: AccessRequest,
    [effect, result]: readonly [EffectName, Result, number],
    nowMs: number,
  ): AccessRequest {
    // Not to be able to look at Azure isn't a look: it is made up for, however often.
    const isPutOff = result === "later" || (result === "failed" && effect === "check");
    if (result === "failed" && !isPutOff) {
      return tried(request, effect, { nextAtMs: nowMs + 7, fault: "x" });
    }
    if (isPutOff) return waiting(request, effect, nowMs + 3);
    const message = { channel: PROD, ts: `${nowMs}.2`, shown: request.revision };
    if (effect === "thread" || effect === "requester") {
      const steps = untoldSteps(request, effect);
      return markTold(request, effect, request.toldUpTo.last, { ...message, steps });
    }
    if (effect === "put-right") {
      const all = request.endMessages ?? [];
      return all.reduce((rest, one) => putRight(rest, one, rest.revision), request);
    }
    const card = request.cards.find((one) => isStale(one, request.revision));
    if (effect !== "card" || card === undefined) return cleared(request, effect);
    if (result === "dead") {
      return cardDead(request, card, {
        dead: "x",
        instead: [LEA],
        nowMs,
        isQuiet: card.to !== PROD,
      });
    }
    const { ts = `${nowMs}.1` } = card;
    return cardShown(request, card.to, { channel: PROD, ts, revision: request.revision });
  }

  it("a request rests exactly when its state needs nothing and everything is told and shown", () => {
    const act = fc.constantFrom(...WORLD);
    const walk = fc.array(fc.oneof(act, results), { maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...STATES), walk, (state, turns) => {
        let request = inState(state, { cards: [{ to: PROD, shown: 0 }], promised: CALLING });
        let nowMs = T0;
        for (const turn of turns) {
          if (!("act" in turn)) {
            for (const one of turn) {
              nowMs += one[2] * 60_000;
              request = after(request, one, nowMs);
            }
          } else {
            const moved = transition(request, turn, nowMs);
            if (!isRefusal(moved)) request = moved.request;
          }
          const rests =
            ["denied", "cancelled", "lapsed"].includes(request.state) ||
            (request.state === "failed" && request.retryOver === true);
          const settled = request.state === "ended" && request.closing === "closed";
          const shown = !request.cards.some(
            (card) => isStale(card, request.revision) && !isMoot(card, request),
          );
          const heard = [...untoldSteps(request, "thread"), ...untoldSteps(request, "requester")];
          const right = (request.endMessages ?? []).every((one) => one.shown === request.revision);
          // One that can change no more is not kept.
          expect(settled && right ? request.endMessages : undefined).toBeUndefined();
          const quiet = (rests || settled) && shown && right && heard.length === 0;
          expect(dueAtMs(request) === undefined).toBe(quiet);
          expect(agenda(request).every(({ atMs }) => Number.isFinite(atMs))).toBe(true);
          // By the due time at the latest there is something to do: nobody wakes for nothing.
          const dueMs = dueAtMs(request) ?? 0;
          if (!quiet)
            expect(outstanding(request, Math.max(dueMs, nowMs)).length).toBeGreaterThan(0);
          expect(outstanding(request, dueMs - 1)).toEqual([]);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
