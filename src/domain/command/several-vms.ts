// Several VMs in one request: a list, a resource group, tags, or a bundle of the policy file.

import { parseSource } from "../network/source.ts";
import { plainText } from "../text/plain-text.ts";
import { isPortItem } from "../text/ports-list.ts";
import { isRefusal, type Refusal, refuse } from "../text/refusal.ts";
import { typed } from "../text/typed.ts";
import { asWord } from "./format-words.ts";
import type { VmRef } from "./vm-ref.ts";
import { formatSelector, type Selector, selectorAt } from "./vm-selector.ts";
import { type Word, wordAt } from "./word-reader.ts";

/** Each of them is requested by itself. */
export type SeveralVms = { readonly selector: Selector } | { readonly bundle: string };

const BUNDLE_CHARACTERS_MAX = 63;

/** Reads what names several VMs at `at`; `undefined` where one VM stands there, or nothing. */
export function severalAt(
  text: string,
  at: number,
): { readonly several: SeveralVms; readonly end: number } | Refusal | undefined {
  const word = wordAt(text, at);
  if (word === undefined) return undefined;
  const [, kind = ""] = /^(vm|rg|tag|bundle):/i.exec(word.text) ?? [];
  if (kind.toLowerCase() === "bundle") {
    const bundle = word.text.slice(kind.length + 1).trim();
    return bundle === "" || bundle.length > BUNDLE_CHARACTERS_MAX
      ? noBundle()
      : { several: { bundle }, end: word.end };
  }
  const isList = word.text.includes(",") || wordAt(text, word.end)?.text.startsWith(",") === true;
  if (kind === "" && !isList) return undefined;
  const read = selectorAt(text, at);
  if (kind === "" && !isRefusal(read)) {
    const [first, ...rest] = namesOf(read.selector);
    const number = rest.find((name) => /^\d{1,5}$/.test(name));
    if (first !== undefined && number !== undefined) return portOrVm(first, number);
  }
  return isRefusal(read) ? read : { several: { selector: read.selector }, end: read.end };
}

const namesOf = ({ vm, also = [] }: Selector): readonly string[] =>
  vm === undefined ? [] : [vm, ...also].map(({ name }) => name);

/** `vm-01, 22` is a sentence as well as a list. */
function portOrVm(first: string, number: string): Refusal {
  const port = { code: `${first} ${number}` };
  const vms = { code: `vm:${first},${number}` };
  return refuse(
    "incomplete",
  )`Is ${{ code: number }} a port or a VM? Write ${port} for the port, or ${vms} for two VMs.`;
}

/** A longer command is cut where the VMs end: nobody pastes what they can't see the end of. */
const COMMAND_CHARACTERS_MAX = 250;

/** A name that looks like a VM's, and like nothing else that may stand here. */
const LIKE_VM = /^(?:[\w.()-]+\/)?[a-z][\w.-]*$/i;

type Vms = { readonly verb: string; readonly begin: number; readonly at: number };

/** What couldn't be read at `at`, behind the VMs that begin at `begin`, may be more of them that no comma joins. */
export function orUnjoined(refusal: Refusal, text: string, { verb, begin, at }: Vms): Refusal {
  const others: string[] = [];
  let end = at;
  for (let word = wordAt(text, at); word !== undefined; word = wordAt(text, end)) {
    const next = wordAt(text, word.end);
    const isJoint = /^(?:and|&|\+)$/i.test(word.text) && next !== undefined && isLikeVm(next);
    if (!isJoint && !isLikeVm(word)) break;
    if (!isJoint) others.push(word.text);
    end = word.end;
  }
  const [stray] = others;
  const first = text.slice(begin, at).trim();
  const isByName = !/(?:^|\s)(?:rg|tag|bundle):/i.test(first);
  if (stray === undefined || !isByName || refusal.refused !== "unknown-command") return refusal;
  const vms = [first, ...others].join(",");
  const whole = `/jit ${verb} ${vms}${text.slice(end)}`.trimEnd();
  const command = whole.length > COMMAND_CHARACTERS_MAX ? `/jit ${verb} ${vms}` : whole;
  const fix = { code: plainText(command, COMMAND_CHARACTERS_MAX) };
  return refuse(
    "unknown-command",
  )`I didn't understand ${typed(stray)}. If it's a VM, separate VMs with commas: ${fix}.`;
}

const isLikeVm = ({ text, quoted }: Word): boolean =>
  !quoted &&
  LIKE_VM.test(text) &&
  /[\d/-]/.test(text) &&
  parseSource(text) === undefined &&
  !isPortItem(text);

/** The VMs of a list by other words: `typed` says how each is to be written. */
export function renamed(
  several: SeveralVms,
  typed: (ref: VmRef, all: readonly VmRef[]) => string,
): SeveralVms {
  if ("bundle" in several || several.selector.vm === undefined) return several;
  const { vm, also = [], ...narrowed } = several.selector;
  const all = [vm, ...also];
  const written = (ref: VmRef): VmRef => ({ ...ref, typed: typed(ref, all) });
  const others = also.length === 0 ? {} : { also: also.map(written) };
  return { selector: { ...narrowed, vm: written(vm), ...others } };
}

/** Writes it so that the same is read from it again. */
export const formatSeveral = (several: SeveralVms): string =>
  "bundle" in several ? asWord(`bundle:${several.bundle}`) : formatSelector(several.selector);

function noBundle(): Refusal {
  const lead = { code: "bundle:" };
  const example = { code: "bundle:shop" };
  return refuse("incomplete")`Write the name of a bundle after ${lead}, for example ${example}.`;
}
