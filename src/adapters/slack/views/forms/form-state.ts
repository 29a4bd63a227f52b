// What stands in the request form: carried from one screen to the next, and read back when it changes or is sent.

import { z } from "zod";
import { type ChannelId, channelId } from "../../../../domain/text/ids.ts";
import type { FormDraft, FormField, SentForm } from "../../../../ports/request-form.ts";

/** By the block's id: what was typed or chosen, several with commas; empty where nothing is. */
export type Fields = ReadonlyMap<string, string>;

/** What the form itself doesn't show, kept in `private_metadata`. */
export type Carried = {
  /** Where the form was asked for, if that is known. */
  readonly channel: ChannelId | undefined;
  /** What the command said: it holds for any VM that is chosen. */
  readonly asked: Pick<FormDraft, "ports" | "duration" | "source">;
  /** As it was last shown, for screens on which it can't be seen. */
  readonly draft?: Pick<FormDraft, "duration" | "source">;
};

const text = z.string().max(200).optional();
const carriedSchema = z.object({
  channel: z
    .string()
    .regex(/^\w{1,64}$/)
    .optional(),
  asked: z
    .object({ ports: z.array(z.int()).max(100).optional(), duration: text, source: text })
    .default({}),
  draft: z.object({ duration: text, source: text }).default({}),
});

export const encodeCarried = (carried: Carried): string => JSON.stringify(carried);

/** What a form of ours carries; nothing where it isn't as `encodeCarried` makes it. Never throws. */
export function decodeCarried(metadata: string): Carried {
  const { data } = carriedSchema.safeParse(jsonOf(metadata));
  const { channel, asked = {}, draft = {} } = data ?? {};
  return { channel: channel === undefined ? undefined : channelId(channel), asked, draft };
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

/** What was typed stands above what was chosen in the menu. */
const sourceIn = (fields: Fields): string =>
  fieldIn(fields, "address") || fieldIn(fields, "source");

/**
 * What is filled in, for the form to be shown again. With another VM only what was typed stays: what was
 * chosen for the one says nothing of the other.
 */
export function draftIn(fields: Fields, carried: Carried, changed: "vm" | "ports"): FormDraft {
  const vmCode = fieldIn(fields, "vm") || undefined;
  const reasonBlock = blockOf(fields, "reason");
  const reason = reasonBlock === undefined ? undefined : (fields.get(reasonBlock) ?? "");
  const typed = { vmCode, reason, opensAtMs: momentIn(fields) };
  if (changed === "vm") {
    const address = fieldIn(fields, "address");
    return { ...carried.asked, ...typed, ...(address !== "" && { source: address }) };
  }
  const ports = fieldIn(fields, "ports")
    .split(",")
    .filter((port) => port !== "")
    .map(Number);
  return {
    ...typed,
    ports,
    duration: fieldIn(fields, "duration") || carried.draft?.duration,
    source: sourceIn(fields) || carried.draft?.source,
  };
}

export const sentIn = (fields: Fields): SentForm => ({
  vmCode: fieldIn(fields, "vm"),
  ports: fieldIn(fields, "ports"),
  duration: fieldIn(fields, "duration"),
  opensAtMs: momentIn(fields),
  source: sourceIn(fields),
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
