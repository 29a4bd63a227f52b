// What `jit explain` reads from the environment: less than the bot, since it keeps nothing.

import { type RotaSettings, readRotas } from "./rota-settings.ts";
import { readSlackUrl } from "./slack-settings.ts";
import { type Environment, variables } from "./variables.ts";

export type ExplainSettings = {
  /** `undefined`: Slack isn't asked who is in a group. */
  readonly slack: { readonly botToken: string; readonly apiUrl: string } | undefined;
  readonly azureResourceManagerUrl: string | undefined;
  readonly policyFile: string;
  readonly rotas: RotaSettings;
};

export function readExplainSettings(
  env: Environment,
): { readonly settings: ExplainSettings } | { readonly faults: readonly string[] } {
  const from = variables(env);
  const botToken = from.secret("SLACK_BOT_TOKEN");
  const apiUrl = readSlackUrl(from);
  const azureResourceManagerUrl = from.url("AZURE_RESOURCE_MANAGER_URL", {
    protocols: ["https:"],
    example: "https://management.azure.com",
    why: "Azure's client sends its token over https only",
  });
  const policyFile = from.text("JIT_CONFIG") ?? "jit.yaml";
  const rotas = readRotas(from);
  if (from.faults.length > 0) return { faults: from.faults };
  const slack = botToken === undefined ? undefined : { botToken, apiUrl };
  return { settings: { slack, azureResourceManagerUrl, policyFile, rotas } };
}
