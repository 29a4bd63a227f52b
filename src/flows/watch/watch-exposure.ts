// JIT's own rules behind the bot's back: where its deny rule is gone, or another rule has a higher priority now, that
// is told once, with the rule, and an admin can have the JIT policy written again.

import { MINUTE_MS } from "../../domain/text/duration.ts";
import type { VmKey } from "../../domain/text/ids.ts";
import { brokenJit, brokenText } from "../../domain/vm/exposure/broken-jit.ts";
import type { InventorySnapshot } from "../../ports/azure.ts";
import { isFault } from "../../ports/fault.ts";
import { repeating, type Service } from "../../ports/service.ts";
import type { Notice } from "../../ports/storage/notices.ts";
import type { Deps } from "../deps.ts";
import type { Watching } from "./watching.ts";

type Needs = Pick<Watching, "azure" | "clock" | "log" | "policy" | "watchRepository"> &
  Pick<Deps, "storeClock">;

/** Looks at each inventory, which is a minute older or newer than the one before. */
const LOOK_EVERY_MS = 1_000;
/** What two replicas see of one change lies closer together; what is further apart is told again. */
const SAME_MS = 2 * MINUTE_MS;
/** Azure makes its rules some moments after it has been told of a port, and a change brings an inventory at once. */
const SETTLED_MS = 45_000;
const SETTLES_ONCE_IN_MS = 10 * MINUTE_MS;

type Broken = { readonly vm: VmKey; readonly ports: readonly number[]; readonly text: string };

export function exposureWatch(deps: Needs): Service {
  const watch = exposures(deps);
  let lookedAtMs = 0;
  const look = async (): Promise<number> => {
    const snapshot = deps.azure.snapshot();
    const isNew = snapshot.atMs !== 0 && snapshot.atMs !== lookedAtMs;
    if (isNew && deps.policy().watch !== undefined) await watch(snapshot);
    lookedAtMs = snapshot.atMs;
    return LOOK_EVERY_MS;
  };
  const failed = (thrown: unknown): number => {
    const facts = isFault(thrown) ? { code: thrown.code } : { err: thrown };
    deps.log.warn(facts, "exposed VMs couldn't be told; tried again");
    return LOOK_EVERY_MS;
  };
  return repeating(look, { clock: deps.clock, failed });
}

/**
 * Tells what two inventories in a row show, and where a VM's JIT policies have just got a port, only what is still so
 * after a while. What was there at the first look may have been told before this replica started; what came later is
 * told again.
 */
function exposures(deps: Needs): (snapshot: InventorySnapshot) => Promise<void> {
  let first: ReadonlySet<string> | undefined;
  let before = new Map<string, Broken>();
  let told = new Set<string>();
  const settling = newSettling();
  return async (snapshot) => {
    const now = brokenIn(snapshot);
    const isSettled = settling(snapshot);
    const atMs = await deps.storeClock.nowMs();
    first ??= new Set(now.keys());
    told = new Set([...told].filter((key) => now.has(key)));
    for (const [key, one] of now) {
      if (!before.has(key) || told.has(key) || !isSettled(one)) continue;
      await tell(deps, one, { snapshot, key, atMs, isOld: first.has(key) });
      told.add(key);
    }
    // Once it was gone, it is new when it comes back.
    first = new Set([...first].filter((key) => now.has(key)));
    before = now;
  };
}

/**
 * Whether Azure has had the time to make its rules for what is amiss, by the times of the inventories: those of all
 * replicas are the same. A port that comes and goes has that time once in a while, so that it silences nothing.
 */
function newSettling() {
  let before: ReadonlyMap<VmKey, string> | undefined;
  const sinceMs = new Map<string, number>();
  return ({ atMs, vmPolicies }: InventorySnapshot) => {
    const now = portsIn(vmPolicies);
    for (const [place, ms] of sinceMs) {
      if (atMs - ms >= SETTLES_ONCE_IN_MS) sinceMs.delete(place);
    }
    for (const place of before === undefined ? [] : addedTo(before, now)) {
      if (!sinceMs.has(place)) sinceMs.set(place, atMs);
    }
    before = now;
    const isOver = (place: string) => atMs - (sinceMs.get(place) ?? 0) >= SETTLED_MS;
    return (one: Broken): boolean => one.ports.length === 0 || placesOf(one).some(isOver);
  };
}

const placesOf = ({ vm, ports }: Broken): readonly string[] =>
  ports.map((port) => `${vm}\n${port}`);

function addedTo(
  before: ReadonlyMap<VmKey, string>,
  now: ReadonlyMap<VmKey, string>,
): readonly string[] {
  return [...now].flatMap(([vm, text]) => {
    const was = before.get(vm) ?? "";
    if (was === text) return [];
    const known = new Set(was.split(","));
    return text.split(",").flatMap((port) => (known.has(port) ? [] : `${vm}\n${port}`));
  });
}

/** Each VM's ports, in order; hundreds of VMs have the same ones, and one text for them. */
function portsIn(vmPolicies: InventorySnapshot["vmPolicies"]): ReadonlyMap<VmKey, string> {
  const same = new Map<string, string>();
  const found = new Map<VmKey, string>();
  for (const [vm, policies] of vmPolicies) {
    const ports = policies.flatMap((one) => one.ports.map((port) => port.number));
    const text = ports.sort((a, b) => a - b).join();
    const known = same.get(text) ?? text;
    same.set(known, known);
    found.set(vm, known);
  }
  return found;
}

function brokenIn({ vms }: InventorySnapshot): Map<string, Broken> {
  const found = new Map<string, Broken>();
  for (const vm of vms.values()) {
    const broken = brokenJit(vm.network);
    if (broken === undefined) continue;
    const text = brokenText(broken);
    const ports = [...broken.denyMissing, ...broken.exposures.flatMap((one) => one.ports)];
    found.set(`${vm.key}\n${text}`, { vm: vm.key, ports, text });
  }
  return found;
}

type Telling = {
  readonly snapshot: InventorySnapshot;
  readonly key: string;
  readonly atMs: number;
  readonly isOld: boolean;
};

async function tell(
  { watchRepository, policy }: Needs,
  { vm, text }: Broken,
  { snapshot, key, atMs, isOld }: Telling,
): Promise<void> {
  const mark = `exposed\n${key}`;
  const nth = Math.floor(atMs / SAME_MS);
  const since = [nth, nth - 1].map((period) => `${mark}\n${period}`);
  const name = snapshot.vms.get(vm)?.name ?? vm.split("/").at(-1);
  const notice: Notice = { what: "exposed", vm: name, atMs, text, restore: vm };
  await watchRepository.tell({
    marks: isOld ? [mark, ...since] : since,
    atMs,
    notes: [{ note: { what: "exposed", detail: { reason: text } }, about: { vm } }],
    notices: [{ channel: policy().channels.notices, notice }],
  });
  if (!isOld) await watchRepository.remember([{ mark, atMs }]);
}
