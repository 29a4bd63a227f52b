// How far each receiver of the audit's copy has got, in Redis, each step one script.

import { hash } from "node:crypto";
import { genesisSeal, type Head } from "../../../domain/audit/audit-chain.ts";
import type { SinkState, StreamPositions } from "../../../ports/audit-stream.ts";
import type { Connection } from "../connection/connection.ts";
import { GIVE_LEASE } from "../leases/lease-in-key.ts";
import { redisKeys } from "../scripts/keys.ts";
import { scriptRunner } from "../scripts/script.ts";
import { decodeSealed } from "./audit-document.ts";
import {
  HEAD_AT,
  KEEP_POSITION,
  LOOK_TO_STREAM,
  NEXT_TO_STREAM,
  POSITION_OF,
  SENT_UNTIL,
} from "./stream-scripts.ts";

export type StreamPositionsOptions = {
  readonly tenant: string;
  /** Added to Redis's clock: for tests. */
  readonly clockOffsetMs?: () => number;
};

export function redisStreamPositions(
  connection: Connection,
  { tenant, clockOffsetMs = () => 0 }: StreamPositionsOptions,
): StreamPositions {
  const run = scriptRunner(connection, clockOffsetMs);
  const keys = redisKeys(tenant);
  const beginning = { seq: 0, seal: genesisSeal(tenant) };
  const headOf = (seq: number, seal: string): Head => (seq === 0 ? beginning : { seq, seal });
  return {
    look: async (worker, { leaseMs, sinks }) => {
      const args = { worker, leaseMs, sinks: sinks.map(digest) };
      const [nowMs, holds, states] = await run(LOOK_TO_STREAM, { keys, args });
      const found = states.map(([waiting, text], index): [string, SinkState] => [
        sinks[index] ?? "",
        { waiting, waitingSinceMs: decodeSealed(text)?.atMs },
      ]);
      return { nowMs, isMine: holds === 1, sinks: new Map(found) };
    },
    of: async (sink) => {
      const [seq, seal] = await run(POSITION_OF, { keys, args: { sink: digest(sink) } });
      return seq === 0 ? undefined : { seq, seal };
    },
    next: async ({ seq, seal }, most) => {
      const args = { number: seq, seal: seq === 0 ? "" : seal, most };
      const [isKnown, flat] = await run(NEXT_TO_STREAM, { keys, args });
      const entries = Array.from({ length: flat.length / 3 }, (_, n) => ({
        seq: Number(flat[3 * n]),
        seal: flat[3 * n + 1] ?? "",
        text: flat[3 * n + 2] || undefined,
      }));
      return { isKnown: isKnown === 1, entries };
    },
    headAt: async (number) => headOf(...(await run(HEAD_AT, { keys, args: { number } }))),
    keep: (worker, sink, { seq, seal }) =>
      run(KEEP_POSITION, {
        keys,
        args: { worker, sink: digest(sink), position: `${seq} ${seal}` },
      }),
    sentUntil: (sinks) => run(SENT_UNTIL, { keys, args: { sinks: sinks.map(digest) } }),
    giveUp: async (worker) => {
      await run(GIVE_LEASE, { keys: { lease: keys.streamer }, args: { owner: worker } });
    },
  };
}

/** Whatever stands in an address, it is short in Redis. */
const digest = (identity: string): string => hash("sha256", identity, "base64url").slice(0, 22);
