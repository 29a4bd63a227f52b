// A Redis that answers and takes no writes: not ready, and each reason has its own words and its fix.

import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { redisCheckup } from "../../src/adapters/redis/connection/redis-checkup.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { findingLine } from "../../src/domain/doctor/finding.ts";
import { redisFindings } from "../../src/flows/doctor/doctor-findings.ts";
import { typed } from "../support/people.ts";
import { type Bot, startWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;
let bot: Bot;
let admin: Redis;
beforeAll(async () => {
  world = await startWorld();
  bot = await world.startBot();
  admin = new Redis(world.redis.port);
});
afterAll(async () => {
  admin?.disconnect();
  await world?.close();
});

const readyz = async () => {
  const answer = await fetch(`${bot.url}/readyz`);
  return { status: answer.status, text: await answer.text() };
};

const doctor = async () =>
  redisFindings(await redisCheckup(admin, systemClock))
    .map(findingLine)
    .join("\n");

describe.each([
  {
    code: "OOM",
    set: ["maxmemory", "1"],
    back: ["maxmemory", "0"],
    is: "is out of memory",
    fix: "raise its maxmemory",
  },
  {
    code: "NOREPLICAS",
    set: ["min-replicas-to-write", "1"],
    back: ["min-replicas-to-write", "0"],
    is: "has too few replicas to take writes",
    fix: "bring its replicas back",
  },
] as const)("a Redis that refuses writes with $code", ({ code, set, back, is, fix }) => {
  it("is not ready, is said as what it is, and found by the doctor", async () => {
    expect((await readyz()).status).toBe(200);
    expect(await doctor()).not.toContain(is);
    await admin.config("SET", ...set);
    try {
      await expect.poll(async () => (await readyz()).status).toBe(503);
      expect((await readyz()).text).toContain(`${code}: it ${is}`);
      const answer = await typed(world, "U0ERIN", "request vm-01 3389 2h");
      expect(answer).toContain(is);
      expect(answer).toContain(fix);
      expect(answer).not.toContain("in a minute");
      expect(await doctor()).toContain(`it ${is} (${code}): ${fix}`);
    } finally {
      await admin.config("SET", ...back);
    }
    await expect.poll(async () => (await readyz()).status).toBe(200);
    expect(await typed(world, "U0ERIN", "request vm-01 3389 2h")).toMatch(/JIT-[0-9A-Z]{6}/);
  });
});
