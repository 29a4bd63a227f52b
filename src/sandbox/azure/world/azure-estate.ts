// What exists in the simulated Azure: subscriptions, VMs and their network, policies, open doors.

import { createHash } from "node:crypto";

/** A role given to the bot. A scope of `/` is everything; actions may hold `*`. */
export type Grant = { scope: string; actions: string[]; notActions: string[] };

/** An action taken from the bot on a scope and below, whatever its roles give. It may hold `*`. */
export type Withheld = { scope: string; action: string };

/** Defender for Servers: without a plan, and with plan 1, there is no JIT. */
export type Plan = "P2" | "P1" | "off";

export type Subscription = { id: string; name: string; managementGroups: string[]; plan: Plan };

/** Where a resource is and what it is called. `id` is as it was made: compare it lower-cased. */
export type Resource = {
  id: string;
  name: string;
  subscriptionId: string;
  resourceGroup: string;
  location: string;
};

/** When an accepted request opens: after this many milliseconds or never, for all ports or each. */
export type Opening = number | "never" | Record<number, number | "never">;

export type Vm = Resource & {
  os: "Linux" | "Windows";
  size: string;
  tags: Record<string, string> | undefined;
  power: "running" | "deallocated" | "stopped" | "starting";
  privateIp: string;
  publicIp: PublicIp | undefined;
  nicId: string;
  /** Further addresses of its first interface. */
  moreIps: string[];
  /** Ids of application security groups that its addresses are in. */
  asgIds: string[];
  /** Further interfaces, in the same subnet. */
  moreNics: { id: string; name: string; privateIp: string; nsg: Nsg | undefined }[];
  /** The scale set in Flexible orchestration that it is in. */
  scaleSetId: string | undefined;
  subnetId: string;
  nicNsg: Nsg | undefined;
  firewall: Firewall | undefined;
  /** Instead of the switch of that name. */
  opensAfterMs: Opening | undefined;
  /** Initiating then asks for write rights on the VM, too, as Microsoft says of "some VMs". */
  needsWrite: boolean;
};

export type PublicIp = Resource & { address: string; ofId: string };

export type NsgRule = {
  name: string;
  priority: number;
  access: "Allow" | "Deny";
  /** One port, several, a range such as `5985-5986`, or `*`. */
  ports: string[];
  source: string;
  destination: string;
  protocol?: string;
  description?: string;
  /** Fields as Azure has them, in place of those that follow from the above: lists, groups, source ports. */
  properties?: Record<string, unknown>;
};

export type Nsg = Resource & {
  /** Rules that aren't Defender's. */
  ownRules: NsgRule[];
  /** Names of Defender's rules that somebody deleted. */
  deletedRules: Set<string>;
  /** The VMs that stand behind it, by network interface or by subnet. */
  vms: Vm[];
  subnets: Subnet[];
};

export type Subnet = { id: string; name: string; prefix: string; nsg: Nsg | undefined };
export type Network = Resource & { subnets: Subnet[]; prefix: string; vmCount: number };
export type Firewall = Resource & {
  publicIp: PublicIp;
  subnetId: string;
  /** The firewall policy that its rules are in; `undefined`: it has classic rules of its own. */
  policyId: string | undefined;
};
type Bastion = Resource & { subnetId: string };

/** A VM's entry in a policy, as it was put: fields that we don't know are kept. */
export type PolicyVm = { id: string; ports: PolicyPort[]; [more: string]: unknown };
export type PolicyPort = {
  number: number;
  protocol: string;
  maxRequestAccessDuration: string;
  allowedSourceAddressPrefix?: string | null;
  allowedSourceAddressPrefixes?: string[] | null;
  [more: string]: unknown;
};

export type Policy = Resource & {
  kind: string | undefined;
  vms: PolicyVm[];
  requests: AcceptedRequest[];
};

export type AcceptedRequest = {
  requestor: string;
  justification: string | undefined;
  startMs: number;
  vms: { id: string; ports: Door[] }[];
};

/** One port of one accepted request. What it reads as depends on the time: see `accepted-requests.ts`. */
export type Door = {
  /** 32 hex digits, which end the names of its NSG rules. */
  key: string;
  port: number;
  sources: string[];
  /** Whether the sources came in the plural field, and go back in it. */
  plural: boolean;
  startMs: number;
  opensMs: number;
  /** How long it stays open after its end. */
  lingersMs: number;
  endMs: number;
  mappedPort: number | undefined;
  revoked: { atMs: number; reason: string } | undefined;
  /** Its rule is gone from the NSG, noticed or not. */
  ruleDeleted: boolean;
};

/** A door with the policy that it is in: what is kept for each VM. */
type DoorOfVm = { door: Door; policy: Policy };

export type LoggedEvent = {
  atMs: number;
  subscriptionId: string;
  resourceGroup: string;
  resourceId: string;
  provider: string;
  correlationId: string;
  body: Record<string, unknown>;
};

/** Every map is keyed by lower-cased resource id, where nothing else is said. */
export type AzureEstate = {
  tenantId: string;
  /** The identity that the bot runs under. */
  bot: { objectId: string; clientId: string; name: string };
  grants: Grant[];
  withheld: Withheld[];
  /** Keyed by lower-cased subscription id. */
  subscriptions: Map<string, Subscription>;
  resourceGroups: Map<string, Resource & { tags: Record<string, string> | undefined }>;
  vms: Map<string, Vm>;
  /** Keyed by lower-cased name. */
  vmsByName: Map<string, Vm[]>;
  classicVms: Map<string, Resource>;
  scaleSets: Map<string, Resource & { orchestrationMode: "Uniform" | "Flexible" | undefined }>;
  /** The first network interface of each VM. */
  nics: Map<string, Vm>;
  publicIps: Map<string, PublicIp>;
  nsgs: Map<string, Nsg>;
  networks: Map<string, Network>;
  firewalls: Map<string, Firewall>;
  bastions: Map<string, Bastion>;
  policies: Map<string, Policy>;
  /** The policies that name a VM, keyed by the VM's id. */
  policiesOfVm: Map<string, Set<Policy>>;
  /** Doors not long ended, keyed by the VM's id. */
  doorsOfVm: Map<string, DoorOfVm[]>;
  events: LoggedEvent[];
};

export function emptyWorld(): AzureEstate {
  return {
    tenantId: guid("tenant"),
    bot: { objectId: guid("bot object"), clientId: guid("bot client"), name: "jit-bot" },
    grants: [],
    withheld: [],
    subscriptions: new Map(),
    resourceGroups: new Map(),
    vms: new Map(),
    vmsByName: new Map(),
    classicVms: new Map(),
    scaleSets: new Map(),
    nics: new Map(),
    publicIps: new Map(),
    nsgs: new Map(),
    networks: new Map(),
    firewalls: new Map(),
    bastions: new Map(),
    policies: new Map(),
    policiesOfVm: new Map(),
    doorsOfVm: new Map(),
    events: [],
  };
}

/** `/subscriptions/…/resourceGroups/…/providers/<type>/<name>`. */
export function resourceId(at: Omit<Resource, "id" | "location">, type: string): string {
  const group = `/subscriptions/${at.subscriptionId}/resourceGroups/${at.resourceGroup}`;
  return `${group}/providers/${type}/${at.name}`;
}

/** What a policy's id has that other resources' haven't: its location. */
export function policyId(at: Omit<Resource, "id">): string {
  return resourceId(at, `Microsoft.Security/locations/${at.location}/jitNetworkAccessPolicies`);
}

/** Gives a policy other VMs, and keeps the index of which policies name a VM. */
export function setPolicyVms(world: AzureEstate, policy: Policy, vms: PolicyVm[]): void {
  for (const { id } of policy.vms) world.policiesOfVm.get(id.toLowerCase())?.delete(policy);
  policy.vms = vms;
  for (const { id } of vms) {
    const key = id.toLowerCase();
    const policies = world.policiesOfVm.get(key) ?? new Set();
    world.policiesOfVm.set(key, policies.add(policy));
  }
}

/** The same GUID for the same seed, so that a world has the same ids in every run. */
export function guid(seed: string): string {
  const hex = hash(seed);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join("-");
}

export function hash(seed: string): string {
  return createHash("sha256").update(seed).digest("hex").slice(0, 32);
}
