// A simulated Slack workspace: an HTTP server that the unmodified bot talks to as if it were Slack.

import type { RequestListener } from "node:http";
import { createFaults, type Faults } from "../faults.ts";
import { type Acts, createActs } from "./acts/acts.ts";
import type { Stage } from "./acts/stage.ts";
import { createLimits } from "./api/limits.ts";
import type { ApiCall } from "./api/serve.ts";
import type { WaitOptions } from "./change-listeners.ts";
import { demoWorkspace } from "./demo-workspace.ts";
import { createHooks, type Received } from "./hooks.ts";
import type { Addresses, Post } from "./out/deliver.ts";
import type { Delivery } from "./out/parcel.ts";
import { createSockets, type Sockets } from "./out/sockets.ts";
import { createReading, type Reading } from "./read.ts";
import { createSchedule } from "./schedule.ts";
import { closeServer, createSlackServer, listen, type Served } from "./slack-server.ts";
import { createWorld, type SlackWorkspace, type Switches } from "./slack-workspace.ts";
import type { Workspace } from "./workspace-builder.ts";

export type SlackOptions = {
  /** The workspace's clock: timestamps, deadlines of triggers and response URLs, rates, retries. */
  nowMs: () => number;
  /** Left out: any free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default: the demo's. */
  workspace?: Workspace;
  signingSecret: string;
  botToken: string;
  appToken?: string;
  /** The bot's POST /slack/events; can be set later. */
  eventsUrl?: string;
  /** Where external selects ask for options over HTTP; default: the events URL. */
  optionsUrl?: string;
  /** Default: on if there is an app token and no events URL. */
  socketMode?: boolean;
  /** Scopes granted to the bot token; default: those the bot asks for, without history. */
  scopes?: string[];
  switches?: Partial<Switches>;
  /** How long Slack waits for an acknowledgement, in real milliseconds; default 3,000. */
  ackTimeoutMs?: number;
  socketPingEveryMs?: number;
  /** The clock of request signatures; default: real time, which is what Bolt checks against. */
  signNowMs?: () => number;
  /** Answers paths that aren't Slack's, such as a web page of the demo. */
  fallback?: RequestListener;
};

export type SimulatedSlack = Acts &
  Reading & {
    /** What SLACK_API_URL is set to; ends in `/api/`. */
    url: string;
    /** The server's own address, without a slash at the end. */
    origin: string;
    world: SlackWorkspace;
    /** Every call of the Web API, in order of arrival. */
    calls: ApiCall[];
    callsTo(method: string): ApiCall[];
    /** Everything that was sent to the app, in order of its end. */
    deliveries: Delivery[];
    /** Everything that the app sent to response URLs, in order. */
    responses: Received[];
    faults: Faults;
    sockets: Sockets;
    setEventsUrl(url: string): void;
    /** From now on Slack signs with this, or takes these bot tokens. */
    rotate(to: { signingSecret?: string; botTokens?: readonly string[] }): void;
    setSocketMode(on: boolean): void;
    /** Resolves with the predicate's first truthy answer, asked after every change. */
    waitFor<T>(predicate: () => T, options?: WaitOptions): Promise<NonNullable<T>>;
    /** Sends the event retries that are due; needed only where the clock was moved by hand. */
    runDue(): Promise<void>;
    close(): Promise<void>;
  };

const ACK_TIMEOUT_MS = 3_000;
const SOCKET_PING_EVERY_MS = 10_000;

export async function startSlack(options: SlackOptions): Promise<SimulatedSlack> {
  const { nowMs, workspace = demoWorkspace(), scopes, switches } = options;
  const world = createWorld({ workspace, nowMs, scopes, switches });
  let origin = "";
  const parts = createParts(options, world, () => origin);
  const server = createSlackServer(() => parts.served);
  origin = await listen(server, options.port ?? 0, options.host ?? "127.0.0.1");
  parts.served.api.around.origin = origin;
  const { served, schedule, mail } = parts;
  return {
    ...served.acts,
    ...served.reading,
    url: `${origin}/api/`,
    origin,
    world,
    calls: served.calls,
    callsTo: (method) => served.calls.filter((one) => one.method === method),
    deliveries: mail.deliveries,
    responses: served.hooks.received,
    faults: served.faults,
    sockets: served.sockets,
    setEventsUrl(url) {
      mail.addresses.eventsUrl = url;
    },
    rotate({ signingSecret, botTokens }) {
      if (signingSecret !== undefined) mail.signer.secret = signingSecret;
      if (botTokens !== undefined) served.api.tokens.bots = botTokens;
    },
    setSocketMode(on) {
      mail.addresses.socketMode = on;
    },
    waitFor: world.changes.waitFor,
    runDue: schedule.runDue,
    async close() {
      schedule.close();
      served.faults.clear();
      served.sockets.close();
      await closeServer(server);
    },
  };
}

function createParts(options: SlackOptions, world: SlackWorkspace, origin: () => string) {
  const { signingSecret, botToken, appToken, fallback } = options;
  const schedule = createSchedule(world.nowMs);
  const hooks = createHooks(world, origin);
  const pingEveryMs = options.socketPingEveryMs ?? SOCKET_PING_EVERY_MS;
  const sockets = createSockets({ world, origin, pingEveryMs });
  const mail: Post = {
    world,
    sockets,
    signer: { secret: signingSecret, nowMs: options.signNowMs ?? Date.now },
    addresses: addressesFrom(options),
    ackTimeoutMs: options.ackTimeoutMs ?? ACK_TIMEOUT_MS,
    deliveries: [],
  };
  const stage: Stage = { world, hooks, mail, schedule: schedule.add };
  const served: Served = {
    world,
    acts: createActs(stage),
    reading: createReading(world),
    faults: createFaults(),
    sockets,
    calls: [],
    deliveries: mail.deliveries,
    hooks,
    fallback,
    api: {
      world,
      tokens: { bots: [botToken], app: appToken },
      limits: createLimits(world),
      around: { origin: "", openSocketUrl: sockets.openUrl, takeTrigger: hooks.takeTrigger },
    },
  };
  return { served, schedule, mail };
}

function addressesFrom(options: SlackOptions): Addresses {
  const { eventsUrl, optionsUrl, appToken } = options;
  const socketMode = options.socketMode ?? (appToken !== undefined && eventsUrl === undefined);
  return { eventsUrl, optionsUrl, socketMode };
}
