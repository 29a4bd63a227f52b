// How the notices that wait for a channel are written and read.

import { z } from "zod";
import type { VmKey } from "../../../../domain/text/ids.ts";
import type { Notice } from "../../../../ports/storage/notices.ts";
import { type Exact, sameType } from "../../scripts/same-type.ts";
import { requestIdSchema, userSchema } from "../../scripts/stored-parts.ts";

/** Version 0.1 knows this kind by another name, and may run beside this one. */
const PARKED_AS = "set-aside";

const noticeSchema = z.object({
  what: z.preprocess(
    (what) => (what === PARKED_AS ? "parked" : what),
    z.enum([
      "ended",
      "still-open",
      "closed-late",
      "failed",
      "parked",
      "alarm",
      "break-glass",
      "opened",
      "no-approvers",
      "unasked",
      "review",
      "concern",
      "left",
      "opened-elsewhere",
      "jit-policy-changed-elsewhere",
      "jit-policy-deleted-elsewhere",
      "exposed",
      "glass-wanted",
      "mended",
      "jit-changed",
      "recovered",
      "frozen",
      "breaker",
      "unfrozen",
      "ended-all",
    ]),
  ),
  id: requestIdSchema.optional(),
  requester: userSchema.optional(),
  vm: z.string().optional(),
  ports: z.array(z.int()).optional(),
  durationMs: z.number().optional(),
  atMs: z.number(),
  how: z.string().optional(),
  text: z.string().optional(),
  by: z.string().optional(),
  asBot: z.boolean().optional(),
  jitPolicy: z.string().optional(),
  source: z.string().optional(),
  untilMs: z.number().optional(),
  restore: z.custom<VmKey>((value) => typeof value === "string").optional(),
  opening: z
    .object({
      jitPolicyId: z.string(),
      vm: z.custom<VmKey>((value) => typeof value === "string"),
      ports: z.array(z.int()),
      startedAtMs: z.number(),
    })
    .optional(),
  openings: z
    .array(z.object({ id: requestIdSchema, requester: userSchema, vm: z.string() }))
    .optional(),
  count: z.number().optional(),
  nonce: z.string().optional(),
  approvedBy: z.array(userSchema).optional(),
});

sameType<Exact<z.output<typeof noticeSchema>>, Exact<Notice>>();
sameType<Exact<Notice>, Exact<z.output<typeof noticeSchema>>>();

export const encodeNotice = (notice: Notice): string =>
  JSON.stringify(notice.what === "parked" ? { ...notice, what: PARKED_AS } : notice);

/** One that can't be read is told as such: its place in the row is kept, and the others are none the worse. */
export function decodeNotice(text: string, nowMs: number): Notice {
  const decoded = noticeSchema.safeParse(parsed(text));
  return decoded.success
    ? decoded.data
    : { what: "alarm", atMs: nowMs, text: "A notice was stored here that can't be read." };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
