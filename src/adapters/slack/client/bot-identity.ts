// Who the bot is in Slack: asked once at the start, so that payloads for others can be told apart.

import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { type UserId, userId } from "../../../domain/text/ids.ts";
import type { Clock } from "../../../ports/clock.ts";
import { Fault, isFault } from "../../../ports/fault.ts";
import type { Log } from "../../../ports/log.ts";
import { slackFault } from "./slack-client.ts";

export type Identity = {
  readonly teamId: string;
  readonly enterpriseId: string | undefined;
  readonly botUserId: UserId;
  readonly botId: string;
  /** Our app's id; `undefined` until somebody told us. */
  readonly appId: string | undefined;
  /** The workspace's address, with a slash at the end. */
  readonly workspaceUrl?: string | undefined;
  /** Takes the app id from an answer of Slack's; the first one stands. */
  learnAppId(id: string): void;
};

const authSchema = z.object({
  team_id: z.string().min(1),
  user_id: z.string().min(1),
  bot_id: z.string().min(1),
  enterprise_id: z.string().nullish(),
  app_id: z.string().nullish(),
  url: z
    .url({ protocol: /^https$/ })
    .endsWith("/")
    .optional()
    .catch(undefined),
});
const botSchema = z.object({ bot: z.object({ app_id: z.string().min(1) }) });

/**
 * Asks Slack whose token this is. A bad token is a permanent fault, an unreachable Slack a passing one.
 * The app's id is looked for in `auth.test` and in `bots.info` (scope `users:read`);
 * where all are silent it stays unknown until `learnAppId`.
 */
export async function identify(client: WebClient): Promise<Identity> {
  const answer = await client.auth.test().catch((thrown: unknown) => {
    throw slackFault(thrown);
  });
  const auth = authSchema.safeParse(answer);
  if (!auth.success) {
    throw new Fault({
      source: "slack",
      code: "not_a_bot_token",
      message: "Slack says this isn't a bot's token",
      retryable: false,
    });
  }
  const { team_id, user_id, bot_id, enterprise_id, app_id, url } = auth.data;
  let appId = app_id ?? (await askAppId(client, bot_id));
  return {
    teamId: team_id,
    enterpriseId: enterprise_id ?? undefined,
    botUserId: userId(user_id),
    botId: bot_id,
    workspaceUrl: url,
    get appId() {
      return appId;
    },
    learnAppId(id) {
      if (/^A\w+$/.test(id)) appId ??= id;
    },
  };
}

/** Between two attempts to ask a Slack that can't be reached. */
const ASK_AGAIN_MS = 2_000;

/** Asks until Slack answers; a refused token is thrown. `undefined`: it was to stop before. */
export async function identified(
  client: WebClient,
  {
    clock,
    log,
    signal,
  }: { clock: Pick<Clock, "sleep">; log: Pick<Log, "warn">; signal: AbortSignal },
): Promise<Identity | undefined> {
  while (!signal.aborted) {
    try {
      return await identify(client);
    } catch (thrown) {
      if (!isFault(thrown) || !thrown.retryable) throw thrown;
      log.warn({ code: thrown.code }, `Slack can't be asked yet: ${thrown.message}`);
      await clock.sleep(ASK_AGAIN_MS, signal);
    }
  }
  return undefined;
}

async function askAppId(client: WebClient, botId: string): Promise<string | undefined> {
  try {
    return botSchema.parse(await client.bots.info({ bot: botId })).bot.app_id;
  } catch {
    // Answered by "unknown": the scope may be missing, and the first posted message tells it as well.
    return undefined;
  }
}
