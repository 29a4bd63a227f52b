// What somebody who can write to Redis puts into the audit before it is sealed, or takes out of it: it is refused,
// told to the audit, the log and the admins, and found by verification; and the bot goes on sealing.

import { describe, expect, it } from "vitest";
import { sealKey } from "../../src/domain/audit/audit-chain.ts";
import { auditBench, KEY } from "../support/audit.ts";
import { forger, NO_KEY } from "../support/forger.ts";
import { ADA, ERIN, HOUR, LEA, MINUTE, NOTICES } from "../support/requests.ts";

const on = auditBench();
const by = forger(on);
const OLD = sealKey("o".repeat(32));

async function record(count: number, who: string = ERIN): Promise<void> {
  for (let n = 0; n < count; n++) {
    const detail = { reason: `because ${n}`, have: n };
    await on.bench.store.auditNotes.record(undefined, { what: "granted", by: who, detail });
  }
}

const says = async () => (await on.verify()).findings.map(({ say }) => say).join("\n");

const told = async (what: string) => {
  const query = { fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER, most: 100 };
  return (await on.audit.search(query)).entries.filter((one) => one.what === what);
};

const alarms = async (place: string) =>
  Object.values(await on.bench.redis.hgetall(on.key("notices"))).filter((text) =>
    text.includes("audit log"),
  ).length > 0 && (await on.bench.redis.hkeys(on.key("notices"))).some((one) => one === place);

const text = async (seq: number) => (await by.entries()).find((one) => one.seq === seq)?.text ?? "";

/** The newest entry is number 4, is not sealed, and is the bot's as it stands. */
const PLANTED: readonly (readonly [string, RegExp, () => Promise<unknown>])[] = [
  [
    "an entry of their own",
    /missing the bot's mark/,
    async () => {
      const nowMs = await on.bench.store.storeClock.nowMs();
      await by.plant(`{"seq":5,"atMs":${nowMs},"what":"granted","detail":{"rule":"x"}}`, "5-0");
    },
  ],
  [
    "an entry of their own, marked without a key",
    /missing the bot's mark|doesn't fit/,
    async () => {
      await by.plant((await text(4)).replace('"seq":4', '"seq":5'), "5-0");
      await by.put("marks", "5", JSON.stringify({ key: KEY.fingerprint, mac: "x".repeat(43) }));
    },
  ],
  [
    "an entry of the bot's once more, mark and all",
    /copy of entry 4/,
    async () => {
      await by.plant((await text(4)).replace('"seq":4', '"seq":5'), "5-0");
      await by.put("marks", "5", (await by.field("marks", "4")) ?? "");
    },
  ],
  [
    "an entry that an old key marked",
    /was marked with another key/,
    async () => {
      const audit = on.auditWith(OLD);
      await audit.note("granted", { rule: "x" });
    },
  ],
  [
    "another detail in an entry that waits",
    /its mark doesn't fit/,
    () => by.alter(4, '"have":0', '"have":99'),
  ],
  [
    "another number in an entry that waits",
    /its mark doesn't fit/,
    () => by.alter(4, '"seq":4', '"seq":3'),
  ],
  [
    "another day in an entry that waits",
    /made at a different time than it says/,
    () => by.alter(4, /"atMs":(\d+)/, '"atMs":1600000000000'),
  ],
  [
    "other texts beside an entry that waits",
    /its mark doesn't fit/,
    () => by.alter(4, /"beside":"[^"]+"/, `"beside":"${"x".repeat(43)}"`),
  ],
  [
    "another person in an entry that waits",
    /its mark doesn't fit/,
    async () => {
      const theirs = /"by":"(P-[^"]+)"/.exec(await text(1))?.[1] ?? "";
      await by.alter(4, /"by":"P-[^"]+"/, `"by":"${theirs}"`);
    },
  ],
  [
    "another person behind the reference in an entry that waits",
    /its mark doesn't fit/,
    async () => {
      const reference = /"by":"(P-[^"]+)"/.exec(await text(4))?.[1] ?? "";
      await by.put("people", reference, "U0MALLORY");
    },
  ],
  ["an entry with a number between two", /numbered 4-1/, () => by.plant("x", "4-1")],
  ["an entry that is none", /missing the bot's mark/, () => by.plant("garbage", "9-0")],
];

describe("what is planted", () => {
  it.each(PLANTED)("is refused, told and found: %s", async (_, why, plant) => {
    const sealer = on.sealer();
    await record(3);
    await sealer.round();
    await record(1, LEA);
    expect(await says()).toBe("");
    await plant();
    // Before the sealer comes, too.
    expect(await says()).not.toBe("");
    await record(1);
    while (await sealer.round());
    // So long an entry may wait for a replica that knows the key of its mark.
    on.advance(5 * MINUTE);
    while (await sealer.round());
    await sealer.round();
    const found = await says();
    expect(found).not.toBe("");
    // Nobody reads it as what happened.
    const shown = await told("granted");
    expect(shown.every(({ seal }) => seal !== undefined)).toBe(true);
    // What was put between sealed numbers never comes to the sealer; verification alone finds it.
    const refusals = await told("audit-refused");
    const refused = `${found} ${JSON.stringify(refusals.map(({ detail }) => detail))}`;
    expect(refused).toMatch(why);
    expect((await on.verify()).unsealed).toBeUndefined();
    if (refusals.length === 0) return;
    expect(
      on.logged.some(({ text: line }) => /isn't this bot's|aren't this bot's/.test(line)),
    ).toBe(true);
    expect(await alarms(NOTICES)).toBe(true);
    expect(await alarms(ADA)).toBe(true);
  });

  it("by the thousand does not stop the sealing of what is the bot's", async () => {
    await record(2);
    await on.seal();
    for (let n = 3; n < 1_300; n++) await by.plant("garbage", `${n}-0`);
    await record(2);
    await on.seal();
    const { sealed, unsealed } = await on.verify();
    expect(unsealed).toBeUndefined();
    expect(sealed?.seq).toBeGreaterThanOrEqual(1_301);
    expect(await says()).toMatch(/entries 3 to 1299 are not sealed, although later entries are/);
    expect((await told("audit-refused")).length).toBeLessThan(5);
  });

  it("with a huge number neither stops the sealing nor makes verification endless", async () => {
    await record(2);
    await on.seal();
    await by.plant("garbage", "4000000000000-0");
    await record(1);
    await on.seal();
    expect(await says()).toMatch(/^entries 3 to 3999999999999 are missing/);
    expect((await on.verify()).sealed?.seq).toBeGreaterThan(4_000_000_000_000);
  });

  it("as a sum of refusals is refused, and what can't be one stops nothing", async () => {
    for (let n = 0; n < 9; n++) {
      const detail = { why: "own-request" };
      await on.bench.store.auditNotes.record(undefined, { what: "refused", by: ERIN, detail });
    }
    await by.put("floods", "U0LEA|x", "1|9|garbage");
    await by.put("floods", "U0LEA|y", "garbage");
    await by.put(
      "floods",
      "U0LEA|z",
      `1|9|{"rest":"\\"what\\":\\"refused\\",\\"detail\\":{","by":5}`,
    );
    const own = (await by.field("floods", `${ERIN}|own-request`)) ?? "";
    await by.put("floods", `${ERIN}|own-request`, own.replace("own-request", "not-an-approver"));
    on.advance(MINUTE + 1_000);
    await on.seal();
    expect((await told("audit-refused"))[0]?.detail.why).toMatch(/its mark doesn't fit/);
    expect((await on.verify()).unsealed).toBeUndefined();
    await record(1);
    await on.seal();
    expect((await on.verify()).unsealed).toBeUndefined();
  });
});

describe("what is taken away or rewritten", () => {
  it("before it was sealed, leaves a gap that is told", async () => {
    const sealer = on.sealer();
    await record(2);
    await sealer.round();
    await record(3);
    await on.bench.redis.xdel(on.key("audit"), "4-0");
    await sealer.round();
    await sealer.round();
    expect(await told("audit-refused")).toMatchObject([
      { detail: { fromSeq: 4, untilSeq: 4, why: "it is missing" } },
    ]);
    expect(await says()).toMatch(/^entry 4 is missing/);
  });

  it("after it was sealed, is told by whichever replica looks, and not sealed again", async () => {
    const [first, second] = [on.sealer({ worker: "w1" }), on.sealer({ worker: "w2" })];
    await record(6);
    await first.round();
    await second.round();
    // The newest two and their seals, rewritten; the first replica is no more.
    const entries = (await by.entries()).map((one) =>
      one.seq === 5 ? { ...one, text: one.text.replace('"have":4', '"have":99') } : one,
    );
    await by.rewriteEntries(entries);
    for (const id of ["5-0", "6-0"]) await on.bench.redis.xdel(on.key("seals"), id);
    on.advance(HOUR);
    for (let n = 0; n < 4; n++) await second.round();
    expect(await told("audit-lost")).toMatchObject([{ detail: { sealedUntil: 6, nowUntil: 4 } }]);
    expect(await told("audit-refused")).toMatchObject([{ detail: { fromSeq: 5, untilSeq: 6 } }]);
    expect(await says()).toMatch(/^entries 5 to 6 are not sealed, although later entries are/);
    expect(on.logged.some(({ text: line }) => line.includes("are missing or different"))).toBe(
      true,
    );
  });

  it("with its numbers, is told, and the next entries are sealed under others", async () => {
    const sealer = on.sealer();
    await record(6);
    await sealer.round();
    await on.bench.redis.del(on.key("audit"));
    await sealer.round();
    await record(2);
    await sealer.round();
    expect((await told("audit-lost")).length).toBeGreaterThan(0);
    const { sealed, unsealed } = await on.verify();
    expect(sealed?.seq).toBeGreaterThanOrEqual(9);
    expect(unsealed).toBeUndefined();
    expect(await says()).toMatch(/^entry 1 is missing, its seal is there/);
  });

  it("as a seal that is none, is told and found", async () => {
    const sealer = on.sealer();
    await record(3);
    await sealer.round();
    await record(2);
    await on.bench.redis.xadd(on.key("seals"), "4-0", "s", "x".repeat(43));
    await sealer.round();
    await sealer.round();
    expect((await told("audit-lost")).length).toBeGreaterThan(0);
    expect(await says()).toMatch(/entry 4 was altered: its seal doesn't fit/);
    expect((await on.verify()).unsealed).toBeUndefined();
  });
});

describe("an upgrade from a version that marked nothing", () => {
  /** As that version wrote and sealed it. */
  async function sealedEarlier(count: number): Promise<void> {
    const audit = on.auditWith(NO_KEY);
    for (let n = 0; n < count; n++) await audit.note("granted", { rule: "x" });
    await by.sealAgain(KEY);
    await by.put("chain", "keys", `1=${KEY.fingerprint}`);
  }

  it("keeps what was sealed, and goes on from there", async () => {
    await sealedEarlier(4);
    expect(await says()).toBe("");
    await record(2);
    await on.seal();
    expect(await says()).toBe("");
    expect((await on.verify()).sealed?.seq).toBe(6);
    expect(await told("audit-refused")).toEqual([]);
  });

  it("opens no door: what was not sealed is refused, also where all that is newer was deleted", async () => {
    await sealedEarlier(4);
    await on.auditWith(NO_KEY).note("granted", { rule: "not sealed any more" });
    await on.seal();
    expect(await told("audit-refused")).toMatchObject([{ detail: { fromSeq: 5, untilSeq: 5 } }]);
    expect(await says()).toMatch(/^entry 5 is not sealed, although later entries are/);
    // Back to what the earlier version sealed, with an entry of their own; the bot starts again.
    const entries = await by.entries();
    await by.rewriteEntries(entries.filter(({ seq }) => seq <= 4));
    for (const { seq } of (await by.seals()).filter((one) => one.seq > 4)) {
      await on.bench.redis.xdel(on.key("seals"), `${seq}-0`);
    }
    await by.plant('{"seq":5,"atMs":1600000000000,"what":"granted"}', "5-0");
    await on.seal({ worker: "later" });
    expect(await says()).toMatch(/^entry 5 is not sealed, although later entries are/);
  });
});

describe("a bot that was without its key for a while", () => {
  it("goes on with it; what it sealed meanwhile stays a finding that a head from the log settles", async () => {
    await record(2);
    await on.seal();
    await on.seal({ key: NO_KEY });
    await on.auditWith(NO_KEY).note("x", {});
    await on.seal({ key: NO_KEY });
    await record(1);
    await on.seal();
    await on.seal();
    const { findings, sealed } = await on.verify();
    expect(findings.map(({ say }) => say)).toEqual([
      expect.stringMatching(/^entries 3 to \d are sealed without a key/),
    ]);
    expect((await on.verify([KEY], sealed)).findings).toEqual([]);
  });
});

describe("a key that another took the place of", () => {
  it("seals no more, which is told, and harms nothing", async () => {
    const old = on.sealer({ worker: "old", key: OLD, keysBefore: [KEY] });
    await record(2);
    await old.round();
    on.advance(MINUTE);
    const present = on.sealer({ worker: "new", keysBefore: [OLD] });
    while (await present.round());
    await record(1);
    on.advance(MINUTE);
    expect(await old.round()).toBe(false);
    expect((await told("audit-key-replaced")).length).toBe(1);
    on.advance(MINUTE);
    while (await present.round());
    expect((await on.verify([KEY, OLD])).findings).toEqual([]);
    expect((await on.verify([KEY, OLD])).unsealed).toBeUndefined();
  });
});
