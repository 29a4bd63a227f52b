// Search as one types, over names, resource groups, addresses and tags of all VMs; from memory.

import type { VmKey } from "../text/ids.ts";
import type { Vm } from "../vm/vm.ts";
import type { Policy, Rule } from "./policy.ts";
import { decidersOf, inBundle } from "./rule-match.ts";

/** What is worked out of a VM beforehand, so that a search over all of them takes milliseconds. */
type Entry = {
  readonly vm: Vm;
  readonly code: string;
  /** What is searched, in lower case, the name first. */
  readonly text: string;
  /** The rules that decide about it: who is asking makes no difference to them. */
  readonly deciders: readonly Rule[];
  /** The names of the bundles that it belongs to. */
  readonly bundles: readonly string[];
};

export type VmIndex = {
  readonly policy: Policy;
  readonly entries: ReadonlyMap<VmKey, Entry>;
  /** `undefined` where two VMs share a code. */
  readonly byCode: ReadonlyMap<string, Entry | undefined>;
  /** By the bundle's name; none without a VM. */
  readonly bundles: ReadonlyMap<string, readonly Entry[]>;
};

/** How many VMs are worked on before others get a turn: a few milliseconds. */
const PORTION = 1_000;

/**
 * Makes the index in portions, pausing at each `yield`. What hasn't changed since `before` is taken
 * over: a snapshot is made again every minute, and hardly any VM in it differs.
 */
export function* indexing(
  vms: ReadonlyMap<VmKey, Vm>,
  policy: Policy,
  before: VmIndex | undefined,
): Generator<undefined, VmIndex> {
  const entries = new Map<VmKey, Entry>();
  const byCode = new Map<string, Entry | undefined>();
  const bundles = new Map<string, Entry[]>();
  const deciders = decidersShared(policy);
  let count = 0;
  for (const vm of vms.values()) {
    const known = { entry: before?.entries.get(vm.key), of: before?.policy };
    const entry = entryOf(vm, { policy, deciders }, known);
    entries.set(vm.key, entry);
    byCode.set(entry.code, byCode.has(entry.code) ? undefined : entry);
    for (const name of entry.bundles) {
      const others = bundles.get(name);
      if (others === undefined) bundles.set(name, [entry]);
      else others.push(entry);
    }
    count += 1;
    if (count % PORTION === 0) yield;
  }
  return { policy, entries, byCode, bundles };
}

type Deciders = (vm: Vm) => readonly Rule[];

/** One list for the thousands of VMs about which the same rules decide. */
function decidersShared(policy: Policy): Deciders {
  const known = new Map<string, readonly Rule[]>();
  return (vm) => {
    const found = decidersOf(policy, vm);
    const names = JSON.stringify(found.map(({ name }) => name));
    const before = known.get(names) ?? [...found];
    known.set(names, before);
    return before;
  };
}

function entryOf(
  vm: Vm,
  under: { readonly policy: Policy; readonly deciders: Deciders },
  before: { readonly entry: Entry | undefined; readonly of: Policy | undefined },
): Entry {
  const known = before.entry;
  if (known === undefined || !isSearchedAlike(known.vm, vm)) {
    return { vm, code: vmCode(vm.key), text: textOf(vm), ...placeOf(vm, under) };
  }
  const { code, text } = known;
  const { deciders, bundles } = before.of === under.policy ? known : placeOf(vm, under);
  return { vm, code, text, deciders, bundles };
}

/** What the policy file says of the VM. */
const placeOf = (
  vm: Vm,
  { policy, deciders }: { readonly policy: Policy; readonly deciders: Deciders },
): Pick<Entry, "deciders" | "bundles"> => ({
  deciders: deciders(vm),
  bundles: Object.entries(policy.bundles ?? {}).flatMap(([name, one]) =>
    inBundle(one, vm) ? [name] : [],
  ),
});

/** Whether all is the same that is searched, or that a rule could look at. */
function isSearchedAlike(a: Vm, b: Vm): boolean {
  return (
    a.name === b.name &&
    a.resourceGroup === b.resourceGroup &&
    a.subscriptionId === b.subscriptionId &&
    isSameList(a.privateAddresses, b.privateAddresses) &&
    isSameList(a.publicAddresses, b.publicAddresses) &&
    isSameTags(a.tags, b.tags)
  );
}

const isSameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, index) => one === b[index]);

function isSameTags(a: Vm["tags"], b: Vm["tags"]): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function textOf(vm: Vm): string {
  const tags = Object.entries(vm.tags).map(([name, value]) => `${name}=${value}`);
  const group = `${vm.resourceGroup}/${vm.name}`;
  const parts = [vm.name, group, ...vm.privateAddresses, ...vm.publicAddresses, ...tags];
  // No word that is searched for has a line break in it, so none is found across two parts.
  return parts.join("\n").toLowerCase();
}

export type SearchOptions = {
  readonly rules: ReadonlySet<Rule>;
  readonly most: number;
  /** Wanted before all others, in this order. */
  readonly recent?: readonly VmKey[];
  /** Those of which this isn't true come last. */
  readonly isOpenable?: (vm: Vm) => boolean;
};

/**
 * The VMs in which every word of `text` occurs and about which one of `rules` decides, at most `most`:
 * recent ones first, then names that begin with the text. An empty text finds any.
 */
export function searchVms(
  index: VmIndex,
  text: string,
  { rules, most, recent = [], isOpenable = () => true }: SearchOptions,
): readonly Vm[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const start = words[0] ?? "";
  const isFound = (entry: Entry) =>
    words.every((word) => entry.text.includes(word)) && isAmong(entry, rules);
  const first = new Set<Vm>();
  for (const key of recent) {
    const entry = index.entries.get(key);
    if (entry !== undefined && isFound(entry) && isOpenable(entry.vm)) first.add(entry.vm);
  }
  const beginning: Vm[] = [];
  const others: Vm[] = [];
  const last: Vm[] = [];
  for (const entry of index.entries.values()) {
    if (first.has(entry.vm) || !isFound(entry)) continue;
    const list = !isOpenable(entry.vm) ? last : entry.text.startsWith(start) ? beginning : others;
    if (list.length < most) list.push(entry.vm);
    if (beginning.length >= most) break;
  }
  return [...first, ...beginning, ...others, ...last].slice(0, most);
}

/** The bundles in whose names, as they are typed in a command, every word of `text` occurs; by name. */
export function searchBundles(index: VmIndex, text: string): readonly string[] {
  const words = text.toLowerCase().split(/\s+/);
  return [...index.bundles.keys()]
    .filter((name) => words.every((word) => `bundle:${name}`.toLowerCase().includes(word)))
    .sort((a, b) => a.localeCompare(b));
}

/** The VMs of a bundle about which one of `rules` decides, by name. */
export function bundleVms(index: VmIndex, name: string, rules: ReadonlySet<Rule>): readonly Vm[] {
  const vms = (index.bundles.get(name) ?? [])
    .filter((entry) => isAmong(entry, rules))
    .map(({ vm }) => vm);
  return vms.sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
}

/** The VMs in which every one of `wanted` occurs and, if `rules` are given, about which one of them decides; by name. */
export function seenVms(
  index: VmIndex,
  wanted: readonly string[],
  rules: ReadonlySet<Rule> | undefined,
): readonly Vm[] {
  const found: Entry[] = [];
  for (const entry of index.entries.values()) {
    if (!wanted.every((word) => entry.text.includes(word))) continue;
    if (rules === undefined || isAmong(entry, rules)) found.push(entry);
  }
  // The text begins with the name.
  return found.sort((a, b) => (a.text < b.text ? -1 : 1)).map(({ vm }) => vm);
}

const isAmong = ({ deciders }: Entry, rules: ReadonlySet<Rule>): boolean =>
  deciders.some((rule) => rules.has(rule));

/** Whether one of `rules` decides about any VM at all. */
export function anyUnder(index: VmIndex, rules: ReadonlySet<Rule>): boolean {
  for (const entry of index.entries.values()) if (isAmong(entry, rules)) return true;
  return false;
}

/** The VM of a code; `undefined` where there is none, or where two share it. */
export const vmOfCode = (index: VmIndex, code: string): Vm | undefined =>
  index.byCode.get(code)?.vm;

/**
 * A short name of a VM for Slack, whose option values have 75 characters where resource ids have 270:
 * two FNV-1a hashes of the id, once read forwards and once backwards. Two VMs of one code are noticed.
 */
export function vmCode(key: VmKey): string {
  let forwards = FNV_BASIS;
  let backwards = FNV_BASIS;
  for (let index = 0; index < key.length; index++) {
    forwards = Math.imul(forwards ^ key.charCodeAt(index), FNV_PRIME);
    backwards = Math.imul(backwards ^ key.charCodeAt(key.length - 1 - index), FNV_PRIME);
  }
  return `${(forwards >>> 0).toString(36)}-${(backwards >>> 0).toString(36)}`;
}

const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
