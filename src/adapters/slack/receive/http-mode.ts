// Slack's payloads by HTTP: the guard answers or passes on, and Bolt's receiver dispatches.

import { HTTPReceiver } from "@slack/bolt";
import type { Log } from "../../../ports/log.ts";
import { boltLog } from "./bolt-log.ts";
import { type Exchange, guard } from "./guard.ts";
import type { Mode } from "./mode.ts";

const PATH = "/slack/events";

/** What this needs of the process's web server. */
export type WebServer = {
  route(route: { method: "POST"; path: string; handle(exchange: Exchange): Promise<void> }): void;
};

export function httpMode(options: {
  signingSecret: () => string;
  server: WebServer;
  log: Log;
  nowMs: () => number;
}): Mode {
  const { signingSecret, server, log, nowMs } = options;
  let accepting = false;
  const receiver = new HTTPReceiver({
    signingSecret: "",
    // Nothing gets here but by the guard, which has checked it, and more strictly.
    signatureVerification: false,
    endpoints: [PATH],
    logger: boltLog(log),
    customPropertiesExtractor: (request) => ({
      delivery: (request as { delivery?: unknown }).delivery,
    }),
    // Bolt's own would write what it has into the answer, or into nothing.
    processEventErrorHandler: async ({ response }) => {
      if (!response.headersSent) response.writeHead(500).end();
      return false;
    },
  });
  server.route({
    method: "POST",
    path: PATH,
    handle: guard({
      signingSecret,
      log,
      nowMs,
      accepting: () => accepting,
      pass: receiver.requestListener,
    }),
  });
  return {
    receiver,
    async start() {
      accepting = true;
    },
    connected: () => accepting,
    async stop() {
      accepting = false;
    },
  };
}
