// Reads what a message is to contain from the arguments of a call, and refuses what Slack refuses.

import { lengthOf } from "../blocks/block-checks.ts";
import { faultsOfBlocks } from "../blocks/layout-rules.ts";
import { completeBlocks } from "../blocks/walk.ts";
import { asList, asObject, asText, type Json, objectsIn } from "../json.ts";
import type { Content, Metadata, SlackWorkspace } from "../slack-workspace.ts";
import { ApiFault, type Args, isOn, jsonArgument, optional } from "./call.ts";

const TEXT_MAX = 40_000;
/** chat.update takes far less than chat.postMessage. */
export const UPDATE_TEXT_MAX = 4_000;
const ATTACHMENTS_MAX = 100;
const METADATA_MAX_BYTES = 16_384;

/** The parts that were given; those left out are missing. */
export type Given = Partial<Pick<Content, "text" | "blocks" | "attachments">>;

export type ContentOptions = { method: string; textMax?: number };

export function readContent(world: SlackWorkspace, args: Args, options: ContentOptions): Given {
  const { method, textMax = TEXT_MAX } = options;
  const text = optional(args, "text");
  if (text !== undefined && lengthOf(text) > textMax) throw new ApiFault("msg_too_long");
  const blocks = readBlocks(world, args);
  const attachments = readAttachments(world, args);
  if (text === undefined && blocks !== undefined && blocks.length > 0) {
    world.warn(method, "has blocks but no top-level text, which notifications and readers need");
  }
  if (isOn(args, "link_names") || optional(args, "parse") === "full") {
    world.warn(method, "link_names or parse=full turns bare names into mentions");
  }
  return {
    ...(text === undefined ? {} : { text }),
    ...(blocks === undefined ? {} : { blocks }),
    ...(attachments === undefined ? {} : { attachments }),
  };
}

/** A message must have something to show. */
export function requireContent(given: Given): void {
  const shown = given.text?.trim() || given.blocks?.length || given.attachments?.length;
  if (!shown) throw new ApiFault("no_text");
}

/** A whole content from the given parts, with the settings that travel with the text. */
export function contentFrom(given: Given, args: Args): Content {
  return {
    text: given.text ?? "",
    blocks: given.blocks ?? [],
    attachments: given.attachments ?? [],
    mrkdwn: args.mrkdwn === undefined || isOn(args, "mrkdwn"),
    linkNames: isOn(args, "link_names") || optional(args, "parse") === "full",
  };
}

function readBlocks(world: SlackWorkspace, args: Args): Json[] | undefined {
  const found = jsonArgument(args, "blocks");
  if (found === undefined) return undefined;
  if (found === "broken" || !Array.isArray(found.value))
    throw new ApiFault("invalid_blocks_format");
  refuseFaults(faultsOfBlocks(found.value), "invalid_blocks");
  if (JSON.stringify(found.value).length > world.switches.blocksCharactersMax) {
    throw new ApiFault("msg_blocks_too_long");
  }
  return completeBlocks(found.value, world.nextId);
}

function readAttachments(world: SlackWorkspace, args: Args): Json[] | undefined {
  const found = jsonArgument(args, "attachments");
  if (found === undefined) return undefined;
  const list = found === "broken" ? undefined : asList(found.value);
  if (!list || list.some((one) => !asObject(one))) throw new ApiFault("invalid_attachments");
  if (list.length > ATTACHMENTS_MAX) throw new ApiFault("too_many_attachments");
  return objectsIn(list).map((attachment, index) => {
    const numbered = { id: index + 1, ...attachment };
    if (attachment.blocks === undefined) return numbered;
    const at = `/attachments/${index}/blocks`;
    refuseFaults(faultsOfBlocks(attachment.blocks, at), "invalid_attachments");
    return { ...numbered, blocks: completeBlocks(attachment.blocks, world.nextId) };
  });
}

function refuseFaults(faults: string[], code: string): void {
  if (faults.length === 0) return;
  const messages = faults.map((one) => `[ERROR] ${one}`);
  throw new ApiFault(code, { errors: faults, response_metadata: { messages } });
}

/** Metadata for the message; `removed` where an empty object was sent, which chat.update allows. */
export function readMetadata(args: Args): Metadata | "removed" | undefined {
  const found = jsonArgument(args, "metadata");
  if (found === undefined) return undefined;
  const object = found === "broken" ? undefined : asObject(found.value);
  if (!object) throw new ApiFault("invalid_metadata_format");
  if (Object.keys(object).length === 0) return "removed";
  const type = asText(object.event_type);
  const payload = asObject(object.event_payload);
  if (!type || !/^[\w.-]+$/.test(type) || !payload) throw new ApiFault("invalid_metadata_schema");
  if (Object.values(payload).some((one) => one === null)) {
    throw new ApiFault("invalid_metadata_schema");
  }
  if (Buffer.byteLength(JSON.stringify(object)) > METADATA_MAX_BYTES) {
    throw new ApiFault("metadata_too_large");
  }
  return { event_type: type, event_payload: payload };
}
