// Which buttons a request has in its present state. Who may press them is checked at the click.

import { openQuestion } from "../../../../domain/request/acts/talk-acts.ts";
import type { Lead } from "../../../../domain/request/batch/roles.ts";
import { membersOf } from "../../../../domain/request/members.ts";
import { offersOfBatch, offersToAnybody } from "../../../../domain/request/offers.ts";
import type { AccessRequest } from "../../../../domain/request/request.ts";
import { type Button, type Menu, plainTextElement } from "../blocks.ts";
import { ACTION_PREFIX, encodeButton, encodeChoice, MENU_ACTION } from "../button-value.ts";
import { confirmation, type Named } from "../confirm.ts";
import { labelsOf, vmCount, vmsShort } from "./batch-lines.ts";

const LABELS = {
  approve: "Approve",
  deny: "Deny",
  "take-back": "Withdraw approval",
  open: "Open",
  retry: "Retry",
  end: "End now",
  cancel: "Cancel",
  change: "Approve with changes…",
  ask: "Ask…",
  answer: "Answer…",
  claim: "I'm on it",
  "review-ok": "Justified",
  "review-concern": "Raise a concern…",
  extend: "Extend",
  again: "Request again",
  requeue: "Try again",
  facts: "Details",
} as const;

/** Read aloud instead of the label, where that alone would not say what it does; `undefined`: the label does. */
const SPOKEN: Readonly<Record<ButtonName, string | undefined>> = {
  approve: undefined,
  deny: undefined,
  "take-back": undefined,
  open: undefined,
  retry: undefined,
  end: undefined,
  cancel: undefined,
  change: "Approve with changes",
  ask: "Ask the requester",
  answer: "Answer the question",
  claim: undefined,
  "review-ok": "Review: justified",
  "review-concern": "Review: raise a concern",
  extend: undefined,
  again: undefined,
  requeue: undefined,
  facts: undefined,
};

/** Stands behind `jit.` in the action id. */
type ButtonName = keyof typeof LABELS;

const STYLES: Readonly<Partial<Record<ButtonName, "primary" | "danger">>> = {
  approve: "primary",
  open: "primary",
  deny: "danger",
};

type Pressed = Named & Pick<AccessRequest, "nonce" | "questions">;

export function button(request: Pressed, name: ButtonName): Button {
  const style = STYLES[name];
  const confirm = confirmation(request, name);
  return {
    type: "button",
    action_id: `${ACTION_PREFIX}${name}`,
    text: plainTextElement(LABELS[name]),
    value: carriedBy(request, name),
    // Read aloud without the card around it, a bare "Approve" says nothing.
    accessibility_label: `${SPOKEN[name] ?? LABELS[name]}: request ${request.id}`,
    ...(style !== undefined && { style }),
    ...(confirm !== undefined && { confirm }),
  };
}

/** An answer is to one question: the oldest that waits, unless it stands beside another. */
function carriedBy(request: Pressed, name: ButtonName): string {
  const question = name === "answer" ? openQuestion(request)?.n : undefined;
  return encodeButton(request.id, request.nonce, question);
}

/** More in a row are not read, and a phone breaks the row. */
const ROW_MAX = 4;

/** Slack once wanted two choices at least in such a menu, and may again. */
const CHOICES_MIN = 2;

/** Seldom wanted: behind the three dots. */
const RARE: Readonly<Record<ButtonName, boolean>> = {
  approve: false,
  deny: false,
  "take-back": false,
  open: false,
  retry: false,
  end: false,
  cancel: false,
  change: true,
  ask: false,
  answer: false,
  claim: true,
  "review-ok": false,
  "review-concern": false,
  extend: false,
  again: false,
  requeue: false,
  facts: false,
};

/**
 * What the card offers. `endsEarly`: whether the policy lets access be ended early. Phones show two
 * or three in a row: the plain answers stand first, and what is seldom wanted is behind three dots.
 */
export function cardButtons(
  request: AccessRequest,
  now: { readonly nowMs: number; readonly endsEarly: boolean },
): readonly (Button | Menu)[] {
  return rowOf(request, offersToAnybody(request, now));
}

/** Three of them fit where somebody is asked whether they are sure. */
const ASKED_NAME_MAX = 28;

/** What concerns a batch as one request: its buttons carry the nonce that stands for all. */
function asOne(lead: Lead): Pressed {
  const { id, ask, batch, questions } = lead;
  const ports = [...new Set(membersOf(lead).flatMap((member) => member.ports))].sort(
    (a, b) => a - b,
  );
  const vm = {
    name: `${vmCount(lead)}: ${vmsShort(labelsOf(lead, membersOf(lead)), ASKED_NAME_MAX)}`,
  };
  return { id, nonce: batch.nonce, questions, ask: { ports, breakGlass: ask.breakGlass, vm } };
}

export const sharedButton = (lead: Lead, name: ButtonName): Button => button(asOne(lead), name);

/** What the card of a batch offers, or of that what its requester is shown. */
export function batchButtons(
  lead: Lead,
  now: { readonly nowMs: number; readonly endsEarly: boolean; readonly extendable?: boolean },
  only?: readonly ButtonName[],
): readonly (Button | Menu)[] {
  const offered: readonly ButtonName[] = [
    ...(now.extendable === true ? (["extend"] as const) : []),
    ...offersOfBatch(lead, now),
  ];
  return rowOf(
    asOne(lead),
    only === undefined ? offered : offered.filter((name) => only.includes(name)),
  );
}

function rowOf(request: Pressed, offered: readonly ButtonName[]): readonly (Button | Menu)[] {
  const rare = offered.filter((name) => RARE[name]);
  const isCrowded = (): boolean => offered.length - rare.length > ROW_MAX;
  const isAlone = rare.length > 0 && rare.length < CHOICES_MIN;
  if ((isCrowded() || isAlone) && offered.includes("ask")) rare.unshift("ask");
  const row = offered.filter((name) => !rare.includes(name)).map((name) => button(request, name));
  return rare.length === 0 ? row : [...row, menu(request, rare)];
}

const menu = (request: Pressed, names: readonly ButtonName[]): Menu => ({
  type: "overflow",
  action_id: MENU_ACTION,
  options: names.map((name) => ({
    text: plainTextElement(LABELS[name]),
    value: encodeChoice(name, carriedBy(request, name)),
  })),
});
