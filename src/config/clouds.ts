// The three Azure clouds: where each one answers, and for what its tokens are asked.

import type { Cloud } from "../domain/rules/policy.ts";
import { PORTALS } from "../domain/vm/portal-url.ts";

export type AzureEndpoint = {
  /** Azure Resource Manager, without a slash at the end. */
  readonly endpoint: string;
  /** What a token for Resource Manager is asked for. */
  readonly scope: string;
  /** Microsoft Entra ID, which gives the tokens; for China the SDK goes to login.partner.microsoftonline.cn. */
  readonly authorityHost: string;
  readonly portal: string;
  /** What a token for Azure Monitor's ingestion is for. */
  readonly monitor: string;
};

/**
 * From Microsoft's documentation of national clouds: "Azure Government endpoint mapping" and "Azure
 * in China endpoint mapping" at learn.microsoft.com.
 */
const CLOUDS: Readonly<Record<Cloud, AzureEndpoint>> = {
  public: {
    endpoint: "https://management.azure.com",
    scope: "https://management.azure.com/.default",
    authorityHost: "https://login.microsoftonline.com",
    portal: PORTALS.public,
    monitor: "https://monitor.azure.com",
  },
  usgov: {
    endpoint: "https://management.usgovcloudapi.net",
    scope: "https://management.usgovcloudapi.net/.default",
    authorityHost: "https://login.microsoftonline.us",
    portal: PORTALS.usgov,
    monitor: "https://monitor.azure.us",
  },
  china: {
    endpoint: "https://management.chinacloudapi.cn",
    scope: "https://management.chinacloudapi.cn/.default",
    authorityHost: "https://login.chinacloudapi.cn",
    portal: PORTALS.china,
    monitor: "https://monitor.azure.cn",
  },
};

/**
 * Where to find a cloud. `override` moves Resource Manager only: a private link, a proxy or a
 * simulator answers there, while tokens are still asked for the cloud, whose audience they carry.
 */
export function azureEndpoint(cloud: Cloud, override?: string): AzureEndpoint {
  const known = CLOUDS[cloud];
  return override === undefined ? known : { ...known, endpoint: override.replace(/\/+$/, "") };
}
