// Slack's payloads over Socket Mode: Bolt's receiver, with its client's gaps closed.

import { SocketModeReceiver } from "@slack/bolt";
import { z } from "zod";
import type { Fault } from "../../../ports/fault.ts";
import type { Log } from "../../../ports/log.ts";
import { clientOptions } from "../client/slack-client.ts";
import { shapeOf } from "./body-shape.ts";
import { boltLog } from "./bolt-log.ts";
import { socketDelivery } from "./delivery-key.ts";
import type { Mode } from "./mode.ts";
import { keepConnected, type SocketLimits } from "./socket-keeper.ts";

export type SocketOptions = {
  readonly appToken: string;
  readonly apiUrl: string;
  readonly log: Log;
  readonly onLost: (fault: Fault) => void;
  readonly limits?: Partial<SocketLimits> | undefined;
};

export function socketMode({ appToken, apiUrl, log, onLost, limits }: SocketOptions): Mode {
  const receiver = new SocketModeReceiver({
    appToken,
    logger: boltLog(log),
    // Its own gives up for good after one failed attempt, and waits five seconds after each refresh.
    autoReconnectEnabled: false,
    // An object of its own: the client writes into it.
    installerOptions: { clientOptions: clientOptions(apiUrl) },
    customPropertiesExtractor: ({ body }: { body?: unknown }) => ({
      delivery: socketDelivery(body),
    }),
    // What couldn't be dispatched has been logged; unacknowledged, Slack may send it again.
    processEventErrorHandler: async () => false,
  });
  const keeper = keepConnected(receiver.client, { log, onLost, ...limits });
  let stopping = false;

  wrapListeners({ client: receiver.client, log }, "ws_message", async (pass, message) => {
    const type = typeOf(message);
    if (type === undefined) return log.warn({}, "Ignored a message of no known type on the socket");
    await pass();
    if (type === "disconnect") keeper.farewell();
  });
  wrapListeners({ client: receiver.client, log }, "slack_event", async (pass, event) => {
    // Not acknowledged while stopping: Slack gives it to another connection.
    if (!stopping && isForBolt(event, log)) await pass();
  });

  return {
    receiver,
    start: keeper.start,
    connected: () => keeper.connected() && !stopping,
    stop() {
      stopping = true;
      return keeper.stop();
    },
  };
}

/**
 * Puts something around the client's own listeners. They are async and nobody catches what they throw: as
 * they are, one odd message is an unhandled rejection.
 */
function wrapListeners(
  { client, log }: { client: SocketModeReceiver["client"]; log: Log },
  event: "ws_message" | "slack_event",
  around: (pass: () => Promise<unknown>, first: unknown) => Promise<void>,
): void {
  const listeners = client.listeners(event);
  client.removeAllListeners(event);
  client.on(event, (...args: unknown[]) => {
    const pass = (): Promise<unknown> => Promise.all(listeners.map((one) => one(...args)));
    around(pass, args[0]).catch((error: unknown) => {
      log.error({ err: error, event }, "A message from the socket couldn't be worked on");
    });
  });
}

/**
 * What Slack documents: https://docs.slack.dev/apis/events-api/using-socket-mode. The client announces any
 * type as an event of its own, and would take a message of type `disconnected` for its own state.
 */
const messageSchema = z.object({
  type: z.enum(["hello", "disconnect", "events_api", "slash_commands", "interactive"]),
});

function typeOf(message: unknown): z.output<typeof messageSchema>["type"] | undefined {
  if (typeof message !== "string") return undefined;
  try {
    return messageSchema.safeParse(JSON.parse(message)).data?.type;
  } catch {
    // No JSON, so no message of Slack's.
    return undefined;
  }
}

const eventSchema = z.object({
  body: z.unknown(),
  ack: z.custom<() => Promise<void>>((value) => typeof value === "function"),
});

/** Whether Bolt can take it; what is Slack's but not for us is acknowledged here. */
function isForBolt(event: unknown, log: Log): boolean {
  const { data } = eventSchema.safeParse(event);
  const found = shapeOf(data?.body);
  if (found.shape === "dispatch") return true;
  if (found.shape !== "ignore") {
    log.warn({ shape: found.shape }, "Refused a payload from the socket");
    return false;
  }
  log.debug({ type: found.type }, "Ignored a payload of Slack's");
  data?.ack().catch(() => log.debug({}, "It couldn't be acknowledged"));
  return false;
}
