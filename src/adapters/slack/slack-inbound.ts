// Everything that comes in from Slack, by HTTP or Socket Mode, brought to the inbound port.

import type { WebClient } from "@slack/web-api";
import type { Fault } from "../../ports/fault.ts";
import type { Inbound } from "../../ports/inbound.ts";
import type { Log } from "../../ports/log.ts";
import type { Identity } from "./client/bot-identity.ts";
import { sayPrivately } from "./listeners/answers.ts";
import { slackActs } from "./listeners/commands-and-clicks.ts";
import { formViews } from "./listeners/form-views.ts";
import { listen } from "./listeners/listeners.ts";
import { replies } from "./listeners/replies.ts";
import { boltApp } from "./receive/bolt-app.ts";
import { httpMode, type WebServer } from "./receive/http-mode.ts";
import { inFlight } from "./receive/in-flight.ts";
import type { SocketLimits } from "./receive/socket-keeper.ts";
import { socketMode } from "./receive/socket-mode.ts";

type InboundSettings = { readonly botToken: string; readonly apiUrl: string } & (
  | { readonly mode: "http"; readonly signingSecret: string }
  | { readonly mode: "socket"; readonly appToken: string }
);

export type InboundLimits = {
  /** A response_url that hangs must not keep the answer from going another way. */
  readonly responseUrlMs: number;
  /** Half of a trigger_id's three seconds: the other half is the way to Slack. */
  readonly denyPatienceMs: number;
  /** Slack waits three seconds for what is wrong with a form that was sent. */
  readonly formPatienceMs: number;
  readonly socket: Partial<SocketLimits>;
};

const LIMITS: InboundLimits = {
  responseUrlMs: 8_000,
  denyPatienceMs: 1_500,
  formPatienceMs: 2_500,
  socket: {},
};

export type InboundOptions = {
  readonly settings: InboundSettings;
  /** Takes the place of the one in the settings, once there is a newer one. */
  readonly newerSigningSecret?: () => string | undefined;
  readonly identity: Identity;
  readonly inbound: Inbound;
  readonly client: WebClient;
  readonly log: Log;
  /** Gets the route `POST /slack/events`, unless it is Socket Mode. */
  readonly server: WebServer;
  /** Socket Mode will not come back; the process had better end with a failure. */
  readonly onLost: (fault: Fault) => void;
  readonly limits?: Partial<InboundLimits>;
  readonly nowMs?: () => number;
};

export type SlackInbound = {
  /**
   * Payloads are taken from now on. In Socket Mode a Slack that can't be reached is tried again in the
   * background; a bad app token rejects with a permanent `Fault`.
   */
  start(): Promise<void>;
  /** Whether payloads can come in; in Socket Mode: whether the socket is connected. */
  connected(): boolean;
  /** How many acts are being worked on. */
  inFlight(): number;
  /** Waits for the acts that are being worked on; answers whether all had finished within `limitMs`. */
  drain(limitMs: number): Promise<boolean>;
  /** No new payloads: HTTP answers 503, the socket is closed. What is in flight goes on. */
  stop(): Promise<void>;
};

export function slackInbound(options: InboundOptions): SlackInbound {
  const { settings, identity, inbound, client, log, server, onLost } = options;
  const limits = { ...LIMITS, ...options.limits };
  const { nowMs = Date.now } = options;
  const mode =
    settings.mode === "socket"
      ? socketMode({ ...settings, log, onLost, limits: limits.socket })
      : httpMode({
          signingSecret: () => options.newerSigningSecret?.() ?? settings.signingSecret,
          server,
          log,
          nowMs,
        });
  const running = inFlight();
  const say = sayPrivately({ client, log, responseUrlMs: limits.responseUrlMs });
  const views = formViews(client, log);
  const acts = slackActs({
    inbound,
    views,
    replies: replies({ client, views, say, log, workspaceUrl: identity.workspaceUrl }),
    log,
    home: identity,
    denyPatienceMs: limits.denyPatienceMs,
    formPatienceMs: limits.formPatienceMs,
  });

  return {
    async start() {
      const app = await boltApp(mode.receiver, settings, { identity, log });
      listen(app, { acts, home: identity, inFlight: running, log });
      await mode.start();
    },
    connected: mode.connected,
    inFlight: running.count,
    drain: running.drain,
    stop: mode.stop,
  };
}
