// What `jit audit` reads from the environment: less than the bot, so that it works without Slack.

import { type AuditKeys, readAuditKeys } from "./audit-keys.ts";
import { type RedisSettings, readRedis } from "./redis-settings.ts";
import { readSlackUrl } from "./slack-settings.ts";
import { type Environment, variables } from "./variables.ts";

export type AuditSettings = AuditKeys & {
  /** `undefined` only where it isn't needed. */
  readonly redis: RedisSettings | undefined;
  /** `undefined`: the workspace has to be named. */
  readonly slack: { readonly botToken: string; readonly apiUrl: string } | undefined;
};

export function readAuditSettings(
  env: Environment,
  { needsRedis = true }: { readonly needsRedis?: boolean } = {},
): { readonly settings: AuditSettings } | { readonly faults: readonly string[] } {
  const from = variables(env);
  const redis = needsRedis ? readRedis(from) : undefined;
  const keys = readAuditKeys(from);
  const botToken = from.secret("SLACK_BOT_TOKEN");
  const apiUrl = readSlackUrl(from);
  if ((needsRedis && redis === undefined) || from.faults.length > 0) {
    return { faults: from.faults };
  }
  const slack = botToken === undefined ? undefined : { botToken, apiUrl };
  return { settings: { redis, ...keys, slack } };
}
