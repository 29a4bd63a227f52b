// Opens Azure as the policy file names it: for the bot, and for the commands that read Azure or change it.

import type { TokenCredential } from "@azure/identity";
import { azureEndpoint } from "../../config/clouds.ts";
import type { Policy } from "../../domain/rules/policy.ts";
import { type ArmAzure, type ArmAzureOptions, armAzure } from "./arm-azure.ts";
import { azureCredential } from "./client/credential.ts";

export type OpenAzureOptions = Pick<
  ArmAzureOptions,
  "clock" | "log" | "onCall" | "refreshEveryMs"
> & {
  /** Another address of Azure Resource Manager than the cloud's own: of a simulator, or a proxy. */
  readonly resourceManagerUrl?: string | undefined;
};

export type OpenedAzure = {
  readonly azure: ArmAzure;
  /** What else signs in with the bot's identity, as Redis may. */
  readonly credential: TokenCredential;
  /** Where people read of the same, without a slash at the end. */
  readonly portal: string;
};

/** Nothing is asked yet: `azure` asks when it is started, or when something is asked of it. */
export function openAzure(
  { cloud, subscriptions, managementGroups }: Policy["azure"],
  { resourceManagerUrl, ...options }: OpenAzureOptions,
): OpenedAzure {
  const { endpoint, scope, authorityHost, portal } = azureEndpoint(cloud, resourceManagerUrl);
  const credential = azureCredential(authorityHost);
  const azure = armAzure({
    ...options,
    credential,
    endpoint,
    scope,
    subscriptions,
    managementGroups,
  });
  return { azure, credential, portal };
}
