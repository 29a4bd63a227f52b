// Where somebody finds how far is what they applied: in their DM only if it could be shown there.

import type { Policy } from "../../domain/rules/policy.ts";
import { type Words, words } from "../../domain/text/words.ts";

type Applied = {
  readonly state: string;
  readonly shownIn?: { readonly ts: string } | undefined;
};

/** What a change carries that couldn't be shown anywhere: Slack refuses the direct message for good. */
export const NOT_SHOWN_TS = "0";

/** Said when it begins, before anybody knows whether the DM arrives. */
export const promisedWords = ({ channels }: Policy): Words =>
  words`I'll show progress in your DM, and the outcome in ${{ channel: channels.notices }}`;

/** Said when it has begun. The outcome always stands in the notices channel, too. */
export function progressWords({ state, shownIn }: Applied, { channels }: Policy): Words {
  const channel = { channel: channels.notices };
  if (shownIn !== undefined && shownIn.ts !== NOT_SHOWN_TS) return words`progress is in your DM`;
  return state === "over"
    ? words`I couldn't message you, so the outcome is only in ${channel}`
    : words`I haven't been able to show progress in your DM, but I'll post the outcome in ${channel}`;
}
