// A request on which work fails again and again is parked: everybody concerned is told, and it can be brought back.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditSeen } from "./memory.ts";
import {
  type Asked,
  asked,
  cardTexts,
  click,
  direct,
  doors,
  type FaultWorld,
  faultWorld,
  granted,
  history,
  initiates,
  MINUTE,
  notices,
  opened,
  refused,
  SECOND,
  shows,
  until,
} from "./steps.ts";

let world: FaultWorld;
beforeAll(async () => {
  world = await faultWorld();
  await world.startBot();
});
afterAll(() => world?.close());

/** As if work on it had failed as often as may be. */
async function park(request: Asked): Promise<void> {
  const { redis, keys } = world.memory;
  await world.memory.atRest();
  await redis.hset(keys.held, request.id, "0|0|7|");
  await redis.zadd(keys.due, world.nowMs(), request.id);
  await shows(world, request, "Parked after an error");
}

type Entry = AuditSeen & { detail: Readonly<Record<string, unknown>> };

async function audited(id: string, what: string): Promise<readonly Entry[]> {
  const entries = await world.memory.redis.xrange(world.memory.keys.audit, "-", "+");
  return entries
    .map(([, fields]) => JSON.parse(fields[1] ?? "{}") as Entry)
    .filter((entry) => entry.id === id && entry.what === what);
}

const POLICY = /^[0-9a-f]{64}$/;
const buttons = (request: Asked): readonly string[] => {
  const card = world.slack.messages(request.channel).find(({ ts }) => ts === request.ts);
  return [...JSON.stringify(card?.blocks).matchAll(/"action_id":"jit\.([^"]+)"/g)].map(
    ([, name = ""]) => name,
  );
};
const due = ({ id }: Asked) => world.memory.redis.zscore(world.memory.keys.due, id);

describe("an open access that is parked", () => {
  it("says so on its card and to everybody, stays so past its end, and goes on when tried again", async () => {
    const request = await opened(world, "vm-01 3389 1h");
    const { id } = request;
    await park(request);
    await until(world, "the admin to be told", () => direct(world, id, "U0ADMIN").length > 0);
    await until(world, "the notice", () =>
      notices(world, id).some((one) => one.includes("Parked")),
    );
    await until(world, "the requester to be told", () =>
      direct(world, id).some((one) => one.includes("Parked")),
    );
    await world.memory.atRest();
    expect(cardTexts(world, request)[0]).toMatch(/^⚠️ Parked, last known: Open/);
    expect(cardTexts(world, request)[0]).toContain("Azure closes it by itself");
    expect(buttons(request)).toEqual(["requeue", "end"]);
    expect(history(world, request)).toContain("It won't resume by itself");
    expect(await audited(id, "parked")).toMatchObject([
      { detail: { rule: "production", policy: expect.stringMatching(POLICY) } },
    ]);

    // Azure shuts the port at its time, and the card says nothing that is wrong by then.
    const before = cardTexts(world, request);
    world.advance((await world.memory.endsAtMs(id)) - world.nowMs() + 5 * MINUTE);
    await world.memory.atRest();
    expect(doors(world, "vm-01")).toEqual([]);
    expect(await due(request)).toBeNull();
    expect(cardTexts(world, request)).toEqual(before);
    expect(direct(world, id, "U0ADMIN")).toHaveLength(1);

    expect(await refused(world, request, { button: "requeue" })).toContain("Only an admin");
    expect(await due(request)).toBeNull();
    await click(world, request, { user: "U0ADMIN", button: "requeue" });
    await shows(world, request, "Ended");
    await world.memory.atRest();
    expect(buttons(request)).toEqual([]);
    const [requeued] = await audited(id, "requeued");
    expect(requeued).toMatchObject({
      by: expect.any(String),
      detail: { rule: "production", policy: expect.stringMatching(POLICY) },
    });
    expect(history(world, request)).toContain("Tried again by @ada");
    expect(await world.memory.redis.hlen(world.memory.keys.parked)).toBe(0);
  });

  it("can be ended by its requester, and is closed at Azure", async () => {
    const request = await opened(world, "vm-01 3389 1h");
    await park(request);
    await click(world, request, { user: "U0ERIN", button: "end", confirmed: true });
    await until(world, "the port to close", () => doors(world, "vm-01").length === 0);
    await shows(world, request, "Ended early");
    expect(await audited(request.id, "requeued")).toMatchObject([{ detail: { act: "end" } }]);
  });
});

describe("a pending request that is parked", () => {
  it("isn't approved until an admin has tried it again, by whatever button", async () => {
    const request = await asked(world, "win-02 3389 1h");
    await park(request);
    expect(buttons(request)).toEqual(["facts", "requeue", "deny", "cancel"]);
    // The button of a card that somebody still sees as it was.
    const before = world.slack.ephemerals("U0LEAD").length;
    await world.slack.click({
      ...{ user: "U0LEAD", channel: request.channel, ts: request.ts },
      ...{ actionId: "jit.approve", versionsBack: 1 },
    });
    const told = await until(world, "the approver to be told", () => {
      const one = world.slack.ephemerals("U0LEAD")[before];
      return one && world.slack.plainText(one);
    });
    expect(told).toContain("is parked after an error");
    expect(initiates(world, request.id)).toEqual([]);
    await click(world, request, { user: "U0ADMIN", button: "requeue" });
    await shows(world, request, "Needs 1 approval");
    await click(world, request);
    await shows(world, request, "Open until");
  });

  it("expires once it is tried again, not before", async () => {
    const request = await asked(world, "jump-01 3389 1h");
    await park(request);
    world.advance(24 * 60 * MINUTE);
    await world.memory.atRest();
    expect((await world.memory.request(request.id)).state).toBe("pending");
    await click(world, request, { user: "U0ADMIN", button: "requeue" });
    await shows(world, request, "Expired");
  });
});

describe("an opening that is parked before Azure was asked", () => {
  it("says that nothing was opened, and opens when it is tried again", async () => {
    const { redis, keys } = world.memory;
    const request = await asked(world, "db-01 22 1h");
    await world.memory.atRest();
    // Before the click makes it due, it has failed as often as may be.
    await redis.hset(keys.held, request.id, "0|0|7|");
    await click(world, request);
    await shows(world, request, "Parked after an error");
    expect(cardTexts(world, request)[0]).toContain("Azure hasn't been asked to open anything.");
    expect(initiates(world, request.id)).toEqual([]);
    await click(world, request, { user: "U0ADMIN", button: "requeue" });
    await shows(world, request, "Open until");
    expect(initiates(world, request.id)).toHaveLength(1);
  });
});

describe("a request that is parked again and again", () => {
  it("is told each time, and needs somebody each time", async () => {
    const request = await granted(world, "web-02 22 1h");
    await shows(world, request, "Open until");
    for (let time = 1; time <= 3; time++) {
      await park(request);
      await until(
        world,
        `the admin to be told ${time} times`,
        () => direct(world, request.id, "U0ADMIN").length === time,
      );
      world.advance(10 * SECOND);
      await world.memory.atRest();
      expect(await due(request)).toBeNull();
      await click(world, request, { user: "U0ADMIN", button: "requeue" });
      await shows(world, request, "Open until");
    }
  });
});
