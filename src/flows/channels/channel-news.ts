// Which channels of the policy file another organisation can read: said when a file is loaded.

import { SHARED_CHANNEL } from "../../domain/request/document/sent-messages.ts";
import type { Policy } from "../../domain/rules/policy.ts";
import type { ChannelId } from "../../domain/text/ids.ts";
import type { Chat } from "../../ports/chat.ts";
import { barredFrom } from "./channel-reach.ts";

/** Every channel that a policy file names, each once. */
export const channelsOf = (policy: Policy): readonly ChannelId[] => [
  ...new Set([
    policy.channels.notices,
    ...policy.rules.flatMap(({ channel }) => (channel === undefined ? [] : [channel])),
  ]),
];

/** Those that are shared. Throws a `Fault` where Slack doesn't tell of one now; one that it never shows isn't. */
export async function sharedChannels(
  chat: Pick<Chat, "reach">,
  policy: Policy,
): Promise<readonly ChannelId[]> {
  const shared: ChannelId[] = [];
  for (const channel of channelsOf(policy)) {
    if ((await barredFrom({ chat }, channel, 0)) === SHARED_CHANNEL) shared.push(channel);
  }
  return shared;
}
