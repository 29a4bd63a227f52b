// The key of a delivery over Socket Mode, which has no signature: the same when Slack sends an act again.

import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";

const eventSchema = z.object({ event_id: z.string().min(1) });
const triggeredSchema = z.object({ trigger_id: z.string().min(1) });

/**
 * An event keeps its `event_id` when it is sent again, and a command, click or form its `trigger_id`,
 * which Slack makes again for each act of a person; the envelope's id need not stay. Where there is
 * neither, the whole payload speaks for itself. Never throws.
 */
export function socketDelivery(body: unknown): string {
  const event = eventSchema.safeParse(body);
  if (event.success) return key(["event", event.data.event_id]);
  const triggered = triggeredSchema.safeParse(body);
  if (triggered.success) return key(["trigger", triggered.data.trigger_id]);
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
