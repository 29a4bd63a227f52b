// Whether somebody reads a channel: only then does a mention in it reach them.

import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { ChannelId } from "../../../domain/text/ids.ts";
import { cachedReads } from "../../../ports/cached-reads.ts";
import type { Chat } from "../../../ports/chat.ts";
import type { Clock } from "../../../ports/clock.ts";
import { decoded } from "./slack-call.ts";

/** Source: https://docs.slack.dev/reference/methods/conversations.members */
const membersAnswer = z.object({
  members: z.array(z.string()),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

const PAGE = 1_000;
/** Of a channel with more members than this, everybody is taken for one: it is the whole company's. */
const PAGES_MAX = 10;

/** Somebody who has just joined is called by the next message. */
const MEMBERS_AGE_MS = 60_000;

type Options = { readonly client: WebClient; readonly clock: Pick<Clock, "monotonicMs"> };

export function channelMembers({ client, clock }: Options): Pick<Chat, "isIn"> {
  const membersOf = cachedReads((channel: ChannelId) => read(client, channel), clock);
  return {
    async isIn(user, channel) {
      const members = await membersOf(channel, MEMBERS_AGE_MS);
      return members === "too many" || members.has(user);
    },
  };
}

async function read(
  client: WebClient,
  channel: ChannelId,
): Promise<ReadonlySet<string> | "too many"> {
  const members = new Set<string>();
  let cursor = "";
  for (let page = 0; page < PAGES_MAX; page++) {
    const asked = { channel, limit: PAGE, ...(cursor !== "" && { cursor }) };
    const answer = await decoded(membersAnswer, client.conversations.members(asked));
    for (const member of answer.members) members.add(member);
    cursor = answer.response_metadata?.next_cursor ?? "";
    if (cursor === "") return members;
  }
  return "too many";
}
