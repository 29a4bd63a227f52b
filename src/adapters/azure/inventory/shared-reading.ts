// How replicas share the work of reading the inventory: one claims the reading, the others take over its result.

import type { InventorySnapshot } from "../../../ports/azure.ts";
import type { Clock } from "../../../ports/clock.ts";
import { Fault } from "../../../ports/fault.ts";
import type { LatestSnapshot } from "./latest-snapshot.ts";
import type { ReadingFaults } from "./reading-faults.ts";
import type { Exchange } from "./snapshot-exchange.ts";

export type SharedReading = {
  /** Somebody waits for it: reads for all replicas, or waits for the one that does. */
  readNow(): Promise<InventorySnapshot>;
  /** Takes over what is new, and reads if it is time to and no other replica does. */
  keepUp(): Promise<void>;
};

/** A reading under way is shared by all that ask for one meanwhile. */
export type Once = (read: () => Promise<InventorySnapshot>) => Promise<InventorySnapshot>;

type Needs = {
  readonly latest: LatestSnapshot;
  readonly exchange: Exchange;
  readonly faults: ReadingFaults;
  readonly clock: Pick<Clock, "sleep">;
  readonly once: Once;
  readonly looksAfterMs: number;
  readonly stop: () => AbortSignal;
};

/** Somebody waits while another replica reads. */
const LOOKS_WITHIN_MS = 1_000;

export const sharedReading = (deps: Needs): SharedReading => ({
  readNow: () => readTogether(deps),
  keepUp: () => keepUp(deps),
});

async function readTogether(deps: Needs): Promise<InventorySnapshot> {
  const { latest, exchange, clock, looksAfterMs, stop } = deps;
  await latest.takeFrom(exchange);
  const known = exchange.version();
  for (;;) {
    const claimed = await exchange.claim(true);
    if (claimed === "away") return latest.read(stop());
    await latest.takeFrom(exchange);
    if (exchange.version() !== known) {
      if (claimed === "claimed") await exchange.release(0);
      return latest.snapshot();
    }
    if (claimed === "claimed") return readForAll(deps);
    await clock.sleep(Math.min(looksAfterMs, LOOKS_WITHIN_MS), stop());
    if (stop().aborted) throw stopped();
  }
}

async function keepUp(deps: Needs): Promise<void> {
  const { latest, exchange, faults, once, stop } = deps;
  let found = await latest.takeFrom(exchange);
  if (found === "newer") faults.wentWell();
  if (latest.dueInMs() > 0 && found !== "nothing") return;
  const claimed = found === "away" ? "away" : await exchange.claim(false);
  if (claimed === "away" && latest.dueInMs() === 0) {
    await once(() => latest.read(stop()));
    return faults.wentWell();
  }
  if (claimed !== "claimed") return;
  found = await latest.takeFrom(exchange);
  if (latest.dueInMs() === 0) {
    await once(() => readForAll(deps));
    return faults.wentWell();
  }
  // It was lost there, as when Redis was emptied: what is known here does for all until the next reading.
  if (found === "nothing" && (await exchange.give(latest.snapshot(), latest.tookMs()))) return;
  await exchange.release(0);
}

/** This replica has the claim. */
async function readForAll({ latest, exchange, faults, stop }: Needs): Promise<InventorySnapshot> {
  using _held = exchange.hold();
  try {
    await latest.read(stop());
  } catch (thrown) {
    await exchange.release(stop().aborted ? 0 : faults.pauseMs(thrown));
    throw thrown;
  }
  await exchange.give(latest.snapshot(), latest.tookMs());
  return latest.snapshot();
}

const stopped = (): Fault =>
  new Fault({ source: "azure", code: "Stopped", message: "The bot stops.", retryable: true });
