// Cards and notices are for our own people: they never go to a channel that another organisation can read.

import type { Card } from "../../domain/request/document/sent-messages.ts";
import { SHARED_CHANNEL } from "../../domain/request/document/sent-messages.ts";
import { type ChannelId, channelId } from "../../domain/text/ids.ts";
import type { Chat } from "../../ports/chat.ts";
import { isFault } from "../../ports/fault.ts";
import { isOfToken } from "./slack-faults.ts";

/** So often Slack is asked again before it is taken for silent. */
const SILENT_AFTER_TRIES = 3;

/** A person's id or that of their direct messages; a user group's stands for its members. */
const isChannel = (place: Card["to"]): boolean => /^[CG]/.test(place);

/**
 * Why nothing may be posted there, in Slack's word or ours; `undefined`: it may. Throws a fault that may
 * pass, the first few times.
 */
export async function barredFrom(
  { chat }: { readonly chat: Pick<Chat, "reach"> },
  place: Card["to"] | ChannelId,
  attempts: number,
): Promise<string | undefined> {
  if (!isChannel(place)) return undefined;
  try {
    return (await chat.reach(channelId(place))) === "shared" ? SHARED_CHANNEL : undefined;
  } catch (thrown) {
    if (!isFault(thrown) || thrown.source !== "slack") throw thrown;
    if (isOfToken(thrown) || (thrown.retryable && attempts < SILENT_AFTER_TRIES)) throw thrown;
    return thrown.code;
  }
}
