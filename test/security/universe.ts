// The people, groups, VMs and networks of the random worlds: few, so that they meet often.

import type { AllowedSource } from "../../src/domain/rules/policy.ts";
import {
  channelId,
  type GroupId,
  groupId,
  type UserId,
  userId,
  vmKey,
} from "../../src/domain/text/ids.ts";
import type { JitPort, JitVmPolicy, Vm } from "../../src/domain/vm/vm.ts";
import { HOUR, jitPolicyId, vmId } from "../support/requests.ts";
import type { Kind } from "./outside.ts";

export const [ERIN, SAM, LEA, OMAR, PIA, ADA, AUDREY, NOBODY] = [
  ...["U0ERIN", "U0SAM", "U0LEA", "U0OMAR", "U0PIA", "U0ADA", "U0AUDREY", "U0NOBODY"],
].map(userId) as [UserId, UserId, UserId, UserId, UserId, UserId, UserId, UserId];

export const [GUEST, STRANGER, OTHER, ROBOT, GONE, UNKNOWN] = [
  ...["U0GUEST", "U0STRANGER", "U0OTHER", "U0ROBOT", "U0GONE", "U0UNKNOWN"],
].map(userId) as [UserId, UserId, UserId, UserId, UserId, UserId];

export const INSIDERS: readonly UserId[] = [ERIN, SAM, LEA, OMAR, PIA, ADA, AUDREY, NOBODY];
export const OUTSIDERS: readonly UserId[] = [GUEST, STRANGER, OTHER, ROBOT, GONE, UNKNOWN];
export const EVERYBODY: readonly UserId[] = [...INSIDERS, ...OUTSIDERS];

export const KINDS: ReadonlyMap<UserId, Kind> = new Map<UserId, Kind>([
  ...INSIDERS.map((user) => [user, "full"] as const),
  [GUEST, "guest"],
  [STRANGER, "stranger"],
  [OTHER, "other-workspace"],
  [ROBOT, "bot"],
  [GONE, "deactivated"],
  [UNKNOWN, "unknown"],
]);

export const GROUPS: readonly GroupId[] = ["S0ONE", "S0TWO", "S0THREE"].map(groupId);

const network = (name: string, cidr: string): AllowedSource => ({
  kind: "network",
  name,
  cidrs: [cidr],
});

export const NETWORKS = { vpn: ["203.0.113.0/24"], office: ["198.51.100.0/24"] };
export const SOURCES: readonly AllowedSource[] = [
  network("vpn", "203.0.113.0/24"),
  network("office", "198.51.100.0/24"),
  { kind: "cidr", cidr: "203.0.113.128/25" },
  { kind: "any" },
];
/** What people type after `from`, or approvers into the form. */
export const TYPED_SOURCES: readonly string[] = [
  ...["vpn", "office", "any", "203.0.113.0/24", "203.0.113.128/25", "203.0.113.200"],
  ...["198.51.100.7", "192.0.2.1", "0.0.0.0/0"],
];

export const PORTS: readonly number[] = [22, 3389, 443];
export const CHANNELS = ["C0PROD", "C0DEV"].map(channelId);

function vm(name: string, resourceGroup: string, tags: Record<string, string>): Vm {
  const id = vmId(name, resourceGroup);
  return {
    ...{ key: vmKey(id), id, name, resourceGroup, tags },
    subscriptionId: "11111111-1111-1111-1111-111111111111",
    location: "westeurope",
    os: "linux",
    power: "PowerState/running",
    privateAddresses: [],
    publicAddresses: [],
    hasNsg: true,
  };
}

export const VMS: readonly Vm[] = [
  vm("web-1", "rg-web", { env: "prod" }),
  vm("web-2", "rg-web", { env: "dev" }),
  vm("db-1", "rg-db", { env: "prod" }),
  vm("vault-1", "rg-vault", {}),
  vm("web-1", "rg-old", { env: "old" }),
];

const policyOf = (one: Vm): string => jitPolicyId(one.resourceGroup, one.name);

const LONGEST_HOURS: Readonly<Record<number, number>> = { 22: 3, 3389: 2, 443: 24 };

export const vmPolicyOf = (one: Vm, change: Partial<JitPort> = {}): JitVmPolicy => ({
  policyId: policyOf(one),
  vm: one.key,
  firewallAddress: undefined,
  ports: PORTS.map((number) => ({
    number,
    protocol: "*",
    sources: ["*"],
    maxDurationMs: (LONGEST_HOURS[number] ?? 1) * HOUR,
    ...change,
  })),
});
