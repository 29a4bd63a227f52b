// The audit command with its real adapters, as `replica.ts` is for the bot: composed here, run by `main.ts`.

import { azureCredential } from "../../adapters/azure/client/credential.ts";
import { redisAudit } from "../../adapters/redis/audit/audit-repository.ts";
import { connectRedis } from "../../adapters/redis/connection/connect.ts";
import { redisTokens } from "../../adapters/redis/connection/entra-sign-in.ts";
import { identify } from "../../adapters/slack/client/bot-identity.ts";
import { slackClient } from "../../adapters/slack/client/slack-client.ts";
import { systemClock } from "../../adapters/system-clock.ts";
import { azureEndpoint } from "../../config/clouds.ts";
import { type AuditSettings, readAuditSettings } from "../../config/environment/audit-settings.ts";
import type { Environment } from "../../config/environment/variables.ts";
import { sealKey } from "../../domain/audit/audit-chain.ts";
import { Fault } from "../../ports/fault.ts";
import { type ExitCode, orFault, quietLog, WRONG_USE } from "../terminal.ts";
import { isOffline } from "./audit-arguments.ts";
import { type AuditTools, auditCommand } from "./jit-audit.ts";

export type Output = {
  readonly write: (text: string) => Promise<void>;
  readonly complain: (line: string) => void;
};

/** Answers the exit code; one sentence on standard error where something is wrong, never a stack trace. */
export async function runAudit(
  args: readonly string[],
  env: Environment,
  { write, complain }: Output,
): Promise<ExitCode> {
  const read = readAuditSettings(env, { needsRedis: !isOffline(args) });
  if ("faults" in read) {
    for (const fault of read.faults) complain(fault);
    return WRONG_USE;
  }
  const { redis: _, slack: __, ...keys } = read.settings;
  return orFault({ complain }, async () => {
    const open = auditOpener(read.settings, env);
    return await auditCommand(args, { open, ...keys, write, complain });
  });
}

/** Opens the audit of a workspace; without a team, of the one whose bot token is set. */
export const auditOpener =
  ({ redis, slack, auditKey }: AuditSettings, env: Environment): AuditTools["open"] =>
  async (asked) => {
    if (redis === undefined) throw new Error("This was to be done without Redis.");
    const team = asked ?? (await teamOf(slack));
    const tokens = redisTokens(azureCredential(env.AZURE_AUTHORITY_HOST ?? PUBLIC_AUTHORITY));
    const connection = connectRedis(redis, quietLog, tokens);
    const close = () => connection.disconnect();
    try {
      await answers(connection);
    } catch (thrown) {
      close();
      throw thrown;
    }
    const writer = { key: sealKey(auditKey), nowMs: systemClock.nowMs };
    return { audit: redisAudit(connection, { tenant: team, writer }), close };
  };

/** Where a Redis with Entra ID gets its tokens from; no policy file is read here to name another cloud. */
const PUBLIC_AUTHORITY = azureEndpoint("public").authorityHost;

async function teamOf(slack: { botToken: string; apiUrl: string } | undefined): Promise<string> {
  if (slack !== undefined)
    return (await identify(slackClient(slack.botToken, slack.apiUrl))).teamId;
  throw new Fault({
    source: "slack",
    code: "no team",
    message: "Which workspace? Give --team T…, or set SLACK_BOT_TOKEN",
    retryable: false,
  });
}

const CONNECTS_WITHIN_MS = 5_000;

type Connection = ReturnType<typeof connectRedis>;

/** A command line waits for the first connection; the bot doesn't. */
function answers(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    let why = "no answer";
    const timer = setTimeout(() => {
      reject(
        new Fault({
          source: "redis",
          code: "Disconnected",
          message: `Redis can't be reached: ${why}`,
          retryable: true,
        }),
      );
    }, CONNECTS_WITHIN_MS);
    connection.on("error", (error: Error) => {
      why = error.message;
    });
    connection.once("ready", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
