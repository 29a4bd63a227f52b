// What the doctor asks of Azure: each subscription's plan and the identity's rights there, and what is left of quotas.

import { isExposed } from "../../../domain/vm/jit-state.ts";
import type { InventorySnapshot } from "../../../ports/azure.ts";
import {
  type AzureFacts,
  STILL_READING,
  type SubscriptionFacts,
  type Unasked,
} from "../../../ports/checkup.ts";
import type { Clock } from "../../../ports/clock.ts";
import { isFault, noteOf } from "../../../ports/fault.ts";
import { inRealTime } from "../../real-time.ts";
import type { Calls } from "../client/calls.ts";
import type { Clients } from "../client/clients.ts";
import type { AzurePipeline } from "../client/pipeline.ts";
import type { Jit } from "../policies/jit-policies.ts";
import { type Asking, createSubscriptions, type Subscriptions } from "./subscriptions.ts";

const AT_ONCE = 8;
/** Somebody waits: of what isn't known by then, that is said. */
const ALL_WITHIN_MS = 13_000;
const NOT_ASKED: Unasked = { code: "NotAsked", message: "there was no time left." };

export type CheckupTimeouts = {
  /** For the list of VMs, for that of subscriptions, and then for each subscription. */
  readonly doctorMs: number;
};

type Needs = {
  clients: Clients;
  calls: Calls;
  jit: Pick<Jit, "mayListAtOnce">;
  pipeline: AzurePipeline;
  endpoint: string;
  /** Those of the policy file, which may have no VM yet. */
  subscriptions: readonly string[];
  managementGroups: readonly string[];
  snapshot: () => InventorySnapshot;
  refresh: () => Promise<InventorySnapshot>;
  timeouts: CheckupTimeouts;
  clock: Pick<Clock, "monotonicMs">;
};

export function createCheckup(deps: Needs): () => Promise<AzureFacts> {
  const { clock, pipeline, snapshot } = deps;
  const { doctorMs } = deps.timeouts;
  const ask = createSubscriptions(deps);
  const isEverything = deps.subscriptions.length + deps.managementGroups.length === 0;

  return async () => {
    const untilMs = clock.monotonicMs() + ALL_WITHIN_MS;
    const [seen, listed] = await Promise.all([
      vmsNow(deps),
      // A hint: those that have VMs are known without it.
      orNote(ask.all({ timeoutMs: doctorMs })),
    ]);
    // What kept the one from coming is told by the other: a token that wasn't to be had, above all.
    const isSameFault = typeof seen !== "number" && seen.code === STILL_READING && "code" in listed;
    const vms = isSameFault ? listed : seen;
    const named = "code" in listed ? [] : listed;
    const ids = [
      ...deps.subscriptions,
      ...(isEverything ? named.map(({ id }) => id) : []),
      ...snapshot().unread.map(({ subscriptionId }) => subscriptionId),
      ...Array.from(snapshot().vms.values(), ({ subscriptionId }) => subscriptionId),
    ];
    const all = withNames(ids, named);
    const subscriptions: SubscriptionFacts[] = [];
    const left = all.entries();
    const worker = async () => {
      for (const [index, one] of left) {
        const timeoutMs = Math.min(doctorMs, untilMs - clock.monotonicMs());
        subscriptions[index] = await subscriptionFacts({ ask, jit: deps.jit }, one, timeoutMs);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const exposed = [...snapshot().vms.values()].filter(isExposed).length;
    return { subscriptions, vms, exposed, skewMs: pipeline.skewMs(), left: pipeline.left() };
  };
}

/** Without the VMs, what the policy file names can be asked about anyway. */
async function vmsNow({ refresh, snapshot, timeouts }: Needs): Promise<AzureFacts["vms"]> {
  const { doctorMs } = timeouts;
  try {
    const read = await inRealTime(refresh(), doctorMs);
    return read === "late" ? lateNote(snapshot(), doctorMs) : read.vms.size;
  } catch (thrown) {
    if (isFault(thrown)) return noteOf(thrown);
    throw thrown;
  }
}

async function subscriptionFacts(
  { ask, jit }: Pick<Needs, "jit"> & { ask: Subscriptions },
  { id, name }: Named,
  timeoutMs: number,
): Promise<SubscriptionFacts> {
  if (timeoutMs <= 0) {
    return { id, name, plan: NOT_ASKED, permissions: NOT_ASKED, listsAtOnce: NOT_ASKED };
  }
  const how: Asking = { id, timeoutMs };
  const [plan, permissions, listsAtOnce] = await Promise.all([
    orNote(ask.planOf(how)),
    orNote(ask.permissionsOf(how)),
    orNote(jit.mayListAtOnce(id, timeoutMs)),
  ]);
  return { id, name, plan, permissions, listsAtOnce };
}

function lateNote({ atMs, vms }: InventorySnapshot, withinMs: number): Unasked {
  const known = atMs === 0 ? "" : ` ${vms.size} are known from the last read.`;
  const message = `it takes longer than ${Math.ceil(withinMs / 1_000)} s, as expected for very many VMs.${known}`;
  return { code: STILL_READING, message };
}

type Named = { readonly id: string; readonly name: string | undefined };

/** The first spelling of each id. */
function withNames(ids: readonly string[], named: readonly Named[]): readonly Named[] {
  const names = new Map(named.map(({ id, name }) => [id.toLowerCase(), name]));
  const found = new Map<string, Named>();
  for (const id of ids) {
    const key = id.toLowerCase();
    if (!found.has(key)) found.set(key, { id, name: names.get(key) });
  }
  return [...found.values()];
}

async function orNote<T>(asking: Promise<T>): Promise<T | Unasked> {
  try {
    return await asking;
  } catch (thrown) {
    if (isFault(thrown)) return noteOf(thrown);
    throw thrown;
  }
}
