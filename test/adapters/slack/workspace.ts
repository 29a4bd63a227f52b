// The chat port on a simulated Slack, through the real client, with a clock moved by hand.

import { onTestFinished } from "vitest";
import { type SlackChatOptions, slackChat } from "../../../src/adapters/slack/client/slack-chat.ts";
import { slackClient } from "../../../src/adapters/slack/client/slack-client.ts";
import { userId } from "../../../src/domain/text/ids.ts";
import type { Chat } from "../../../src/ports/chat.ts";
import { Fault } from "../../../src/ports/fault.ts";
import {
  type SimulatedSlack,
  type SlackOptions,
  startSlack,
} from "../../../src/sandbox/slack/start.ts";
import { DECIDED_AT_MS } from "./requests.ts";

export type Bench = {
  readonly slack: SimulatedSlack;
  readonly chat: Chat;
  readonly appIds: string[];
  /** Moves all clocks on. */
  pass(ms: number): void;
};

type BenchOptions = {
  readonly slack?: Partial<SlackOptions>;
  readonly chat?: Partial<SlackChatOptions>;
};

export async function bench(options: BenchOptions = {}): Promise<Bench> {
  let nowMs = DECIDED_AT_MS;
  const slack = await startSlack({
    signingSecret: "secret",
    botToken: "xoxb-bot",
    socketMode: false,
    nowMs: () => nowMs,
    ...options.slack,
    switches: { rateLimits: "off", ...options.slack?.switches },
  });
  onTestFinished(() => slack.close());
  const appIds: string[] = [];
  const { team, bot } = slack.world;
  const chat = slackChat({
    client: slackClient("xoxb-bot", slack.url, { timeoutMs: 1_000 }),
    log: SILENT,
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
    identity: {
      teamId: team.id,
      enterpriseId: team.enterprise?.id,
      botUserId: userId(bot.userId),
      botId: bot.botId,
    },
    policy: () => ({ privacy: { hideOnCard: [] }, endEarly: "initiate", rules: [] }),
    portal: "https://portal.azure.com",
    hasBastion: () => false,
    onAppId: (id) => appIds.push(id),
    ...options.chat,
  });
  return {
    slack,
    chat,
    appIds,
    pass(ms) {
      nowMs += ms;
    },
  };
}

export const SILENT = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};

/** The fault that a call ends in; fails the test where it ends in none. */
export async function faultOf(call: Promise<unknown>): Promise<Fault> {
  const thrown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (thrown instanceof Fault) return thrown;
  throw new Error("there was no fault", { cause: thrown });
}
