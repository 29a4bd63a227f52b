// Who was warned of the end, and who couldn't be: nobody counts as warned whom no message reached.

import { expect, it } from "vitest";
import { outstanding } from "../../../../src/domain/request/outstanding.ts";
import type { AccessRequest } from "../../../../src/domain/request/request.ts";
import { type Act, transition } from "../../../../src/domain/request/transition.ts";
import { isRefusal } from "../../../../src/domain/text/refusal.ts";
import { warnEffect } from "../../../../src/flows/worker/messages/telling.ts";
import { Fault } from "../../../../src/ports/fault.ts";
import { inState, MINUTE, T0 } from "../../../support/requests.ts";

type Needs = Parameters<typeof warnEffect>;

/** The request after one round of the effect. */
async function afterWarning(before: AccessRequest, warn: () => Promise<unknown>) {
  let now = before;
  const nowMs = () => T0 + 55 * MINUTE;
  const leased = {
    current: () => now,
    leaseHolds: () => true,
    nowMs,
    record: async (change: (request: AccessRequest, nowMs: number) => AccessRequest) => {
      now = change(now, nowMs());
    },
    news: async (act: Act) => {
      const moved = transition(now, act, nowMs());
      if (isRefusal(moved)) throw new Error(moved.refused);
      now = moved.request;
    },
  };
  const deps = {
    chat: { warn, isIn: async () => false, whisper: warn, callRequester: warn },
    requests: { holders: async () => [] },
    rateLimits: { takePlace: async () => 0 },
    log: { warn: () => undefined, error: () => undefined },
  };
  await warnEffect(deps as unknown as Needs[0], leased as unknown as Needs[1]);
  return now;
}

const refused = () =>
  Promise.reject(
    new Fault({ source: "slack", code: "cannot_dm_bot", message: "", retryable: false }),
  );
const OPEN = inState("open", { cards: [] });

it("is warned whom the warning reached", async () => {
  const after = await afterWarning(OPEN, async () => undefined);
  expect(after).toMatchObject({ state: "open", grant: { warnedAtMs: T0 + 55 * MINUTE } });
});

it("isn't where no message did: it isn't tried until the end, which says so", async () => {
  const after = await afterWarning(OPEN, refused);
  if (after.state !== "open") throw new Error(after.state);
  expect(after.grant.warnedAtMs).toBeUndefined();
  expect(outstanding(after, after.grant.endsAtMs - 1)).not.toContain("warn");
});
