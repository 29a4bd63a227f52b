// Measures the form's search over 50,000 VMs: as one types, after each new snapshot, and for people who may ask for none.
// Usage: node test/bench/search.ts

import { performance } from "node:perf_hooks";
import type { Match, Policy, Rule } from "../../src/domain/rules/policy.ts";
import { searchVms } from "../../src/domain/rules/vm-search.ts";
import { userId } from "../../src/domain/text/ids.ts";
import type { Vm } from "../../src/domain/vm/vm.ts";
import { vmDirectory } from "../../src/flows/inventory/vm-directory.ts";
import type { InventorySnapshot } from "../../src/ports/azure.ts";
import { aPolicy, aRule, aVm } from "../support/requests.ts";

const VMS = 50_000;
const SNAPSHOTS = 20;
const RULES = 40;
/** As a menu shows. */
const MOST = 100;
const LIMIT_MS = 100;

/** What people type, letter by letter, and what is not there. */
const TYPED = [
  "",
  "v",
  "vm-0",
  "vm-04217",
  "app13",
  "rg-team-51",
  "env=prod team",
  "10.3.7",
  "nothing",
];

const padded = (n: number): string => String(n).padStart(5, "0");

function vmAt(n: number): Vm {
  return aVm({
    name: `vm-${padded(n)}-app${n % 97}`,
    resourceGroup: `rg-team-${n % 700}-prod`,
    tags: { env: n % 3 === 0 ? "dev" : "prod", owner: `team ${n % 300}`, cost: `${n % 1_000}` },
    privateAddresses: [`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`],
    publicAddresses: [],
  });
}

/** A snapshot is made of new objects each minute, and a few VMs in it have changed. */
function snapshotOf(round: number): InventorySnapshot {
  const vms = Array.from({ length: VMS }, (_, n) =>
    n % 500 === round ? { ...vmAt(n), tags: { env: "moved" } } : vmAt(n),
  );
  const atMs = round + 1;
  return { atMs, vms: new Map(vms.map((vm) => [vm.key, vm])), vmPolicies: new Map(), unread: [] };
}

const requesters = { users: [userId("U0SOMEBODY")], groups: [] };
const matchOf = (n: number): Match =>
  n % 2 === 0
    ? { resourceGroups: [`rg-team-${n}*`, `*-${n}-*`], tags: { env: ["prod", "stag*"] } }
    : { vms: [`*-app${n}`, `vm-${n}*`], ports: [22, 3389] };
const rulesOf = (own: Partial<Rule>): readonly Rule[] =>
  Array.from({ length: RULES }, (_, n) =>
    aRule({ name: `rule ${n}`, match: matchOf(n), requesters, ...own }),
  );

const at = (sorted: readonly number[], share: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);

function report(what: string, tookMs: readonly number[]): void {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const [p50, p99, most] = [at(sorted, 0.5), at(sorted, 0.99), at(sorted, 1)];
  const verdict = Number(p99) < LIMIT_MS ? "within" : "ABOVE";
  process.stdout.write(
    `${what.padEnd(34)} p50 ${p50.padStart(6)} ms  p99 ${p99.padStart(6)} ms  most ${most.padStart(6)} ms  (${sorted.length}, ${verdict} ${LIMIT_MS} ms)\n`,
  );
  if (verdict === "ABOVE") process.exitCode = 1;
}

async function measure(what: string, policy: Policy, rules: ReadonlySet<Rule>): Promise<void> {
  let snapshot = snapshotOf(0);
  const clock = {
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    sleep: () => new Promise<void>((resolve) => setTimeout(resolve, 0)),
  };
  const azure = { snapshot: () => snapshot } as Parameters<typeof vmDirectory>[0]["azure"];
  const directory = vmDirectory({ azure, policy: () => policy, clock });
  const search = async (text: string): Promise<number> => {
    const startedMs = performance.now();
    searchVms((await directory.recent()).index, text, { rules, most: MOST });
    return performance.now() - startedMs;
  };
  const first = await search("vm");
  const afterSnapshot: number[] = [];
  const typing: number[] = [];
  for (let round = 1; round <= SNAPSHOTS; round++) {
    snapshot = snapshotOf(round);
    afterSnapshot.push(await search("app13"));
    // While the index is being made anew, and when it is.
    for (const text of TYPED) typing.push(await search(text));
    await directory.current();
    for (const text of TYPED) for (let n = 0; n < 5; n++) typing.push(await search(text));
  }
  process.stdout.write(`${what}: the very first, with the index to make: ${first.toFixed(1)} ms\n`);
  report("  as one types", typing);
  report("  first after each new snapshot", afterSnapshot);
  report("  all together", [...typing, ...afterSnapshot]);
}

process.stdout.write(`${VMS} VMs, ${RULES} rules with two to four patterns each\n`);
const anyone = aPolicy({ rules: rulesOf({ requesters: "anyone" }) });
await measure("Somebody who may ask for many", anyone, new Set(anyone.rules));
const nobody = aPolicy({ rules: rulesOf({}) });
await measure("Somebody who may ask for none", nobody, new Set());
