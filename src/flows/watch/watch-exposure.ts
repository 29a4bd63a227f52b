// JIT's own rules behind the bot's back: where its deny rule is gone, or another rule has a higher priority now, that
// is told once, with the rule, and an admin can have the JIT policy written again.

import { MINUTE_MS } from "../../domain/text/duration.ts";
import type { VmKey } from "../../domain/text/ids.ts";
import { brokenJit, brokenText } from "../../domain/vm/exposure/broken-jit.ts";
import type { JitVmPolicy } from "../../domain/vm/vm.ts";
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

type Broken = { readonly vm: VmKey; readonly text: string };

export function exposureWatch(deps: Needs): Service {
  const watch = exposures(deps);
  let lookedAtMs = 0;
  const look = async (): Promise<number> => {
    const { atMs } = deps.azure.snapshot();
    if (atMs !== 0 && atMs !== lookedAtMs && deps.policy().watch !== undefined) await watch();
    lookedAtMs = atMs;
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
 * Tells what two inventories in a row show, and where the ports of a VM's JIT policies have just changed, only what is
 * so after a while. What was there at the first look may have been told before this replica started; what came later
 * is told again.
 */
function exposures(deps: Needs): () => Promise<void> {
  let first: ReadonlySet<string> | undefined;
  let before = new Map<string, Broken>();
  let told = new Set<string>();
  const isSettled = settling(deps);
  return async () => {
    const atMs = await deps.storeClock.nowMs();
    const settled = isSettled(atMs);
    const now = brokenIn(deps);
    first ??= new Set(now.keys());
    told = new Set([...told].filter((key) => now.has(key)));
    for (const [key, one] of now) {
      if (!before.has(key) || told.has(key) || !settled(one.vm)) continue;
      await tell(deps, one, { key, atMs, isOld: first.has(key) });
      told.add(key);
    }
    // Once it was gone, it is new when it comes back.
    first = new Set([...first].filter((key) => now.has(key)));
    before = now;
  };
}

/** Of a VM whether Azure has had the time to make the rules for its ports, as one inventory after another shows it. */
function settling({ azure }: Needs): (atMs: number) => (vm: VmKey) => boolean {
  let before: ReadonlyMap<VmKey, string> | undefined;
  const changedAtMs = new Map<VmKey, number>();
  return (atMs) => {
    const now = portsIn(azure.snapshot());
    for (const [vm, changedMs] of changedAtMs) {
      if (atMs - changedMs >= SETTLED_MS) changedAtMs.delete(vm);
    }
    for (const [vm, ports] of before === undefined ? [] : now) {
      if (before?.get(vm) !== ports) changedAtMs.set(vm, atMs);
    }
    before = now;
    return (vm) => !changedAtMs.has(vm);
  };
}

const portsIn = ({ vmPolicies }: InventorySnapshot): ReadonlyMap<VmKey, string> =>
  new Map([...vmPolicies].map(([vm, policies]) => [vm, portsOf(policies)]));

const portsOf = (policies: readonly JitVmPolicy[]): string =>
  policies
    .flatMap(({ ports }) => ports.map(({ number, protocol }) => `${number} ${protocol}`))
    .join();

function brokenIn({ azure }: Needs): Map<string, Broken> {
  const found = new Map<string, Broken>();
  for (const vm of azure.snapshot().vms.values()) {
    const broken = brokenJit(vm.network);
    if (broken === undefined) continue;
    const text = brokenText(broken);
    found.set(`${vm.key}\n${text}`, { vm: vm.key, text });
  }
  return found;
}

async function tell(
  { azure, watchRepository, policy }: Needs,
  { vm, text }: Broken,
  { key, atMs, isOld }: { readonly key: string; readonly atMs: number; readonly isOld: boolean },
): Promise<void> {
  const mark = `exposed\n${key}`;
  const nth = Math.floor(atMs / SAME_MS);
  const since = [nth, nth - 1].map((period) => `${mark}\n${period}`);
  const name = azure.snapshot().vms.get(vm)?.name ?? vm.split("/").at(-1);
  const notice: Notice = { what: "exposed", vm: name, atMs, text, restore: vm };
  await watchRepository.tell({
    marks: isOld ? [mark] : since,
    atMs,
    notes: [{ note: { what: "exposed", detail: { reason: text } }, about: { vm } }],
    notices: [{ channel: policy().channels.notices, notice }],
  });
  if (!isOld) await watchRepository.remember([{ mark, atMs }]);
}
