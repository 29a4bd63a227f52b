// A request rests exactly when nothing is outstanding: whatever becomes of its effects, in any state.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cardDead,
  cardShown,
  cleared,
  told,
  tried,
  untold,
  waiting,
} from "../../src/request/effects.ts";
import { agenda, dueAtMs, isStale, outstanding } from "../../src/request/outstanding.ts";
import { isRefusal } from "../../src/request/refusal.ts";
import type { AccessRequest, EffectName } from "../../src/request/request.ts";
import { transition } from "../../src/request/transition.ts";
import type { WorldAct } from "../../src/request/world-acts.ts";
import { HOUR, inState, LEA, PROD, STATES, T0 } from "../support/requests.ts";

const END = T0 + 2 * HOUR;

describe("whatever becomes of its effects", () => {
  type Result = "done" | "failed" | "dead" | "later";
  const results = fc.array(
    fc.tuple(
      fc.constantFrom<EffectName>("card", "thread", "requester", "warn", "azure", "check"),
      fc.constantFrom<Result>("done", "failed", "dead", "later"),
      fc.nat({ max: 5 * 60 }),
    ),
    { maxLength: 30 },
  );
  const WORLD: readonly WorldAct[] = [
    { act: "lapse" },
    { act: "sending", to: "open" },
    { act: "accepted" },
    { act: "refused", fault: { code: "x", message: "x" } },
    { act: "closed", closing: "closed" },
    { act: "over", closing: "unknown" },
    { act: "checked", closing: "still-open", nextAtMs: END + HOUR },
    { act: "checked", closing: "closed", nextAtMs: END },
    { act: "warned" },
  ];

  function after(
    request: AccessRequest,
    [effect, result]: readonly [EffectName, Result, number],
    nowMs: number,
  ): AccessRequest {
    if (result === "failed") return tried(request, effect, { nextAtMs: nowMs + 7, fault: "x" });
    if (result === "later") return waiting(request, effect, nowMs + 3);
    if (effect === "thread" || effect === "requester")
      return told(request, effect, request.told.last);
    const card = request.cards.find((one) => isStale(one, request.revision));
    if (effect !== "card" || card === undefined) return cleared(request, effect);
    if (result === "dead") {
      return cardDead(request, card, {
        dead: "x",
        instead: [LEA],
        nowMs,
        untold: card.to !== PROD,
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
        let request = inState(state, { cards: [{ to: PROD, shown: 0 }] });
        let nowMs = T0;
        for (const turn of turns) {
          if (!("act" in turn)) {
            for (const one of turn) {
              nowMs += one[2] * 1_000;
              request = after(request, one, nowMs);
            }
          } else {
            const moved = transition(request, turn, nowMs);
            if (!isRefusal(moved)) request = moved.request;
          }
          const rests = ["failed", "denied", "cancelled", "lapsed"].includes(request.state);
          const settled = request.state === "ended" && request.closing === "closed";
          const shown = !request.cards.some((card) => isStale(card, request.revision));
          const heard = [...untold(request, "thread"), ...untold(request, "requester")];
          const quiet = (rests || settled) && shown && heard.length === 0;
          expect(dueAtMs(request) === undefined).toBe(quiet);
          expect(agenda(request).every(({ atMs }) => Number.isFinite(atMs))).toBe(true);
          // By the due time at the latest there is something to do: nobody wakes for nothing.
          const dueMs = dueAtMs(request) ?? 0;
          if (!quiet) expect(outstanding(request, dueMs).length).toBeGreaterThan(0);
          expect(outstanding(request, dueMs - 1)).toEqual([]);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
