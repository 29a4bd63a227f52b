// A stored request that cannot be read, or that kills every bot that takes it: it harms no other one.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bot } from "../support/world.ts";
import {
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

const aside = () => world.memory.redis.hgetall(world.memory.keys.aside);
const adminTold = (id: string) =>
  world.slack
    .direct("U0ADMIN")
    .map((one) => world.slack.plainText(one))
    .filter((text) => text.includes(id));

describe("a document that cannot be read", () => {
  it.each([
    ["garbage", (): string => "\u0000garbage"],
    ["half of it", (stored: string): string => stored.slice(0, stored.length / 2)],
    ["another form of it", (): string => '1|{"form":99,"id":"?"}'],
  ])("%s: is set aside, and the admins are told", async (_what, spoilt) => {
    const { redis, keys } = world.memory;
    const good = await opened(world, "web-02 22 1h");
    const bad = await asked(world);
    await world.memory.atRest();
    const stored = (await redis.hget(keys.documents, bad.id)) ?? "";
    await redis.hset(keys.documents, bad.id, spoilt(stored));
    await redis.zadd(keys.due, world.nowMs(), bad.id);
    await until(world, "it to be set aside", async () => bad.id in (await aside()));
    await until(world, "the admin to be told", () => adminTold(bad.id).length > 0);
    await until(world, "the notice", () => notices(world, bad.id).length > 0);
    expect(adminTold(bad.id)).toHaveLength(1);
    // Whoever clicks it is told something, and nothing is opened.
    expect(await refused(world, bad)).not.toBe("");
    expect(initiates(world, bad.id)).toEqual([]);
    // It is not taken again and again.
    await world.memory.atRest();
    expect(await redis.zscore(keys.due, bad.id)).toBeNull();
    // All the others are as well as ever.
    const next = await opened(world, "jump-01 22 1h");
    expect(await typed(world, "U0ERIN", "list mine")).toContain(next.id);
    await livesToItsEnd(world, good);
    await livesToItsEnd(world, next);
  });
});

describe("a request that kills whoever takes it", () => {
  it("is set aside after a few claims without a result, and the admins are told", async () => {
    const request = await asked(world, "win-02 22 1h");
    const other = await asked(world, "jump-01 3389 1h");
    const deadly = fault(world.azure, { ...INITIATE, bodyIncludes: request.id, act: "hang" });
    await click(world, request);
    await soon(world, "Azure to be asked", () => deadly.struck() > 0);
    const { redis, keys } = world.memory;
    await bot.kill();
    // As if six bots had died of it, each before it could store anything.
    const lease = (await redis.hget(keys.held, request.id)) ?? "";
    const [endsMs, leaseMs, , worker] = lease.split("|");
    await redis.hset(keys.held, request.id, `${endsMs}|${leaseMs}|6|${worker}`);
    bot = await world.startBot();
    leaseRunsOut(world);
    await until(world, "it to be set aside", async () => request.id in (await aside()));
    await until(world, "the admin to be told", () => adminTold(request.id).length > 0);
    expect((await world.memory.request(request.id)).state).toBe("opening");
    await click(world, other);
    await shows(world, other, "Open until");
    world.azure.faults.clear();
  });
});
