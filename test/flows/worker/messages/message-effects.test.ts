// A card that Slack can never take is given up; one that Redis kept from being edited is tried again.

import { describe, expect, it } from "vitest";
import type { AccessRequest } from "../../../../src/domain/request/request.ts";
import { channelId } from "../../../../src/domain/text/ids.ts";
import { cardEffect } from "../../../../src/flows/worker/messages/message-effects.ts";
import { Fault } from "../../../../src/ports/fault.ts";
import { inState, T0 } from "../../../support/requests.ts";

const CHANNEL = channelId("C0OPS");
type Leased = Parameters<typeof cardEffect>[1];

async function afterEditing(fault: Fault): Promise<AccessRequest> {
  let now = inState("ended", {
    revision: 5,
    cards: [{ to: CHANNEL, channel: CHANNEL, ts: "1.1", shown: 4 }],
  });
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
  const chat = { editCard: () => Promise.reject(fault) };
  const log = { warn: () => undefined };
  await cardEffect({ chat, log } as never, leased as Leased).catch((thrown: unknown) => {
    if (thrown !== fault) throw thrown;
  });
  return now;
}

const faultOf = (world: "redis" | "slack", code: string, retryable: boolean) =>
  new Fault({ world, code, message: code, retryable });

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
