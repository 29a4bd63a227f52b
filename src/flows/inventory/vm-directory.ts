// The index of all VMs for search and forms: made in the background for each snapshot and policy file.

import type { Policy } from "../../domain/rules/policy.ts";
import { indexing, type VmIndex } from "../../domain/rules/vm-search.ts";
import type { InventorySnapshot } from "../../ports/azure.ts";
import type { Deps } from "../deps.ts";

/** The index, and the snapshot that it was made of. */
export type Listed = { readonly snapshot: InventorySnapshot; readonly index: VmIndex };

export type WithDirectory = { readonly directory: VmDirectory };

export type VmDirectory = {
  /** Of the newest snapshot and the policy in force; all who ask while it is being made get the same. */
  current(): Promise<Listed>;
  /** The same, or the one before it while it is being made: a search doesn't wait for a minute's changes. */
  recent(): Promise<Listed>;
};

/** An index isn't used any more when a snapshot is there that was taken so much later. */
const RECENT_MS = 5 * 60_000;

export function vmDirectory({
  azure,
  policy,
  clock,
}: Pick<Deps, "azure" | "policy" | "clock">): VmDirectory {
  type Making = { of: InventorySnapshot; under: Policy; listed: Promise<Listed> };
  let latest: Making | undefined;
  let before: Listed | undefined;

  const make = async (snapshot: InventorySnapshot, under: Policy): Promise<Listed> => {
    const work = indexing(snapshot.vms, under, before?.index);
    let step = work.next();
    while (step.done !== true) {
      // Others get their turn: a click isn't kept waiting by 50,000 VMs.
      await clock.sleep(0);
      step = work.next();
    }
    before = { snapshot, index: step.value };
    return before;
  };

  const current = (): Promise<Listed> => {
    const of = azure.snapshot();
    const under = policy();
    if (latest?.of !== of || latest.under !== under) {
      latest = { of, under, listed: make(of, under) };
      // Maybe nobody waits for it; anybody who does is told.
      latest.listed.catch(() => undefined);
    }
    return latest.listed;
  };

  return {
    current,
    async recent() {
      const listed = current();
      if (before === undefined || before.index.policy !== policy()) return listed;
      return azure.snapshot().atMs - before.snapshot.atMs < RECENT_MS ? before : listed;
    },
  };
}
