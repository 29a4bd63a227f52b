// What people can do in the simulated Slack: the shape of every act, for callers and for the wire.

import { z } from "zod";

const delivery = {
  duplicate: z.int().min(0).max(100).optional(),
  duplicateWhen: z.enum(["together", "after"]).optional(),
  badSignature: z.boolean().optional(),
  timestampOffsetSeconds: z.int().optional(),
};

/** What a payload says instead of the truth, as in a forged or foreign request. */
const forge = z
  .strictObject({
    userId: z.string(),
    userTeamId: z.string(),
    teamId: z.string(),
    appId: z.string(),
    enterpriseId: z.string(),
    isEnterpriseInstall: z.boolean(),
    channelId: z.string(),
    messageTs: z.string(),
    actionId: z.string(),
    value: z.string(),
    actionTs: z.unknown(),
    viewId: z.string(),
    privateMetadata: z.string(),
    /** The payload's message reads as it did `versionsBack` edits ago. */
    staleMessage: z.boolean(),
  })
  .partial();

export type Forge = z.output<typeof forge>;

/** Where an element stands: in a message (channel, ts), in a modal (viewId), in the home tab. */
const place = {
  channel: z.string().optional(),
  ts: z.string().optional(),
  /** Left out, and no message named: the modal on top, or with `home` the home tab. */
  viewId: z.string().optional(),
  home: z.boolean().optional(),
};

const element = { actionId: z.string(), blockId: z.string().optional() };
const typed = z.union([z.string(), z.number(), z.array(z.string()), z.null()]);

export const commandAct = z.strictObject({
  user: z.string(),
  channel: z.string(),
  text: z.string().default(""),
  command: z.string().default("/jit"),
  forge: forge.optional(),
  ...delivery,
});

export const clickAct = z.strictObject({
  user: z.string(),
  ...place,
  ...element,
  /** Tells buttons with the same action id apart. */
  value: z.string().optional(),
  /** The answer to what Slack asks before the click is sent; no more and no less often than it asks. */
  confirmed: z.literal(true).optional(),
  /** Clicks the button as it stood this many edits ago, on a screen that wasn't yet redrawn. */
  versionsBack: z.int().min(0).default(0),
  forge: forge.optional(),
  ...delivery,
});

export const selectAct = z.strictObject({
  user: z.string(),
  ...place,
  ...element,
  value: typed,
  forge: forge.optional(),
  ...delivery,
});

export const suggestAct = z.strictObject({
  user: z.string(),
  ...place,
  ...element,
  text: z.string().default(""),
  forge: forge.optional(),
  ...delivery,
});

export const submitAct = z.strictObject({
  user: z.string(),
  viewId: z.string().optional(),
  /** By action id or block id. What isn't named keeps what is in it. */
  values: z.record(z.string(), typed).default({}),
  forge: forge.optional(),
  ...delivery,
});

export const closeAct = z.strictObject({
  user: z.string(),
  viewId: z.string().optional(),
  ...delivery,
});

export const homeAct = z.strictObject({ user: z.string(), ...delivery });

export const shortcutAct = z.strictObject({
  user: z.string(),
  callbackId: z.string(),
  /** With both: a message shortcut; without: a global one. */
  channel: z.string().optional(),
  ts: z.string().optional(),
  forge: forge.optional(),
  ...delivery,
});

export const eventAct = z.strictObject({
  /** The inner event, such as `{type: "user_change", user: {…}}`. */
  event: z.record(z.string(), z.unknown()),
  forge: forge.optional(),
  ...delivery,
});

export const sayAct = z.strictObject({
  user: z.string(),
  channel: z.string(),
  text: z.string(),
  threadTs: z.string().optional(),
});

export const rawAct = z.strictObject({
  body: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  /** Adds a correct signature over the body. */
  sign: z.boolean().default(false),
});

export type CommandAct = z.input<typeof commandAct>;
export type ClickAct = z.input<typeof clickAct>;
export type SelectAct = z.input<typeof selectAct>;
export type SuggestAct = z.input<typeof suggestAct>;
export type SubmitAct = z.input<typeof submitAct>;
export type CloseAct = z.input<typeof closeAct>;
export type HomeAct = z.input<typeof homeAct>;
export type ShortcutAct = z.input<typeof shortcutAct>;
export type EventAct = z.input<typeof eventAct>;
export type SayAct = z.input<typeof sayAct>;
export type RawAct = z.input<typeof rawAct>;
