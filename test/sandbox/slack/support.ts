// A simulated Slack with a clock moved by hand, and the real WebClient to ask it.

import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { LogLevel, WebClient } from "@slack/web-api";
import { onTestFinished } from "vitest";
import {
  type SimulatedSlack,
  type SlackOptions,
  startSlack,
} from "../../../src/sandbox/slack/start.ts";

export const TOKENS = {
  signingSecret: "a-signing-secret",
  botToken: "xoxb-sandbox-bot",
  appToken: "xapp-sandbox-app",
};

/** A quiet Tuesday: 3 November 2026, 09:00 UTC. */
export const START_MS = Date.UTC(2026, 10, 3, 9, 0, 0);

export type Bench = {
  slack: SimulatedSlack;
  client: WebClient;
  /** Moves the workspace's clock on. */
  pass(ms: number): void;
};

/** A running server that is closed with the test. Rates are off unless asked for. */
export async function bench(options: Partial<SlackOptions> = {}): Promise<Bench> {
  let nowMs = START_MS;
  const slack = await startSlack({
    ...TOKENS,
    socketMode: false,
    nowMs: () => nowMs,
    ...options,
    switches: { rateLimits: "off", ...options.switches },
  });
  onTestFinished(() => slack.close());
  return {
    slack,
    client: webClient(slack),
    pass(ms) {
      nowMs += ms;
    },
  };
}

export function webClient(slack: SimulatedSlack, token = TOKENS.botToken): WebClient {
  return new WebClient(token, { ...clientOptions(slack) });
}

export function clientOptions(slack: SimulatedSlack) {
  return {
    slackApiUrl: slack.url,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
    logger: SILENT,
  };
}

export const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

export type Knock = { headers: IncomingHttpHeaders; body: string };

/** An app that is no more than a server: answers the given statuses in turn, then 200. */
export async function bareApp(
  slack: SimulatedSlack,
  statuses: number[],
  headers: Record<string, string> = {},
): Promise<Knock[]> {
  const knocks: Knock[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    knocks.push({ headers: request.headers, body });
    response.writeHead(statuses.shift() ?? 200, headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  slack.setEventsUrl(`http://127.0.0.1:${port}/slack/events`);
  return knocks;
}

/** The error code that a call is refused with; fails the test where it is not refused. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  return (await refusalDataOf(call)).error;
}

export type RefusalData = {
  error: string;
  needed?: string;
  provided?: string;
  response_metadata?: { messages?: string[] };
};

export async function refusalDataOf(call: Promise<unknown>): Promise<RefusalData> {
  try {
    await call;
  } catch (error) {
    return (error as { data: RefusalData }).data;
  }
  throw new Error("the call was not refused");
}

/** Somebody somewhere, for acts where neither matters. */
export const ERIN_IN_DEV = { user: "U0ERIN", channel: "C0DEV" };

/** The blocks of a card with two buttons. */
export const CARD = [
  {
    type: "actions",
    block_id: "decide",
    elements: [
      {
        type: "button",
        action_id: "jit.approve",
        value: "one",
        text: { type: "plain_text", text: "Approve" },
      },
      {
        type: "button",
        action_id: "jit.deny",
        value: "two",
        text: { type: "plain_text", text: "Deny" },
      },
    ],
  },
];
