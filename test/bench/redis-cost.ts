// What the bot costs Redis: the commands that it sends, and the bytes that an open grant takes.

import { setTimeout as wait } from "node:timers/promises";
import { Redis } from "ioredis";
import type { Bench } from "./programs.ts";

export type Watch = {
  /** The commands that clients have sent so far; what scripts do inside Redis is theirs. */
  count(): number;
  stop(): void;
};

/** Counts with MONITOR, which names the source of each command. */
export async function watchCommands(port: number): Promise<Watch> {
  const client = new Redis(port);
  const monitor = await client.monitor();
  let commands = 0;
  monitor.on("monitor", (_time: string, _command: readonly string[], source: string) => {
    if (source !== "lua") commands += 1;
  });
  return {
    count: () => commands,
    stop: () => {
      monitor.disconnect();
      client.disconnect();
    },
  };
}

/** What one more open grant adds, in bytes, by what it is for. */
export type GrantBytes = {
  /** The document, its places in the lists, its door: as long as the grant is open, and thirty days after. */
  readonly standing: number;
  /** Its entries in the audit so far: as long as the audit is kept. */
  readonly audit: number;
  /** Gone by themselves within minutes: deliveries that were seen, locks, the channels' rates. */
  readonly passing: number;
};

/** Opens `count` grants of as many people on as many VMs; each has a reason of 100 characters. */
export async function measureGrantBytes(bench: Bench, count: number): Promise<GrantBytes> {
  const { bytes } = await bytesOfEach(bench, count, async () => {
    const { bot } = bench.programs;
    await Promise.all(Array.from({ length: count }, (_, place) => bot.openGrant(place)));
    // The card says so first; the thread and the requester hear of it, and all is written down.
    await wait(3_000);
  });
  return bytes;
}

/** What `act` adds for each of the `count` requests that it makes. */
export async function bytesOfEach<Result>(
  { redis }: Bench,
  count: number,
  act: () => Promise<Result>,
): Promise<{ result: Result; bytes: GrantBytes }> {
  const client = new Redis(redis.port);
  const before = await bytesOf(client);
  const result = await act();
  const after = await bytesOf(client);
  client.disconnect();
  const bytes = {
    standing: (after.standing - before.standing) / count,
    audit: (after.audit - before.audit) / count,
    passing: (after.passing - before.passing) / count,
  };
  return { result, bytes };
}

/** Each key's own memory as Redis counts it, with nothing estimated from samples. */
async function bytesOf(client: Redis): Promise<GrantBytes> {
  const bytes = { standing: 0, audit: 0, passing: 0 };
  for (const key of await client.keys("*")) {
    const taken = Number(await client.call("MEMORY", "USAGE", key, "SAMPLES", "0"));
    if (/:(audit|people|texts|seals)$/.test(key)) bytes.audit += taken;
    else if (/:(seen|lock|rate|asks|queue|proof)(:|$)|:floods$/.test(key)) bytes.passing += taken;
    else bytes.standing += taken;
  }
  return bytes;
}
