// From where packets get through one or two lists of rules, as Azure judges them: in each list the first rule
// that matches decides, and every list must let in.

import { type AddressRange, rangeText } from "../../network/address-ranges.ts";
import {
  type AddressSpace,
  addressSpaceOf,
  type Chain,
  type MembersOf,
  RANGES_MAX,
  type Reach,
  reachOf,
  type Step,
  type Tag,
} from "./reach.ts";
import { holds, type PortRange, type SecurityRule } from "./security-group.ts";

/** What some rules together let in: one rule of each chain. */
export type Passage = {
  readonly rules: readonly SecurityRule[];
  /** As people know them: `*`, tags, application security groups, CIDRs. Never empty. */
  readonly from: readonly string[];
};

const isEverything = (ranges: readonly PortRange[]): boolean =>
  ranges.some(({ from, to }) => from === 0 && to >= 65_535);

/** Whatever stands below such a rule is never tried. */
export const catchesAll = ({ rule, without }: Step): boolean =>
  without === undefined &&
  isEverything(rule.sourcePorts) &&
  rule.sources.some(({ is }) => is === "any");

/** Nothing gets through a list in which every rule denies, or whose first rule denies everything. */
const isClosed = (chain: Chain): boolean => !chain.some(({ rule }) => rule.access === "allow");

/** The part of a chain that is ever tried. */
export function tried(chain: Chain): Chain {
  const last = chain.findIndex(catchesAll);
  return last < 0 ? chain : chain.slice(0, last + 1);
}

/** All that gets through every one of the chains to an address of this family. */
export function passages(
  given: readonly Chain[],
  { family, membersOf }: { readonly family: AddressRange; readonly membersOf: MembersOf },
): readonly Passage[] {
  const chains = given.map(tried);
  if (chains.length === 0 || chains.some(isClosed)) return [];
  const space = addressSpaceOf(chains, { family, membersOf });
  const lists = chains.map((chain) => chain.map((step) => reachOf(step, space)));
  const found = new Map<string, Found>();
  for (const port of sourcePorts(chains)) {
    for (const tags of tagSets(lists)) pass(lists, { port, tags, space, found });
  }
  return [...found.values()].map((one) => passageOf(one, space));
}

/** One port of each stretch of source ports of which every rule says the same: a client chooses its own. */
function sourcePorts(chains: readonly Chain[]): readonly number[] {
  const cuts = chains
    .flat()
    .flatMap(({ rule }) => rule.sourcePorts.flatMap(({ from, to }) => [from, to + 1]));
  return [...new Set([1, ...cuts])].filter((port) => 1 <= port && port <= 65_535);
}

/**
 * The tags that a source may have: none, those of one allow rule, or of one of each list; more would only
 * match more rules that deny. `Storage.WestEurope` is part of `Storage`.
 */
function tagSets(lists: readonly (readonly Reach[])[]): readonly (readonly Tag[])[] {
  const [one = [], other = []] = lists.map((list) => {
    const tags = list.flatMap((reach) => (reach.rule.access === "allow" ? reach.tags : []));
    return [undefined, ...new Map(tags.map((tag) => [tag.name, tag])).values()];
  });
  const pairs = one.flatMap((a) => (other.length === 0 ? [[a]] : other.map((b) => [a, b])));
  return pairs
    .map((pair) => pair.filter((tag) => tag !== undefined))
    .filter(([a, b]) => a === undefined || b === undefined || a.isPrivate === b.isPrivate);
}

const hasTag = (tags: readonly Tag[], { name, isPrivate }: Tag): boolean =>
  tags.some((tag) => tag.name === name || (!isPrivate && tag.name.startsWith(`${name}.`)));

type Found = {
  readonly reaches: readonly Reach[];
  readonly passing: Uint8Array;
  readonly tags: Map<string, Tag>;
};

type Try = {
  readonly port: number;
  readonly tags: readonly Tag[];
  readonly space: AddressSpace;
  readonly found: Map<string, Found>;
};

/** Finds for every stretch which rules let it in, if they do. */
function pass(lists: readonly (readonly Reach[])[], { port, tags, space, found }: Try): void {
  const asked = lists.map((list) => list.filter(({ rule }) => holds(rule.sourcePorts, port)));
  const matching = asked.map((list) =>
    list.map((one) => one.tags.some((tag) => hasTag(tags, tag))),
  );
  space.stretches.forEach(({ isPrivate }, index) => {
    if (tags.some((tag) => tag.isPrivate !== isPrivate)) return;
    const firsts = asked.map((list, nth) =>
      list.findIndex((one, at) => one.matches[index] === 1 || matching[nth]?.[at] === true),
    );
    const reaches = firsts.map((first, nth) => asked[nth]?.[first]);
    const all = reaches.filter((one) => one?.rule.access === "allow");
    if (all.length < lists.length) return;
    const letting = all.filter((one) => one !== undefined);
    const isByTag = letting.some((one) => one.matches[index] !== 1);
    // Without its tags it was found already, or it gets in by them alone.
    if (tags.length > 0 && !isByTag) return;
    const key = letting
      .map(({ rule }, nth) => lists[nth]?.findIndex((one) => one.rule === rule))
      .join();
    const known = found.get(key) ?? {
      reaches: letting,
      passing: new Uint8Array(space.stretches.length),
      tags: new Map<string, Tag>(),
    };
    found.set(key, known);
    if (isByTag) for (const tag of tags) known.tags.set(tag.name, tag);
    else known.passing[index] = 1;
  });
}

function passageOf({ reaches, passing, tags }: Found, space: AddressSpace): Passage {
  const named = [...tags.values()].map(({ text }) => text);
  return {
    rules: reaches.map(({ rule }) => rule),
    from: [...new Set([...sourcesOf(reaches, passing, space), ...named])],
  };
}

/** In a rule's own words where they are exactly that, otherwise as what it comes to. */
function sourcesOf(
  reaches: readonly Reach[],
  passing: Uint8Array,
  space: AddressSpace,
): readonly string[] {
  if (!passing.includes(1)) return [];
  if (!passing.includes(0)) return ["*"];
  const exact = reaches.find(
    ({ matches, tags, said }) =>
      said !== undefined &&
      tags.length === 0 &&
      matches.every((one, index) => one === passing[index]),
  );
  if (exact?.said !== undefined) return exact.said;
  return [true, false].flatMap((isPrivate) => sideOf(isPrivate, passing, space));
}

function sideOf(isPrivate: boolean, passing: Uint8Array, space: AddressSpace): readonly string[] {
  const tag = isPrivate ? "VirtualNetwork" : "Internet";
  const side = space.stretches.flatMap((one, index) =>
    one.isPrivate === isPrivate ? [{ ...one, passes: passing[index] === 1 }] : [],
  );
  if (side.every(({ passes }) => passes)) return [tag];
  const ranges: AddressRange[] = [];
  for (const { from, to, passes } of side) {
    const last = ranges.at(-1);
    if (!passes) continue;
    if (last !== undefined && last.to + 1n === from) ranges[ranges.length - 1] = { ...last, to };
    else ranges.push({ from, to });
  }
  return ranges.length <= RANGES_MAX ? ranges.map(rangeText) : [`part of ${tag}`];
}
