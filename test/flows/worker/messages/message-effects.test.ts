// A card that Slack can never take is given up; one that Redis kept from being edited is tried again.

import { describe, expect, it } from "vitest";
import type { AccessRequest } from "../../../../src/domain/request/request.ts";
import { channelId, type UserId } from "../../../../src/domain/text/ids.ts";
import { cardEffect } from "../../../../src/flows/worker/messages/message-effects.ts";
import { Fault } from "../../../../src/ports/fault.ts";
import { aPolicy, aRule, inState, LEA, OMAR, SAM, T0 } from "../../../support/requests.ts";

const CHANNEL = channelId("C0OPS");
type Leased = Parameters<typeof cardEffect>[1];

/** What a request is after its cards were looked after, in a world of which this is known. */
async function afterCards(first: AccessRequest, world: object, fault: Fault) {
  let now = first;
  const note: Leased["note"] = (change) => {
    const changed = change(now, T0);
    now = "request" in changed ? changed.request : changed;
  };
  const leased: Pick<Leased, "current" | "leaseHolds" | "nowMs" | "record" | "note"> = {
    current: () => now,
    leaseHolds: () => true,
    nowMs: () => T0,
    record: async (change) => note(change),
    note,
  };
  const log = { warn: () => undefined, error: () => undefined };
  await cardEffect({ log, ...world } as never, leased as Leased).catch((thrown: unknown) => {
    if (thrown !== fault) throw thrown;
  });
  return now;
}

function afterEditing(fault: Fault): Promise<AccessRequest> {
  const cards = [{ to: CHANNEL, channel: CHANNEL, ts: "1.1", shown: 4 }];
  const chat = { editCard: () => Promise.reject(fault) };
  return afterCards(inState("ended", { revision: 5, cards }), { chat }, fault);
}

const faultOf = (source: "redis" | "slack", code: string, retryable: boolean) =>
  new Fault({ source, code, message: code, retryable });

describe("a card that couldn't be edited", () => {
  it.each([
    ["redis", "ERR", false, undefined],
    ["redis", "Timeout", true, undefined],
    ["slack", "service_unavailable", true, undefined],
    ["slack", "token_revoked", false, undefined],
    ["slack", "message_not_found", false, "message_not_found"],
  ] as const)(
    "by a fault of %s, %s, is given up only where Slack says so",
    async (world, code, retryable, dead) => {
      const { cards } = await afterEditing(faultOf(world, code, retryable));
      expect(cards[0]?.dead).toBe(dead);
    },
  );
});

it("goes privately to those who approve by the rule in force, where its channel can't take it", async () => {
  const fault = faultOf("slack", "is_archived", false);
  const world = {
    policy: () => aPolicy({ rules: [aRule({ approvers: { users: [SAM, OMAR], groups: [] } })] }),
    onCall: async () => [],
    rateLimits: { takePlace: async () => 0 },
    chat: {
      reach: async () => "ours",
      postCard: () => Promise.reject(fault),
      person: async (user: UserId) => ({ kind: "full", identity: user }),
    },
  };
  const pending = inState("pending", { cards: [{ to: CHANNEL, shown: 0 }] });
  expect(pending.promised.approvers.users).toContain(LEA);
  const { cards } = await afterCards(pending, world, fault);
  expect(cards).toMatchObject([{ to: CHANNEL, dead: "is_archived" }, { to: SAM }, { to: OMAR }]);
});
