// Timers by the bot and by BullMQ, many and few: how late they are, and what one takes in Redis.

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { FEW, type Lateness, MANY, type Spread } from "./lateness.ts";
import { ask } from "./rpc.ts";

const PEERS = ["bot", "bullmq"] as const;
export type Peer = (typeof PEERS)[number];

type Bytes = {
  /** What is there for the timer alone. */
  readonly ofTimer: number;
  /** All that was stored with it: of the bot the whole request, of BullMQ the id in the job. */
  readonly stored: number;
};

export type Timers = {
  readonly many: Record<Peer, Lateness & Bytes>;
  readonly few: Record<Peer, Lateness>;
};

const FILES: Record<Peer, string> = { bot: "./timers-bot.ts", bullmq: "./timers-bullmq.ts" };

/** The bot would keep the request without a timer, too; BullMQ's job is there for the timer. */
const KEYS_OF_TIMERS: Record<Peer, RegExp> = { bot: /:due$/, bullmq: /^bull:/ };

/** By then all are stored, and another process has started. */
const MANY_BEGIN_AFTER_MS = 25_000;
const FEW_BEGIN_AFTER_MS = 4_000;
const LEFT_AT_LEAST_MS = 3_000;

/** One after the other on the same server, which is emptied between them. */
export async function measureTimers(): Promise<Timers> {
  const server = await startRedis();
  try {
    return {
      many: { bot: await many(server, "bot"), bullmq: await many(server, "bullmq") },
      few: { bot: await few(server, "bot"), bullmq: await few(server, "bullmq") },
    };
  } finally {
    await server.stop();
  }
}

export const peerProcess = ({ port }: RedisServer, peer: Peer): ChildProcess =>
  fork(fileURLToPath(new URL(FILES[peer], import.meta.url)), {
    env: { ...process.env, TIMERS_REDIS_PORT: String(port) },
  });

async function many(server: RedisServer, peer: Peer): Promise<Lateness & Bytes> {
  await server.flush();
  const redis = new Redis(server.port);
  const spread: Spread = { ...MANY, firstAtMs: Date.now() + MANY_BEGIN_AFTER_MS };
  const filling = peerProcess(server, peer);
  const before = await usedBytes(redis);
  await ask(filling, "fill", spread);
  filling.disconnect();
  const bytes = {
    stored: ((await usedBytes(redis)) - before) / spread.count,
    ofTimer: (await bytesOf(redis, KEYS_OF_TIMERS[peer])) / spread.count,
  };
  redis.disconnect();
  if (Date.now() > spread.firstAtMs - LEFT_AT_LEAST_MS) throw new Error("Stored too late.");
  const worker = peerProcess(server, peer);
  const lateness = await ask<Lateness>(worker, "run", spread);
  worker.disconnect();
  return { ...lateness, ...bytes };
}

/** Some are known beforehand, and some are stored by another process when they are nearly due. */
async function few(server: RedisServer, peer: Peer): Promise<Lateness> {
  await server.flush();
  const spread: Spread = { ...FEW, firstAtMs: Date.now() + FEW_BEGIN_AFTER_MS };
  const other = peerProcess(server, peer);
  const worker = peerProcess(server, peer);
  await ask(other, "fillSome", spread);
  const [lateness] = await Promise.all([
    ask<Lateness>(worker, "run", spread),
    ask(other, "trickle", spread),
  ]);
  worker.disconnect();
  other.disconnect();
  return lateness;
}

async function usedBytes(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))?.[1]);
}

async function bytesOf(redis: Redis, which: RegExp): Promise<number> {
  let bytes = 0;
  for (const key of (await redis.keys("*")).filter((one) => which.test(one))) {
    bytes += Number(await redis.call("MEMORY", "USAGE", key, "SAMPLES", "0"));
  }
  return bytes;
}
