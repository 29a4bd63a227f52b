// Openings without a record are told as Azure shows them at that moment, and not as an older inventory did.

import { expect, it } from "vitest";
import { systemClock, systemRandom } from "../../../src/adapters/system-clock.ts";
import type { JitEntry } from "../../../src/domain/vm/vm.ts";
import { type Recovering, recover } from "../../../src/flows/requests/recover.ts";
import type { Azure } from "../../../src/ports/azure.ts";
import { Fault } from "../../../src/ports/fault.ts";
import { benchPerFile, idOf, quietLog } from "../../adapters/redis/with-store.ts";
import { aPolicy, aVm, ERIN, FOUND, HOUR, jitPolicyId, MINUTE } from "../../support/requests.ts";

const bench = benchPerFile();
const VM = aVm();

/** As an inventory read some seconds ago showed them. */
const claimed = (nowMs: number, n: number) => ({
  ...FOUND,
  id: idOf(n),
  startedAtMs: nowMs - MINUTE,
  endsAtMs: nowMs + HOUR,
  justification: `${idOf(n)} requested by ${ERIN}`,
  ...(n > 1 && { jitPolicyId: jitPolicyId("rg-other") }),
});
const entry = (found: ReturnType<typeof claimed>, change: Partial<JitEntry> = {}): JitEntry => ({
  ...found,
  port: 3389,
  ...{ status: "Initiated", statusReason: "UserRequested", mappedPort: undefined },
  ...change,
});

const recovering = (readPolicy: Azure["readPolicy"]): Recovering => ({
  ...bench.store,
  policy: aPolicy,
  clock: systemClock,
  random: systemRandom,
  log: quietLog,
  onCommitted: () => undefined,
  // Of Azure's methods only these are used.
  azure: {
    readPolicy,
    snapshot: () => ({ atMs: 1, vms: new Map([[VM.key, VM]]), vmPolicies: new Map(), unread: [] }),
  } as Partial<Azure> as Azure,
});

const policyWith = (...entries: readonly JitEntry[]) => ({
  id: FOUND.jitPolicyId,
  vmPolicies: [],
  entries,
});
const recovered = async (n: number) => (await bench.store.requests.read(idOf(n)))?.request.state;

it("is told where Azure still has it open", async () => {
  const found = claimed(await bench.store.storeClock.nowMs(), 1);
  await recover(
    recovering(async () => policyWith(entry(found))),
    [found],
  );
  expect(await recovered(1)).toBe("open");
});

it.each([
  ["was closed since", { status: "Revoked" }],
  ["has ended since", { endsAtMs: 1_000 }],
  ["is another's by now", { justification: `${idOf(9)} requested by ${ERIN}` }],
])("is not told where it %s", async (_, change) => {
  const found = claimed(await bench.store.storeClock.nowMs(), 1);
  await recover(
    recovering(async () => policyWith(entry(found, change))),
    [found],
  );
  expect(await recovered(1)).toBeUndefined();
});

it("is not told where its policy is gone", async () => {
  const found = claimed(await bench.store.storeClock.nowMs(), 1);
  await recover(
    recovering(async () => undefined),
    [found],
  );
  expect(await recovered(1)).toBeUndefined();
});

it("waits where its policy can't be read, and keeps no other from being told", async () => {
  const nowMs = await bench.store.storeClock.nowMs();
  const [first, second] = [claimed(nowMs, 1), claimed(nowMs, 2)];
  const fault = new Fault({
    source: "azure",
    code: "Throttled",
    message: "later",
    retryable: true,
  });
  const reading = async (id: string) => {
    if (id === first.jitPolicyId) throw fault;
    return policyWith(entry(second));
  };
  await recover(recovering(reading), [first, second]);
  expect([await recovered(1), await recovered(2)]).toEqual([undefined, "open"]);
});
