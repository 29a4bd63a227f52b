// What is being ended at once, kept in Redis: each a document of its own, which goes by itself when it is old.

import { z } from "zod";
import type { EndAll } from "../../../domain/brake/end-all.ts";
import type { EndAlls, StoredEndAll } from "../../../ports/storage/brake/end-alls.ts";
import { auditLine } from "../audit/new-entries.ts";
import { READ_CHANGE, UNFINISHED, WRITE_CHANGE } from "../policies/policy-change-scripts.ts";
import { encodeNotice } from "../requests/notices/stored-notices.ts";
import { type Exact, sameType } from "../scripts/same-type.ts";
import { countSchema, requestIdSchema, timeSchema, userSchema } from "../scripts/stored-parts.ts";
import type { Tools } from "../scripts/tools.ts";
import { decodeVersioned } from "../scripts/versioned-document.ts";

/** What is open changes: an old preview is asked for again. */
const PREVIEW_KEPT_MS = 15 * 60_000;
const ENDED_KEPT_MS = 7 * 24 * 3_600_000;

export function redisEndAlls({ run, keys, writer }: Tools): EndAlls {
  return {
    async read(id) {
      const text = await run(READ_CHANGE, { keys: { change: keys.endAll(id) } });
      return text === "" ? undefined : decode(text);
    },
    async commit(version, { endAll, audit = [], notices = [] }) {
      const { id, state, told } = endAll;
      const written = await run(WRITE_CHANGE, {
        keys: { ...keys, change: keys.endAll(id), changing: keys.endings },
        args: {
          id,
          version,
          unfinished: state === "ending" || (state === "over" && told !== true),
          keepMs: state === "preview" ? PREVIEW_KEPT_MS : ENDED_KEPT_MS,
          notes: audit.map((note) => auditLine(note, {}, writer)),
          notices: notices.map(({ channel, notice }) => [channel, encodeNotice(notice)]),
        },
        text: JSON.stringify(endAll),
      });
      return written === 0 ? undefined : written;
    },
    unfinished: () => run(UNFINISHED, { keys: { changing: keys.endings } }),
  };
}

const schema = z.object({
  id: z.string(),
  by: userSchema,
  asked: z.string(),
  atMs: timeSchema,
  state: z.enum(["preview", "ending", "over", "dropped"]),
  requests: z.array(requestIdSchema),
  peopleCount: countSchema,
  vmCount: countSchema,
  breakGlassCount: countSchema,
  readyCount: countSchema.optional(),
  unreadable: z.array(z.string()).optional(),
  beganAtMs: timeSchema.optional(),
  closedCount: countSchema.optional(),
  cancelledCount: countSchema.optional(),
  unopenedCount: countSchema.optional(),
  failed: z
    .array(
      z.object({
        id: requestIdSchema,
        requester: userSchema.optional(),
        vm: z.string().optional(),
        why: z.string(),
      }),
    )
    .optional(),
  shownIn: z.object({ channel: z.string(), ts: z.string() }).optional(),
  told: z.literal(true).optional(),
});

sameType<Exact<z.output<typeof schema>>, Exact<EndAll>>();
sameType<Exact<EndAll>, Exact<z.output<typeof schema>>>();

function decode(text: string): StoredEndAll {
  const { document: endAll, version } = decodeVersioned(text, schema, "ending everything");
  return { endAll, version };
}
