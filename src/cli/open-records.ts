// The bot's own records for a command that writes to them: those of the workspace that Slack names, under the bot's key.

import { azureCredential } from "../adapters/azure/client/credential.ts";
import { redisAudit } from "../adapters/redis/audit/audit-repository.ts";
import { connectRedis } from "../adapters/redis/connection/connect.ts";
import { redisTokens } from "../adapters/redis/connection/entra-sign-in.ts";
import { primaryCheck } from "../adapters/redis/connection/primary.ts";
import { redisStorage } from "../adapters/redis/storage.ts";
import { identify } from "../adapters/slack/client/bot-identity.ts";
import { slackClient } from "../adapters/slack/client/slack-client.ts";
import { systemClock } from "../adapters/system-clock.ts";
import { azureEndpoint } from "../config/clouds.ts";
import { readAuditKeys } from "../config/environment/audit-keys.ts";
import type { ExplainSettings } from "../config/environment/explain-settings.ts";
import { readRedis } from "../config/environment/redis-settings.ts";
import { type Environment, variables } from "../config/environment/variables.ts";
import { sealKey, UNKEYED } from "../domain/audit/audit-chain.ts";
import type { Policy } from "../domain/rules/policy.ts";
import type { Log } from "../ports/log.ts";

type Connection = ReturnType<typeof connectRedis>;

export type Records = {
  readonly connection: Connection;
  /** Whose records they are, and how what is written to the audit is marked. */
  readonly storageOptions: Parameters<typeof redisAudit>[1];
  readonly store: ReturnType<typeof redisStorage>;
};

type From = {
  readonly env: Environment;
  readonly slack: ExplainSettings["slack"];
  readonly policy: Pick<Policy, "azure">;
  readonly log: Log;
  /** What needs them, to say which settings are missing. */
  readonly what: string;
};

export async function openRecords(
  from: From,
): Promise<Records | { readonly faults: readonly string[] }> {
  const { slack, what } = from;
  const read = variables(from.env);
  const redis = readRedis(read);
  const { auditKey } = readAuditKeys(read);
  const missing =
    slack === undefined
      ? [`${what} needs SLACK_BOT_TOKEN, to find the bot's records: set it as for the bot.`]
      : [];
  if (slack === undefined || redis === undefined || read.faults.length > 0) {
    return { faults: [...missing, ...read.faults] };
  }
  const { teamId: tenant } = await identify(slackClient(slack.botToken, slack.apiUrl));
  const { authorityHost } = azureEndpoint(from.policy.azure.cloud);
  const tokens = redisTokens(azureCredential(authorityHost));
  const connection = connectRedis(redis, from.log, tokens);
  const storageOptions = {
    tenant,
    writer: { key: sealKey(auditKey), nowMs: systemClock.nowMs },
    waitReplicas: redis.waitReplicas,
    confirmPrimary: primaryCheck(connection, redis, `{${tenant}}`),
  };
  const { eras } = await redisAudit(connection, storageOptions)
    .chain()
    .catch((thrown: unknown) => {
      // It would try to connect for ever, and keep the process.
      connection.disconnect();
      throw thrown;
    });
  if (auditKey === undefined && eras.some(({ fingerprint }) => fingerprint !== UNKEYED)) {
    connection.disconnect();
    return {
      faults: [
        `${what} needs AUDIT_KEY, because the bot's audit log accepts only entries marked with it: set it as for the bot.`,
      ],
    };
  }
  return { connection, storageOptions, store: redisStorage(connection, storageOptions) };
}
