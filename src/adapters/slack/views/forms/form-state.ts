// What stands in the request form: carried from one screen to the next, and read back when it changes or is sent.

import { z } from "zod";
import { type ChannelId, channelId } from "../../../../domain/text/ids.ts";
import type { FormDraft, FormField, SentForm } from "../../../../ports/screens/request-form.ts";

/** By the block's id: what was typed or chosen, several with commas; empty where nothing is. */
export type Fields = ReadonlyMap<string, string>;

/** What the form itself doesn't show, kept in `private_metadata`. */
export type Carried = {
  /** Where the form was asked for, if that is known. */
  readonly channel: ChannelId | undefined;
  /** What the command said: it holds for any VM that is chosen. */
  readonly asked: Pick<FormDraft, "ports" | "duration" | "source">;
  /** As it was last shown, for screens on which it can't be seen. */
  readonly draft?: Pick<FormDraft, "duration" | "source" | "opensAtMs" | "at">;
  /** The address that was typed in the form: it holds for any VM, too. */
  readonly address?: string | undefined;
};

const text = z.string().max(200).optional();
const spoken = z.object({
  day: z
    .union([
      z.enum(["today", "tomorrow"]),
      z.object({ weekday: z.int() }),
      z.object({ year: z.int(), month: z.int(), day: z.int() }),
    ])
    .optional(),
  time: z.object({ hour: z.int(), minute: z.int() }).optional(),
  exactMs: z.int().optional(),
  saidAtMs: z.int().optional(),
});
const carriedSchema = z.object({
  channel: z
    .string()
    .regex(/^\w{1,64}$/)
    .optional(),
  asked: z
    .object({ ports: z.array(z.int()).max(100).optional(), duration: text, source: text })
    .default({}),
  draft: z
    .object({ duration: text, source: text, opensAtMs: z.int().optional(), at: spoken.optional() })
    .default({}),
  address: text,
});

export const encodeCarried = (carried: Carried): string => JSON.stringify(carried);

/** What a form of ours carries; nothing where it isn't as `encodeCarried` makes it. Never throws. */
export function decodeCarried(metadata: string): Carried {
  const { data } = carriedSchema.safeParse(jsonOf(metadata));
  const { channel, asked = {}, draft = {}, address } = data ?? {};
  const about = { asked, draft, ...(address !== undefined && { address }) };
  return { channel: channel === undefined ? undefined : channelId(channel), ...about };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON: nothing of ours.
    return undefined;
  }
}

/** The block of a field: its id is the name, or begins with it where it depends on something. */
export function blockOf(fields: Fields, name: string): string | undefined {
  for (const block of fields.keys()) {
    if (block === name || block.startsWith(`${name}.`)) return block;
  }
  return undefined;
}

const fieldIn = (fields: Fields, name: string): string => {
  const block = blockOf(fields, name);
  return (block === undefined ? "" : (fields.get(block) ?? "")).trim();
};

/** Slack counts in seconds. */
function momentIn(fields: Fields): number | undefined {
  const text = fieldIn(fields, "at");
  const ms = Number(text) * 1_000;
  return text !== "" && Number.isSafeInteger(ms) ? ms : undefined;
}

/** When to open it: a field that was emptied says at once, one that isn't on the screen says nothing. */
function timeIn(fields: Fields, { draft = {} }: Carried): Pick<FormDraft, "opensAtMs" | "at"> {
  const { opensAtMs, at } =
    blockOf(fields, "at") === undefined ? draft : { opensAtMs: momentIn(fields), at: undefined };
  return { opensAtMs, ...(at !== undefined && { at }) };
}

/** What was typed stands above what was chosen in the menu. */
function sourceIn(fields: Fields, { draft }: Carried): string | undefined {
  const isShown = (blockOf(fields, "address") ?? blockOf(fields, "source")) !== undefined;
  return isShown ? fieldIn(fields, "address") || fieldIn(fields, "source") : draft?.source;
}

const addressIn = (fields: Fields, { address }: Carried): string | undefined =>
  blockOf(fields, "address") === undefined ? address : fieldIn(fields, "address") || undefined;

/** What the next screen carries, over what this one does. */
export const carriedOn = (fields: Fields, carried: Carried): Carried => ({
  ...carried,
  address: addressIn(fields, carried),
});

/** Whether other VMs are chosen, too. */
export const hasMore = (fields: Fields): boolean => fieldIn(fields, "more") !== "";

/**
 * What is filled in, for the form to be shown again. With another VM only what was typed stays: what was
 * chosen for the one says nothing of the other.
 */
export function draftIn(fields: Fields, carried: Carried, changed: "vm" | "ports"): FormDraft {
  const vmCode = fieldIn(fields, "vm") || undefined;
  const reasonBlock = blockOf(fields, "reason");
  const reason = reasonBlock === undefined ? undefined : (fields.get(reasonBlock) ?? "");
  const typed = { vmCode, reason, ...timeIn(fields, carried) };
  if (changed === "vm") {
    const address = addressIn(fields, carried);
    return { ...carried.asked, ...typed, ...(address !== undefined && { source: address }) };
  }
  const ports = fieldIn(fields, "ports")
    .split(",")
    .filter((port) => port !== "")
    .map(Number);
  return {
    ...typed,
    ports,
    duration: fieldIn(fields, "duration") || carried.draft?.duration,
    source: sourceIn(fields, carried) || undefined,
  };
}

/** It may be sent before it shows what follows from a choice: what was typed holds then as well. */
export const sentIn = (fields: Fields, carried: Carried): SentForm => ({
  vmCode: fieldIn(fields, "vm"),
  ports: fieldIn(fields, "ports"),
  duration: fieldIn(fields, "duration") || (carried.draft?.duration ?? ""),
  ...timeIn(fields, carried),
  source: sourceIn(fields, carried) ?? "",
  reason: fieldIn(fields, "reason"),
  moreCodes: fieldIn(fields, "more")
    .split(",")
    .filter((code) => code !== ""),
  isAllOrNone: fieldIn(fields, "all") !== "",
});

/** The block beside which an error is said; the VM's where the field itself isn't on the screen. */
export function errorBlock(fields: Fields, field: FormField): string {
  const name = field === "source" && fieldIn(fields, "address") !== "" ? "address" : field;
  return blockOf(fields, name) ?? blockOf(fields, "vm") ?? "vm";
}
