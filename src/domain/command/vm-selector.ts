// Which VMs a command is for: one VM, a resource group, tags; several narrow each other.

import { isRefusal, type Refusal, refuse } from "../text/refusal.ts";
import { typed } from "../text/typed.ts";
import type { Vm } from "../vm/vm.ts";
import { tagOf } from "../vm/vm.ts";
import { askedVm } from "./answer-fields.ts";
import { asWord, joined } from "./format-words.ts";
import { type VmRef, vmRefMatches } from "./vm-ref.ts";
import { type Word, wordAt } from "./word-reader.ts";

type Tag = { readonly name: string; readonly value: string };

/** Everything given must match; something always is. */
export type Selector = {
  readonly vm: VmRef | undefined;
  /** The other ones of a list, any of which may match in its place; left out where there is no list. */
  readonly also?: readonly VmRef[];
  readonly resourceGroup: string | undefined;
  readonly tags: readonly Tag[];
};

/** Azure allows 50 tags on a VM; nobody needs this many to point at some VMs. */
const TAGS_MAX = 20;

/** A longer list is a tag's, a resource group's or a file's work. */
const LIST_VMS_MAX = 50;

/** Azure's own bounds; a resource group's name has 90 characters at most. */
const TAG_NAME_CHARACTERS_MAX = 512;
const TAG_VALUE_CHARACTERS_MAX = 256;
const GROUP_CHARACTERS_MAX = 90;

const NOTHING: Selector = { vm: undefined, resourceGroup: undefined, tags: [] };

/** Reads the selector that begins at `at`, and answers where it ends. */
export function selectorAt(
  text: string,
  at: number,
): { readonly selector: Selector; readonly end: number } | Refusal {
  let selector = NOTHING;
  let end = at;
  for (let word = wordAt(text, at); word !== undefined; word = wordAt(text, end)) {
    // The first word is always part of the selector, so that a VM may be called `max`.
    const { kind, value } = split(word.text);
    if (kind === "" && selector !== NOTHING) break;
    const list =
      kind === "rg" || kind === "tag" ? { value, end: word.end } : listAt(text, word, value);
    const narrowed = narrow(selector, kind, list.value);
    if (isRefusal(narrowed)) return narrowed;
    selector = narrowed;
    end = list.end;
  }
  return selector === NOTHING ? nothingNamed() : { selector, end };
}

function nothingNamed(): Refusal {
  const vm = { code: "vm-01" };
  const group = { code: "rg:rg-prod" };
  const tag = { code: "tag:env=prod" };
  return refuse("incomplete")`Which VMs? For example ${vm}, ${group} or ${tag}.`;
}

/** A list of VMs goes on behind a comma, on either side of the space. */
function listAt(text: string, first: Word, begun: string): { value: string; end: number } {
  let value = begun;
  let end = first.end;
  for (let word = wordAt(text, end); word !== undefined; word = wordAt(text, end)) {
    if (!value.endsWith(",") && !word.text.startsWith(",")) break;
    value += word.text;
    end = word.end;
  }
  return { value, end };
}

/** Whether a VM is one of those that are meant, whatever the case of the letters. */
export const selectorMatches = (
  { vm: ref, also = [], resourceGroup, tags }: Selector,
  vm: Vm,
): boolean =>
  (ref === undefined || [ref, ...also].some((one) => vmRefMatches(one, vm))) &&
  (resourceGroup === undefined || vm.resourceGroup.toLowerCase() === resourceGroup.toLowerCase()) &&
  tags.every(({ name, value }) => tagOf(vm, name)?.toLowerCase() === value.toLowerCase());

/** Writes the selector so that the same one is read from it again. */
export const formatSelector = ({ vm, also = [], resourceGroup, tags }: Selector): string =>
  joined(
    vm && asWord(`vm:${[vm, ...also].map(({ typed }) => typed).join(",")}`),
    resourceGroup && asWord(`rg:${resourceGroup}`),
    ...tags.map(({ name, value }) => asWord(`tag:${name}=${value}`)),
  );

function split(word: string): { readonly kind: string; readonly value: string } {
  const match = /^(vm|rg|tag):/i.exec(word);
  const kind = match?.[1]?.toLowerCase() ?? "";
  return { kind, value: match === null ? word : word.slice(match[0].length) };
}

function narrow(selector: Selector, kind: string, value: string): Selector | Refusal {
  if (kind === "tag") return withTag(selector, value);
  if (kind === "rg") return withGroup(selector, value);
  const named = vmsOf(value);
  if (isRefusal(named)) return named;
  const [vm, ...also] = named;
  if (vm === undefined) return nothingNamed();
  if (selector.vm !== undefined) return noneIsBoth(selector.vm.typed, vm.typed);
  return { ...selector, vm, ...(also.length > 0 && { also }) };
}

function vmsOf(value: string): readonly VmRef[] | Refusal {
  const names = value.split(",").filter((one) => one.trim() !== "");
  if (names.length > LIST_VMS_MAX) {
    return refuse(
      "ambiguous",
    )`That's more than ${LIST_VMS_MAX} VMs: name a tag or a resource group.`;
  }
  const vms: VmRef[] = [];
  for (const name of names) {
    const vm = askedVm(name);
    if (isRefusal(vm)) return vm;
    vms.push(vm);
  }
  return vms;
}

function withGroup(selector: Selector, value: string): Selector | Refusal {
  const group = value.trim();
  if (group === "" || group.length > GROUP_CHARACTERS_MAX) {
    const lead = { code: "rg:" };
    const example = { code: "rg:rg-prod" };
    return refuse(
      "incomplete",
    )`Write the name of a resource group after ${lead}, for example ${example}.`;
  }
  const before = selector.resourceGroup;
  if (before !== undefined && before.toLowerCase() !== group.toLowerCase()) {
    return noneIsBoth(`rg:${before}`, `rg:${group}`);
  }
  return { ...selector, resourceGroup: group };
}

function withTag(selector: Selector, text: string): Selector | Refusal {
  const equals = text.indexOf("=");
  const tag = { name: text.slice(0, Math.max(0, equals)).trim(), value: text.slice(equals + 1) };
  const tooLong =
    tag.name.length > TAG_NAME_CHARACTERS_MAX || tag.value.length > TAG_VALUE_CHARACTERS_MAX;
  if (tag.name === "" || tooLong || selector.tags.length === TAGS_MAX) return badTag(text);
  const before = selector.tags.find(({ name }) => name.toLowerCase() === tag.name.toLowerCase());
  if (before === undefined) return { ...selector, tags: [...selector.tags, tag] };
  if (before.value === tag.value) return selector;
  return noneIsBoth(`tag:${before.name}=${before.value}`, `tag:${tag.name}=${tag.value}`);
}

function badTag(text: string): Refusal {
  const plain = { code: "tag:env=prod" };
  const quoted = { code: 'tag:team="data platform"' };
  return refuse(
    "incomplete",
  )`${typed(`tag:${text}`)} isn't a tag and a value: write for example ${plain} or ${quoted}.`;
}

const noneIsBoth = (one: string, other: string): Refusal =>
  refuse("ambiguous")`No VM is both ${typed(one)} and ${typed(other)}: name one of them.`;
