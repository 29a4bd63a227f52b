// What twenty VMs cost in one request, and in one request each: on one bot, one after the other.

import { setTimeout as wait } from "node:timers/promises";
import { startRedis } from "../support/redis.ts";
import { MANY } from "./estate.ts";
import { botProgram, type Program } from "./programs.ts";

/** Of one VM: calls to Slack of a whole life, and processor time of it without that of idling. */
type Cost = { readonly slackCalls: number; readonly usedMs: number };

export type Several = { readonly together: Cost; readonly oneByOne: Cost };

const IDLE_MS = 12_000;
const AFTERWARDS_MS = 5_000;
/** For the compiler. */
const WARMING_UP = 20;

export async function measureSeveral(policyFile: string): Promise<Several> {
  const redis = await startRedis();
  const bot = await botProgram({ REDIS_URL: redis.url, JIT_CONFIG: policyFile });
  try {
    await bot.start();
    await Promise.all(Array.from({ length: WARMING_UP }, (_, place) => bot.wholeLife(place)));
    await wait(AFTERWARDS_MS);
    const idle = { atMs: performance.now(), usedMs: await bot.usedMs() };
    await wait(IDLE_MS);
    const idled = (await bot.usedMs()) - idle.usedMs;
    const idleShare = idled / (performance.now() - idle.atMs);
    return {
      together: await cost(bot, idleShare, bot.together),
      oneByOne: await cost(bot, idleShare, bot.oneByOne),
    };
  } finally {
    await bot.close();
    await redis.stop();
  }
}

async function cost(bot: Program, idleShare: number, play: () => Promise<void>): Promise<Cost> {
  await bot.forgetCalls();
  const before = { atMs: performance.now(), usedMs: await bot.usedMs() };
  await play();
  await wait(AFTERWARDS_MS);
  const tookMs = performance.now() - before.atMs;
  const usedMs = (await bot.usedMs()) - before.usedMs - idleShare * tookMs;
  const calls = Object.entries(await bot.calls()).filter(([name]) => name.startsWith("Slack "));
  const slackCalls = calls.reduce((sum, [, count]) => sum + count, 0);
  return { slackCalls: slackCalls / MANY, usedMs: usedMs / MANY };
}
