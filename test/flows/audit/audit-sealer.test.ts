// Sealing on a real Redis: once, by one, whatever happens in between; retention; keys; the log's heads.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sealKey } from "../../../src/domain/audit/audit-chain.ts";
import { verifyAudit } from "../../../src/flows/audit/audit-walk.ts";
import type { AuditRepository } from "../../../src/ports/storage/audit.ts";
import { auditBench, KEY, OTHER_KEY } from "../../support/audit.ts";
import { ERIN, HOUR, MINUTE } from "../../support/requests.ts";

const on = auditBench();
const DAY = 24 * HOUR;

async function record(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await on.bench.store.auditNotes.record(undefined, {
      what: "asked",
      by: ERIN,
      detail: { reason: `because ${n} "é🚪\n` },
    });
  }
}

const heads = () =>
  on.logged.filter(({ text }) => text === "audit sealed").map(({ facts }) => facts);

describe("the sealer", () => {
  it("seals what was written, in batches, and goes on from there", async () => {
    await record(1_203);
    await on.seal();
    await record(2);
    await on.seal({ worker: "w2" });
    const report = await on.verify();
    expect(report.findings).toEqual([]);
    expect(report.sealed?.seq).toBe(1_205);
    expect(report.unsealed).toBeUndefined();
  });

  it("seals nothing where nothing is, and verification says so", async () => {
    await on.seal();
    expect(await on.verify()).toMatchObject({ findings: [], sealed: undefined });
    expect(await on.bench.redis.exists(on.key("seals"))).toBe(0);
  });

  it("is one replica at a time, until its lease runs out", async () => {
    const [first, second] = [on.sealer({ worker: "w1" }), on.sealer({ worker: "w2" })];
    await first.round();
    await record(1);
    await second.round();
    expect((await on.verify()).unsealed?.count).toBe(1);
    on.advance(MINUTE);
    await second.round();
    expect((await on.verify()).unsealed).toBeUndefined();
    await record(1);
    await first.round();
    expect((await on.verify()).unsealed?.count).toBe(1);
  });

  it("gives the lease up when it stops, and seals what is left", async () => {
    const sealer = on.sealer();
    sealer.start();
    await record(3);
    await sealer.stop(5_000);
    expect((await on.verify()).sealed?.seq).toBe(3);
    expect(await on.bench.redis.exists(on.key("sealer"))).toBe(0);
  });

  it("writes heads to the log: the first, now and then, and the last", async () => {
    const sealer = on.sealer();
    await record(1);
    await sealer.round();
    await record(1);
    await sealer.round();
    expect(heads()).toHaveLength(1);
    on.advance(6 * MINUTE);
    await record(1);
    await sealer.round();
    expect(heads()).toHaveLength(2);
    await record(1);
    await sealer.round();
    await sealer.stop(5_000);
    expect(heads().map(({ seq, count }) => [seq, count])).toEqual([
      [1, 1],
      [3, 2],
      [4, 1],
    ]);
    for (const { seq, seal } of heads()) {
      const head = { seq: Number(seq), seal: String(seal) };
      expect((await on.verify([KEY], head)).findings).toEqual([]);
    }
  });
});

describe("two sealers at once", () => {
  it("take what the other has just sealed for sealed, and not for missing", async () => {
    const other = on.sealer({ worker: "w2" });
    let isPassed = false;
    const slow = (audit: AuditRepository): AuditRepository => ({
      ...audit,
      // Between its look and its reading Redis took so long that the other one has gone on.
      page: async (range) => {
        if (!isPassed) {
          isPassed = true;
          on.advance(MINUTE);
          await other.round();
          await record(5);
        }
        return audit.page(range);
      },
    });
    await record(10);
    const first = on.sealer({ worker: "w1", audit: slow(on.audit) });
    await first.round();
    on.advance(MINUTE);
    await first.round();
    const report = await on.verify();
    expect(report.findings).toEqual([]);
    expect(report.unsealed).toBeUndefined();
    expect(report.sealed?.seq).toBe(15);
    expect(on.logged.filter(({ text }) => text.includes("be sealed"))).toEqual([]);
  });

  it("never fork the chain, even where both believe that they have the lease", async () => {
    await record(40);
    // Both look before either writes.
    let looked = 0;
    let go = () => {};
    const both = new Promise<void>((done) => {
      go = done;
    });
    const outcomes: string[] = [];
    const late = (audit: AuditRepository): AuditRepository => ({
      ...audit,
      chainEnd: async (_worker, how) => {
        const end = await audit.chainEnd("same", how);
        if (++looked === 2) go();
        await both;
        return end;
      },
      appendSeals: async (batch) => {
        const outcome = await audit.appendSeals(batch);
        outcomes.push(outcome);
        return outcome;
      },
    });
    const sealers = ["w1", "w2"].map((worker) => on.sealer({ worker, audit: late(on.audit) }));
    await Promise.all(sealers.map((sealer) => sealer.round()));
    expect(outcomes.toSorted()).toEqual(["lost", "sealed"]);
    const report = await on.verify();
    expect(report.findings).toEqual([]);
    expect(report.sealed?.seq).toBe(40);
    expect(await on.bench.redis.xlen(on.key("seals"))).toBe(40);
  });

  it("racing with writers seal every entry once", async () => {
    const sealers = ["w1", "w2", "w3"].map((worker) => on.sealer({ worker }));
    const writing = record(150);
    for (let round = 0; round < 30; round++) {
      await Promise.all(sealers.map((sealer) => sealer.round()));
      on.advance(20_000);
    }
    await writing;
    on.advance(20_000);
    await on.seal();
    expect(await on.verify()).toMatchObject({ findings: [], sealed: { seq: 150 } });
  });

  it("dying at any step only delay: entries, seals and trimming stay whole", async () => {
    const step = fc.constantFrom("chainEnd", "page", "appendSeals", "trim", "forgetPeople");
    const play = fc.array(
      fc.record({ entries: fc.nat(4), diesAt: step, done: fc.boolean(), hours: fc.nat(20) }),
      { minLength: 3, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(play, async (rounds) => {
        await on.bench.server.flush();
        let written = 0;
        for (const [n, { entries, diesAt, done, hours }] of rounds.entries()) {
          await record(entries);
          written += entries;
          on.advance(hours * HOUR + MINUTE);
          const dying = dyingAt(on.audit, diesAt, done);
          const sealer = on.sealer({ worker: `w${n}`, audit: dying, keepForMs: DAY });
          await sealer.round().catch(() => undefined);
        }
        on.advance(MINUTE);
        await on.seal({ worker: "last", keepForMs: DAY });
        const report = await on.verify();
        expect(report.findings).toEqual([]);
        expect(report.sealed?.seq ?? 0).toBe(written);
        expect(report.unsealed).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });
});

/** A sealer that dies before or after one of its steps. */
function dyingAt(
  audit: AuditRepository,
  step: keyof AuditRepository,
  isDone: boolean,
): AuditRepository {
  const dies = async (...args: readonly unknown[]) => {
    if (isDone) await Reflect.apply(audit[step], audit, args);
    throw new Error("died");
  };
  return { ...audit, [step]: dies };
}

describe("retention", () => {
  it("deletes what is too old with its texts and people, and verifies from the checkpoint", async () => {
    await record(1_100);
    await on.seal();
    on.advance(2 * DAY);
    await on.bench.store.auditNotes.record(undefined, {
      what: "asked",
      by: "U0OMAR",
      detail: { reason: "x" },
    });
    await on.seal({ keepForMs: DAY });
    const { redis } = on.bench;
    expect(await redis.xlen(on.key("audit"))).toBe(1);
    expect(await redis.xlen(on.key("seals"))).toBe(1);
    expect(await redis.hkeys(on.key("texts"))).toEqual(["1101"]);
    expect((await redis.hkeys(on.key("people"))).filter((one) => one.startsWith("u:"))).toEqual([
      "u:U0OMAR",
    ]);
    const report = await on.verify();
    expect(report.findings).toEqual([]);
    expect(report.checkpoint?.seq).toBe(1_100);
  });

  it("may delete everything, and the chain and its numbers go on", async () => {
    await record(3);
    await on.seal();
    on.advance(2 * DAY);
    await on.seal({ keepForMs: DAY });
    expect(await on.bench.redis.xlen(on.key("audit"))).toBe(0);
    expect(await on.verify()).toMatchObject({ findings: [], sealed: { seq: 3 } });
    await record(2);
    await on.seal({ keepForMs: DAY });
    expect(await on.verify()).toMatchObject({ findings: [], sealed: { seq: 5 } });
    await on.bench.redis.del(on.key("audit"));
    expect((await on.verify()).findings[0]?.seq).toBe(4);
  });

  it("never deletes what is not sealed", async () => {
    await record(5);
    on.advance(2 * DAY);
    const { audit } = on;
    const unsealing = { ...audit, appendSeals: async () => "lost" as const };
    await on.sealer({ audit: unsealing, keepForMs: DAY }).round();
    expect(await on.bench.redis.xlen(on.key("audit"))).toBe(5);
  });

  it("is no finding where it happens while the chain is verified", async () => {
    await record(20);
    await on.seal();
    on.advance(2 * DAY);
    let isTrimmed = false;
    const { audit } = on;
    const page = async (span: Parameters<typeof audit.page>[0]) => {
      if (!isTrimmed) await on.seal({ keepForMs: DAY });
      isTrimmed = true;
      return audit.page(span);
    };
    const report = await verifyAudit({ ...audit, page }, [KEY]);
    expect(report).toMatchObject({ findings: [], checkpoint: { seq: 20 } });
  });

  it("keeps what is young enough, to the entry", async () => {
    for (let n = 0; n < 10; n++) {
      await record(1);
      on.advance(HOUR);
    }
    await on.seal({ keepForMs: 4.5 * HOUR });
    expect(await on.bench.redis.xlen(on.key("audit"))).toBe(4);
  });
});

describe("keys of the seal", () => {
  it("may be changed, which is logged, in the audit, and breaks nothing", async () => {
    await record(2);
    await on.seal({ key: sealKey(undefined) });
    await record(2);
    await on.seal();
    await record(2);
    await on.seal({ key: OTHER_KEY, keysBefore: [KEY] });
    const report = await on.verify([OTHER_KEY, KEY]);
    // What was written before there was a key, anybody could have written.
    expect(report.findings).toMatchObject([
      { seq: 1, say: expect.stringMatching(/^entries 1 to 2 are sealed without a key/) },
    ]);
    expect(report.sealed?.seq).toBe(8);
    expect(on.logged.filter(({ text }) => text.includes("another key"))).toHaveLength(2);
    const found = (await on.audit.search({ fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER, most: 9 }))
      .entries;
    expect(found.filter(({ what }) => what === "audit-key")).toMatchObject([
      { detail: { key: OTHER_KEY.fingerprint, before: KEY.fingerprint } },
      { detail: { key: KEY.fingerprint, before: "unkeyed" } },
    ]);
    expect((await on.verify([OTHER_KEY])).findings).toHaveLength(2);
  });
});

describe("an entry that was marked with a key that a replica lacks", () => {
  const byNewer = () => on.auditWith(OTHER_KEY).note("asked", { rule: "x" });

  it("is left to one that has it, lease and all, so that keys are changed without a finding", async () => {
    const [older, newer] = [
      on.sealer({ worker: "w1" }),
      on.sealer({ worker: "w2", key: OTHER_KEY, keysBefore: [KEY] }),
    ];
    await record(2);
    await byNewer();
    await record(1);
    await older.round();
    // Before it, everything is sealed; nobody has to wait for a lease to run out.
    expect((await on.verify()).sealed?.seq).toBe(2);
    expect(await on.bench.redis.exists(on.key("sealer"))).toBe(0);
    while (await newer.round());
    await older.round();
    const report = await on.verify([OTHER_KEY, KEY]);
    expect(report).toMatchObject({ findings: [], unsealed: undefined });
    expect(on.logged.filter(({ text }) => text.includes("won't be sealed"))).toEqual([]);
  });

  it("is refused after five minutes, however many come", async () => {
    const sealer = on.sealer();
    await byNewer();
    await sealer.round();
    on.advance(4 * MINUTE);
    await byNewer();
    await sealer.round();
    expect((await on.verify()).sealed).toBeUndefined();
    on.advance(2 * MINUTE);
    await record(1);
    while (await sealer.round());
    await sealer.round();
    expect((await on.verify()).sealed?.seq).toBeGreaterThanOrEqual(3);
    const told = on.logged.filter(({ text }) => text.includes("won't be sealed"));
    expect(told.map(({ facts }) => facts)).toMatchObject([{ fromSeq: 1, count: 2 }]);
  });
});

describe("somebody who can write to Redis", () => {
  const { key } = on;

  it("is found out at what they did to it", async () => {
    await record(20);
    await on.seal();
    const { redis } = on.bench;
    await redis.xdel(key("audit"), "7-0");
    await redis.xadd(key("audit"), "20-1", "e", '{"seq":20,"atMs":1,"what":"granted"}');
    await redis.hset(key("texts"), "9", '{"salt":"x","reason":"another"}');
    expect((await on.verify()).findings.map(({ say }) => say)).toEqual([
      "entry 7 is missing, its seal is there",
      "the texts beside entry 9 were altered",
      "an entry numbered 20-1 was inserted: the bot doesn't number entries like that",
    ]);
  });

  it("does not stop the sealer by strange entries or by deleting seals", async () => {
    await record(5);
    await on.seal();
    await on.bench.redis.xadd(key("audit"), "5-7", "e", "no entry at all");
    await on.bench.redis.xadd(key("audit"), "6-0", "e", "neither");
    await on.bench.redis.xdel(key("seals"), "4-0", "5-0");
    await record(1);
    await on.seal();
    const report = await on.verify();
    // The bot's own 7 is sealed, and 8, which tells of what was refused.
    expect(report.sealed?.seq).toBe(8);
    expect(report.findings.map(({ say }) => say)).toEqual([
      "entries 4 to 6 are not sealed, although later entries are: the bot couldn't verify that it wrote them",
      "an entry numbered 5-7 was inserted: the bot doesn't number entries like that",
    ]);
  });

  it("is told of in the log and in the audit where sealed entries go while the sealer looks", async () => {
    const sealer = on.sealer();
    await record(5);
    await sealer.round();
    await on.bench.redis.xtrim(key("seals"), "MAXLEN", 3);
    await on.bench.redis.xdel(key("seals"), "5-0");
    await sealer.round();
    const told = on.logged.filter(({ text }) => text.includes("missing or different"));
    expect(told).toMatchObject([{ facts: { sealedUntil: 5, nowUntil: 4 } }]);
    const entries = (await on.audit.search({ fromMs: 0, untilMs: 1e15, most: 9 })).entries;
    expect(entries.find(({ what }) => what === "audit-lost")).toMatchObject({
      detail: { sealedUntil: 5, nowUntil: 4 },
    });
  });
});
