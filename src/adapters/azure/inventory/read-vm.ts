// A single VM, read from its own provider: Resource Graph shows a change of tags up to a minute late.

import { z } from "zod";
import { vmKey } from "../../../domain/text/ids.ts";
import type { VmNow } from "../../../ports/azure.ts";
import { Fault } from "../../../ports/fault.ts";
import type { Calls } from "../client/calls.ts";
import type { Clients } from "../client/clients.ts";
import { saysGone } from "../client/gone.ts";
import { resourceIdParts, resourcePath } from "../client/resource-id.ts";
import { sendRest } from "../client/rest.ts";

export type VmTimeouts = { readonly readVmMs: number };

/** Source: https://learn.microsoft.com/rest/api/compute/virtual-machines/get */
const VERSION = "2024-07-01";

const vmBody = z.object({
  id: z.string(),
  name: z.string().min(1),
  location: z.string(),
  // Rules match by tags: one that can't be read must not look like one that isn't there.
  tags: z
    .record(
      z.string(),
      z
        .string()
        .nullable()
        .transform((value) => value ?? ""),
    )
    .nullish()
    .transform((tags) => tags ?? {}),
  properties: z.object({
    storageProfile: z
      .object({ osDisk: z.object({ osType: z.string().nullish() }).nullish() })
      .nullish(),
    // Only a hint: what can't be read of it isn't known.
    instanceView: z
      .object({ statuses: z.array(z.object({ code: z.string() }).catch({ code: "" })) })
      .nullish()
      .catch(undefined),
  }),
});

export function createVms(needs: {
  clients: Clients;
  calls: Calls;
  endpoint: string;
  timeouts: VmTimeouts;
}): { read(vmId: string): Promise<VmNow | undefined> } {
  const { clients, calls, timeouts } = needs;
  const endpoint = needs.endpoint.replace(/\/$/, "");
  return {
    async read(vmId) {
      const url = `${endpoint}${resourcePath(vmId, "vm")}?$expand=instanceView&api-version=${VERSION}`;
      const client = await clients.security(resourceIdParts(vmId).subscriptionId);
      const timeoutMs = timeouts.readVmMs;
      const how = { operation: "vm-read", timeoutMs, totalMs: timeoutMs };
      return calls.read(how, async (call) => {
        try {
          return vmNow(vmId, await sendRest(client, { method: "GET", url, signal: call.signal }));
        } catch (thrown) {
          if (saysGone("vm", call, thrown)) return undefined;
          throw thrown;
        }
      });
    },
  };
}

const POWER = /^PowerState\//i;

function vmNow(vmId: string, body: unknown): VmNow {
  const vm = vmBody.safeParse(body).data;
  // Azure spells ids in any case, and never answers for another one.
  if (vm === undefined || vmKey(vm.id) !== vmKey(vmId)) throw unreadable(vmId);
  const { subscriptionId, resourceGroup } = resourceIdParts(vm.id);
  const os = vm.properties.storageProfile?.osDisk?.osType?.toLowerCase();
  return {
    key: vmKey(vm.id),
    id: vm.id,
    name: vm.name,
    resourceGroup,
    subscriptionId,
    location: vm.location,
    tags: vm.tags,
    os: os === "linux" || os === "windows" ? os : undefined,
    power: vm.properties.instanceView?.statuses.find(({ code }) => POWER.test(code))?.code,
  };
}

const unreadable = (vmId: string): Fault =>
  new Fault({
    source: "azure",
    code: "UnreadableAnswer",
    message: `Azure's answer isn't a VM, for ${vmId}.`,
    retryable: true,
  });
