// The picture of all VMs and JIT policies: made anew every minute, and kept while Azure is away.

import type { InventorySnapshot } from "../../../ports/azure.ts";
import { backoffMs } from "../../../ports/backoff.ts";
import type { Clock } from "../../../ports/clock.ts";
import { Fault, isFault } from "../../../ports/fault.ts";
import { repeating, type Service } from "../../../ports/service.ts";
import type { SnapshotShare } from "../../../ports/storage/inventory-share.ts";
import type { FaultLog } from "../client/fault-log.ts";
import { createExchange, type Exchange } from "./snapshot-exchange.ts";

export type InventorySnapshots = {
  picture(): InventorySnapshot;
  /** All who ask while a reading is under way get its result, be it another replica's. */
  refresh(): Promise<InventorySnapshot>;
  /** Reads now, and from then on in the background. Does nothing when it is started already. */
  start(): void;
  /** From now on one replica reads for all. */
  share(share: SnapshotShare): void;
  /** Ends the background reading and whatever is under way. */
  stop(): Promise<void>;
};

const EMPTY: InventorySnapshot = Object.freeze({
  atMs: 0,
  vms: new Map(),
  covers: new Map(),
  unread: Object.freeze([]),
});

const RETRY_MS = 2_000;
/** Longer than this, nobody is believed who asks us to wait. */
const RETRY_MAX_MS = 5 * 60_000;

/** What part of the time from one reading to the next. */
const LOOKS_AFTER = 1 / 12;
/** Whoever read last reads next: the others come only when that replica is gone. */
const OTHERS_AFTER = 1 / 6;
/** Who reads says so again and again: a replica that died in the middle is not waited for. */
const LEASE_MS = 2_500;

/** The newest reading, of whichever replica. By the monotonic clock: when it was there. */
type Renewed = { readonly atMs: number; readonly tookMs: number; readonly isOwn: boolean };

export function createInventorySnapshots(options: {
  read: (stop: AbortSignal, before: InventorySnapshot) => Promise<InventorySnapshot>;
  clock: Clock;
  troubles: FaultLog;
  everyMs: number;
  /** Another replica's reading was taken over. */
  onTaken?: () => void;
}): InventorySnapshots {
  const { read, clock, troubles, everyMs, onTaken } = options;
  const looksAfterMs = everyMs * LOOKS_AFTER;
  let picture = EMPTY;
  let renewed: Renewed | undefined;
  let reading: Promise<InventorySnapshot> | undefined;
  let exchange: Exchange | undefined;
  let stopping = new AbortController();
  let service: Service | undefined;
  let failures = 0;

  async function readNow(): Promise<InventorySnapshot> {
    const startedMs = clock.monotonicMs();
    picture = await read(stopping.signal, picture);
    const atMs = clock.monotonicMs();
    renewed = { atMs, tookMs: atMs - startedMs, isOwn: true };
    return picture;
  }

  /** Reads for all replicas: the claim is ours. */
  async function readFor(all: Exchange): Promise<InventorySnapshot> {
    using _held = all.hold();
    try {
      await readNow();
    } catch (thrown) {
      await all.release(stopping.signal.aborted ? 0 : pauseAfter(thrown, failures + 1));
      throw thrown;
    }
    await all.give(picture, renewed?.tookMs ?? 0);
    return picture;
  }

  async function catchUp(from: Exchange): Promise<"away" | "nothing" | "known" | "newer"> {
    const taken = await from.take(picture);
    if (taken.is === "newer") {
      const { agoMs, tookMs } = taken;
      picture = taken.picture;
      renewed = { atMs: clock.monotonicMs() - agoMs, tookMs, isOwn: false };
      onTaken?.();
    }
    return taken.is;
  }

  /** Somebody waits for it: reads for all, or waits for whoever does. */
  async function readTogether(all: Exchange): Promise<InventorySnapshot> {
    await catchUp(all);
    const known = all.version();
    for (;;) {
      const claimed = await all.claim(true);
      if (claimed === "away") return readNow();
      await catchUp(all);
      if (all.version() !== known) {
        if (claimed === "claimed") await all.release(0);
        return picture;
      }
      if (claimed === "claimed") return readFor(all);
      await clock.sleep(Math.min(looksAfterMs, LOOKS_WITHIN_MS), stopping.signal);
      if (stopping.signal.aborted) throw stopped();
    }
  }

  function once(work: () => Promise<InventorySnapshot>): Promise<InventorySnapshot> {
    reading ??= work().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  const refresh = (): Promise<InventorySnapshot> =>
    once(() => (exchange === undefined ? readNow() : readTogether(exchange)));

  /** At most half of the time, so that a large tenant's quota is not used up by us alone. */
  function dueInMs(): number {
    if (renewed === undefined) return 0;
    const { atMs, tookMs, isOwn } = renewed;
    const afterMs = Math.max(everyMs, tookMs) + (isOwn ? 0 : everyMs * OTHERS_AFTER);
    return Math.max(0, atMs + afterMs - clock.monotonicMs());
  }

  function wentWell(): void {
    troubles.note(SUBJECT, undefined);
    failures = 0;
  }

  async function readAlone(): Promise<void> {
    await once(readNow);
    wentWell();
  }

  /** Reads if it is time to and nobody else does. */
  async function keepUpWith(all: Exchange): Promise<void> {
    let found = await catchUp(all);
    if (found === "newer") wentWell();
    if (dueInMs() > 0 && found !== "nothing") return;
    const claimed = found === "away" ? "away" : await all.claim(false);
    if (claimed === "away" && dueInMs() === 0) return readAlone();
    if (claimed !== "claimed") return;
    found = await catchUp(all);
    if (dueInMs() === 0) {
      await once(() => readFor(all));
      return wentWell();
    }
    // It was lost there, as when Redis was emptied: what is known here does for all until the next reading.
    if (found === "nothing" && (await all.give(picture, renewed?.tookMs ?? 0))) return;
    await all.release(0);
  }

  async function keepUp(): Promise<void> {
    if (exchange === undefined) await readAlone();
    else await keepUpWith(exchange);
  }

  /** For how long there is nothing to do. */
  function restMs(): number {
    if (exchange === undefined) return dueInMs();
    // People are refused as long as nothing is known.
    if (renewed === undefined) return Math.min(looksAfterMs, LOOKS_AT_FIRST_MS);
    // Where it is due, another replica is at it.
    return dueInMs() === 0 ? looksAfterMs : Math.min(looksAfterMs, dueInMs());
  }

  function failed(thrown: unknown, count: number): number {
    const fault = faultOf(thrown);
    if (stopping.signal.aborted) return 0;
    troubles.note(SUBJECT, fault);
    failures = count;
    return pauseAfter(fault, count);
  }

  function pauseAfter(thrown: unknown, count: number): number {
    if (!isFault(thrown) || !thrown.retryable) return everyMs;
    const retries = { firstMs: RETRY_MS, mostMs: everyMs };
    return Math.min(backoffMs(count, retries, thrown), RETRY_MAX_MS);
  }

  return {
    picture: () => picture,
    refresh,
    start() {
      if (service !== undefined) return;
      if (stopping.signal.aborted) stopping = new AbortController();
      const round = async (): Promise<number> => {
        await keepUp();
        return restMs();
      };
      service = repeating(round, { clock, failed });
      service.start();
    },
    share(share) {
      exchange = createExchange({ share, clock, troubles, leaseMs: LEASE_MS });
    },
    async stop() {
      stopping.abort();
      await service?.stop(STOPS_WITHIN_MS);
      service = undefined;
    },
  };
}

/** Another replica reads: somebody waits for what it finds. */
const LOOKS_WITHIN_MS = 1_000;

const LOOKS_AT_FIRST_MS = 500;

/** A call that is told to stop ends at once. */
const STOPS_WITHIN_MS = 10_000;

const SUBJECT = "all VMs and JIT policies";

const stopped = (): Fault =>
  new Fault({ world: "azure", code: "Stopped", message: "The bot stops.", retryable: true });

function faultOf(thrown: unknown): Fault {
  if (isFault(thrown)) return thrown;
  // A bug, which is to be heard of; but the next reading may be spared it.
  const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new Fault({ world: "azure", code: name, message, retryable: false, cause: thrown });
}
