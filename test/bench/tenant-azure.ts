// A process of its own: a simulated Azure with 50,000 VMs, five hundred resource groups with a JIT policy each.

import { startAzure } from "../../src/sandbox/azure/azure-server.ts";
import { buildWorld, policy, vm } from "../../src/sandbox/azure/world/parts.ts";
import { answer } from "./rpc.ts";

const GROUPS = 500;
const VMS_IN_GROUP = 100;

export type TenantAzure = {
  readonly url: string;
  readonly caPem: string;
  readonly identityEndpoint: string;
  readonly identityHeader: string;
};

const parts = Array.from({ length: GROUPS }, (_, group) => {
  const place = { subscription: `Sub ${group % 5}`, resourceGroup: `rg-team-${group}-prod` };
  const names = Array.from({ length: VMS_IN_GROUP }, (_, n) => `vm-${group}-${n}-payments`);
  const vms = names.map((name, n) =>
    vm({
      ...{ ...place, name, os: n % 3 === 0 ? "windows" : "linux", publicIp: true },
      tags: { env: "prod", owner: `team ${group % 300}`, cost: String(n) },
    }),
  );
  const policies = policy({ ...place, vms: names.map((name) => `${place.resourceGroup}/${name}`) });
  return [...vms, policies];
});

const azure = await startAzure({ nowMs: Date.now, world: buildWorld(...parts.flat()) });
const { url, caPem, identityEndpoint, identityHeader } = azure;
const served: TenantAzure = { url, caPem, identityEndpoint, identityHeader };

answer({ served: () => served, calls: () => azure.calls.length });
