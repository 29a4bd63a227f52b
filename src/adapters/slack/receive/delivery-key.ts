// The key of a delivery: the same when Slack sends an act again, signed afresh or over another connection.

import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import type { Stamp } from "./signature.ts";

const eventSchema = z.object({
  event_id: z.string().min(1),
  event: z.object({
    type: z.unknown().optional(),
    user: z.unknown().optional(),
    event_ts: z.unknown().optional(),
  }),
});

/** What somebody did. What Slack may make again for another delivery isn't in it: `response_url`, the message. */
const triggeredSchema = z.object({
  trigger_id: z.string().min(1),
  type: z.unknown().optional(),
  user_id: z.unknown().optional(),
  user: z.object({ id: z.unknown().optional() }).optional(),
  command: z.unknown().optional(),
  text: z.unknown().optional(),
  callback_id: z.unknown().optional(),
  actions: z.unknown().optional(),
  view: z
    .object({
      id: z.unknown().optional(),
      callback_id: z.unknown().optional(),
      state: z.unknown().optional(),
    })
    .optional(),
});

/**
 * The key of a delivery by HTTP whose signature has been checked. A body without an id of its act is known by
 * its signature, which is as good as a password for five minutes: only its hash is kept. Never throws.
 */
export const httpDelivery = (body: unknown, stamp: Stamp): string =>
  key("http", actOf(body) ?? ["signature", stamp.signature]);

/** The key of a delivery over Socket Mode, which has no signature: without an id, the whole payload. Never throws. */
export const socketDelivery = (body: unknown): string =>
  key("socket", actOf(body) ?? ["payload", body]);

/**
 * An event keeps its `event_id` when it is sent again, and a command, click or form its `trigger_id`,
 * which Slack makes again for each act of a person; the signature and the envelope's id need not stay.
 * What was done stands beside the id: one id never hides another act.
 */
function actOf(body: unknown): readonly unknown[] | undefined {
  const event = eventSchema.safeParse(body);
  if (event.success) return ["event", event.data];
  const triggered = triggeredSchema.safeParse(body);
  return triggered.success ? ["trigger", triggered.data] : undefined;
}

function key(mode: "http" | "socket", parts: readonly unknown[]): string {
  let text: string;
  try {
    text = JSON.stringify(parts);
  } catch {
    // Nested deeper than the stack: nothing of Slack's, and not worth recognising again.
    text = randomUUID();
  }
  return `${mode}:${createHash("sha256").update(text).digest("hex").slice(0, 32)}`;
}
