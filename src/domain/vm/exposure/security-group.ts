// A network security group: its inbound rules, Azure's default ones included, and how to find those for an address.

import { type AddressRange, addressRange, rangeContains } from "../../network/address-ranges.ts";

/** Both ends belong to it. */
export type PortRange = { readonly from: number; readonly to: number };

/** One item of a rule's list of sources or destinations; `text` as people know it. */
export type Peer = { readonly text: string } & (
  | { readonly is: "any" }
  | ({ readonly is: "range" } & AddressRange)
  /** In lower case, without underscores. */
  | { readonly is: "tag"; readonly tag: string }
  /** An application security group's id in lower case. */
  | { readonly is: "group"; readonly id: string }
);

/** An inbound rule. */
export type SecurityRule = {
  readonly name: string;
  readonly priority: number;
  readonly access: "allow" | "deny";
  /** `other` has no ports, such as ICMP. */
  readonly protocol: "tcp" | "udp" | "*" | "other";
  readonly sources: readonly Peer[];
  readonly sourcePorts: readonly PortRange[];
  readonly destinations: readonly Peer[];
  readonly ports: readonly PortRange[];
  /** One of Azure's own, which every group has. */
  readonly isDefault?: true;
};

export const ALL_PORTS: PortRange = Object.freeze({ from: 0, to: 65_535 });
const EVERY_PORT: readonly PortRange[] = Object.freeze([ALL_PORTS]);

/** A prefix as Azure writes it: what is neither an address nor any address is a service tag. */
export function peerOf(text: string): Peer {
  const said = text.trim();
  if (/^(?:\*|any)$/i.test(said)) return { text: "*", is: "any" };
  const range = addressRange(said);
  if (range !== undefined) return { text: said, is: "range", ...range };
  return { text: said, is: "tag", tag: said.toLowerCase().replaceAll("_", "") };
}

export const groupPeer = (id: string): Peer => ({
  text: id.slice(id.lastIndexOf("/") + 1),
  is: "group",
  id: id.toLowerCase(),
});

const ANY: readonly Peer[] = [peerOf("*")];
const NETWORK: readonly Peer[] = [peerOf("VirtualNetwork")];

const defaultRule = (
  rule: Pick<SecurityRule, "name" | "priority" | "access" | "sources" | "destinations">,
): SecurityRule => ({
  ...rule,
  protocol: "*",
  sourcePorts: EVERY_PORT,
  ports: EVERY_PORT,
  isDefault: true,
});

/**
 * The same in every group, and nobody can change them, so they need not be read for 50,000 groups.
 * Source: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#default-security-rules
 */
const DEFAULT_RULES: readonly SecurityRule[] = [
  defaultRule({
    name: "AllowVnetInBound",
    priority: 65_000,
    access: "allow",
    sources: NETWORK,
    destinations: NETWORK,
  }),
  defaultRule({
    name: "AllowAzureLoadBalancerInBound",
    priority: 65_001,
    access: "allow",
    sources: [peerOf("AzureLoadBalancer")],
    destinations: ANY,
  }),
  defaultRule({
    name: "DenyAllInBound",
    priority: 65_500,
    access: "deny",
    sources: ANY,
    destinations: ANY,
  }),
];

/** A rule and its place in the group, by which it can be told from all others. */
export type PlacedRule = { readonly rule: SecurityRule; readonly nth: number };

export type SecurityGroup = {
  readonly id: string;
  readonly name: string;
  /** Those whose destination may be this address, in the order in which Azure tries them. */
  rulesFor(destination: Destination): readonly PlacedRule[];
};

/** An address of a VM, and the application security groups that it is in, in lower case. */
type Destination = { readonly address: bigint; readonly groups: readonly string[] };

/** A group of no more rules is looked through for each address: 50,000 groups have no index then. */
const UNINDEXED_MAX = 50;

/** `rules` in any order. A subnet's group may have a deny rule of JIT's for each of a thousand VMs. */
export function securityGroup(
  { id, name }: { readonly id: string; readonly name: string },
  rules: readonly SecurityRule[],
): SecurityGroup {
  const own = rules.toSorted((a, b) => a.priority - b.priority);
  const placed = (): PlacedRule[] => [...own, ...DEFAULT_RULES].map((rule, nth) => ({ rule, nth }));
  const index = own.length > UNINDEXED_MAX ? indexOf(placed()) : undefined;
  return {
    id,
    name,
    rulesFor(destination) {
      const { wide, byAddress } = index ?? { wide: placed(), byAddress: undefined };
      const found = wide.filter(({ rule }) => isFor(rule, destination));
      const narrow = byAddress?.get(destination.address) ?? [];
      return narrow.length === 0 ? found : [...found, ...narrow].sort((a, b) => a.nth - b.nth);
    },
  };
}

type Index = {
  /** Rules that aren't for single addresses alone. */
  readonly wide: readonly PlacedRule[];
  readonly byAddress: ReadonlyMap<bigint, readonly PlacedRule[]>;
};

function indexOf(placed: readonly PlacedRule[]): Index {
  const byAddress = new Map<bigint, PlacedRule[]>();
  const wide: PlacedRule[] = [];
  for (const one of placed) {
    const addresses = one.rule.destinations.map((peer) =>
      peer.is === "range" && peer.from === peer.to ? peer.from : undefined,
    );
    if (addresses.includes(undefined)) wide.push(one);
    else
      for (const address of new Set(addresses)) {
        if (address !== undefined) push(byAddress, address, one);
      }
  }
  return { wide, byAddress };
}

function push<Key, One>(map: Map<Key, One[]>, key: Key, one: One): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [one]);
  else known.push(one);
}

/** Azure compares the private address: a public one has been translated by then, and no tag but the network's is it. */
const isFor = ({ destinations }: SecurityRule, { address, groups }: Destination): boolean =>
  destinations.some(
    (peer) =>
      peer.is === "any" ||
      (peer.is === "range" && rangeContains(peer, address)) ||
      (peer.is === "tag" && peer.tag === "virtualnetwork") ||
      (peer.is === "group" && groups.includes(peer.id)),
  );

export const holds = (ranges: readonly PortRange[], port: number): boolean =>
  ranges.some(({ from, to }) => from <= port && port <= to);
