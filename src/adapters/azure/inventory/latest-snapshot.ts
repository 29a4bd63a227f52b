// The newest inventory snapshot that this replica has, whichever replica read it, and when the next is due.

import type { InventorySnapshot } from "../../../ports/azure.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Exchange, Taken } from "./snapshot-exchange.ts";

export type LatestSnapshot = {
  /** Empty until the first was read. */
  snapshot(): InventorySnapshot;
  isEmpty(): boolean;
  /** How long its reading took; 0 before the first. */
  tookMs(): number;
  /** Reads everything from Azure. When that rejects, the last snapshot stays. */
  read(stop: AbortSignal): Promise<InventorySnapshot>;
  /** Takes over what another replica published, if it's newer. */
  takeFrom(exchange: Exchange): Promise<Taken["is"]>;
  /** For how long nobody needs to read. */
  dueInMs(): number;
};

const EMPTY: InventorySnapshot = Object.freeze({
  atMs: 0,
  vms: new Map(),
  vmPolicies: new Map(),
  unread: Object.freeze([]),
});

/** The replica that read last reads next: the others step in only when it is gone. */
const OTHERS_AFTER = 1 / 6;

/** The newest reading, by this replica's monotonic clock. */
type Reading = { readonly atMs: number; readonly tookMs: number; readonly isOwn: boolean };

export function latestSnapshot(options: {
  read: (stop: AbortSignal, before: InventorySnapshot) => Promise<InventorySnapshot>;
  clock: Pick<Clock, "monotonicMs">;
  everyMs: number;
  /** Another replica's snapshot was taken over. */
  onTaken?: () => void;
}): LatestSnapshot {
  const { read, clock, everyMs, onTaken } = options;
  let snapshot = EMPTY;
  let reading: Reading | undefined;

  return {
    snapshot: () => snapshot,
    isEmpty: () => reading === undefined,
    tookMs: () => reading?.tookMs ?? 0,

    async read(stop) {
      const startedMs = clock.monotonicMs();
      snapshot = await read(stop, snapshot);
      const atMs = clock.monotonicMs();
      reading = { atMs, tookMs: atMs - startedMs, isOwn: true };
      return snapshot;
    },

    async takeFrom(exchange) {
      const taken = await exchange.take(snapshot);
      if (taken.is === "newer") {
        const { agoMs, tookMs } = taken;
        snapshot = taken.snapshot;
        reading = { atMs: clock.monotonicMs() - agoMs, tookMs, isOwn: false };
        onTaken?.();
      }
      return taken.is;
    },

    // At most half of the time is spent reading, which leaves a large tenant's quota to others.
    dueInMs() {
      if (reading === undefined) return 0;
      const { atMs, tookMs, isOwn } = reading;
      const afterMs = Math.max(everyMs, tookMs) + (isOwn ? 0 : everyMs * OTHERS_AFTER);
      return Math.max(0, atMs + afterMs - clock.monotonicMs());
    },
  };
}
