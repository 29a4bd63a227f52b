// What the page shows of the simulated Azure: VMs, their policies and rules, and who has which door open.

import type { Azure } from "../azure/arm.ts";
import { isSupported, nsgsOf } from "../azure/guards.ts";
import { statusOf } from "../azure/network/accepted-requests.ts";
import { rulesForVm } from "../azure/network/network-groups.ts";
import { entryOf } from "../azure/network/network-rules.ts";
import { mayDo } from "../azure/rights.ts";
import type { AcceptedRequest, Door, Vm } from "../azure/world/azure-estate.ts";
import { RIGHTS } from "../azure/world/parts.ts";
import type {
  AzureShown,
  DoorShown,
  PortShown,
  RightShown,
  SubscriptionShown,
  VmShown,
} from "./page-state.ts";

/** How long closed doors stay in view. */
const SHUT_SHOWN_MS = 30 * 60_000;

export function azureView(azure: Azure): AzureShown {
  const vms = [...azure.world.vms.values()];
  return {
    vms: vms.map((vm) => vmShown(azure, vm)),
    doors: doorsShown(azure),
    subscriptions: subscriptionsShown(azure),
    rights: rightsShown(azure),
  };
}

const READ_POLICIES = "Microsoft.Security/locations/jitNetworkAccessPolicies/read";
const READ_SUBSCRIPTION = "Microsoft.Resources/subscriptions/read";

function subscriptionsShown({ world }: Azure): SubscriptionShown[] {
  const vmCounts = new Map<string, number>();
  for (const { subscriptionId } of world.vms.values()) {
    vmCounts.set(subscriptionId, (vmCounts.get(subscriptionId) ?? 0) + 1);
  }
  return [...world.subscriptions.values()].map((one) => ({
    ...one,
    vmCount: vmCounts.get(one.id) ?? 0,
    isSeen: mayDo(world, READ_SUBSCRIPTION, `/subscriptions/${one.id}`),
    isRead: mayDo(world, READ_POLICIES, `/subscriptions/${one.id}`),
  }));
}

const PURPOSES: Record<keyof typeof RIGHTS, string> = {
  request: "To open",
  configure: "To configure",
  closeByRule: "To end early by rule",
};

function rightsShown({ world }: Azure): RightShown[] {
  return Object.entries(PURPOSES).flatMap(([name, purpose]) =>
    RIGHTS[name as keyof typeof RIGHTS].map((action) => ({
      action,
      purpose,
      isGiven: mayDo(world, action, "/"),
    })),
  );
}

function vmShown(azure: Azure, vm: Vm): VmShown {
  const { world } = azure;
  const { id, name, resourceGroup, os, power, privateIp, publicIp, firewall, tags = {} } = vm;
  const ports = portsOf(azure, vm);
  return {
    id,
    name,
    resourceGroup,
    subscription: world.subscriptions.get(vm.subscriptionId.toLowerCase())?.name ?? "",
    os,
    power,
    privateIp,
    publicIp: publicIp?.address ?? firewall?.publicIp.address,
    tags,
    jit:
      ports.length > 0 ? "configured" : isSupported(world, vm) ? "not configured" : "unsupported",
    ports,
    rules: rulesForVm(azure, vm, nsgsOf(world, vm)).map((rule) => {
      const { name: ruleName, priority, access, source } = rule;
      const isJit = /JITRule/.test(ruleName);
      return { name: ruleName, priority, access, ports: rule.ports, source, isJit };
    }),
  };
}

function portsOf({ world }: Azure, vm: Vm): PortShown[] {
  const policies = [...(world.policiesOfVm.get(vm.id.toLowerCase()) ?? [])];
  return policies.flatMap((policy) =>
    (entryOf(policy, vm)?.ports ?? []).map((port) => ({
      number: port.number,
      protocol: port.protocol,
      max: port.maxRequestAccessDuration,
      sources: port.allowedSourceAddressPrefixes ?? [port.allowedSourceAddressPrefix ?? "*"],
    })),
  );
}

/** Live ones first, the one that ends soonest on top; then those shut not long ago. */
function doorsShown(azure: Azure): DoorShown[] {
  const nowMs = azure.nowMs();
  const doors = [...azure.world.policies.values()].flatMap(({ requests }) =>
    requests.flatMap((request) =>
      request.vms.flatMap(({ id, ports }) =>
        ports.map((door) => doorShown(azure, { door, request, vmId: id })),
      ),
    ),
  );
  return doors
    .filter((door) => door.reason !== SUPERSEDED)
    .map(({ askedEndMs, ...door }) =>
      isCutShort({ ...door, askedEndMs }, doors) ? { ...door, status: "closing" as const } : door,
    )
    .filter((door) => door.status !== "shut" || nowMs - door.endMs < SHUT_SHOWN_MS)
    .sort((a, b) => Number(a.status === "shut") - Number(b.status === "shut") || a.endMs - b.endMs);
}

const SUPERSEDED = "NewerRequestInitiated";

/** One door is one line: an entry that took the place of another one, and ends before it, closes it. */
const isCutShort = (door: Asked, all: readonly Asked[]): boolean =>
  door.status === "open" &&
  all.some(
    (other) =>
      other.reason === SUPERSEDED &&
      other.vmId === door.vmId &&
      other.port === door.port &&
      other.sources.join() === door.sources.join() &&
      other.startMs <= door.startMs &&
      other.askedEndMs > door.endMs,
  );

type Asked = DoorShown & { askedEndMs: number };

type Found = { door: Door; request: AcceptedRequest; vmId: string };

const STATUS = { Initiating: "opening", Initiated: "open", Revoked: "shut" } as const;

function doorShown({ world, nowMs }: Azure, { door, request, vmId }: Found): Asked {
  const { status, statusReason } = statusOf(door, nowMs());
  const isBot = request.requestor === world.bot.objectId;
  return {
    key: door.key,
    vm: world.vms.get(vmId.toLowerCase())?.name ?? vmId,
    vmId: vmId.toLowerCase(),
    port: door.port,
    sources: door.sources,
    status: STATUS[status],
    reason: statusReason,
    startMs: door.startMs,
    askedEndMs: door.endMs,
    endMs: Math.min(door.endMs, door.revoked?.atMs ?? Infinity),
    requestor: isBot ? world.bot.name : request.requestor,
    justification: request.justification ?? "",
  };
}
