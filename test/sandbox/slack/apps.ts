// Small real Bolt apps, over HTTP and Socket Mode, for the simulated Slack to talk to.

import type { AddressInfo } from "node:net";
import { App, HTTPReceiver, SocketModeReceiver } from "@slack/bolt";
import { onTestFinished } from "vitest";
import type { SimulatedSlack, SlackOptions } from "../../../src/sandbox/slack/start.ts";
import { type Bench, bench, clientOptions, SILENT, TOKENS } from "./support.ts";

/** A Bolt app over HTTP, registered as the workspace's app and stopped with the test. */
export async function httpApp(slack: SimulatedSlack, listen: (app: App) => void): Promise<App> {
  const { signingSecret, botToken: token } = TOKENS;
  const receiver = new HTTPReceiver({ signingSecret, logger: SILENT });
  const app = new App({ token, receiver, logger: SILENT, clientOptions: clientOptions(slack) });
  listen(app);
  const server = await receiver.start(0);
  onTestFinished(async () => {
    await app.stop();
  });
  const { port } = server.address() as AddressInfo;
  slack.setEventsUrl(`http://127.0.0.1:${port}/slack/events`);
  return app;
}

/**
 * A Bolt app over Socket Mode, connected when this resolves and stopped with the test.
 * `pongWithinMs` is also how long it pauses before it connects again.
 */
export async function socketApp(
  slack: SimulatedSlack,
  listen: (app: App) => void,
  pongWithinMs = 5_000,
): Promise<App> {
  const { appToken, botToken: token } = TOKENS;
  const receiver = new SocketModeReceiver({
    appToken,
    logger: SILENT,
    clientPingTimeout: pongWithinMs,
    installerOptions: { clientOptions: clientOptions(slack) },
  });
  const app = new App({ token, receiver, logger: SILENT, clientOptions: clientOptions(slack) });
  listen(app);
  await app.start();
  onTestFinished(async () => {
    await app.stop();
  });
  return app;
}

/** A bench with a Bolt app over HTTP that listens to what the test needs. */
export async function withApp(
  listen: (app: App) => void,
  options: Partial<SlackOptions> = {},
): Promise<Bench> {
  const on = await bench(options);
  await httpApp(on.slack, listen);
  return on;
}
