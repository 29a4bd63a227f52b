// The sources that a rule matches: which stretches of addresses, and which tags that nobody can place among them.

import { type AddressRange, type Stretch, stretches } from "../../network/address-ranges.ts";
import type { Peer, SecurityRule } from "./security-group.ts";

/** The addresses in an application security group; `undefined`: none were seen, and any may be. */
export type MembersOf = (group: string) => readonly bigint[] | undefined;

/** A rule, and the sources that it doesn't count for here. */
export type Step = { readonly rule: SecurityRule; readonly without?: readonly AddressRange[] };

/** In the order of priority, and only rules that match by destination, port and protocol. */
export type Chain = readonly Step[];

/** More aren't told one by one. */
export const RANGES_MAX = 4;

export type AddressSpace = {
  readonly stretches: readonly Stretch[];
  readonly membersOf: MembersOf;
};

export function addressSpaceOf(
  chains: readonly Chain[],
  { family, membersOf }: { family: AddressRange; membersOf: MembersOf },
): AddressSpace {
  const ranges: AddressRange[] = [];
  for (const { rule, without = [] } of chains.flat()) {
    ranges.push(...without);
    for (const peer of rule.sources) {
      if (peer.is === "range") ranges.push(peer);
      if (peer.is === "group") {
        for (const member of membersOf(peer.id) ?? []) ranges.push({ from: member, to: member });
      }
    }
  }
  return { stretches: stretches(family, ranges), membersOf };
}

/** What a rule says of each stretch: 1 where it matches. And of what nobody can place on the line. */
export type Reach = {
  readonly rule: SecurityRule;
  readonly matches: Uint8Array;
  /** Service tags, whose addresses are on the internet, and groups without a known member, which are private. */
  readonly tags: readonly Tag[];
  /** Its sources in its own words; `undefined`: not all of them count here. */
  readonly said: readonly string[] | undefined;
};

export type Tag = { readonly name: string; readonly isPrivate: boolean; readonly text: string };

export function reachOf({ rule, without }: Step, space: AddressSpace): Reach {
  const matches = new Uint8Array(space.stretches.length);
  const tags: Tag[] = [];
  for (const peer of rule.sources) {
    const tag = mark(peer, matches, space);
    if (tag !== undefined) tags.push(tag);
  }
  for (const range of without ?? []) matches.fill(0, ...within(space, range));
  return { rule, matches, tags, said: without ? undefined : saidBy(rule) };
}

/** The rest of a long list is counted. */
function saidBy({ sources }: SecurityRule): readonly string[] {
  const texts = sources.map(({ text }) => text);
  if (texts.length <= RANGES_MAX) return texts;
  const shown = RANGES_MAX - 1;
  return [...texts.slice(0, shown), `${texts.length - shown} more`];
}

function mark(peer: Peer, matches: Uint8Array, space: AddressSpace): Tag | undefined {
  if (peer.is === "any") matches.fill(1);
  else if (peer.is === "range") matches.fill(1, ...within(space, peer));
  else if (peer.is === "group") {
    const members = space.membersOf(peer.id);
    if (members === undefined) return { name: peer.id, isPrivate: true, text: peer.text };
    for (const member of members) matches.fill(1, ...within(space, { from: member, to: member }));
  } else if (peer.tag === "virtualnetwork" || peer.tag === "internet") {
    const isPrivate = peer.tag === "virtualnetwork";
    space.stretches.forEach((one, index) => {
      if (one.isPrivate === isPrivate) matches[index] = 1;
    });
  } else if (peer.tag !== "azureloadbalancer") {
    return { name: peer.tag, isPrivate: false, text: peer.text };
  }
  return undefined;
}

/** Where a range begins and ends among the stretches, which are cut at both. */
function within({ stretches }: AddressSpace, { from, to }: AddressRange): [number, number] {
  return [firstFrom(stretches, from), firstFrom(stretches, to + 1n)];
}

function firstFrom(all: readonly Stretch[], address: bigint): number {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((all[middle]?.from ?? 0n) < address) low = middle + 1;
    else high = middle;
  }
  return low;
}
