// Reads the inbound rules of network security groups as Resource Graph shows them, and keeps what is common once.

import { z } from "zod";
import {
  ALL_PORTS,
  groupPeer,
  type Peer,
  type PortRange,
  peerOf,
  type SecurityGroup,
  type SecurityRule,
  securityGroup,
} from "../../../domain/vm/exposure/security-group.ts";

// Azure leaves out the one or the other of a singular and a plural field, or leaves it empty.
const one = z.string().nullish();
const list = z.array(z.string()).nullish();
const groups = z.array(z.object({ id: z.string() })).nullish();

const directionSchema = z.object({ properties: z.object({ direction: z.string() }) });
const ruleSchema = z.object({
  name: z.string().min(1),
  properties: z.object({
    access: z.string().regex(/^(?:allow|deny)$/i),
    priority: z.number(),
    protocol: z.string().min(1),
    sourcePortRange: one,
    sourcePortRanges: list,
    destinationPortRange: one,
    destinationPortRanges: list,
    sourceAddressPrefix: one,
    sourceAddressPrefixes: list,
    sourceApplicationSecurityGroups: groups,
    destinationAddressPrefix: one,
    destinationAddressPrefixes: list,
    destinationApplicationSecurityGroups: groups,
  }),
});

/** `undefined`: some inbound rule can't be understood, and it might be the one that decides. */
export type ReadGroup = (
  group: { readonly id: string; readonly name: string },
  rules: readonly unknown[],
) => SecurityGroup | undefined;

/** Lives as long as one reading: 50,000 groups have most of their words in common. */
export function groupReader(): ReadGroup {
  const texts = new Map<string, string>();
  const peersBy = new Map<string, readonly Peer[]>();
  const portsBy = new Map<string, readonly PortRange[]>();
  const text = (said: string): string => kept(texts, said, () => said);
  const peers = (prefixes: readonly string[], ids: readonly { id: string }[]) =>
    kept(peersBy, JSON.stringify([prefixes, ids]), () => [
      ...prefixes.map(peerOf),
      ...ids.map(({ id }) => groupPeer(id)),
    ]);
  const ports = (said: readonly string[]) =>
    kept(portsBy, said.join(), () => said.map((range) => rangeOf(range) ?? NO_PORTS));

  function readRule(value: unknown): SecurityRule | undefined {
    const read = ruleSchema.safeParse(value).data;
    if (read === undefined) return undefined;
    const { properties: its } = read;
    const rule: SecurityRule = {
      name: text(read.name),
      priority: its.priority,
      access: /^allow$/i.test(its.access) ? "allow" : "deny",
      protocol: protocolOf(its.protocol),
      sources: peers(
        all(its.sourceAddressPrefix, its.sourceAddressPrefixes),
        its.sourceApplicationSecurityGroups ?? [],
      ),
      sourcePorts: ports(all(its.sourcePortRange, its.sourcePortRanges)),
      destinations: peers(
        all(its.destinationAddressPrefix, its.destinationAddressPrefixes),
        its.destinationApplicationSecurityGroups ?? [],
      ),
      ports: ports(all(its.destinationPortRange, its.destinationPortRanges)),
    };
    return isWhole(rule) ? rule : undefined;
  }

  return (group, values) => {
    const rules: SecurityRule[] = [];
    for (const value of values) {
      if (/^outbound$/i.test(directionSchema.safeParse(value).data?.properties.direction ?? "")) {
        continue;
      }
      const rule = readRule(value);
      if (rule === undefined) return undefined;
      rules.push(rule);
    }
    return securityGroup(group, rules);
  };
}

const all = (
  single: string | null | undefined,
  several: readonly string[] | null | undefined,
): readonly string[] => [single ?? "", ...(several ?? [])].filter((said) => said !== "");

function protocolOf(said: string): SecurityRule["protocol"] {
  const protocol = said.toLowerCase();
  if (protocol === "any") return "*";
  return protocol === "tcp" || protocol === "udp" || protocol === "*" ? protocol : "other";
}

/** From a higher port to a lower one: no port at all. */
const NO_PORTS: PortRange = Object.freeze({ from: 1, to: 0 });

function rangeOf(said: string): PortRange | undefined {
  if (said === "*") return ALL_PORTS;
  const [, from, to = from] = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(said) ?? [];
  return from === undefined ? undefined : { from: Number(from), to: Number(to) };
}

/** Every rule says from where, to where and by which ports. */
const isWhole = ({ sources, sourcePorts, destinations, ports }: SecurityRule): boolean =>
  sources.length * sourcePorts.length * destinations.length * ports.length > 0 &&
  ![...sourcePorts, ...ports].includes(NO_PORTS);

function kept<Value>(known: Map<string, Value>, key: string, make: () => Value): Value {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make();
  known.set(key, made);
  return made;
}
