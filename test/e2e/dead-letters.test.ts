// Dead letters where admins find them: the home tab and the doctor, with a button for each that only they can use.

import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { redisKeys } from "../../src/adapters/redis/scripts/keys.ts";
import { ask, cardSays, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

const keys = redisKeys("T0HOME");
let world: TestWorld;
let redis: Redis;
beforeAll(async () => {
  world = await startWorld();
  redis = new Redis(world.redis.url);
  await world.startBot();
});
afterAll(async () => {
  redis?.disconnect();
  await world?.close();
});

const isParked = async (member: string) => (await redis.hexists(keys.parked, member)) === 1;

/** As if work on it had failed as often as may be. */
async function park(id: string): Promise<void> {
  await expect.poll(() => redis.hexists(keys.held, id)).toBe(0);
  await redis.hset(keys.held, id, "0|0|7|");
  await redis.zadd(keys.due, 0, id);
  await expect.poll(() => isParked(id), { timeout: 10_000 }).toBe(true);
}

/** A request whose document nobody can read any more. */
async function garbled(vm: string): Promise<{ id: string; mend(): Promise<unknown> }> {
  const { id } = await ask(world, `${vm} 22 1h`);
  const stored = (await redis.hget(keys.documents, id)) ?? "";
  await expect.poll(() => redis.hexists(keys.held, id)).toBe(0);
  await redis.hset(keys.documents, id, "\u0000garbage");
  await redis.hset(keys.held, id, "0|0|7|");
  await redis.zadd(keys.due, 0, id);
  await expect.poll(() => isParked(id), { timeout: 10_000 }).toBe(true);
  return { id, mend: () => redis.hset(keys.documents, id, stored) };
}

const tab = (user: string): string => {
  const home = world.slack.home(user);
  return home === undefined ? "" : world.slack.plainText(home);
};
const tabSays = (user: string, wanted: (text: string) => boolean) =>
  world.slack.waitFor(() => wanted(tab(user)), { what: `the tab of ${user}`, timeoutMs: 15_000 });

const audited = async (id: string) =>
  (await redis.xrange(keys.audit, "-", "+"))
    .map(([, fields]) => JSON.parse(fields[1] ?? "{}") as { id?: string; what: string })
    .filter((entry) => entry.id === id)
    .map(({ what }) => what);

describe("the home tab", () => {
  it("shows admins alone what is parked, and brings it back", async () => {
    const { id } = await ask(world, "vm-01 3389 1h");
    for (const user of ["U0ADMIN", "U0LEAD"]) await world.slack.openHome({ user });
    await park(id);
    await tabSays("U0ADMIN", (text) => text.includes("Parked after an error: 1"));
    expect(tab("U0ADMIN")).toContain(id);
    expect(tab("U0ADMIN")).toContain("[Try again]");
    expect(tab("U0LEAD")).not.toContain("Parked after an error");
    expect(tab("U0LEAD")).not.toContain("[Try again]");
    await world.slack.click({ user: "U0ADMIN", home: true, actionId: "jit.requeue" });
    await cardSays(world, { id }, "Needs 1 approval");
    await tabSays("U0ADMIN", (text) => !text.includes("Parked"));
    expect(await audited(id)).toContain("requeued");
  });

  it("shows what can't be read as well, and brings it back once it can be", async () => {
    const { id, mend } = await garbled("web-02");
    await world.slack.openHome({ user: "U0ADMIN" });
    await tabSays("U0ADMIN", (text) => text.includes(`request ${id}`));
    await mend();
    const click = { home: true, actionId: "jit.requeue.aside" } as const;
    // Somebody who has the button all the same, and is no admin.
    await world.slack.openHome({ user: "U0LEAD" });
    await tabSays("U0LEAD", (text) => text !== "");
    const before = world.slack.direct("U0LEAD").length;
    const forge = { actionId: "jit.requeue.aside", value: id };
    await world.slack.click({ user: "U0LEAD", home: true, actionId: "jit.ask", forge });
    const told = await world.slack.waitFor(() => world.slack.direct("U0LEAD")[before]);
    expect(world.slack.plainText(told)).toContain("Only an admin can bring parked requests back");
    expect(await isParked(id)).toBe(true);

    await world.slack.click({ user: "U0ADMIN", ...click });
    await expect.poll(() => isParked(id)).toBe(false);
    await tabSays("U0ADMIN", (text) => !text.includes("Parked"));
    expect(await audited(id)).toEqual(["asked", "parked", "requeued"]);
  });
});

describe("/jit doctor", () => {
  it("tells admins what is parked, with a button for each", async () => {
    const { id } = await ask(world, "win-02 3389 1h");
    const { id: other } = await garbled("jump-01");
    await park(id);
    const before = world.slack.ephemerals("U0ADMIN").length;
    const said = await typed(world, "U0ADMIN", "doctor");
    expect(said).toContain("✗ Work: 2 things are parked after an error");
    expect(said).toContain(id);
    expect(said).toContain(other);
    const answer = world.slack.ephemerals("U0ADMIN")[before];
    const press = (actionId: string) =>
      world.slack.click({
        ...{ user: "U0ADMIN", channel: "C0GENERAL", ts: answer?.ts ?? "" },
        actionId,
      });
    await press("jit.requeue");
    await cardSays(world, { id }, "Needs 1 approval");
    await press("jit.requeue.aside");
    // It still can't be read: it is parked again, after as many tries as before.
    await expect
      .poll(async () => (await audited(other)).filter((what) => what === "requeued").length)
      .toBe(1);
    expect(await typed(world, "U0LEAD", "doctor")).toContain("Only admins");
  });
});
