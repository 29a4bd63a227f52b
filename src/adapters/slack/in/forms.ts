// The forms (Slack calls them modals) that the bot opens for a decision that needs words.

import type { types } from "@slack/bolt";
import type { Answer } from "../../../flows/desk.ts";
import type { RequestId } from "../../../request/ids.ts";
import { encodeButton } from "../button-value.ts";

/** The answers of the desk that open a form. */
export type FormAnswer = Extract<
  Answer,
  { answer: "deny-form" | "concern-form" | "change-form" | "extend-form" }
>;

export const DENY_FORM = "jit.deny";
export const CONCERN_FORM = "jit.concern";
export const CHANGE_FORM = "jit.change";
export const EXTEND_FORM = "jit.extend";

/** Block ids; the one element of each block has the same action id. */
export const REASON = "reason";
export const DURATION = "duration";
export const SOURCE = "source";

export const REASON_CHARACTERS_MAX = 1_000;
const SOURCE_CHARACTERS_MAX = 64;

export function formOf(answer: FormAnswer): types.ModalView {
  const { id, nonce } = answer;
  switch (answer.answer) {
    case "deny-form":
      return denyForm(id, nonce);
    case "concern-form":
      return form({ id, nonce }, CONCERN_FORM, {
        title: `Review ${id}`,
        submit: "Send",
        blocks: [
          textInput(
            REASON,
            "What is the concern?",
            "The admins are told, and it is kept in the audit.",
          ),
        ],
      });
    case "extend-form":
      return form({ id, nonce }, EXTEND_FORM, {
        title: `Extend ${id}`,
        submit: "Ask",
        blocks: [
          durationSelect(answer.durations, "How much longer"),
          { ...textInput(REASON, "Why", "Left empty: the reason stays the same."), optional: true },
        ],
      });
    case "change-form":
      return form({ id, nonce }, CHANGE_FORM, {
        title: `Approve ${id}`,
        submit: "Approve",
        blocks: [durationSelect(answer.durations, "For how long"), sourceInput(answer.source)],
      });
  }
}

/** Asks for the reason of a denial. What is sent comes back with the id and the nonce of the button. */
export const denyForm = (id: RequestId, nonce: string): types.ModalView =>
  form({ id, nonce }, DENY_FORM, {
    title: `Deny ${id}`,
    submit: "Deny",
    blocks: [
      textInput(REASON, "Why not?", "The requester reads this, and it is kept in the audit."),
    ],
  });

type Parts = { title: string; submit: string; blocks: types.ModalView["blocks"] };

const form = (
  { id, nonce }: { id: RequestId; nonce: string },
  callbackId: string,
  { title, submit, blocks }: Parts,
): types.ModalView => ({
  type: "modal",
  callback_id: callbackId,
  private_metadata: encodeButton(id, nonce),
  title: { type: "plain_text", text: title },
  submit: { type: "plain_text", text: submit },
  close: { type: "plain_text", text: "Back" },
  blocks,
});

type InputBlock = Extract<types.ModalView["blocks"][number], { type: "input" }>;

const textInput = (block: string, label: string, hint: string): InputBlock => ({
  type: "input",
  block_id: block,
  label: { type: "plain_text", text: label },
  hint: { type: "plain_text", text: hint },
  element: {
    type: "plain_text_input",
    action_id: block,
    multiline: true,
    min_length: 1,
    max_length: REASON_CHARACTERS_MAX,
    focus_on_load: true,
  },
});

/** The first is what was asked for; only shorter ones follow. */
function durationSelect(durations: readonly string[], label: string): InputBlock {
  const options = durations.map((text) => ({
    text: { type: "plain_text" as const, text },
    value: text,
  }));
  const [asked] = options;
  return {
    type: "input",
    block_id: DURATION,
    label: { type: "plain_text", text: label },
    element: {
      type: "static_select",
      action_id: DURATION,
      options,
      ...(asked && { initial_option: asked }),
    },
  };
}

const sourceInput = (source: string): InputBlock => ({
  type: "input",
  block_id: SOURCE,
  label: { type: "plain_text", text: "From where" },
  hint: {
    type: "plain_text",
    text: "What was asked for, or an address or network within it that the rule allows.",
  },
  element: {
    type: "plain_text_input",
    action_id: SOURCE,
    initial_value: source,
    max_length: SOURCE_CHARACTERS_MAX,
  },
});

/** What is wrong with what was typed, by block, as the form shows it; empty: it may be sent. */
export function formFaults(
  callbackId: string,
  fields: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> {
  if (callbackId === CHANGE_FORM || callbackId === EXTEND_FORM) return {};
  const fault = reasonFault(fields.get(REASON) ?? "");
  return fault === undefined ? {} : { [REASON]: fault };
}

/** Slack lets a form of blanks pass. */
export function reasonFault(reason: string): string | undefined {
  if (reason.trim() === "") return "Say why, so that the requester knows what to change.";
  const length = Array.from(reason).length;
  if (length <= REASON_CHARACTERS_MAX) return undefined;
  return `This has ${length} characters; ${REASON_CHARACTERS_MAX} are the most.`;
}
