// The inventory snapshot: all VMs and JIT policies, taken every minute, and kept while Azure is away.

import type { InventorySnapshot } from "../../../ports/azure.ts";
import type { Clock } from "../../../ports/clock.ts";
import { repeating, type Service } from "../../../ports/service.ts";
import type { SnapshotShare } from "../../../ports/storage/inventory-share.ts";
import type { FaultLog } from "../client/fault-log.ts";
import { latestSnapshot } from "./latest-snapshot.ts";
import { readingFaults } from "./reading-faults.ts";
import { type Once, type SharedReading, sharedReading } from "./shared-reading.ts";
import { createExchange } from "./snapshot-exchange.ts";

export type InventorySnapshots = {
  snapshot(): InventorySnapshot;
  /** All who ask while a reading is under way get its result, even another replica's. */
  refresh(): Promise<InventorySnapshot>;
  /** Reads now, and from then on in the background. Does nothing when it is started already. */
  start(): void;
  /** From now on one replica reads for all. */
  share(share: SnapshotShare): void;
  /** Ends the background reading and whatever is under way. */
  stop(): Promise<void>;
};

/** What part of the time from one reading to the next. */
const LOOKS_AFTER = 1 / 12;
const LOOKS_AT_FIRST_MS = 500;
/** The replica that reads says so again and again: one that died in the middle isn't waited for. */
const LEASE_MS = 2_500;
/** A call that is told to stop ends at once. */
const STOPS_WITHIN_MS = 10_000;

export function createInventorySnapshots(options: {
  read: (stop: AbortSignal, before: InventorySnapshot) => Promise<InventorySnapshot>;
  clock: Clock;
  faultLog: FaultLog;
  everyMs: number;
  /** Another replica's reading was taken over. */
  onTaken?: () => void;
}): InventorySnapshots {
  const { clock, faultLog, everyMs } = options;
  const looksAfterMs = everyMs * LOOKS_AFTER;
  const latest = latestSnapshot(options);
  const faults = readingFaults(faultLog, everyMs);
  const once = oneAtATime();
  let shared: SharedReading | undefined;
  let stopping = new AbortController();
  let service: Service | undefined;
  const stop = (): AbortSignal => stopping.signal;
  const readAlone = (): Promise<InventorySnapshot> => latest.read(stop());

  async function keepUp(): Promise<void> {
    if (shared !== undefined) return shared.keepUp();
    await once(readAlone);
    faults.wentWell();
  }

  /** For how long there is nothing to do. */
  function restMs(): number {
    if (shared === undefined) return latest.dueInMs();
    // People are refused as long as nothing is known.
    if (latest.isEmpty()) return Math.min(looksAfterMs, LOOKS_AT_FIRST_MS);
    // Where it is due, another replica is at it.
    return latest.dueInMs() === 0 ? looksAfterMs : Math.min(looksAfterMs, latest.dueInMs());
  }

  async function round(): Promise<number> {
    await keepUp();
    return restMs();
  }

  const failed = (thrown: unknown, count: number): number =>
    stop().aborted ? 0 : faults.failed(thrown, count);

  return {
    snapshot: latest.snapshot,
    refresh: () => once(shared?.readNow ?? readAlone),
    start() {
      if (service !== undefined) return;
      if (stop().aborted) stopping = new AbortController();
      service = repeating(round, { clock, failed });
      service.start();
    },
    share(share) {
      const exchange = createExchange({ share, clock, faultLog, leaseMs: LEASE_MS });
      shared = sharedReading({ latest, exchange, faults, clock, once, looksAfterMs, stop });
    },
    async stop() {
      stopping.abort();
      await service?.stop(STOPS_WITHIN_MS);
      service = undefined;
    },
  };
}

function oneAtATime(): Once {
  let reading: Promise<InventorySnapshot> | undefined;
  return (read) => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
}
