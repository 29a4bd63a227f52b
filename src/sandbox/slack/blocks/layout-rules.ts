// The rules for whole messages and views: which blocks they take, how many, and with which ids.

import { asList, asObject, type Json } from "../json.ts";
import {
  also,
  anything,
  byType,
  type Check,
  createReport,
  enumeration,
  fault,
  flag,
  listOf,
  object,
  type Report,
  string,
  webAddress,
} from "./block-checks.ts";
import {
  ACTION_ELEMENTS,
  CONTEXT_ELEMENTS,
  INPUT_ELEMENTS,
  SECTION_ACCESSORIES,
} from "./element-rules.ts";
import { anyText, id, optionGroups, options, plainText } from "./object-rules.ts";
import { richText } from "./rich-text-rules.ts";

const MESSAGE_BLOCKS_MAX = 50;
const VIEW_BLOCKS_MAX = 100;
const ACTIONS_MAX = 25;
const CONTEXT_MAX = 10;
const FIELDS_MAX = 10;

function block(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  return also(
    object({ type: anything, ...required }, { block_id: id, ...optional }),
    uniqueBlockId,
  );
}

function uniqueBlockId(found: Json, at: string, report: Report): void {
  if (typeof found.block_id !== "string" || found.block_id === "") return;
  if (report.blockIds.has(found.block_id)) {
    fault(report, `${at}/block_id`, "block_id already exists");
  }
  report.blockIds.add(found.block_id);
}

function uniqueActionIds(found: Json, at: string, report: Report): void {
  const seen = new Set<unknown>();
  for (const [index, element] of (asList(found.elements) ?? []).entries()) {
    const actionId = asObject(element)?.action_id;
    if (actionId !== undefined && seen.has(actionId)) {
      fault(report, `${at}/elements/${index}/action_id`, "action_id already exists in this block");
    }
    seen.add(actionId);
  }
}

const section = also(
  block(
    {},
    {
      text: anyText(3_000),
      fields: listOf(anyText(2_000), 1, FIELDS_MAX),
      accessory: byType(SECTION_ACCESSORIES),
      expand: flag,
    },
  ),
  (found, at, report) => {
    if (!("text" in found || "fields" in found)) {
      fault(report, at, "must define either `text` or `fields`");
    }
  },
);

const image = also(
  block(
    { alt_text: string(2_000, 1) },
    { image_url: webAddress, slack_file: anything, title: plainText(2_000) },
  ),
  (found, at, report) => {
    if ("image_url" in found === "slack_file" in found) {
      fault(report, at, "must define either `image_url` or `slack_file`");
    }
  },
);

const everywhere: Record<string, Check> = {
  section,
  image,
  divider: block({}),
  header: block({ text: plainText(150) }),
  context: block({ elements: listOf(byType(CONTEXT_ELEMENTS), 1, CONTEXT_MAX) }),
  actions: also(
    block({ elements: listOf(byType(ACTION_ELEMENTS), 1, ACTIONS_MAX) }),
    uniqueActionIds,
  ),
  input: block(
    { label: plainText(2_000), element: byType(INPUT_ELEMENTS) },
    { hint: plainText(2_000), optional: flag, dispatch_action: flag },
  ),
  rich_text: block({ elements: richText }),
};

const inMessages: Record<string, Check> = {
  ...everywhere,
  markdown: block({ text: string(12_000, 1) }),
};

/** What is wrong with the blocks of a message; an empty list where nothing is. */
export function faultsOfBlocks(blocks: unknown, at = "/blocks"): string[] {
  const report = createReport();
  listOf(byType(inMessages), 0, MESSAGE_BLOCKS_MAX)(blocks, at, report);
  return report.faults;
}

const suggestions = also(
  object({}, { options, option_groups: optionGroups }),
  (found, at, report) => {
    if ("options" in found === "option_groups" in found) {
      fault(report, at, "must define either `options` or `option_groups`");
    }
  },
);

/** What is wrong with an app's answer to a menu that asks for options; none at all are allowed. */
export function faultsOfOptions(answer: unknown): string[] {
  const isEmpty = asList(asObject(answer)?.options)?.length === 0;
  if (isEmpty) return [];
  const report = createReport();
  suggestions(answer, "", report);
  return report.faults;
}

const viewBlocks = listOf(byType(everywhere), 0, VIEW_BLOCKS_MAX);
const inEveryView: Record<string, Check> = {
  private_metadata: string(3_000),
  callback_id: id,
  external_id: id,
};

const modal = also(
  object(
    { type: anything, title: plainText(24), blocks: viewBlocks },
    {
      ...inEveryView,
      submit: plainText(24),
      close: plainText(24),
      clear_on_close: flag,
      notify_on_close: flag,
    },
  ),
  (found, at, report) => {
    const inputs = (asList(found.blocks) ?? []).some((one) => asObject(one)?.type === "input");
    if (inputs && !("submit" in found)) {
      fault(report, at, "missing required field: submit (the view has input blocks)");
    }
  },
);

const home = object({ type: enumeration("home"), blocks: viewBlocks }, inEveryView);

/** What is wrong with a view; an empty list where nothing is. */
export function faultsOfView(view: unknown, kind: "modal" | "home", at = "/view"): string[] {
  const report = createReport();
  byType(kind === "modal" ? { modal } : { home })(view, at, report);
  if (report.focused > 1) fault(report, at, "only one element may have focus_on_load");
  return report.faults;
}
