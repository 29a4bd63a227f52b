// The rules of an NSG: its own, and Defender's, which follow from policies and open doors.

import {
  type AzureEstate,
  type Door,
  hash,
  type Nsg,
  type NsgRule,
  type Policy,
  type Vm,
} from "../world/azure-estate.ts";
import { isOpen } from "./accepted-requests.ts";

/** Defender's rule of an NSG; an allow rule knows the door that it opens. */
export type Rule = NsgRule & { door?: Door };

/** Allow rules were seen from here upwards. */
const ALLOW_PRIORITY = 100;

/** An NSG's rules at this moment, in the order of their priorities. */
export function rulesOf(
  world: AzureEstate,
  nsg: Nsg,
  at: { nowMs: number; denyPriority: number },
): Rule[] {
  const rules: Rule[] = [...nsg.ownRules];
  const taken = new Set(nsg.ownRules.map(({ priority }) => priority));
  const free = (from: number, step: 1 | -1): number => {
    let priority = from;
    while (taken.has(priority)) priority += step;
    taken.add(priority);
    return priority;
  };
  for (const vm of nsg.vms) {
    for (const { door, policy } of world.doorsOfVm.get(vm.id.toLowerCase()) ?? []) {
      if (!isOpen(door, at.nowMs)) continue;
      for (const source of door.sources) {
        rules.push(allowRule({ vm, policy, door, source, priority: free(ALLOW_PRIORITY, 1) }));
      }
    }
    for (const policy of world.policiesOfVm.get(vm.id.toLowerCase()) ?? []) {
      const rule = denyRule(nsg, vm, policy);
      if (!rule || nsg.deletedRules.has(rule.name)) continue;
      rules.push({ ...rule, priority: free(at.denyPriority, -1) });
    }
  }
  return rules.sort((a, b) => a.priority - b.priority);
}

function allowRule(of: {
  vm: Vm;
  policy: Policy;
  door: Door;
  source: string;
  priority: number;
}): Rule {
  const { vm, policy, door, source, priority } = of;
  const nth = door.sources.indexOf(source);
  const key = nth === 0 ? door.key : hash(`${door.key} ${source}`).toUpperCase();
  return {
    name: `MicrosoftDefenderForCloud-JITRule-${numberOf(key)}-${key}`,
    priority,
    access: "Allow",
    ports: [String(door.port)],
    source,
    destination: vm.privateIp,
    protocol: protocolOf(policy, vm, door.port),
    description: describe(policy, vm),
    door,
  };
}

/** One rule for all of the VM's ports in the policy; `undefined` if the policy names none. */
function denyRule(nsg: Nsg, vm: Vm, policy: Policy): Omit<Rule, "priority"> | undefined {
  const ports = entryOf(policy, vm)?.ports ?? [];
  if (ports.length === 0) return undefined;
  const key = hash(`${nsg.id} ${policy.id} ${vm.id}`).toUpperCase();
  return {
    name: `MicrosoftDefenderForCloud-JITRule_${numberOf(key)}_${key}`,
    access: "Deny",
    ports: ports.map((port) => String(port.number)),
    source: "*",
    destination: vm.privateIp,
    protocol: "*",
    description: describe(policy, vm),
  };
}

export function entryOf(policy: Policy, vm: { id: string }) {
  const wanted = vm.id.toLowerCase();
  return policy.vms.find(({ id }) => id.toLowerCase() === wanted);
}

function protocolOf(policy: Policy, vm: Vm, port: number): string {
  return entryOf(policy, vm)?.ports.find(({ number }) => number === port)?.protocol ?? "*";
}

function describe(policy: Policy, vm: Vm): string {
  return `MDC JIT Network Access rule for policy '${policy.name}' of VM '${vm.name}'.`;
}

function numberOf(key: string): number {
  return Number.parseInt(key.slice(0, 7), 16);
}

/** A rule as the network resource provider and Resource Graph show it. */
export function ruleBody(nsg: Nsg, rule: Rule): Record<string, unknown> {
  const [port, ...more] = rule.ports;
  return {
    id: `${nsg.id}/securityRules/${rule.name}`,
    name: rule.name,
    type: "Microsoft.Network/networkSecurityGroups/securityRules",
    properties: {
      provisioningState: "Succeeded",
      ...(rule.description && { description: rule.description }),
      protocol: rule.protocol ?? "*",
      sourcePortRange: "*",
      ...(more.length === 0 && { destinationPortRange: port }),
      sourceAddressPrefix: rule.source,
      destinationAddressPrefix: rule.destination,
      access: rule.access,
      priority: rule.priority,
      direction: "Inbound",
      sourcePortRanges: [],
      destinationPortRanges: more.length === 0 ? [] : rule.ports,
      sourceAddressPrefixes: [],
      destinationAddressPrefixes: [],
      ...rule.properties,
    },
  };
}

const DEFAULT_RULES: [name: string, priority: number, access: "Allow" | "Deny", from: string][] = [
  ["AllowVnetInBound", 65_000, "Allow", "VirtualNetwork"],
  ["AllowAzureLoadBalancerInBound", 65_001, "Allow", "AzureLoadBalancer"],
  ["DenyAllInBound", 65_500, "Deny", "*"],
];

/** The inbound rules that every NSG has. */
export function defaultRuleBodies(nsg: Nsg): Record<string, unknown>[] {
  return DEFAULT_RULES.map(([name, priority, access, source]) => {
    const destination = source === "VirtualNetwork" ? source : "*";
    const rule = ruleBody(nsg, { name, priority, access, ports: ["*"], source, destination });
    return { ...rule, id: `${nsg.id}/defaultSecurityRules/${name}` };
  });
}
