// Finds the VM that somebody means: exactly one, or a choice, or the nearest names. Never a guess.

import { type VmRef, vmRefMatches } from "../../domain/command/vm-ref.ts";
import { nearest } from "../../domain/text/nearest-names.ts";
import { type Refusal, refuse, withFixes } from "../../domain/text/refusal.ts";
import { typed } from "../../domain/text/typed.ts";
import { listed, words } from "../../domain/text/words.ts";
import { goneVms } from "../../domain/vm/gone-vms.ts";
import type { Vm } from "../../domain/vm/vm.ts";
import type { Azure, InventorySnapshot } from "../../ports/azure.ts";
import type { Clock } from "../../ports/clock.ts";
import { isFault } from "../../ports/fault.ts";
import type { Log } from "../../ports/log.ts";
import { asOf } from "./inventory-age.ts";

/** A snapshot this fresh isn't read again because of a miss: somebody's typing must not cost the quota. */
const FRESH_MS = 10_000;

/** How many VMs or names an answer lists. */
const OFFERED_MAX = 10;

/** For those who see every VM, and are told so. */
export const EVERY_VM = (): boolean => true;

export type Found = { readonly vm: Vm; readonly snapshot: InventorySnapshot };

/**
 * `isKnown` tells which VMs are there for this person: of all others nothing is said, not even that they
 * are. `canBeGone`: one that only JIT policies know is found, too, where no other is.
 */
export async function findVm(
  deps: { azure: Azure; clock: Clock; log: Log },
  ref: VmRef,
  isKnown: (vm: Vm) => boolean,
  { canBeGone = false }: { readonly canBeGone?: boolean } = {},
): Promise<Found | Refusal> {
  const first = look(deps.azure.snapshot(), ref, isKnown);
  if ("vm" in first || first.refused !== "no-such-vm") return first;
  const snapshot = await refreshed(deps);
  if (snapshot.atMs === 0) return unreadYet();
  const seen = look(snapshot, ref, isKnown);
  const found = canBeGone && !("vm" in seen) ? (lookAmongGone(snapshot, ref) ?? seen) : seen;
  const old = asOf(snapshot, deps.clock.nowMs());
  if ("vm" in found || old === undefined) return found;
  return { ...found, say: [...found.say, " ", ...old] };
}

/** The newest snapshot; of a bot that has just started the first one. */
export async function firstSnapshot(deps: {
  azure: Azure;
  clock: Clock;
  log: Log;
}): Promise<InventorySnapshot | Refusal> {
  const known = deps.azure.snapshot();
  const snapshot = known.atMs === 0 ? await refreshed(deps) : known;
  return snapshot.atMs === 0 ? unreadYet() : snapshot;
}

const unreadYet = (): Refusal =>
  refuse(
    "cannot-check",
  )`I couldn't read the list of VMs from Azure yet: try again in a minute, or ask an admin to check the bot's log.`;

/** The newest snapshot, read again unless it is fresh; the old one where Azure doesn't answer. */
export async function refreshed(deps: {
  azure: Azure;
  clock: Clock;
  log: Log;
}): Promise<InventorySnapshot> {
  const known = deps.azure.snapshot();
  if (known.atMs > 0 && deps.clock.nowMs() - known.atMs < FRESH_MS) return known;
  try {
    return await deps.azure.refresh();
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    deps.log.warn({ fault: thrown.code }, "the list of VMs couldn't be read; using the last one");
    return deps.azure.snapshot();
  }
}

function look(
  snapshot: InventorySnapshot,
  ref: VmRef,
  isKnown: (vm: Vm) => boolean,
): Found | Refusal {
  const found = [...snapshot.vms.values()].filter((vm) => vmRefMatches(ref, vm) && isKnown(vm));
  const [only] = found;
  if (only !== undefined && found.length === 1) return { vm: only, snapshot };
  return found.length > 1 ? several(snapshot, found, ref) : noSuchVm(snapshot, ref, isKnown);
}

function lookAmongGone(snapshot: InventorySnapshot, ref: VmRef): Found | Refusal | undefined {
  const found = goneVms(snapshot).filter((vm) => vmRefMatches(ref, vm));
  const [only] = found;
  if (only === undefined) return undefined;
  return found.length === 1 ? { vm: only, snapshot } : several(snapshot, found, ref);
}

/** All of them are named, and those that can be requested are offered. */
function several(snapshot: InventorySnapshot, found: readonly Vm[], ref: VmRef): Refusal {
  const shown = found.slice(0, OFFERED_MAX);
  const groups = new Set(found.map((vm) => `${vm.resourceGroup}/${vm.name}`.toLowerCase()));
  const long = groups.size < found.length;
  const choices = shown.map((vm) => ({
    vm,
    code: `${long ? `${vm.subscriptionId}/` : ""}${vm.resourceGroup}/${vm.name}`,
  }));
  const codes = choices.map(({ code }) => ({ code }));
  const covered = choices.filter(({ vm }) => (snapshot.vmPolicies.get(vm.key) ?? []).length > 0);
  const [only] = covered;
  const isOnly = only !== undefined && covered.length === 1 && found.length === shown.length;
  const which = refuse(
    "several-vms",
  )`${found.length} VMs are named ${typed(ref.typed)}: write ${listed(codes, "or")}.${isOnly ? words` Only ${{ code: only.code }} has a JIT policy.` : []}`;
  return withFixes(
    which,
    covered.map(({ vm, code }) => ({
      label: `${vm.name} in ${vm.resourceGroup}`,
      change: { vm: code },
    })),
  );
}

/** How many names are offered to somebody who may have mistyped one. */
const NEAREST_MAX = 3;

/** First the names that are near, then whether one may ask: the rules are slower to ask than letters. */
function nearestAllowed(snapshot: InventorySnapshot, ref: VmRef, isKnown: (vm: Vm) => boolean) {
  const named = Map.groupBy(snapshot.vms.values(), (vm) => vm.name);
  const close: string[] = [];
  for (const name of nearest(ref.name, named.keys(), named.size)) {
    if (close.length === NEAREST_MAX) break;
    if (named.get(name)?.some(isKnown)) close.push(name);
  }
  return close;
}

/** What a name is answered that no VM has, or none that is there for this person. */
export function noSuchVm(
  snapshot: InventorySnapshot,
  ref: VmRef,
  isKnown: (vm: Vm) => boolean,
): Refusal {
  const names = nearestAllowed(snapshot, ref, isKnown);
  const close = names.map((one) => ({ code: one }));
  const hint =
    close.length === 0
      ? words`check the name, or put its resource group before it, as in ${{ code: "rg-web/vm-01" }}`
      : words`did you mean ${listed(close, "or")}?`;
  const which = isKnown === EVERY_VM ? "" : " that you can request";
  const sentence = words`I can't find a VM named ${typed(ref.typed)}${which}: ${hint}`;
  const say = close.length === 0 ? [...sentence, "."] : sentence;
  return withFixes(
    { refused: "no-such-vm", say },
    names.map((name) => ({ label: name, change: { vm: name } })),
  );
}
