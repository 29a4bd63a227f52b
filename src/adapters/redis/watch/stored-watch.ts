// What the watch of the Activity Log remembers, kept in Redis.

import { hash } from "node:crypto";
import { z } from "zod";
import type { WatchRepository, WatchTurn } from "../../../ports/storage/watch-repository.ts";
import { auditLine, writerOf } from "../audit/new-entries.ts";
import type { Connection } from "../connection/connection.ts";
import { encodeNotice } from "../requests/notices/stored-notices.ts";
import { redisKeys } from "../scripts/keys.ts";
import { scriptRunner } from "../scripts/script.ts";
import type { RedisStorageOptions } from "../storage-options.ts";
import { END_WATCH, REMEMBER, TAKE_WATCH, TELL_SEEN, UNSEEN } from "./watch-scripts.ts";

/** What can't be read is begun again: that is better than not to watch. */
const keptSchema = z
  .object({
    read: z.record(z.string(), z.object({ sinceMs: z.number(), untilMs: z.number() })),
    skip: z.int().min(0),
  })
  .catch({ read: {}, skip: 0 });

/** Takes what the store takes. */
export function redisWatch(connection: Connection, options: RedisStorageOptions): WatchRepository {
  const { tenant, clockOffsetMs = () => 0 } = options;
  const keys = redisKeys(tenant);
  const writer = writerOf(options);
  const run = scriptRunner(connection, clockOffsetMs);
  return {
    takeTurn: async (worker, { everyMs, leaseMs }) => {
      const args = { worker, everyMs, leaseMs };
      const [waitMs, nowMs, kept] = await run(TAKE_WATCH, { keys, args });
      if (nowMs === undefined) return { waitMs };
      return { nowMs, ...keptSchema.parse(parsed(kept ?? "")) };
    },
    endTurn: async (worker, { nowMs, read, skip }: WatchTurn, everyMs) => {
      const text = JSON.stringify({ read, skip });
      await run(END_WATCH, { keys, args: { worker, nextAtMs: nowMs + everyMs }, text });
    },
    unseen: async (marks) => {
      if (marks.length === 0) return [];
      const short = new Map(marks.map((mark) => [shortened(mark), mark]));
      const found = await run(UNSEEN, { keys, args: { marks: [...short.keys()] } });
      return found.flatMap((one) => short.get(one) ?? []);
    },
    tell: ({ marks, atMs, notes, notices }) =>
      run(TELL_SEEN, {
        keys,
        args: {
          marks: marks.map(shortened),
          atMs,
          notes: notes.map(({ note, about }) => auditLine(note, about, writer)),
          notices: notices.map(({ channel, notice }) => [channel, encodeNotice(notice)]),
        },
      }),
    remember: async (marks) => {
      if (marks.length === 0) return;
      const pairs = marks.map(({ mark, atMs }) => [shortened(mark), atMs] as const);
      await run(REMEMBER, { keys, args: { marks: pairs } });
    },
  };
}

/** 132 bits: what Azure named is as long as it likes. */
const shortened = (mark: string): string => hash("sha256", mark, "base64url").slice(0, 22);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
