// The key of a delivery over Socket Mode, which has no signature: the same when Slack sends an act again.

import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";

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
 * An event keeps its `event_id` when it is sent again, and a command, click or form its `trigger_id`,
 * which Slack makes again for each act of a person; the envelope's id need not stay. What was done stands
 * beside the id: one id never hides another act. Where there is neither, the whole payload speaks for itself.
 * Never throws.
 */
export function socketDelivery(body: unknown): string {
  const event = eventSchema.safeParse(body);
  if (event.success) return key(["event", event.data]);
  const triggered = triggeredSchema.safeParse(body);
  if (triggered.success) return key(["trigger", triggered.data]);
  return key(["payload", body]);
}

function key(parts: readonly unknown[]): string {
  let text: string;
  try {
    text = JSON.stringify(parts);
  } catch {
    // Nested deeper than the stack: nothing of Slack's, and not worth recognising again.
    text = randomUUID();
  }
  return `socket:${createHash("sha256").update(text).digest("hex").slice(0, 32)}`;
}
