// The NSG rules by which JIT lets somebody in: found on a VM's interfaces and subnets, and deleted.

import { z } from "zod";
import { isJitAllowName } from "../../../domain/vm/exposure/jit-rule-names.ts";
import type { OpenRule, RulesOf } from "../../../ports/azure.ts";
import { Fault } from "../../../ports/fault.ts";
import type { Calls } from "../client/calls.ts";
import type { Clients } from "../client/clients.ts";
import { saysGone } from "../client/gone.ts";
import { listLinks } from "../client/list-links.ts";
import { type ResourceType, resourceIdParts, resourcePath } from "../client/resource-id.ts";
import { sendRest } from "../client/rest.ts";
import { readOpenRule } from "./open-rule.ts";

export type Rules = {
  find(of: RulesOf): Promise<readonly OpenRule[]>;
  delete(ruleId: string): Promise<void>;
};

const COMPUTE = "2024-07-01";
const NETWORK = "2024-05-01";

/** An NSG has at most a few thousand rules: this ends a list that never does. */
const PAGES_MAX = 50;

const reference = z.object({ id: z.string() });
const vmSchema = z.object({
  properties: z.object({
    networkProfile: z.object({ networkInterfaces: z.array(reference) }),
  }),
});
const guarded = { networkSecurityGroup: reference.nullish() };
const nicSchema = z.object({
  properties: z.object({
    ...guarded,
    ipConfigurations: z.array(
      z.object({
        properties: z.object({
          privateIPAddress: z.string().nullish(),
          subnet: reference.nullish(),
        }),
      }),
    ),
  }),
});
const subnetSchema = z.object({ properties: z.object(guarded) });
const rulesSchema = z.object({ value: z.array(z.unknown()), nextLink: z.string().nullish() });

export type RulesTimeouts = { readonly readRulesMs: number; readonly deleteRuleMs: number };

export function createRules(needs: {
  clients: Clients;
  calls: Calls;
  endpoint: string;
  timeouts: RulesTimeouts;
}): Rules {
  const { clients, calls, timeouts } = needs;
  const endpoint = needs.endpoint.replace(/\/$/, "");
  const urlOf = (id: string, type: ResourceType, version: string) =>
    `${endpoint}${resourcePath(id, type)}?api-version=${version}`;

  return {
    async find({ vmId, ports, source }) {
      const { subscriptionId, name: vmName } = resourceIdParts(vmId);
      const client = await clients.security(subscriptionId);
      const timeoutMs = timeouts.readRulesMs;
      const how = { operation: "rules-read", timeoutMs, totalMs: timeoutMs };
      return calls.read(how, async ({ signal }) => {
        const read: Read = (url) => sendRest(client, { method: "GET", url, signal });
        const { addresses, nsgs } = await networkOf(vmId, { read, urlOf });
        const target = { vmName, addresses, ports, source };
        const rules: OpenRule[] = [];
        for (const nsg of nsgs) {
          const first = urlOf(`${nsg}/securityRules`, "rules", NETWORK);
          for await (const rule of pages(first, read)) {
            const found = readOpenRule(rule, target);
            if (found !== undefined) rules.push(found);
          }
        }
        return rules;
      });
    },

    async delete(ruleId) {
      const { subscriptionId, name } = resourceIdParts(ruleId);
      // The last fence before somebody else's rule.
      if (!isJitAllowName(name)) throw notOurs(ruleId);
      const url = urlOf(ruleId, "rule", NETWORK);
      const client = await clients.security(subscriptionId);
      const timeoutMs = timeouts.deleteRuleMs;
      const how = { operation: "rule-delete", timeoutMs, totalMs: timeoutMs };
      await calls.read(how, async (call) => {
        try {
          await sendRest(client, { method: "DELETE", url, signal: call.signal });
        } catch (thrown) {
          const { status = 0 } = call;
          const isDone = status >= 200 && status < 300;
          if (!isDone && !saysGone("rule", call, thrown)) throw thrown;
        }
      });
    },
  };
}

type Read = (url: string) => Promise<unknown>;

async function* pages(first: string, read: Read): AsyncGenerator<unknown> {
  const follow = listLinks();
  let url = follow(first);
  for (let page = 0; url !== undefined && page < PAGES_MAX; page++) {
    const { value, nextLink }: z.output<typeof rulesSchema> = rulesSchema.parse(await read(url));
    yield* value;
    url = follow(nextLink);
  }
}

/** What stands before a VM now. The snapshot may be a minute old, and doesn't know which NSGs they are. */
async function networkOf(
  vmId: string,
  { read, urlOf }: { read: Read; urlOf: (id: string, type: ResourceType, at: string) => string },
): Promise<{ addresses: readonly string[]; nsgs: readonly string[] }> {
  const vm = vmSchema.parse(await read(urlOf(vmId, "vm", COMPUTE)));
  const addresses: string[] = [];
  const nsgs = distinct();
  const subnets = distinct();
  for (const { id } of vm.properties.networkProfile.networkInterfaces) {
    const { properties } = nicSchema.parse(await read(urlOf(id, "nic", NETWORK)));
    nsgs.add(properties.networkSecurityGroup?.id);
    for (const { properties: at } of properties.ipConfigurations) {
      if (at.privateIPAddress) addresses.push(at.privateIPAddress);
      subnets.add(at.subnet?.id);
    }
  }
  for (const id of subnets.all()) {
    const { properties } = subnetSchema.parse(await read(urlOf(id, "subnet", NETWORK)));
    nsgs.add(properties.networkSecurityGroup?.id);
  }
  if (nsgs.all().length === 0) throw noNsg(vmId);
  return { addresses, nsgs: nsgs.all() };
}

/** Azure writes the same id in different cases. */
function distinct() {
  const known = new Map<string, string>();
  return {
    add: (id: string | undefined) => void (id && known.set(id.toLowerCase(), id)),
    all: () => [...known.values()],
  };
}

const noNsg = (vmId: string): Fault =>
  new Fault({
    source: "azure",
    code: "NoNetworkSecurityGroup",
    message: `${resourceIdParts(vmId).name} has no network security group, so there's no rule to delete.`,
    retryable: false,
  });

const notOurs = (ruleId: string): Fault =>
  new Fault({
    source: "azure",
    code: "InvalidRuleId",
    message: `This isn't the ID of a JIT allow rule: ${ruleId}`,
    retryable: false,
  });
