// The forms (Slack calls them modals) that the bot opens.

import type { types } from "@slack/bolt";
import type { RequestId } from "../../../request/ids.ts";
import { encodeButton } from "../button-value.ts";

export const DENY_FORM = "jit.deny";
/** Block and action id of the reason. */
export const DENY_REASON = "reason";
export const REASON_CHARACTERS_MAX = 1_000;

/** Asks for the reason of a denial. What is sent comes back with the id and the nonce of the button. */
export const denyForm = (id: RequestId, nonce: string): types.ModalView => ({
  type: "modal",
  callback_id: DENY_FORM,
  private_metadata: encodeButton(id, nonce),
  title: { type: "plain_text", text: `Deny ${id}` },
  submit: { type: "plain_text", text: "Deny" },
  close: { type: "plain_text", text: "Back" },
  blocks: [
    {
      type: "input",
      block_id: DENY_REASON,
      label: { type: "plain_text", text: "Why not?" },
      hint: { type: "plain_text", text: "The requester reads this, and it is kept in the audit." },
      element: {
        type: "plain_text_input",
        action_id: DENY_REASON,
        multiline: true,
        min_length: 1,
        max_length: REASON_CHARACTERS_MAX,
        focus_on_load: true,
      },
    },
  ],
});

/** What is wrong with a reason, as the form shows it. Slack lets a form of blanks pass. */
export function reasonFault(reason: string): string | undefined {
  if (reason.trim() === "") return "Say why, so that the requester knows what to change.";
  const length = Array.from(reason).length;
  if (length <= REASON_CHARACTERS_MAX) return undefined;
  return `This has ${length} characters; ${REASON_CHARACTERS_MAX} are the most.`;
}
