// Bolt's App as this bot uses it in either mode: one workspace, no memory, no retries, no calls at the start.

import { App, type Receiver } from "@slack/bolt";
import type { Log } from "../../../ports/log.ts";
import type { Identity } from "../client/bot-identity.ts";
import { clientOptions } from "../client/slack-client.ts";
import { boltLog } from "./bolt-log.ts";

export async function boltApp(
  receiver: Receiver,
  settings: { readonly botToken: string; readonly apiUrl: string },
  { identity, log }: { identity: Identity; log: Log },
): Promise<App> {
  const app = new App({
    receiver,
    token: settings.botToken,
    botId: identity.botId,
    botUserId: identity.botUserId,
    // The token has been tested already, where a fault of Slack's can be told from a bad token.
    tokenVerificationEnabled: false,
    deferInitialization: true,
    // Else every conversation that is ever seen is kept in memory.
    convoStore: false,
    // A payload doesn't choose the token that we act with.
    attachFunctionToken: false,
    clientOptions: clientOptions(settings.apiUrl),
    logger: boltLog(log),
  });
  app.error(async (error) => {
    log.error({ err: error.original ?? error }, "Bolt couldn't dispatch a payload");
    // The receiver answers 500 to what hasn't been acknowledged.
    throw error;
  });
  await app.init();
  return app;
}
