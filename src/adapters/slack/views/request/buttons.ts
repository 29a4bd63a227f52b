// Which buttons a request has in its present state. Who may press them is checked at the click.

import { offersToAnybody } from "../../../../domain/request/offers.ts";
import type { AccessRequest } from "../../../../domain/request/request.ts";
import { type Button, plainText } from "../blocks.ts";
import { ACTION_PREFIX, encodeButton } from "../button-value.ts";
import { confirmation, type Named } from "../confirm.ts";

const LABELS = {
  approve: "Approve",
  deny: "Deny",
  "take-back": "Withdraw approval",
  retry: "Retry",
  end: "End now",
  cancel: "Cancel",
  change: "Approve with changes…",
  "review-ok": "Justified",
  "review-concern": "Raise a concern…",
  extend: "Extend",
  requeue: "Try again",
} as const;

/** Read aloud where the label alone would not say what it does. */
const SPOKEN: Readonly<Partial<Record<ButtonName, string>>> = {
  change: "Approve with changes",
  "review-ok": "Review, looks fine",
  "review-concern": "Review, with a concern",
};

/** Stands behind `jit.` in the action id. */
type ButtonName = keyof typeof LABELS;

const STYLES: Readonly<Partial<Record<ButtonName, "primary" | "danger">>> = {
  approve: "primary",
  deny: "danger",
};

type Pressed = Named & Pick<AccessRequest, "nonce">;

export function button(request: Pressed, name: ButtonName): Button {
  const style = STYLES[name];
  const confirm = confirmation(request, name);
  return {
    type: "button",
    action_id: `${ACTION_PREFIX}${name}`,
    text: plainText(LABELS[name]),
    value: encodeButton(request.id, request.nonce),
    // Read aloud without the card around it, a bare "Approve" says nothing.
    accessibility_label: `${SPOKEN[name] ?? LABELS[name]}: request ${request.id}`,
    ...(style !== undefined && { style }),
    ...(confirm !== undefined && { confirm }),
  };
}

/**
 * What the card offers. `endsEarly`: whether the policy lets accesses be ended before their time. Phones show two
 * or three in a row: the plain answers stand first.
 */
export const cardButtons = (
  request: AccessRequest,
  now: { readonly nowMs: number; readonly endsEarly: boolean },
): readonly Button[] => offersToAnybody(request, now).map((name) => button(request, name));
