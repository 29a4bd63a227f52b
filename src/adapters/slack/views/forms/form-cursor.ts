// Where the cursor stands when the request form opens: in what is missing. Pure.

import type { ModalView } from "@slack/types";
import type { Terms } from "../../../../domain/rules/form-options.ts";
import { isRefusal } from "../../../../domain/text/refusal.ts";
import type { FormField, RequestForm } from "../../../../ports/screens/request-form.ts";

type Block = ModalView["blocks"][number];
type InputBlock = Extract<Block, { type: "input" }>;

/**
 * Puts the cursor into the one field that is missing most. Slack takes one such field in a view, and takes the
 * first, the VM's, where it is told none; whichever menu has the cursor may drop its list over what is below.
 * So the cursor goes into a menu only where nothing below it has to be filled in.
 * Source: https://docs.slack.dev/reference/block-kit/block-elements, https://github.com/slackapi/bolt-js/issues/883
 */
export function withCursor(form: RequestForm, blocks: readonly Block[]): Block[] {
  const field = missingIn(form);
  return blocks.map((block) =>
    isInput(block) && isOf(field, block.block_id)
      ? { ...block, element: { ...block.element, focus_on_load: true } }
      : block,
  );
}

const isInput = (block: Block): block is InputBlock => block.type === "input";

const isOf = (field: string, id: string | undefined): boolean =>
  id === field || id?.startsWith(`${field}.`) === true;

/** The first field that has to be filled in or changed; the reason where nothing has to. */
function missingIn({ vm, choices }: RequestForm): FormField | "address" {
  if (vm === undefined || choices === undefined) return "vm";
  const { terms } = choices;
  if (terms === undefined || isRefusal(terms)) return "ports";
  if (terms.chosenSource !== undefined) return "reason";
  if (terms.sources.length === 0) return "address";
  return sourcesInView(terms) ? "source" : "reason";
}

/** Slack's limit for options that are all in view. */
const RADIOS_MAX = 10;

/** Where the person has to say which, there is no list to drop over the rest. */
export const sourcesInView = ({ sources, chosenSource }: Terms): boolean =>
  chosenSource === undefined && sources.length <= RADIOS_MAX;
