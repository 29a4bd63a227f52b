// Reads a message as a person in the demo's workspace sees it, as lines of plain text.

import type { Block, Message } from "../../../src/adapters/slack/views/blocks.ts";
import { demoWorkspace } from "../../../src/sandbox/slack/demo-workspace.ts";
import { plainText } from "../../../src/sandbox/slack/text/plain.ts";
import { DECIDED_AT_MS } from "./requests.ts";

const byId = <T extends { id: string }>(list: T[]): Map<string, T> =>
  new Map(list.map((one) => [one.id, one]));

const { users, groups, channels } = demoWorkspace();
const reader = {
  tz: "UTC",
  nowMs: DECIDED_AT_MS,
  users: byId(users),
  groups: byId(groups),
  channels: byId(channels),
};

/** The blocks as they are read, a line each. */
export const lines = ({ blocks }: Pick<Message, "blocks">): readonly string[] =>
  plainText({ blocks }, reader).split("\n");

/** The text beside the blocks, as a notification shows it. */
export const spoken = ({ text }: Message): string => plainText({ text }, reader);

export const buttonsOf = (blocks: readonly Block[]) =>
  blocks
    .flatMap((block) => (block.type === "actions" ? block.elements : []))
    .flatMap((one) => (one.type === "button" ? [one] : []));

/** The buttons by the word after `jit.` in their action ids, and what is behind the three dots by the same. */
export const offered = ({ blocks }: Pick<Message, "blocks">): readonly string[] =>
  blocks
    .flatMap((block) => (block.type === "actions" ? block.elements : []))
    .flatMap((one) =>
      one.type === "button"
        ? [one.action_id.replace("jit.", "")]
        : one.options.map(({ value = "" }) => value.split(" ")[0] ?? ""),
    );

/** What is behind the three dots. */
export const menuOf = (blocks: readonly Block[]) =>
  blocks
    .flatMap((block) => (block.type === "actions" ? block.elements : []))
    .flatMap((one) => (one.type === "overflow" ? one.options : []));
