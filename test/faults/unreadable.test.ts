// A stored request that can't be read, or that kills every bot that takes it: it harms no other one.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bot } from "../support/world.ts";
import {
  type Asked,
  asked,
  click,
  type FaultWorld,
  fault,
  faultWorld,
  INITIATE,
  initiates,
  leaseRunsOut,
  livesToItsEnd,
  notices,
  opened,
  refused,
  SECOND,
  shows,
  soon,
  typed,
  until,
} from "./steps.ts";

let world: FaultWorld;
let bot: Bot;
beforeAll(async () => {
  world = await faultWorld();
  bot = await world.startBot();
});
afterAll(() => world?.close());

const parked = () => world.memory.redis.hgetall(world.memory.keys.parked);
const adminTold = (id: string) =>
  world.slack
    .direct("U0ADMIN")
    .map((one) => world.slack.plainText(one))
    .filter((text) => text.includes(id));

const SPOILT: readonly (readonly [string, (stored: string) => string])[] = [
  ["vm-01", () => "\u0000garbage"],
  ["win-02", (stored) => stored.slice(0, stored.length / 2)],
  ["db-01", () => '1|{"form":99,"id":"?"}'],
];

describe("documents that can't be read", () => {
  it("are parked in the end, the admins are told, and all others are as well as ever", async () => {
    const { redis, keys } = world.memory;
    const good = await opened(world, "web-02 22 1h");
    const bad: Asked[] = [];
    for (const [vm] of SPOILT) bad.push(await asked(world, `${vm} 22 1h`));
    await world.memory.atRest();
    for (const [index, { id }] of bad.entries()) {
      const stored = (await redis.hget(keys.documents, id)) ?? "";
      await redis.hset(keys.documents, id, SPOILT[index]?.[1](stored) ?? "");
      await redis.zadd(keys.due, world.nowMs(), id);
    }
    for (const { id } of bad) {
      // A newer replica might be able to read it, so it is tried more than once.
      const how = { stepMs: 4 * SECOND };
      await until(world, "it to be parked", async () => id in (await parked()), how);
      await until(world, "the admin to be told", () => adminTold(id).length > 0);
      await until(world, "the notice", () => notices(world, id).length > 0);
      expect(adminTold(id)).toHaveLength(1);
    }
    await world.memory.atRest();
    for (const request of bad) {
      // It is not taken any more. Whoever clicks it is told something, and nothing is opened.
      expect(await redis.zscore(keys.due, request.id)).toBeNull();
      expect(await refused(world, request)).not.toBe("");
      expect(initiates(world, request.id)).toEqual([]);
    }
    expect(await typed(world, "U0ERIN", "list mine")).toContain(good.id);
    const next = await opened(world, "jump-01 22 1h");
    await livesToItsEnd(world, good);
    await livesToItsEnd(world, next);
  });
});

describe("a request that kills whoever takes it", () => {
  it("is parked after a few claims without a result, and the admins are told", async () => {
    const request = await asked(world, "win-02 22 1h");
    const other = await asked(world, "jump-01 3389 1h");
    const deadly = fault(world.azure, { ...INITIATE, bodyIncludes: request.id, act: "hang" });
    await click(world, request);
    await soon(world, "Azure to be asked", () => deadly.struck() > 0);
    const { redis, keys } = world.memory;
    await bot.kill();
    // As if seven bots had died of it, each before it could store anything.
    const lease = (await redis.hget(keys.held, request.id)) ?? "";
    const [endsMs, leaseMs, , worker] = lease.split("|");
    await redis.hset(keys.held, request.id, `${endsMs}|${leaseMs}|7|${worker}`);
    bot = await world.startBot();
    leaseRunsOut(world);
    await until(world, "it to be parked", async () => request.id in (await parked()));
    await until(world, "the admin to be told", () => adminTold(request.id).length > 0);
    expect((await world.memory.request(request.id)).state).toBe("opening");
    await click(world, other);
    await shows(world, other, "Open until");
    world.azure.faults.clear();
  });
});
