// Two replicas and one snapshot: one of them reads Azure, the other takes it over; and what if one is missing.
// Of src/adapters/azure/inventory/snapshot-exchange.ts.

import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ArmAzure } from "../../../src/adapters/azure/arm-azure.ts";
import { connectRedis } from "../../../src/adapters/redis/connection/connect.ts";
import { redisSnapshotShare } from "../../../src/adapters/redis/inventory/snapshot-share.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { add, buildWorld, policy, vm } from "../../../src/sandbox/azure/world/parts.ts";
import { eventually } from "../../support/eventually.ts";
import { startRedis } from "../../support/redis.ts";
import { quietLog, targetOf } from "../redis/with-store.ts";
import { faultOf, simulate } from "./bot.ts";

const simulated = await simulate({ nowMs: Date.now });
const { azure, sent } = simulated;
const redis = await startRedis({});
const connection = connectRedis(targetOf(redis.port), quietLog);
afterAll(async () => {
  connection.disconnect();
  await redis.stop();
});

/** Short enough to be waited for, and long enough that a busy machine keeps it. */
const EVERY_MS = 2_000;
const LATER_MS = 6_000;
const WAIT = { intervalMs: 25 };

const bots: ArmAzure[] = [];
afterEach(async () => {
  await Promise.all(bots.splice(0).map((bot) => bot.stop()));
});

/** A replica as it is composed, with the format that its version writes. */
function replica(change: { format?: number; everyMs?: number; alone?: true } = {}) {
  const { everyMs = 60_000 } = change;
  const made = simulated.bot({ clock: systemClock, refreshEveryMs: everyMs });
  const { bot } = made;
  bots.push(bot);
  const share = change.alone ? connectRedis(targetOf(1), quietLog) : connection;
  if (change.alone) afterAll(() => share.disconnect());
  bot.share((of) =>
    redisSnapshotShare(share, { tenant: "T0TEST", ...of, format: change.format ?? of.format }),
  );
  const keys = () => [...bot.snapshot().vms.values()].map(({ name }) => name);
  return { ...made, names: keys };
}

const readings = () =>
  sent("ResourceGraph").filter(({ body }) =>
    JSON.stringify(body).includes("microsoft.compute/virtualmachines"),
  );

beforeEach(async () => {
  await redis.flush();
  azure.reset(buildWorld(vm({ name: "web" }), policy({ vms: ["web"] })));
});

describe("a snapshot that one replica read", () => {
  it("is another's without a question to Azure", async () => {
    const [one, other] = [replica(), replica()];
    const snapshot = await one.bot.refresh();
    other.bot.start();
    await eventually(() => expect(other.names()).toEqual(["web"]), WAIT);
    const { atMs, ...taken } = other.bot.snapshot();
    expect(snapshot).toMatchObject(taken);
    expect(Math.abs(atMs - snapshot.atMs)).toBeLessThan(10_000);
    expect(readings()).toHaveLength(1);
    expect(other.notes).toEqual([]);
  });

  it("is waited for by those who ask another replica meanwhile", async () => {
    const held = azure.faults.add({ path: "ResourceGraph", act: "hold" });
    const [one, other] = [replica(), replica()];
    const first = one.bot.refresh();
    await eventually(() => expect(readings().length).toBeGreaterThan(0), WAIT);
    const second = other.bot.refresh();
    azure.faults.clear(held);
    expect((await second).vms).toEqual((await first).vms);
    expect(readings()).toHaveLength(1);
  });

  it("is read anew for who asks later, and then is everybody's", async () => {
    const [one, other] = [replica(), replica({ everyMs: LATER_MS })];
    await one.bot.refresh();
    other.bot.start();
    await eventually(() => expect(other.names()).toEqual(["web"]), WAIT);
    add(azure.world, vm({ name: "db" }));
    expect((await one.bot.refresh()).vms.size).toBe(2);
    await eventually(() => expect(other.names()).toEqual(["db", "web"]), WAIT);
    expect(other.notes).toEqual([]);
  });

  it("is written only where something changed", async () => {
    const { bot } = replica();
    await bot.refresh();
    const before = new Set(await connection.keys("*"));
    await bot.refresh();
    expect(new Set(await connection.keys("*"))).toEqual(before);
    add(azure.world, vm({ name: "db" }));
    await bot.refresh();
    // One part, and what names the parts.
    expect((await connection.keys("*")).filter((key) => !before.has(key))).toHaveLength(2);
  });

  it("is read by one replica at a time, every time", async () => {
    const both = [replica({ everyMs: EVERY_MS }), replica({ everyMs: EVERY_MS })];
    for (const { bot } of both) bot.start();
    const last = (n: number) => both[n]?.bot.snapshot().atMs ?? 0;
    const startedMs = Date.now();
    const cyclesMs = 2 * EVERY_MS;
    await eventually(
      () => expect(Math.min(last(0), last(1)) - startedMs).toBeGreaterThan(cyclesMs),
      WAIT,
    );
    const tookMs = Date.now() - startedMs;
    // Each for itself would have read twice as often.
    expect(readings().length).toBeLessThanOrEqual(1 + Math.ceil(tookMs / EVERY_MS));
    expect(readings().length).toBeGreaterThanOrEqual(2);
  });
});

describe("when the replica that reads", () => {
  it("is gone, another goes on", async () => {
    const [one, other] = [replica({ everyMs: EVERY_MS }), replica({ everyMs: EVERY_MS })];
    one.bot.start();
    await eventually(() => expect(one.names()).toEqual(["web"]), WAIT);
    other.bot.start();
    await eventually(() => expect(other.names()).toEqual(["web"]), WAIT);
    await one.bot.stop();
    add(azure.world, vm({ name: "db" }));
    await eventually(() => expect(other.names()).toEqual(["db", "web"]), WAIT);
  });

  it("stops in the middle, another need not wait for its claim to run out", async () => {
    const held = azure.faults.add({ path: "ResourceGraph", act: "hold" });
    const [one, other] = [replica(), replica()];
    const first = faultOf(one.bot.refresh());
    await eventually(() => expect(readings().length).toBeGreaterThan(0), WAIT);
    await one.bot.stop();
    expect((await first).code).toBe("Stopped");
    azure.faults.clear(held);
    expect((await other.bot.refresh()).vms.size).toBe(1);
  });

  it("cannot read, others do not ask at once as well", async () => {
    azure.faults.add({ path: "ResourceGraph", act: { status: 403, body: {} } });
    const [one, other] = [replica(), replica()];
    await faultOf(one.bot.refresh());
    const asked = sent("ResourceGraph").length;
    other.bot.start();
    await eventually(async () => expect(await connection.exists(await reader())).toBe(1), WAIT);
    expect((await faultOf(other.bot.refresh())).code).toBe("Forbidden");
    expect(sent("ResourceGraph").length).toBeLessThanOrEqual(2 * asked);
  });
});

const reader = async () => (await connection.keys("*:reader"))[0] ?? "";

describe("when Redis", () => {
  it("is emptied, what a replica knows is there again without a question to Azure", async () => {
    const { bot } = replica({ everyMs: LATER_MS });
    bot.start();
    await eventually(() => expect(bot.snapshot().vms.size).toBe(1), WAIT);
    await eventually(async () => expect(await connection.keys("*")).not.toEqual([]), WAIT);
    const asked = readings().length;
    await redis.flush();
    const later = replica();
    later.bot.start();
    await eventually(() => expect(later.names()).toEqual(["web"]), WAIT);
    expect(asked).toBe(1);
    expect(readings().length).toBeLessThanOrEqual(2);
  });

  it("is away, every replica reads for itself, and says so once", async () => {
    const { bot, lines } = replica({ alone: true, everyMs: EVERY_MS });
    bot.start();
    await eventually(() => expect(readings().length).toBeGreaterThan(1), WAIT);
    expect(bot.snapshot().vms.size).toBe(1);
    expect(lines.map(({ facts }) => facts.subject)).toEqual(["the inventory that replicas share"]);
  });

  it.each([
    ["lost a part", (key: string) => connection.del(key)],
    ["has a part that is no text", (key: string) => connection.set(key, "spoiled")],
  ])("%s, a replica that starts reads for itself, and mends it", async (_, spoil) => {
    const one = replica();
    await one.bot.refresh();
    for (const key of await connection.keys("*:*:*:*:*:*")) await spoil(key);
    const other = replica();
    other.bot.start();
    await eventually(() => expect(other.names()).toEqual(["web"]), WAIT);
    await eventually(async () => expect(await reader()).toBe(""), WAIT);
    const third = replica();
    third.bot.start();
    await eventually(() => expect(third.names()).toEqual(["web"]), WAIT);
    expect(readings()).toHaveLength(2);
  });
});

describe("replicas of two versions", () => {
  it("share nothing, and hinder each other in nothing", async () => {
    const [old, young] = [replica({ format: 0 }), replica()];
    const snapshots = await Promise.all([old.bot.refresh(), young.bot.refresh()]);
    expect(snapshots.map(({ vms }) => vms.size)).toEqual([1, 1]);
    expect(readings()).toHaveLength(2);
  });
});
