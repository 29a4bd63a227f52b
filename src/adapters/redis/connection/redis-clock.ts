// Redis's clock as this process knows it between two readings: the one by which access end, whatever the
// machine's own says.

import { Cluster } from "ioredis";
import type { Clock } from "../../../ports/clock.ts";
import { repeating, type Service } from "../../../ports/service.ts";
import type { Connection } from "./connection.ts";

export type RedisClock = Service & {
  /** Milliseconds since the epoch, by Redis; by this machine until Redis has said. */
  nowMs(): number;
  /** How far Redis is ahead of this machine; `undefined`: Redis hasn't said. */
  skewMs(): number | undefined;
};

/** Clocks drift by less than a millisecond in this time; a clock that is set is noticed soon enough. */
const EVERY_MS = 15_000;
/** An answer that took longer says too little of when it was given. */
const ROUND_TRIP_MS_MAX = 2_000;

export function redisClock(connection: Connection, clock: Clock): RedisClock {
  let known: { readonly redisMs: number; readonly atMs: number } | undefined;

  const read = async (): Promise<void> => {
    const server = connection instanceof Cluster ? connection.nodes("master")[0] : connection;
    if (server === undefined || connection.status !== "ready") return;
    const startedMs = clock.monotonicMs();
    const [seconds, micros] = (await server.time()).map(Number);
    const tookMs = clock.monotonicMs() - startedMs;
    if (seconds === undefined || micros === undefined || tookMs > ROUND_TRIP_MS_MAX) return;
    known = {
      redisMs: seconds * 1_000 + micros / 1_000 + tookMs / 2,
      atMs: clock.monotonicMs(),
    };
  };

  const waitMs = (): number => (known === undefined ? 1_000 : EVERY_MS);
  const look = async (): Promise<number> => {
    await read();
    return waitMs();
  };
  // A Redis that doesn't answer is noticed by everything else.
  const service = repeating(look, { clock, failed: waitMs });

  const nowMs = () =>
    known === undefined ? clock.nowMs() : known.redisMs + (clock.monotonicMs() - known.atMs);
  return {
    ...service,
    nowMs,
    skewMs: () => (known === undefined ? undefined : nowMs() - clock.nowMs()),
  };
}
