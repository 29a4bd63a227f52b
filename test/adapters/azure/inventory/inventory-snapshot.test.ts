// The snapshot over time: read once for all who ask, kept while Azure is away, renewed in the background.

import { beforeEach, describe, expect, it } from "vitest";
import { createFaultLog } from "../../../../src/adapters/azure/client/fault-log.ts";
import { createInventorySnapshots } from "../../../../src/adapters/azure/inventory/inventory-snapshot.ts";
import type { InventorySnapshot } from "../../../../src/ports/azure.ts";
import type { Clock } from "../../../../src/ports/clock.ts";
import { Fault } from "../../../../src/ports/fault.ts";
import { add, buildWorld, policy, vm } from "../../../../src/sandbox/azure/world/parts.ts";
import { faultOf, keptLog, MINUTE_MS, START_MS, simulate } from "../bot.ts";

const simulated = await simulate();
const { azure, clock } = simulated;

/** A clock whose sleepers wake when they are told to. */
function slowClock(): Clock & { slept: number[]; wake: () => Promise<void> } {
  const slept: number[] = [];
  let wakeUp = () => {};
  let ms = 0;
  return {
    slept,
    nowMs: () => ms,
    monotonicMs: () => ms,
    sleep(by, signal) {
      slept.push(by);
      return new Promise((resolve) => {
        wakeUp = () => {
          ms += by;
          resolve();
        };
        signal?.addEventListener("abort", () => resolve());
      });
    },
    async wake() {
      wakeUp();
      await settled();
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

const snapshotAt = (atMs: number): InventorySnapshot => ({
  atMs,
  vms: new Map(),
  vmPolicies: new Map(),
  unread: [],
});

describe("a snapshot", () => {
  beforeEach(() => simulated.reset(buildWorld(vm({ name: "web" }), policy({ vms: ["web"] }))));

  it("is empty until the first was read", async () => {
    const { bot } = simulated.bot();
    expect(bot.snapshot()).toEqual(snapshotAt(0));
    azure.faults.add({ path: "ResourceGraph", act: { status: 403, body: {} } });
    await faultOf(bot.refresh());
    expect(bot.snapshot()).toEqual(snapshotAt(0));
  });

  it("is read once for all who ask meanwhile, and anew for who asks later", async () => {
    const { bot, notes } = simulated.bot();
    const snapshots = await Promise.all([bot.refresh(), bot.refresh(), bot.refresh()]);
    expect(new Set(snapshots).size).toBe(1);
    expect(notes.filter(({ operation }) => operation === "resource-graph")).toHaveLength(7);
    add(azure.world, vm({ name: "db" }));
    expect((await bot.refresh()).vms.size).toBe(2);
    // Firewalls, classic VMs and scale sets hardly ever change: the quota is not for them.
    expect(notes.filter(({ operation }) => operation === "resource-graph")).toHaveLength(12);
    expect(bot.snapshot().vms.size).toBe(2);
  });

  it("stays as it was when the next can't be read, and all who wait hear why", async () => {
    const { bot } = simulated.bot();
    const snapshot = await bot.refresh();
    azure.faults.add({ path: "ResourceGraph", act: "reset" });
    clock.setMs(START_MS + MINUTE_MS);
    const faults = await Promise.all([faultOf(bot.refresh()), faultOf(bot.refresh())]);
    expect(faults.map(({ code }) => code)).toEqual(["ECONNRESET", "ECONNRESET"]);
    expect(bot.snapshot()).toBe(snapshot);
    azure.faults.clear();
    expect((await bot.refresh()).atMs).toBeGreaterThan(snapshot.atMs);
  });

  it("that can't be read at all is said once, and not for each of its parts", async () => {
    azure.faults.add({ path: "ResourceGraph", act: { status: 403, body: {} } });
    const { bot, lines } = simulated.bot({ clock: slowClock() });
    bot.start();
    await faultOf(bot.refresh());
    await settled();
    expect(lines.map(({ facts }) => facts.subject)).toEqual(["all VMs and JIT policies"]);
    await bot.stop();
  });

  it("ends its reading when the bot stops", async () => {
    azure.faults.add({ path: "ResourceGraph", act: "hang" });
    const { bot } = simulated.bot();
    bot.start();
    const waiting = faultOf(bot.refresh());
    await bot.stop();
    expect((await waiting).code).toBe("Stopped");
  });
});

describe("in the background", () => {
  const everyMs = MINUTE_MS;
  const fault = (more: { retryable: boolean; retryAfterMs?: number }) =>
    new Fault({ source: "azure", code: "Away", message: "Away.", ...more });

  function started(outcomes: (Error | number)[]) {
    const slow = slowClock();
    const log = keptLog();
    let read = 0;
    const snapshots = createInventorySnapshots({
      clock: slow,
      faultLog: createFaultLog(log),
      everyMs,
      read: async () => {
        const outcome = outcomes[read++];
        if (outcome instanceof Error) throw outcome;
        if (outcome !== undefined) await slow.sleep(outcome);
        return snapshotAt(read);
      },
    });
    snapshots.start();
    snapshots.start();
    return { slow, log, snapshots, count: () => read };
  }

  it("it is renewed every minute, until it is stopped, and can be started again", async () => {
    const { slow, snapshots, count } = started([]);
    await settled();
    await slow.wake();
    expect([count(), slow.slept, snapshots.snapshot().atMs]).toEqual([2, [everyMs, everyMs], 2]);
    await snapshots.stop();
    await settled();
    expect(count()).toBe(2);
    snapshots.start();
    await settled();
    expect(count()).toBe(3);
    await snapshots.stop();
  });

  it("it is tried again sooner while Azure is away, and less and less often", async () => {
    const away = fault({ retryable: true });
    const { slow, log, snapshots } = started([away, away, away, away, away, away, away]);
    await settled();
    for (let i = 0; i < 7; i++) await slow.wake();
    expect(slow.slept).toEqual([2, 4, 8, 16, 32, 60, 60, 60].map((s) => s * 1_000));
    expect(log.lines.map(({ level }) => level)).toEqual(["warn", "info"]);
    await snapshots.stop();
  });

  it.each([
    ["as long as Azure asks", { retryable: true, retryAfterMs: 90_000 }, 90_000],
    ["not for hours", { retryable: true, retryAfterMs: 9_000_000 }, 5 * MINUTE_MS],
    ["a minute where it is of no use", { retryable: false }, MINUTE_MS],
  ])("it waits %s", async (_, more, ms) => {
    const { slow, snapshots } = started([fault(more)]);
    await settled();
    expect(slow.slept).toEqual([ms]);
    await snapshots.stop();
  });

  it("it takes at most half of the time", async () => {
    const { slow, snapshots } = started([4 * MINUTE_MS]);
    await settled();
    await slow.wake();
    expect(slow.slept).toEqual([4 * MINUTE_MS, 4 * MINUTE_MS]);
    await snapshots.stop();
  });

  it("it outlives a bug, which is said", async () => {
    const { slow, log, snapshots } = started([new TypeError("x isn't a function")]);
    await settled();
    await slow.wake();
    expect(snapshots.snapshot().atMs).toBe(2);
    expect(log.lines[0]).toMatchObject({ level: "warn", facts: { fault: "TypeError" } });
    await snapshots.stop();
  });
});
