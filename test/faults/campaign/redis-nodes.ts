// Talking to single Redis servers as their operator: one connection for one errand.

import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { Redis } from "ioredis";

const ERRAND_WITHIN_MS = 5_000;

/** Runs an errand on a server or sentinel; rejects where it doesn't answer. */
export async function onNode<T>(port: number, errand: (node: Redis) => Promise<T>): Promise<T> {
  const node = new Redis({
    port,
    host: "127.0.0.1",
    lazyConnect: true,
    retryStrategy: () => null,
    commandTimeout: ERRAND_WITHIN_MS,
    maxRetriesPerRequest: 0,
  });
  node.on("error", () => undefined);
  try {
    await node.connect();
    return await errand(node);
  } finally {
    node.disconnect();
  }
}

/** Tries until it succeeds; throws the last error when the time is up. */
export async function eventually<T>(
  what: string,
  attempt: () => Promise<T | undefined | false>,
  withinMs = 30_000,
): Promise<T> {
  const untilMs = Date.now() + withinMs;
  let last: unknown;
  while (Date.now() < untilMs) {
    try {
      const answer = await attempt();
      if (answer !== undefined && answer !== false) return answer;
    } catch (thrown) {
      last = thrown;
    }
    await wait(100);
  }
  throw new Error(`${what} did not come about: ${last instanceof Error ? last.message : last}`);
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const listener = createServer().once("error", reject);
    listener.listen(0, "127.0.0.1", () => {
      const address = listener.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      listener.close(() => resolve(port));
    });
  });
