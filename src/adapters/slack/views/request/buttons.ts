// Which buttons a request has in its present state. Who may press them is checked at the click.

import { mayRetry } from "../../../../domain/request/acts/retry-act.ts";
import type { AccessRequest } from "../../../../domain/request/request.ts";
import { type Button, plainText } from "../blocks.ts";
import { ACTION_PREFIX, encodeButton } from "../button-value.ts";
import { confirmation, type Named } from "../confirm.ts";

const LABELS = {
  approve: "Approve",
  deny: "Deny",
  "take-back": "Take back",
  retry: "Retry",
  end: "End now",
  cancel: "Cancel",
  change: "Change…",
  "review-ok": "Looks fine",
  "review-concern": "Concern…",
  extend: "Extend",
  requeue: "Try again",
} as const;

/** Read aloud where the label alone would not say what it does. */
const SPOKEN: Readonly<Partial<Record<ButtonName, string>>> = {
  change: "Change… and approve",
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

/** What the card offers. `endsEarly`: whether the policy lets accesses be ended before their time. */
export function cardButtons(
  request: AccessRequest,
  { nowMs, endsEarly }: { readonly nowMs: number; readonly endsEarly: boolean },
): readonly Button[] {
  return [...offered(request, nowMs), ...reviewing(request)]
    .filter((name) => name !== "end" || endsEarly)
    .map((name) => button(request, name));
}

const reviewing = ({ review }: AccessRequest): readonly ButtonName[] =>
  review === undefined || review.closed !== undefined ? [] : ["review-ok", "review-concern"];

/** What a dead letter's work would be needed for is left out; what takes access away brings it back. */
function offered(request: AccessRequest, nowMs: number): readonly ButtonName[] {
  const { deadLetter, state } = request;
  if (deadLetter === undefined) return usual(request, nowMs);
  if (state === "pending") {
    const taking = request.approvals.length > 0 ? (["take-back"] as const) : [];
    return ["requeue", "deny", ...taking, "cancel"];
  }
  return state === "opening" || state === "open" ? ["requeue", "end"] : ["requeue"];
}

function usual(request: AccessRequest, nowMs: number): readonly ButtonName[] {
  switch (request.state) {
    case "pending":
      // Phones show two or three in a row: the plain answers first. Any time can be cut shorter, so
      // there is always something to change.
      return request.approvals.length > 0
        ? ["approve", "deny", "change", "take-back", "cancel"]
        : ["approve", "deny", "change", "cancel"];
    case "opening":
    case "open":
      return ["end"];
    case "failed":
      return mayRetry(request, nowMs) ? ["retry"] : [];
    case "ending":
    case "ended":
    case "denied":
    case "cancelled":
    case "lapsed":
      return [];
  }
}
