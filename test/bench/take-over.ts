// How soon another replica carries on with a request in whose middle one was killed, or told to stop.

import { startRedis } from "../support/redis.ts";
import type { Bench, Program, Replica } from "./programs.ts";
import { ask } from "./rpc.ts";
import { peerProcess } from "./timers.ts";

export type TakeOvers = {
  /** From the signal to the other replica's first call to Azure about the request. */
  readonly killedMs: readonly number[];
  readonly toldMs: readonly number[];
  /** From SIGKILL to another worker of BullMQ beginning the job, with BullMQ's own defaults. */
  readonly bullmqKilledMs: number;
};

const ROUNDS = 5;

/** Ends the bot; each round has a place of its own. */
export async function measureTakeOver({ programs: { bot } }: Bench): Promise<TakeOvers> {
  await bot.stop();
  // It sleeps through most of it.
  const bullmq = bullmqKilled();
  const replicas: readonly [Replica, Replica] = [await bot.another(), await bot.another()];
  await replicas[0].start();
  const found = { SIGKILL: [] as number[], SIGTERM: [] as number[] };
  for (let round = 0; round < 2 * ROUNDS; round++) {
    const signal = round % 2 === 0 ? "SIGKILL" : "SIGTERM";
    const [first, other] = round % 2 === 0 ? replicas : replicas.toReversed();
    if (first === undefined || other === undefined) throw new Error("There are two replicas.");
    found[signal].push(await goesOnAfter(bot, { first, other, signal, place: round }));
  }
  await replicas[0].stop();
  return {
    killedMs: found.SIGKILL,
    toldMs: found.SIGTERM,
    bullmqKilledMs: await bullmq,
  };
}

type Round = {
  readonly first: Replica;
  readonly other: Replica;
  readonly signal: "SIGKILL" | "SIGTERM";
  readonly place: number;
};

/** Afterwards only the other one runs. */
async function goesOnAfter(bot: Program, { first, other, signal, place }: Round): Promise<number> {
  await bot.pointSlackTo(first);
  await bot.hangAtAzure(place);
  await other.start();
  const next = bot.nextPolicyCall();
  const sinceMs = Date.now();
  const ended = first.stop(signal);
  const tookMs = (await next) - sinceMs;
  await ended;
  return tookMs;
}

async function bullmqKilled(): Promise<number> {
  const server = await startRedis();
  const [first, other] = [peerProcess(server, "bullmq"), peerProcess(server, "bullmq")];
  try {
    const begun = ask<number>(first, "hang");
    await ask(first, "addOne");
    await begun;
    const next = ask<number>(other, "hang");
    const sinceMs = Date.now();
    first.kill("SIGKILL");
    return (await next) - sinceMs;
  } finally {
    other.disconnect();
    await server.stop();
  }
}
