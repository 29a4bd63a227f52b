// The words that a world is written in: `buildWorld(vm({ name: "a" }), policy({ vms: ["a"] }))`.

import {
  type AzureEstate,
  emptyWorld,
  type Grant,
  guid,
  type Plan,
  type Policy,
  type PolicyPort,
  policyId,
  type Subscription,
  setPolicyVms,
  type Vm,
} from "./azure-estate.ts";
import { addBastion, addClassicVm, addScaleSet, addVm } from "./build.ts";
import type { Place, VmPart } from "./vm-part.ts";

/** Something that is added to a world. */
export type Part = (world: AzureEstate) => void;

type PortPart = {
  number: number;
  protocol?: "TCP" | "UDP" | "*";
  max?: string;
  sources?: string | string[];
};

export type PolicyPart = Place & {
  /** `default` if left out. */
  name?: string;
  /** Names, `resourceGroup/name`s or resource ids. The policy stands where the first VM stands. */
  vms: string[];
  ports?: (number | PortPart)[];
  /** For ports that say nothing else; PT3H if left out. */
  max?: string;
  /** For ports that say nothing else; a list goes into the plural field. */
  sources?: string | string[];
};

export type SubscriptionPart = {
  name: string;
  id?: string;
  plan?: Plan;
  managementGroups?: string[];
};

/** What the bot needs, by purpose; unless a world grants otherwise, its bot may do all of it. */
export const RIGHTS = {
  request: [
    "Microsoft.Security/locations/jitNetworkAccessPolicies/read",
    "Microsoft.Security/locations/jitNetworkAccessPolicies/*/read",
    "Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action",
    "Microsoft.ResourceGraph/resources/read",
    "Microsoft.Security/policies/read",
    "Microsoft.Security/pricings/read",
    "Microsoft.Compute/virtualMachines/read",
    "Microsoft.Compute/virtualMachines/instanceView/read",
    "Microsoft.Network/networkInterfaces/read",
    "Microsoft.Network/networkSecurityGroups/read",
    "Microsoft.Network/networkSecurityGroups/securityRules/read",
    "Microsoft.Network/virtualNetworks/read",
    "Microsoft.Network/virtualNetworks/subnets/read",
    "Microsoft.Network/publicIPAddresses/read",
    "Microsoft.Network/bastionHosts/read",
    "Microsoft.Network/azureFirewalls/read",
    "Microsoft.Resources/subscriptions/read",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Insights/eventtypes/values/read",
    "Microsoft.Authorization/permissions/read",
    "Microsoft.Management/managementGroups/read",
  ],
  configure: [
    "Microsoft.Security/locations/jitNetworkAccessPolicies/write",
    "Microsoft.Security/locations/jitNetworkAccessPolicies/delete",
    "Microsoft.Compute/virtualMachines/write",
  ],
  closeByRule: ["Microsoft.Network/networkSecurityGroups/securityRules/delete"],
} as const;

/** A world of these parts, in which the bot may do everything in `RIGHTS` unless a part grants. */
export function buildWorld(...parts: Part[]): AzureEstate {
  const world = emptyWorld();
  add(world, ...parts);
  if (world.grants.length === 0) grant(...Object.values(RIGHTS).flat())(world);
  return world;
}

export function add(world: AzureEstate, ...parts: Part[]): void {
  for (const part of parts) part(world);
}

export function vm(part: VmPart): Part {
  return (world) => addVm(world, part, place(world, part));
}

/** A VM of the classic deployment model. */
export function classicVm({ name, ...part }: Place & { name: string }): Part {
  return (world) => addClassicVm(world, name, place(world, part));
}

/** Its VMs aren't in Resource Graph's table. Left out: a set older than the choice, which is Uniform. */
export function scaleSet({
  name,
  mode,
  ...part
}: Place & { name: string; mode?: "Uniform" | "Flexible" }): Part {
  return (world) => void addScaleSet(world, { name, mode }, place(world, part));
}

export function bastion(part: Place = {}): Part {
  return (world) => addBastion(world, place(world, part));
}

/** Grants everywhere; a list that begins with `-` is taken away again (notActions). */
export function grant(...actions: string[]): Part {
  return grantAt("/", ...actions);
}

export function grantAt(scope: string, ...actions: string[]): Part {
  const made: Grant = {
    scope,
    actions: actions.filter((action) => !action.startsWith("-")),
    notActions: actions.filter((action) => action.startsWith("-")).map((a) => a.slice(1)),
  };
  return (world) => {
    world.grants.push(made);
  };
}

/** Only for what VMs don't bring with them: a subscription's plan, id, management groups. */
export function subscription(part: SubscriptionPart): Part {
  return (world) => {
    const id = part.id ?? subscriptionId(part.name);
    const { name, plan = "P2", managementGroups = ["root"] } = part;
    world.subscriptions.set(id.toLowerCase(), { id, name, plan, managementGroups });
  };
}

export function policy(part: PolicyPart): Part {
  return (world) => {
    const vms = part.vms.map((name) => findVm(world, name));
    const first = vms[0];
    const at = {
      name: part.name ?? "default",
      subscriptionId: part.subscription
        ? subscriptionId(part.subscription)
        : (first?.subscriptionId ?? subscriptionId(DEFAULT.subscription)),
      resourceGroup: part.resourceGroup ?? first?.resourceGroup ?? DEFAULT.resourceGroup,
      location: part.location ?? first?.location ?? DEFAULT.location,
    };
    const ports = (part.ports ?? [22, 3389]).map((port) => policyPort(port, part));
    const made: Policy = { ...at, id: policyId(at), kind: "Basic", vms: [], requests: [] };
    setPolicyVms(
      world,
      made,
      vms.map(({ id }) => ({ id, ports: ports.map((port) => ({ ...port })) })),
    );
    world.policies.set(made.id.toLowerCase(), made);
  };
}

/** Finds a VM by name, `resourceGroup/name` or id. Throws where there is none, or more than one. */
export function findVm(world: AzureEstate, name: string): Vm {
  const wanted = name.toLowerCase();
  const byId = world.vms.get(wanted);
  if (byId) return byId;
  const [group, short] = wanted.includes("/") ? wanted.split("/") : [undefined, wanted];
  const found = (world.vmsByName.get(short ?? "") ?? []).filter(
    (one) => group === undefined || one.resourceGroup.toLowerCase() === group,
  );
  const [only, another] = found;
  if (!only || another) throw new Error(`${found.length} VMs are called ${name}`);
  return only;
}

const DEFAULT = { subscription: "Demo", resourceGroup: "rg-demo", location: "westeurope" };

function policyPort(port: number | PortPart, part: PolicyPart): PolicyPort {
  const given = typeof port === "number" ? { number: port } : port;
  const sources = given.sources ?? part.sources ?? "*";
  return {
    number: given.number,
    protocol: given.protocol ?? "*",
    maxRequestAccessDuration: given.max ?? part.max ?? "PT3H",
    ...(typeof sources === "string"
      ? { allowedSourceAddressPrefix: sources }
      : { allowedSourceAddressPrefixes: sources }),
  };
}

export function subscriptionId(nameOrId: string): string {
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(nameOrId) ? nameOrId : guid(nameOrId);
}

function place(world: AzureEstate, at: Place): Required<Place> & { subscriptionId: string } {
  const filled = { ...DEFAULT, ...at };
  const id = subscriptionId(filled.subscription);
  const known: Subscription | undefined = world.subscriptions.get(id.toLowerCase());
  if (!known) add(world, subscription({ name: filled.subscription, id }));
  return { ...filled, subscriptionId: id };
}
