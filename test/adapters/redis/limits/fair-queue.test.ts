// The fair queue before a channel: new cards before threads, and nobody's second before everybody's first.
// Of src/adapters/redis/limits/rate-limits.ts.

import { describe, expect, it } from "vitest";
import { userId } from "../../../../src/domain/text/ids.ts";
import type { Place } from "../../../../src/ports/storage/rate-limits.ts";
import { OMAR } from "../../../support/requests.ts";
import { benchPerFile } from "../with-store.ts";

const bench = benchPerFile();
const CHANNEL = "C0PROD";
const ANA = userId("U0ANA");
const BEN = userId("U0BEN");
const FLO = userId("U0FLO");

type Message = Place & { readonly atMs: number; readonly never?: boolean };

const messages = (
  of: Place["of"],
  count: number,
  { rank = "card" as Place["rank"], atMs = 0, never = false } = {},
): readonly Message[] =>
  Array.from({ length: count }, (_, n) => ({
    ...{ of, rank, atMs, never },
    what: `${of} ${rank} ${n} ${atMs}`,
  }));

type Sent = {
  readonly what: string;
  readonly atMs: number;
  /** How long the test itself has taken by then: Redis's clock goes on meanwhile. */
  readonly tookMs: number;
};

/** Workers of two replicas, each of which comes back exactly when it was told to, or never again. */
async function sent(all: readonly Message[]): Promise<readonly Sent[]> {
  const waiting = all.map((message) => ({ message, atMs: message.atMs, asked: 0 }));
  const done: Sent[] = [];
  const startedMs = performance.now();
  let nowMs = 0;
  for (;;) {
    waiting.sort((one, other) => one.atMs - other.atMs);
    const next = waiting[0];
    if (next === undefined) return done;
    bench.advance(Math.max(0, next.atMs - nowMs));
    nowMs = Math.max(nowMs, next.atMs);
    const { store, other } = bench;
    const { what, of, rank, never = false } = next.message;
    const waitMs = await (next.asked % 2 === 0 ? store : other).rateLimits.takePlace(CHANNEL, {
      ...{ what, of, rank },
    });
    next.asked += 1;
    const tookMs = performance.now() - startedMs;
    if (waitMs === 0) done.push({ what, atMs: nowMs, tookMs });
    if (waitMs === 0 || never) waiting.shift();
    else next.atMs = nowMs + waitMs;
  }
}

const placeOf = (all: readonly Sent[], start: string) =>
  all.findIndex(({ what }) => what.startsWith(start));

describe("a channel's queue", () => {
  it("sends what comes alone at once, and a second apart what comes together", async () => {
    const all = await sent(messages(ANA, 6));
    expect(all.map(({ what }) => what)).toEqual(messages(ANA, 6).map(({ what }) => what));
    const times = all.map(({ atMs }) => atMs);
    expect(times.slice(0, 3)).toEqual([0, 0, 0]);
    times.slice(3).forEach((atMs, n) => {
      expect(atMs).toBeGreaterThan((n + 1) * 1_000 - 100);
      expect(atMs).toBeLessThan((n + 1) * 1_000 + 200);
    });
  });

  it("lets somebody's first card pass by all but one of another's sixty", async () => {
    const all = await sent([...messages(FLO, 60), ...messages(ANA, 1, { atMs: 1_500 })]);
    const ana = all[placeOf(all, ANA)];
    expect(ana?.atMs).toBeLessThan(1_500 + 2_500);
    expect(all).toHaveLength(61);
  });

  it("sends new cards before threads, and break-glass before all", async () => {
    const all = await sent([
      ...messages(FLO, 3),
      ...messages(FLO, 30, { rank: "thread" }),
      ...messages(BEN, 3, { atMs: 200 }),
      ...messages(OMAR, 1, { rank: "break-glass", atMs: 300 }),
      ...messages(ANA, 1, { atMs: 400 }),
    ]);
    const order = all.slice(3, 8).map(({ what }) => what.split(" ").slice(0, 2).join(" "));
    expect(order[0]).toBe(`${OMAR} break-glass`);
    expect(order.slice(1).sort()).toEqual([`${ANA} card`, ...Array(3).fill(`${BEN} card`)].sort());
    expect(placeOf(all, ANA)).toBeLessThan(placeOf(all, `${BEN} card 1`));
  });

  it("is hardly held up by those who do not come back", async () => {
    const all = await sent([
      ...messages(FLO, 3),
      ...messages(FLO, 60, { never: true }),
      ...messages(BEN, 10, { never: true }),
      ...messages(ANA, 2, { atMs: 500 }),
    ]);
    expect(all[placeOf(all, `${ANA} card 0`)]?.atMs).toBeLessThan(6_000);
    expect(all[placeOf(all, `${ANA} card 1`)]?.atMs).toBeLessThan(12_000);
  });

  it("keeps to a message a second whoever waits, and wastes hardly any", async () => {
    const many = [ANA, BEN, FLO, OMAR].flatMap((one, n) => [
      ...messages(one, 5, { atMs: n * 700 }),
      ...messages(one, 5, { rank: "thread", atMs: n * 400 }),
    ]);
    const all = await sent(many);
    expect(all).toHaveLength(many.length);
    // Both clocks are in whole milliseconds.
    all.forEach(({ atMs, tookMs }, n) => {
      expect(n + 1).toBeLessThanOrEqual(3 + (atMs + tookMs + 2) / 1_000);
    });
    expect(Math.max(...all.map(({ atMs }) => atMs))).toBeLessThan(many.length * 1_000 * 1.2);
  });

  it("leaves nothing behind in Redis", async () => {
    await sent(messages(ANA, 5));
    await bench.store.rateLimits.takePlace(CHANNEL, { what: "x", of: BEN, rank: "card" });
    const keys = await bench.redis.keys("*queue*");
    for (const key of keys) expect(await bench.redis.pttl(key)).toBeGreaterThan(0);
  });
});
