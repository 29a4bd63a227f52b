// Changes of JIT policies, kept in Redis: each a document of its own, which goes by itself when it is old.

import { z } from "zod";
import type { Change } from "../../../domain/policies/policy-change.ts";
import { userId } from "../../../domain/text/ids.ts";
import type { Changes } from "../../../ports/storage/policies/policy-changes.ts";
import { auditLine, writerOf } from "../audit/new-entries.ts";
import type { Connection } from "../connection/connection.ts";
import { encodeNotice } from "../requests/notices/stored-notices.ts";
import { redisKeys } from "../scripts/keys.ts";
import { sameType } from "../scripts/same-type.ts";
import { scriptRunner } from "../scripts/script.ts";
import { decodeVersioned } from "../scripts/versioned-document.ts";
import type { RedisStorageOptions } from "../storage-options.ts";
import { READ_CHANGE, UNFINISHED, WRITE_CHANGE } from "./policy-change-scripts.ts";

/** A preview is of what Azure showed: an old one is asked for again. */
const PREVIEW_KEPT_MS = 60 * 60_000;
/** What is being applied is told long before. */
const APPLIED_KEPT_MS = 7 * 24 * 3_600_000;

export function redisChanges(connection: Connection, options: RedisStorageOptions): Changes {
  const keys = redisKeys(options.tenant);
  const writer = writerOf(options);
  const run = scriptRunner(connection, options.clockOffsetMs ?? (() => 0), options.waitReplicas);
  return {
    async read(id) {
      const text = await run(READ_CHANGE, { keys: { change: keys.change(id) } });
      return text === "" ? undefined : decode(text);
    },
    async commit(version, { change, audit = [], notices = [] }) {
      const unfinished =
        change.state === "applying" || (change.state === "over" && change.told !== true);
      const written = await run(WRITE_CHANGE, {
        keys: { ...keys, change: keys.change(change.id) },
        args: {
          id: change.id,
          version,
          unfinished,
          keepMs: change.state === "preview" ? PREVIEW_KEPT_MS : APPLIED_KEPT_MS,
          notes: audit.map((note) => auditLine(note, {}, writer)),
          notices: notices.map(({ channel, notice }) => [channel, encodeNotice(notice)]),
        },
        text: encode(change),
      });
      return written === 0 ? undefined : written;
    },
    unfinished: () => run(UNFINISHED, { keys }),
  };
}

const verb = z.enum(["enable", "change", "disable"]);

const desiredPolicy = z
  .object({
    verb,
    ports: z.array(z.number()).optional(),
    protocol: z.enum(["TCP", "UDP", "*"]).optional(),
    maxDurationMs: z.number().optional(),
    sources: z.array(z.string()).optional(),
    into: z.string().optional(),
  })
  // JSON has no undefined: what wasn't said isn't there.
  .transform((read) => ({
    verb: read.verb,
    ports: read.ports,
    protocol: read.protocol,
    maxDurationMs: read.maxDurationMs,
    sources: read.sources,
    ...(read.into !== undefined && { into: read.into }),
  }));

/** Stored as `wishes`: other versions read it, too. */
const edit = z
  .object({ vmId: z.string(), wishes: z.array(desiredPolicy) })
  .transform(({ vmId, wishes }) => ({ vmId, changes: wishes }));

const outcome = z.discriminatedUnion("how", [
  z.object({ how: z.literal("done"), kept: z.literal(true).optional() }),
  z.object({ how: z.literal("moved") }),
  z.object({ how: z.literal("opened") }),
  z.object({ how: z.literal("failed"), code: z.string(), says: z.string() }),
]);

const schema = z.object({
  id: z.string(),
  verb: z.union([verb, z.literal("restore")]),
  by: z.union([z.string().transform(userId), z.object({ operator: z.string() })]),
  asked: z.string(),
  atMs: z.number(),
  state: z.enum(["preview", "applying", "over", "dropped"]),
  meant: z.number(),
  policies: z.array(
    z.object({
      policyId: z.string(),
      edits: z.array(edit),
      again: z.literal(true).optional(),
      existed: z.boolean(),
      vmsBefore: z.number(),
      vmsAfter: z.number(),
      fingerprint: z.string(),
      whole: z.string(),
      open: z.number(),
      gone: z.array(z.string()).optional(),
      outcome: outcome.optional(),
    }),
  ),
  left: z.array(
    z.object({
      vm: z.string(),
      why: z.enum(["unsupported", "name-too-long", "not-configured", "already", "unreadable"]),
      code: z.string().optional(),
    }),
  ),
  unread: z.array(z.string()),
  shownIn: z.object({ channel: z.string(), ts: z.string() }).optional(),
  seen: z.string().optional(),
  told: z.literal(true).optional(),
});

sameType<z.output<typeof schema>, Change>();

function encode(change: Change): string {
  const policies = change.policies.map(({ edits, ...policy }) => ({
    ...policy,
    edits: edits.map(({ vmId, changes }) => ({ vmId, wishes: changes })),
  }));
  return JSON.stringify({ ...change, policies });
}

function decode(text: string): { readonly change: Change; readonly version: number } {
  const { document, version } = decodeVersioned(text, schema, "a change of JIT policies");
  return { change: document, version };
}
