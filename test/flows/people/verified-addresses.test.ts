// Whom Azure is told about: by address where Slack says it in time, and never waited for.

import { describe, expect, it } from "vitest";
import type { UserId } from "../../../src/domain/text/ids.ts";
import { addressesOf } from "../../../src/flows/people/verified-addresses.ts";
import type { Chat, Person } from "../../../src/ports/chat.ts";
import { Fault } from "../../../src/ports/fault.ts";
import { aGrant, ERIN, inState, LEA, OMAR } from "../../support/requests.ts";

const clock = {
  nowMs: Date.now,
  monotonicMs: () => performance.now(),
  sleep: async () => undefined,
};

const person = (id: UserId, email?: string): Person => ({
  id,
  identity: id,
  name: id,
  kind: "full",
  ...(email !== undefined && { email }),
});

const asking = (people: Pick<Chat, "person">["person"]) =>
  addressesOf(
    { chat: { person: people } as Chat, clock: { ...clock, sleep: () => new Promise(() => {}) } },
    inState("opening"),
    aGrant({ approvedBy: [LEA, OMAR] }),
  );

describe("the addresses of the people of a request", () => {
  it("are those that Slack tells", async () => {
    const found = await asking(async (id) =>
      id === OMAR ? person(id) : person(id, `${id}@contoso.com`),
    );
    expect([...found]).toEqual([
      [ERIN, "U0ERIN@contoso.com"],
      [LEA, "U0LEAD@contoso.com"],
    ]);
  });

  it("are left out where Slack fails", async () => {
    const fault = new Fault({
      source: "slack",
      code: "internal_error",
      message: "x",
      retryable: true,
    });
    const found = await asking(async (id) => {
      if (id === LEA) throw fault;
      return id === OMAR ? undefined : person(id, "erin@contoso.com");
    });
    expect([...found]).toEqual([[ERIN, "erin@contoso.com"]]);
  });

  it("are not waited for where Slack hangs", async () => {
    const chat = { person: () => new Promise(() => {}) } as unknown as Chat;
    const found = await addressesOf({ chat, clock }, inState("opening"), aGrant());
    expect([...found]).toEqual([]);
  });
});
