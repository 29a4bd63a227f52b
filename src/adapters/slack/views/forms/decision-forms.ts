// The forms (Slack calls them modals) that the bot opens for a decision that needs words.

import type { ModalView, PlainTextInput, SectionBlock } from "@slack/types";
import { withHiddenShown } from "../../../../domain/text/hidden-characters.ts";
import type { RequestId } from "../../../../domain/text/ids.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { type Answer, UNCHANGED } from "../../../../ports/inbound.ts";
import { sections } from "../blocks.ts";
import { type ButtonValue, encodeForm } from "../button-value.ts";
import { nameInLine } from "../phrases.ts";

/** The answers of the inbound port that open a form. */
export type FormAnswer = Extract<
  Answer,
  {
    answer:
      | "deny-form"
      | "concern-form"
      | "change-form"
      | "extend-form"
      | "ask-form"
      | "answer-form";
  }
>;

export const DENY_FORM = "jit.deny";
export const CONCERN_FORM = "jit.concern";
export const CHANGE_FORM = "jit.change";
export const EXTEND_FORM = "jit.extend";
export const ASK_FORM = "jit.ask";
export const ANSWER_FORM = "jit.answer";

/** Block ids; the one element of each block has the same action id. */
export const REASON = "reason";
export const DURATION = "duration";
export const SOURCE = "source";
export const NOTE = "note";
export const VMS = "vms";

const REASON_CHARACTERS_MAX = 1_000;
const SOURCE_CHARACTERS_MAX = 64;

export function formOf(answer: FormAnswer): ModalView {
  const { id, nonce } = answer;
  switch (answer.answer) {
    case "deny-form":
      return denyForm({ id, nonce }, answer.about);
    case "concern-form":
      return form({ id, nonce }, CONCERN_FORM, {
        title: `Review ${id}`,
        submit: "Send",
        blocks: [
          textInput(
            REASON,
            "What's your concern?",
            "Visible to the requester, the admins and everyone who sees the card. Kept in the audit log.",
          ),
        ],
      });
    case "ask-form":
      return form({ id, nonce }, ASK_FORM, {
        title: `Ask about ${id}`,
        submit: "Send question",
        blocks: [
          textInput(
            REASON,
            "Your question",
            "The requester gets it in a direct message. It's shown on the card and kept in the audit log.",
          ),
        ],
      });
    case "answer-form":
      return form({ id, nonce, question: answer.question }, ANSWER_FORM, {
        title: `Answer ${id}`,
        submit: "Answer",
        blocks: [
          section(`The question: ${answer.asked}`),
          textInput(
            REASON,
            "Your answer",
            "Shown to everybody who sees the card, and kept in the audit log.",
          ),
        ],
      });
    case "extend-form":
      return form({ id, nonce }, EXTEND_FORM, {
        title: `Extend ${id}`,
        submit: "Request",
        blocks: [
          durationSelect(answer.durations.map(asIs), "How much longer"),
          optional(textInput(REASON, "Reason", "Leave empty to keep the original reason.")),
        ],
      });
    case "change-form":
      return changeForm(
        { id, nonce, shown: answer.vms?.map(({ id, terms }) => ({ id, terms })) },
        answer,
      );
  }
}

/** Approves less than was asked for, or says something with it. */
const changeForm = (
  of: ButtonValue,
  answer: Extract<FormAnswer, { answer: "change-form" }>,
): ModalView =>
  form(of, CHANGE_FORM, {
    title: `Approve ${of.id}`,
    submit: "Approve",
    blocks: [
      ...sections([answer.about, CHANGES]),
      ...vmsInput(answer.vms ?? []),
      durationSelect(durationsOf(answer), "Duration"),
      sourceInput(answer.source),
      optional(
        textInput(
          NOTE,
          "Note to the requester",
          "For example: ok, but not before the deploy. It's shown on the card and kept in the audit log.",
        ),
      ),
    ],
  });

/** Asks for the reason of a denial. What is sent comes back with the id and the nonce of the button. */
const denyForm = (of: ButtonValue, about: Words | undefined): ModalView =>
  form(of, DENY_FORM, {
    title: `Deny ${of.id}`,
    submit: "Deny",
    blocks: [
      ...sections(about === undefined ? [] : [about]),
      textInput(
        REASON,
        "Reason for denying",
        "Visible to the requester and everyone who sees the card. Kept in the audit log.",
      ),
    ],
  });

/** What somebody typed is shown as it is: nothing in plain text becomes a mention or a link. */
const section = (text: string): SectionBlock => ({
  type: "section",
  text: { type: "plain_text", text: withHiddenShown(text) },
});

const CHANGES = words`Shorten or narrow the request before approving, or add a note. The requester will see both.`;

type Parts = { title: string; submit: string; blocks: ModalView["blocks"] };

const form = (
  carried: ButtonValue,
  callbackId: string,
  { title, submit, blocks }: Parts,
): ModalView => ({
  type: "modal",
  callback_id: callbackId,
  private_metadata: encodeForm(carried),
  title: { type: "plain_text", text: title },
  submit: { type: "plain_text", text: submit },
  close: { type: "plain_text", text: "Cancel" },
  blocks,
});

type InputBlock = Extract<ModalView["blocks"][number], { type: "input" }>;

const textInput = (
  block: string,
  label: string,
  hint: string,
): InputBlock & { element: PlainTextInput } => ({
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

/** May be left empty, and doesn't bring up a phone's keyboard before what stands above it. */
const optional = (input: ReturnType<typeof textInput>): InputBlock => ({
  ...input,
  optional: true,
  element: { ...input.element, focus_on_load: false },
});

type Choice = { readonly value: string; readonly text: string };

const asIs = (value: string): Choice => ({ value, text: value });

/** The first is what holds if nothing is changed, of several VMs for each what was requested; shorter ones follow. */
const durationsOf = ({
  durations,
  vms,
}: Pick<Extract<FormAnswer, { answer: "change-form" }>, "durations" | "vms">): readonly Choice[] =>
  durations.map((value, index) =>
    index === 0
      ? { value: vms === undefined ? value : UNCHANGED, text: `${value} (unchanged)` }
      : asIs(value),
  );

/** The first choice stands there from the start. */
function durationSelect(durations: readonly Choice[], label: string): InputBlock {
  const options = durations.map(({ value, text }) => ({
    text: { type: "plain_text" as const, text },
    value,
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

/** More don't fit into boxes to tick. */
const BOXES_MAX = 10;

/** All are chosen from the start: who leaves some out takes them away. */
function vmsInput(
  vms: readonly { readonly id: RequestId; readonly vm: string }[],
): ModalView["blocks"] {
  if (vms.length < 2) return [];
  const options = vms.map(({ id, vm }) => ({
    text: {
      type: "plain_text" as const,
      text: nameInLine(vm, OPTION_CHARACTERS_MAX),
    },
    value: id,
  }));
  const all = { action_id: VMS, options, initial_options: options };
  const block: ModalView["blocks"][number] = {
    type: "input",
    block_id: VMS,
    label: { type: "plain_text", text: "VMs to approve" },
    hint: {
      type: "plain_text",
      text: "Those you leave out are denied. To deny all of them, use Deny on the card.",
    },
    element:
      options.length > BOXES_MAX
        ? { type: "multi_static_select", ...all }
        : { type: "checkboxes", ...all },
  };
  return [block];
}

const OPTION_CHARACTERS_MAX = 75;

const sourceInput = (source: string): InputBlock => ({
  type: "input",
  block_id: SOURCE,
  label: { type: "plain_text", text: "Connect from" },
  hint: {
    type: "plain_text",
    text: "Leave it unchanged, or enter an address or network within it.",
  },
  element: {
    type: "plain_text_input",
    action_id: SOURCE,
    initial_value: source,
    // Nothing that is there from the start may be too long to be sent.
    max_length: Math.max(SOURCE_CHARACTERS_MAX, source.length),
  },
});

/** What is wrong with what was typed, by block, as the form shows it; empty: it may be sent. */
export function formFaults(
  callbackId: string,
  fields: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> {
  switch (callbackId) {
    case CHANGE_FORM:
      return changeFaults(fields);
    case EXTEND_FORM:
      return {};
    default: {
      const missing = MISSING.get(callbackId) ?? NO_REASON;
      const fault = reasonFault(fields.get(REASON) ?? "", missing);
      return fault === undefined ? {} : { [REASON]: fault };
    }
  }
}

const NO_REASON = "Give a reason, so the requester knows what to change.";
const MISSING: ReadonlyMap<string, string> = new Map([
  [CONCERN_FORM, "Describe the concern, so somebody can look into it."],
  [ASK_FORM, "Write your question."],
  [ANSWER_FORM, "Write your answer."],
]);

/** Slack lets a form of blanks pass. */
function reasonFault(reason: string, missing: string): string | undefined {
  if (reason.trim() === "") return missing;
  const length = Array.from(reason).length;
  if (length <= REASON_CHARACTERS_MAX) return undefined;
  return `This has ${length} characters; the maximum is ${REASON_CHARACTERS_MAX}.`;
}

/** Whether the rule allows the source is found out when it is decided. */
function changeFaults(fields: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const isBlank = (field: string): boolean => (fields.get(field) ?? "").trim() === "";
  return {
    ...(isBlank(DURATION) && { [DURATION]: "Choose a duration." }),
    ...(fields.has(VMS) &&
      isBlank(VMS) && { [VMS]: "Choose at least one VM, or deny all of them." }),
    ...(isBlank(SOURCE) && { [SOURCE]: "Enter a source: the one requested, or part of it." }),
  };
}
