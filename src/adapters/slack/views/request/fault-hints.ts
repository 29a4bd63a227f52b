// What Azure's and Slack's codes probably mean: said beside their own words, never instead of them.

import type { FaultNote } from "../../../../domain/request/grant.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { faultNoteWords, isOurs, whoSays } from "../phrases.ts";

type Hint = { readonly codes: RegExp; readonly say: Words };

/**
 * Codes of Azure Resource Manager that are documented, and of the network. JIT's own codes aren't
 * documented: for anything else there is no hint, because a wrong guess costs more time than none.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
 */
const AZURE_HINTS: readonly Hint[] = [
  {
    codes: /^(Linked)?AuthorizationFailed$|^Forbidden$|403$/i,
    say: words`the bot's Azure identity is missing a permission on this VM or its JIT policy. An admin can see which one with /jit doctor.`,
  },
  {
    codes:
      /AuthenticationToken|^AuthenticationFailed$|CredentialUnavailable|AuthenticationRequired|^Unauthorized$|401$/i,
    say: words`the bot couldn't sign in to Azure. An admin can see why with /jit doctor.`,
  },
  {
    codes: /^TooManyRequests$|Throttled$|429$/i,
    say: words`Azure is slowing the bot down. It usually passes within minutes.`,
  },
  {
    codes: /^Resource(Group)?NotFound$|^PolicyNotFound$|^NotFound$|404$/i,
    say: words`the VM or its JIT policy has been deleted or moved since the request.`,
  },
  {
    codes: /^SubscriptionNotFound$|DisabledSubscription$/i,
    say: words`the subscription is disabled, or the bot's identity can't see it.`,
  },
  {
    codes: /^ScopeLocked$/i,
    say: words`a lock on the VM, its network or its resource group forbids changes.`,
  },
  {
    codes: /^RequestDisallowedByPolicy$/i,
    say: words`an Azure Policy of your organisation forbids it.`,
  },
  {
    codes: /^Conflict$|^AnotherOperationInProgress$|409$/i,
    say: words`something else was changing the same resource at that moment.`,
  },
  {
    codes:
      /^E[A-Z_]{3,}$|^NoAnswer$|Time-?d?Out|^GatewayTimeout$|^ServiceUnavailable$|^InternalServerError$|^BadGateway$|5\d\d$/i,
    say: words`Azure couldn't be reached, or is having problems of its own.`,
  },
  {
    codes: /^NeverSeenOpen$/,
    say: words`something reverts what the bot opens, such as a tool that manages the network security group; or Defender for Servers Plan 2 is off, which an admin can see with /jit doctor.`,
  },
];

/** Source: https://docs.slack.dev/reference/methods/chat.postMessage#errors */
const SLACK_HINTS: readonly Hint[] = [
  {
    codes: /^not_in_channel$/,
    say: words`the bot isn't in that channel: somebody there has to ${{ code: "/invite" }} it`,
  },
  {
    codes: /^channel_not_found$/,
    say: words`the channel doesn't exist, or it is private and the bot isn't in it`,
  },
  { codes: /^is_(archived|inactive)$/, say: words`the channel is archived` },
  {
    codes: /^missing_scope$/,
    say: words`without ${{ code: "channels:read" }} and ${{ code: "groups:read" }} the bot can't see whether other organisations read a channel`,
  },
  { codes: /^restricted_action/, say: words`posting there is restricted` },
  { codes: /^(user_disabled|user_not_found)$/, say: words`the account is deactivated` },
];

export const azureHint = ({ code }: FaultNote): Words | undefined => hint(AZURE_HINTS, code);

/**
 * What went wrong, to end a sentence with: what Azure's words mean. Where that isn't known, whom to send to, if the
 * words themselves stand elsewhere, as a failure's do in the message that shows the whole state.
 */
export function because(
  fault: FaultNote | undefined,
  { isShownWhole = false }: { readonly isShownWhole?: boolean } = {},
): Words {
  if (fault === undefined) return words`. Reason unknown.`;
  if (isOurs(fault)) return words`. ${faultNoteWords(fault)}.`;
  const known = azureHint(fault);
  if (known !== undefined) return words`: ${known}`;
  return isShownWhole
    ? words`. ${whoSays(fault)}. An admin can check the setup with ${{ code: "/jit doctor" }}.`
    : words`. ${faultNoteWords(fault)}.`;
}

export const slackHint = (code: string): Words | undefined => hint(SLACK_HINTS, code);

const hint = (hints: readonly Hint[], code: string): Words | undefined =>
  hints.find(({ codes }) => codes.test(code))?.say;
