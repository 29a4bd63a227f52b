// What the doctor asks of Redis: its version, how fast it answers, and settings with which grants would be lost.

import { once } from "node:events";
import { Cluster } from "ioredis";
import { redisRefusal } from "../../../domain/doctor/redis-refusals.ts";
import type { RedisFacts } from "../../../ports/checkup.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Connection } from "./connection.ts";
import { faultOf } from "./redis-faults.ts";
import { redisFindings } from "./settings-findings.ts";

const PINGS = 5;
const CONNECTS_WITHIN_MS = 5_000;

/** Rejects with a `Fault` where Redis can't be reached. */
export async function redisCheckup(
  connection: Connection,
  { nowMs, monotonicMs }: Pick<Clock, "nowMs" | "monotonicMs">,
  waitReplicas = 0,
): Promise<RedisFacts> {
  // The command line asks at once; whether it came up is told by what follows.
  if (connection.status !== "ready") {
    const signal = AbortSignal.timeout(CONNECTS_WITHIN_MS);
    await once(connection, "ready", { signal }).catch(() => undefined);
  }
  const findings = await redisFindings(connection, waitReplicas);
  try {
    const tookMs: number[] = [];
    for (let ping = 0; ping < PINGS; ping++) {
      const startedMs = monotonicMs();
      await connection.ping();
      tookMs.push(monotonicMs() - startedMs);
    }
    const server = connection instanceof Cluster ? connection.nodes("master")[0] : connection;
    const info = (await server?.info()) ?? "";
    const version = /^(?:redis|valkey)_version:(\S+)/m.exec(info)?.[1] ?? "unknown";
    // Of the pings, the first one may have paid for what the others find warm.
    const latencyMs = Math.min(...tookMs);
    const askedMs = nowMs();
    const [seconds = 0, micros = 0] = ((await server?.time()) ?? []).map(Number);
    const skewMs = seconds * 1_000 + micros / 1_000 - (askedMs + latencyMs / 2);
    const refusesWrites = await refusalOf(connection);
    const heardMs = seconds === 0 ? undefined : skewMs;
    const { role, kept } = keptBy(info, seconds * 1_000);
    return { version, latencyMs, refusesWrites, skewMs: heardMs, role, kept, findings };
  } catch (thrown) {
    throw faultOf(thrown, false);
  }
}

/** What INFO says of how it keeps things; a managed Redis may leave some of it out. */
export function keptBy(info: string, nowMs: number): Required<Pick<RedisFacts, "role" | "kept">> {
  const fact = (name: string) => new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1];
  const aof = fact("aof_enabled");
  const saved = Number(fact("rdb_last_save_time") ?? Number.NaN) * 1_000;
  const hasFailed = ["rdb_last_bgsave_status", "aof_last_write_status", "aof_last_bgrewrite_status"]
    .filter((name) => fact(name) === "err")
    .join(", ");
  return {
    role: fact("role"),
    kept: {
      appendOnly: aof === undefined ? undefined : aof === "1",
      evicts: fact("maxmemory_policy"),
      savedAgoMs: Number.isNaN(saved) || nowMs === 0 ? undefined : nowMs - saved,
      fault:
        hasFailed === ""
          ? undefined
          : `it couldn't write to its disk (${hasFailed}): look at its disk and its log.`,
    },
  };
}

/** A write of no consequence. Where the bot's user isn't allowed to make it, the bot's own scripts say so. */
async function refusalOf(connection: Connection): Promise<string | undefined> {
  try {
    await connection.set("{jit:doctor}:probe", "1", "PX", 60_000);
    return undefined;
  } catch (thrown) {
    const { code } = faultOf(thrown, true);
    return redisRefusal(code) === undefined ? undefined : code;
  }
}
