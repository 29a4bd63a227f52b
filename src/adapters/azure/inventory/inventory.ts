// Joins the rows of Resource Graph into VMs: what they are, their addresses, what stands before them.

import { type VmKey, vmKey } from "../../../domain/text/ids.ts";
import type { Vm } from "../../../domain/vm/vm.ts";
import { type Fault, isFault } from "../../../ports/fault.ts";
import type { FaultLog } from "../client/fault-log.ts";
import { resourceIdParts } from "../client/resource-id.ts";
import type { Cached } from "./cached.ts";
import {
  type FirewallRow,
  type NicRow,
  type QueryName,
  readBastionRow,
  readFirewallRow,
  readNicRow,
  readNsgRow,
  readPublicAddressRow,
  readUnsupportedRow,
  readVmRow,
  type VmRow,
} from "./graph-queries.ts";
import type { Intern } from "./intern.ts";
import type { Graph } from "./resource-graph.ts";
import { groupReader } from "./security-rules.ts";
import { type FindIn, networkFinder } from "./vm-networks.ts";

/** What is known of the network; `undefined`: it couldn't be read. */
type Network = {
  readonly nicsOfVm: ReadonlyMap<string, readonly NicRow[]> | undefined;
  readonly publicAddresses: ReadonlyMap<string, string> | undefined;
  readonly guardedSubnets: ReadonlySet<string> | undefined;
  /** Virtual networks with a Bastion. */
  readonly bastionNetworks: ReadonlySet<string> | undefined;
  /** Virtual networks with an Azure Firewall. */
  readonly firewalls: ReadonlyMap<string, NonNullable<Vm["firewall"]>> | undefined;
  /** The VMs as they were seen last. */
  readonly before: ReadonlyMap<VmKey, Vm>;
};

/** Joining goes on in portions, so that a click isn't kept waiting by 50,000 VMs. */
const PORTION = 2_000;

/** `find`: what is amiss in a VM's network; `undefined` where that couldn't be read. */
export type Inventory = { readonly vms: Map<VmKey, Vm>; readonly find: FindIn | undefined };

/**
 * Reads all VMs. Rejects with a `Fault` where the VMs themselves can't be read. What can't be read of
 * the network is as it was `before`; of a new VM, addresses are empty, NSGs unknown and Bastions unseen.
 */
export async function readInventory(
  needs: {
    graph: Graph;
    faultLog: FaultLog;
    same: Intern;
    cachedQuery: Cached;
    before: ReadonlyMap<VmKey, Vm>;
  },
  stopping: AbortSignal,
): Promise<Inventory> {
  const { graph, faultLog, same, cachedQuery, before } = needs;
  const failed = new AbortController();
  const stop = AbortSignal.any([stopping, failed.signal]);
  const rows = rowReader({ graph, faultLog, stop });
  const readGroup = groupReader();
  const readings = [
    rows.all("vms", readVmRow),
    rows.orFault("nics", readNicRow),
    rows.orFault("publicAddresses", readPublicAddressRow),
    rows.orFault("nsgs", (row) => readNsgRow(row, readGroup)),
    rows.orFault("bastions", readBastionRow),
    cachedQuery("firewalls", () => rows.orFault("firewalls", readFirewallRow)),
    cachedQuery("unsupported", () => rows.orFault("unsupported", readUnsupportedRow)),
  ] as const;
  const read = await Promise.all(readings).catch(async (thrown) => {
    // Without the VMs the others are of no use, and would only eat up the quota.
    failed.abort();
    await Promise.allSettled(readings);
    throw thrown;
  });
  rows.noteFaults();
  const [vms, nics, publicAddresses, nsgs, bastions, firewalls, unsupported] = read;
  const all = [...vms, ...(unsupported ?? []).flatMap(({ vm }) => vm ?? []).filter(isOther)];
  const nicsOfVm = nics && Map.groupBy(nics, (nic) => nic.vm);
  const joined = await join(all, same, {
    nicsOfVm,
    publicAddresses: publicAddresses && new Map(publicAddresses.map((ip) => [ip.id, ip.address])),
    guardedSubnets: nsgs && new Set(nsgs.flatMap((nsg) => nsg.subnets)),
    bastionNetworks: bastions && new Set(bastions.flat().flatMap(networkOf)),
    firewalls: firewalls && new Map(firewalls.toSorted(classicLast).flatMap(firewallIn)),
    before,
  });
  if (unsupported === undefined) {
    for (const vm of before.values()) if (vm.classic || vm.uniform) joined.set(vm.key, vm);
  }
  const find = nicsOfVm && nsgs && networkFinder(nicsOfVm, nsgs);
  return { vms: joined, find };
}

type ReadRow<Row> = (row: unknown) => Row | undefined;

/** Reads the rows of queries; rows that can't be understood are left out and noted. */
function rowReader({
  graph,
  faultLog,
  stop,
}: {
  graph: Graph;
  faultLog: FaultLog;
  stop: AbortSignal;
}) {
  const faults = new Map<QueryName, Fault>();

  async function all<Row>(query: QueryName, read: ReadRow<Row>): Promise<Row[]> {
    const rows: Row[] = [];
    let lost = 0;
    for await (const page of graph.pages(query, stop)) {
      for (const one of page) {
        const row = read(one);
        if (row === undefined) lost += 1;
        else rows.push(row);
      }
    }
    const message = `${lost} rows couldn't be understood`;
    faultLog.note(`rows: ${query}`, lost > 0 ? { code: String(lost), message } : undefined);
    return rows;
  }

  return {
    all,
    /** `undefined`: the query failed, and its fault is kept. */
    async orFault<Row>(query: QueryName, read: ReadRow<Row>): Promise<Row[] | undefined> {
      try {
        return await all(query, read);
      } catch (thrown) {
        if (!isFault(thrown) || stop.aborted) throw thrown;
        faults.set(query, thrown);
        return undefined;
      }
    },
    /** Not before all are read: where nothing could be read, that is the one thing to say. */
    noteFaults() {
      for (const query of OPTIONAL) faultLog.note(query, faults.get(query));
    },
  };
}

const OPTIONAL = [
  ...(["nics", "publicAddresses", "nsgs"] as const),
  ...(["bastions", "firewalls", "unsupported"] as const),
];

/** Of two in one network, the one that JIT can write into counts. */
const classicLast = (a: FirewallRow, b: FirewallRow): number =>
  Number(b.hasPolicy) - Number(a.hasPolicy);

const firewallIn = ({ subnets, hasPolicy }: FirewallRow) =>
  subnets
    .flatMap(networkOf)
    .map((network) => [network, hasPolicy ? "policy" : "classic-rules"] as const);

async function join(
  rows: readonly VmRow[],
  same: Intern,
  network: Network,
): Promise<Map<VmKey, Vm>> {
  const vms = new Map<VmKey, Vm>();
  for (const [index, row] of rows.entries()) {
    const vm = vmOf(row, network, same);
    vms.set(vm.key, vm);
    if (index % PORTION === PORTION - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  return vms;
}

const NONE: readonly string[] = Object.freeze([]);

function vmOf(row: VmRow, network: Network, same: Intern): Vm {
  const key = same.text(vmKey(row.id));
  const parts = resourceIdParts(row.id);
  const nics = network.nicsOfVm?.get(key) ?? [];
  const configurations = nics.toSorted(primaryFirst).flatMap((nic) => {
    return nic.ipConfigurations.toSorted(primaryFirst);
  });
  const publicAddresses = configurations.map(
    ({ publicIPAddress }) => network.publicAddresses?.get(publicIPAddress) ?? "",
  );
  const privateAddresses = texts(configurations.map((one) => one.privateIPAddress));
  const networks = configurations.flatMap(({ subnet }) => networkOf(subnet));
  const firewall = networks.map((one) => network.firewalls?.get(one)).find(Boolean);
  return Object.freeze({
    key,
    id: row.id,
    name: row.name || parts.name,
    // The column is in lower case; the id has it as it was made.
    resourceGroup: same.text(parts.resourceGroup || row.resourceGroup),
    subscriptionId: same.text(row.subscriptionId || parts.subscriptionId),
    location: same.text(row.location),
    tags: same.tags(row.tags),
    os: osOf(row.os),
    power: row.power === "" ? undefined : same.text(row.power),
    privateAddresses,
    publicAddresses: texts(publicAddresses),
    hasNsg: hasNsg(nics, network),
    ...(isClassic(row) && { classic: true as const }),
    ...(isScaleSet(row) && { uniform: true as const }),
    ...(firewall !== undefined && { firewall }),
    ...(networks.some((one) => network.bastionNetworks?.has(one)) && { hasBastion: true as const }),
    ...asBefore(network, key),
  });
}

/** Of what couldn't be read this time, what was seen last. */
function asBefore(network: Network, key: VmKey): Partial<Vm> {
  const last = network.before.get(key);
  if (last === undefined) return {};
  const { privateAddresses, publicAddresses, hasNsg, hasBastion, network: found, firewall } = last;
  const noNics = network.nicsOfVm === undefined;
  const noNsgs = noNics || network.guardedSubnets === undefined;
  const noFirewalls = noNics || network.firewalls === undefined;
  const noBastions = noNics || network.bastionNetworks === undefined;
  return {
    ...(noNics && { privateAddresses }),
    ...((noNics || network.publicAddresses === undefined) && { publicAddresses }),
    ...(noNsgs && { hasNsg }),
    // Judged again where that can be.
    ...(found !== undefined && { network: found }),
    ...(noFirewalls && firewall !== undefined && { firewall }),
    ...(noBastions && hasBastion !== undefined && { hasBastion }),
  };
}

/** `undefined` where an interface, or the NSGs of subnets, couldn't be seen. */
function hasNsg(nics: readonly NicRow[], { guardedSubnets }: Network): boolean | undefined {
  if (nics.length === 0) return undefined;
  if (nics.some((nic) => nic.nsg !== "")) return true;
  if (guardedSubnets === undefined) return undefined;
  return nics.some((nic) => nic.ipConfigurations.some((one) => guardedSubnets.has(one.subnet)));
}

const isClassic = ({ id }: VmRow): boolean => /\/microsoft\.classiccompute\//i.test(id);

const isScaleSet = ({ id }: VmRow): boolean => /\/virtualmachinescalesets\/[^/]+$/i.test(id);

/** Whatever is answered, no VM is taken for one of these. */
const isOther = (row: VmRow): boolean => isClassic(row) || isScaleSet(row);

/** The virtual network that a subnet is in, by its id in lower case; none where it is no subnet's. */
const networkOf = (subnet: string): readonly string[] =>
  /^(.+\/virtualnetworks\/[^/]+)\/subnets\/[^/]+$/.exec(subnet)?.slice(1) ?? [];

function osOf(said: string): Vm["os"] {
  const os = said.toLowerCase();
  return os === "linux" || os === "windows" ? os : undefined;
}

function texts(found: readonly string[]): readonly string[] {
  const kept = found.filter((one) => one !== "");
  // Copied: a list that grew has room for more, which 50,000 VMs would pay for.
  return kept.length === 0 ? NONE : Object.freeze([...kept]);
}

const primaryFirst = (a: { primary: boolean }, b: { primary: boolean }): number =>
  Number(b.primary) - Number(a.primary);
