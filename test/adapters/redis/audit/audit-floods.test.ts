// Refusals that come in floods: the first few are stored, the others summed, over all replicas.
// Of src/adapters/redis/audit/audit-parts.ts.

import { describe, expect, it } from "vitest";
import { FLOOD_FIRST, FLOOD_WINDOW_MS } from "../../../../src/adapters/redis/audit/audit-parts.ts";
import { auditBench } from "../../../support/audit.ts";
import { ERIN, LEA, MINUTE } from "../../../support/requests.ts";
import { audited, idOf } from "../with-store.ts";

const on = auditBench();

const refused = (why: string, by: string = ERIN) => ({ what: "refused", by, detail: { why } });

async function flood(times: number, why = "own-request", by: string = ERIN): Promise<void> {
  const { store, other } = on.bench;
  for (let n = 0; n < times; n++) {
    await (n % 2 ? store : other).auditNotes.record(idOf(n), refused(why, by), `${why} ${by} ${n}`);
  }
}

const stored = async () =>
  (await audited(on.bench.redis)).map(({ by, detail }) => ({ by, detail }));

describe("a flood of refusals", () => {
  it("is stored by its first few, and one entry for all the others when a minute is over", async () => {
    await flood(500);
    expect(await stored()).toHaveLength(FLOOD_FIRST);
    const sinceMs = await on.bench.store.storeClock.nowMs();
    on.advance(FLOOD_WINDOW_MS);
    await on.seal();
    const entries = await stored();
    expect(entries).toHaveLength(FLOOD_FIRST + 1);
    expect(entries.at(-1)).toEqual({
      by: ERIN,
      detail: {
        why: "own-request",
        times: 500 - FLOOD_FIRST,
        sinceMs: expect.any(Number),
        untilMs: expect.any(Number),
      },
    });
    const { detail } = entries.at(-1) as { detail: { sinceMs: number; untilMs: number } };
    expect(Math.abs(detail.sinceMs - sinceMs)).toBeLessThan(5_000);
    expect(detail.untilMs - detail.sinceMs).toBeGreaterThanOrEqual(FLOOD_WINDOW_MS);
    expect(await on.bench.redis.exists(on.key("floods"))).toBe(0);
    expect((await on.verify()).findings).toEqual([]);
  });

  it("is summed by the next refusal, too, where nobody seals", async () => {
    await flood(10);
    on.advance(FLOOD_WINDOW_MS);
    await on.bench.store.auditNotes.record(undefined, refused("own-request"), "next");
    const details = (await stored()).map(({ detail }) => detail);
    expect(details).toMatchObject([{}, {}, {}, { times: 7 }, { why: "own-request" }]);
  });

  it("is one person's, for one reason", async () => {
    await flood(FLOOD_FIRST, "own-request", ERIN);
    await flood(FLOOD_FIRST, "own-request", LEA);
    await flood(FLOOD_FIRST, "wrong-state", ERIN);
    on.advance(MINUTE);
    await on.seal();
    expect(await stored()).toHaveLength(3 * FLOOD_FIRST);
    expect((await stored()).every(({ detail }) => !("times" in (detail as object)))).toBe(true);
  });

  it("counts no delivery twice", async () => {
    const again = () => on.bench.store.auditNotes.record(idOf(1), refused("own-request"), "same");
    expect([await again(), await again(), await again()]).toEqual([
      ...["recorded", "repeated", "repeated"],
    ]);
    expect(await stored()).toHaveLength(1);
  });

  it("does not grow with the number of people and reasons, and loses none of them", async () => {
    const { store } = on.bench;
    const many = 1_200;
    for (let n = 0; n < many; n++) {
      await store.auditNotes.record(undefined, refused("own-request", `U${n}`), `d${n}`);
    }
    expect(await on.bench.redis.hlen(on.key("floods"))).toBeLessThanOrEqual(501);
    on.advance(MINUTE);
    await on.seal();
    const { rows } = await on.audit.page({ fromSeq: 501, untilSeq: 1_000 });
    const times = rows.reduce((sum, { entry }) => sum + Number(entry?.detail?.times ?? 1), 0);
    expect(500 + times).toBe(many);
  });

  it("leaves alone whatever is no refusal", async () => {
    for (let n = 0; n < 10; n++)
      await on.bench.store.auditNotes.record(undefined, { what: "policy-changed" });
    expect(await stored()).toHaveLength(10);
  });
});
