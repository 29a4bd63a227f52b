// The clients of Azure's own SDKs: loaded when first needed, retrying nothing, all with the bot's own pipeline joined in.

import type { ResourceGraphClient } from "@azure/arm-resourcegraph";
import type { SecurityCenter } from "@azure/arm-security";
import type { TokenCredential } from "@azure/identity";
import type { AzurePipeline } from "./pipeline.ts";

export type Clients = {
  resourceGraph(): Promise<ResourceGraphClient>;
  /** For the JIT policies of one subscription; all of them share one pipeline. */
  security(subscriptionId: string): Promise<SecurityCenter>;
};

export function createClients(options: {
  credential: TokenCredential;
  endpoint: string;
  scope: string;
  pipeline: AzurePipeline;
}): Clients {
  const { credential, endpoint, scope, pipeline: own } = options;
  const common = {
    endpoint,
    // They would repeat a POST that Azure may have acted on; reads are tried again in `calls.ts`.
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: "jit-bot" },
  };

  const loadGraph = async () => {
    const { ResourceGraphClient } = await import("@azure/arm-resourcegraph");
    const settings = { ...common, credentials: { scopes: [scope] } };
    const client = new ResourceGraphClient(credential, settings);
    own.joinIn(client.pipeline);
    return client;
  };
  const loadSecurity = async () => {
    const { SecurityCenter } = await import("@azure/arm-security");
    const settings = { ...common, credentialScopes: [scope] };
    const { pipeline } = new SecurityCenter(credential, "unused", settings);
    own.joinIn(pipeline);
    return (subscriptionId: string) =>
      new SecurityCenter(credential, subscriptionId, {
        endpoint,
        credentialScopes: [scope],
        pipeline,
      });
  };
  let graph: ReturnType<typeof loadGraph> | undefined;
  let security: ReturnType<typeof loadSecurity> | undefined;

  return {
    async resourceGraph() {
      graph ??= loadGraph();
      return graph;
    },
    async security(subscriptionId) {
      security ??= loadSecurity();
      return (await security)(subscriptionId);
    },
  };
}
