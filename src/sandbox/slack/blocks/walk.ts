// Walks over blocks: finds their interactive elements, and fills in what Slack fills in.

import { asList, asObject, asText, type Json, objectsIn } from "../json.ts";
import type { Content } from "../slack-workspace.ts";

/** An interactive element and the block that it is in. */
export type Placed = { block: Json; blockId: string; element: Json; actionId: string };

/** Every interactive element, in reading order. */
export function elementsOf(blocks: Json[]): Placed[] {
  return blocks.flatMap((block) =>
    [block.accessory, block.element, ...(asList(block.elements) ?? [])]
      .map(asObject)
      .filter((element) => element !== undefined)
      .flatMap((element): Placed[] => {
        const blockId = asText(block.block_id);
        const actionId = asText(element.action_id);
        return blockId && actionId ? [{ block, blockId, element, actionId }] : [];
      }),
  );
}

/** The blocks of a message, those in its attachments included. */
export function allBlocks(content: Pick<Content, "blocks" | "attachments">): Json[] {
  return [...content.blocks, ...content.attachments.flatMap((one) => objectsIn(one.blocks))];
}

/** Adds what Slack adds to accepted blocks: ids that were left out, and the defaults of texts. */
export function completeBlocks(blocks: unknown, nextId: (prefix: string) => string): Json[] {
  return objectsIn(blocks).map((block) => completeBlock(block, nextId));
}

function completeBlock(block: Json, nextId: (prefix: string) => string): Json {
  const completed = completeObject(block, nextId);
  if (!completed.block_id) completed.block_id = nextId("b");
  if (completed.type === "input") {
    return { optional: false, dispatch_action: false, ...completed };
  }
  return completed;
}

function completeObject(value: Json, nextId: (prefix: string) => string): Json {
  const completed: Json = {};
  for (const [key, inner] of Object.entries(value)) completed[key] = completeValue(inner, nextId);
  if (value.type === "plain_text") return { ...completed, emoji: value.emoji ?? true };
  if (value.type === "mrkdwn") return { ...completed, verbatim: value.verbatim ?? false };
  if (isInteractive(value) && !value.action_id) return { ...completed, action_id: nextId("a") };
  return completed;
}

function completeValue(value: unknown, nextId: (prefix: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => completeValue(one, nextId));
  const object = asObject(value);
  return object ? completeObject(object, nextId) : value;
}

const INTERACTIVE =
  /^(button|overflow|checkboxes|radio_buttons|\w*picker|\w+_select|\w+_input|multi_\w+)$/;

function isInteractive(value: Json): boolean {
  return typeof value.type === "string" && INTERACTIVE.test(value.type);
}
