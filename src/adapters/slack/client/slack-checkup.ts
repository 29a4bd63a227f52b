// What the doctor asks of Slack: whose token it is, what it was granted, and which channels the bot is in.

import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { ChannelId } from "../../../domain/text/ids.ts";
import type { SlackFacts } from "../../../ports/checkup.ts";
import { slackFault } from "./slack-client.ts";
import type { SlackTime } from "./slack-time.ts";

const authSchema = z.object({
  team: z.string().catch("(unnamed)"),
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
});
const channelSchema = z.object({
  channel: z.object({
    is_member: z.boolean().optional(),
    is_archived: z.boolean().optional(),
    is_ext_shared: z.boolean().optional(),
  }),
});

/** Rejects with a `Fault` where the token is refused, or Slack can't be reached. */
export async function slackCheckup(
  client: WebClient,
  channels: readonly ChannelId[],
  time: SlackTime,
): Promise<SlackFacts> {
  const answer = await client.auth.test().catch((thrown: unknown) => {
    throw slackFault(thrown);
  });
  const { team, response_metadata } = authSchema.parse(answer);
  return {
    team,
    skewMs: time.skewMs(),
    scopes: response_metadata?.scopes,
    channels: await Promise.all(
      channels.map(async (id) => ({ id, state: await stateOf(client, id) })),
    ),
  };
}

async function stateOf(
  client: WebClient,
  channel: ChannelId,
): Promise<SlackFacts["channels"][number]["state"]> {
  try {
    const { channel: found } = channelSchema.parse(await client.conversations.info({ channel }));
    if (found.is_archived === true) return "archived";
    if (found.is_ext_shared === true) return "shared";
    return found.is_member === false ? "not-in" : "in";
  } catch (thrown) {
    const fault = slackFault(thrown);
    return fault.retryable || fault.code === "missing_scope" ? "unknown" : "unseen";
  }
}
