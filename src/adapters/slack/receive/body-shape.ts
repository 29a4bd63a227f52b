// Sorts what came from Slack before Bolt sees it: some bodies make Bolt throw where nobody can catch it, or
// leave it without an answer until Slack gives up.

import { parse as parseForm } from "node:querystring";
import { z } from "zod";

const objectWithId = z.looseObject({ id: z.string() });

/** Bolt dispatches on `event`, `command`, `name` and `actions` in this order: one body must not be two things. */
const interactive = z.looseObject({
  user: objectWithId,
  team: objectWithId.nullish(),
  enterprise: objectWithId.nullish(),
  channel: objectWithId.optional(),
  event: z.undefined().optional(),
  command: z.undefined().optional(),
});
const view = z.looseObject({ id: z.string() });
const action = z.looseObject({ action_id: z.string() });

/** The least that Bolt needs of each kind to come to a listener. */
const dispatchable = z.union([
  z.looseObject({
    command: z.string(),
    user_id: z.string(),
    event: z.undefined().optional(),
  }),
  interactive.extend({ type: z.literal("block_actions"), actions: z.array(action).min(1) }),
  interactive.extend({ type: z.enum(["view_submission", "view_closed"]), view }),
  interactive.extend({ type: z.enum(["shortcut", "message_action"]), callback_id: z.string() }),
  interactive.extend({ type: z.literal("block_suggestion"), action_id: z.string() }),
  z.looseObject({
    type: z.literal("event_callback"),
    event: z.looseObject({ type: z.string(), item: z.looseObject({}).optional() }),
  }),
]);

const urlCheck = z.object({
  type: z.literal("url_verification"),
  challenge: z.string().max(1_000),
});
const typed = z.object({ type: z.string() });

export type Shape =
  | { readonly shape: "dispatch" }
  /** Slack's, but nothing that this bot listens to: acknowledged and forgotten. */
  | { readonly shape: "ignore"; readonly type: string }
  | { readonly shape: "ssl-check" }
  | { readonly shape: "url-verification"; readonly challenge: string }
  | { readonly shape: "malformed" };

/** What a decoded body is. Never throws. */
export function shapeOf(body: unknown): Shape {
  const check = urlCheck.safeParse(body);
  if (check.success) return { shape: "url-verification", challenge: check.data.challenge };
  if (dispatchable.safeParse(body).success) return { shape: "dispatch" };
  const known = typed.safeParse(body);
  if (!known.success || KINDS.has(known.data.type)) return { shape: "malformed" };
  return { shape: "ignore", type: known.data.type.slice(0, 100) };
}

const KINDS = new Set([
  "block_actions",
  "view_submission",
  "view_closed",
  "shortcut",
  "message_action",
  "block_suggestion",
  "event_callback",
  "url_verification",
]);

export const FORM_TYPE = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";

/** What the body of a request is, read in the very way in which Bolt will read it. Never throws. */
export function shapeOfText(mediaType: string, text: string): Shape {
  try {
    if (mediaType === JSON_TYPE) return shapeOf(JSON.parse(text));
    if (mediaType !== FORM_TYPE) return { shape: "malformed" };
    const form = parseForm(text);
    if (form.ssl_check === "1") return { shape: "ssl-check" };
    return shapeOf(typeof form.payload === "string" ? JSON.parse(form.payload) : form);
  } catch {
    // JSON.parse has no other way to say that this is none.
    return { shape: "malformed" };
  }
}
