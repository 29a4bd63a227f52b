// A copy of the audit, as receivers write it, held against its seals: every wrong is found and named by its number.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { genesisSeal, type SealKey, sealKey } from "../../../../src/domain/audit/audit-chain.ts";
import { cefOf } from "../../../../src/domain/audit/stream/cef.ts";
import { readCopiedLine } from "../../../../src/domain/audit/stream/copied-line.ts";
import {
  parseStreamLine,
  type StreamEntry,
  streamLine,
} from "../../../../src/domain/audit/stream/stream-line.ts";
import { type CopyOptions, walkCopy } from "../../../../src/domain/audit/stream/verify-copy.ts";
import { TENANT } from "../../../adapters/redis/with-store.ts";
import { KEY, OTHER_KEY, rowsFor } from "../../../support/audit.ts";
import { ERIN, LEA } from "../../../support/requests.ts";

const WHATS = ["asked", "approved", "granted", "opened", "ended", "refused"];

/** As many entries as were sealed; `passed`: numbers that never were. */
function entries(count: number, key: SealKey = KEY, passed: readonly number[] = []): StreamEntry[] {
  const notes = Array.from({ length: count }, (_, n) => ({
    note: {
      what: WHATS[n % WHATS.length] ?? "",
      by: n % 2 === 0 ? ERIN : LEA,
      detail: { rule: `a|b=c\\d "é" 🚪 ${n}`, reason: "secret" },
    },
  }));
  let before = genesisSeal(TENANT);
  return rowsFor(notes, key).rows.flatMap(({ seq, text = "" }) => {
    if (passed.includes(seq)) return [];
    const entry = { seq, text, team: TENANT, before, seal: key.seal(before, text) };
    before = entry.seal;
    return [entry];
  });
}

const lines = (count: number) => entries(count).map(streamLine);
const headOf = ({ seq, seal }: StreamEntry) => ({ seq, seal });

function verify(copy: readonly string[], options: Partial<CopyOptions> = {}) {
  const walk = walkCopy({
    keys: [KEY],
    head: undefined,
    team: undefined,
    since: undefined,
    ...options,
  });
  for (const line of copy) walk.take(line);
  const report = walk.finish();
  return { ...report, says: report.findings.map(({ say }) => say) };
}

const without = (copy: readonly string[], index: number) => copy.filter((_, n) => n !== index);

describe("a copy that is whole", () => {
  it("is, up to its last entry and to the head", () => {
    const all = entries(12);
    const head = headOf(all[11] as StreamEntry);
    expect(verify(all.map(streamLine), { head })).toMatchObject({
      says: [],
      entries: 12,
      repeated: 0,
      last: head,
    });
  });

  it.each([
    ["JSON lines with Windows' ends", (one: StreamEntry) => `${streamLine(one)}\r\n`],
    [
      "syslog lines",
      (one: StreamEntry) => `<110>1 2026-11-30T00:00:00Z host jit - asked - ${streamLine(one)}`,
    ],
    [
      "what rsyslog writes",
      (one: StreamEntry) => `2026-11-30T00:00:00+00:00 host jit ${streamLine(one)}`,
    ],
    ["CEF", cefOf],
    ["CEF behind a header", (one: StreamEntry) => `<110>1 - host jit - asked - ${cefOf(one)}`],
    [
      "rows of a table",
      (one: StreamEntry) => JSON.stringify({ TimeGenerated: "…", entry: streamLine(one) }),
    ],
    [
      "a search's results",
      (one: StreamEntry) =>
        JSON.stringify({
          preview: false,
          result: { _raw: `<110>1 - h jit - - - ${streamLine(one)}` },
        }),
    ],
  ])("is read from %s", (_, write) => {
    expect(verify(entries(8).map(write))).toMatchObject({ says: [], entries: 8 });
  });

  it("may hold entries twice, as they are sent again after a break", () => {
    const [a, b, c, d] = lines(4) as [string, string, string, string];
    expect(verify([a, b, c, b, c, d, d])).toMatchObject({ says: [], entries: 4, repeated: 3 });
  });

  it("may lack numbers that were never sealed, as the seals show", () => {
    const copy = entries(9, KEY, [4, 5, 8]).map(streamLine);
    expect(verify(copy)).toMatchObject({ says: [], neverSealed: 3 });
  });

  it("may begin later, where somebody says so", () => {
    const later = lines(6).slice(3);
    expect(verify(later, { since: 4 }).says).toEqual([]);
    expect(verify(later).says).toEqual(["entries 1 to 3 are missing"]);
    expect(verify(later, { since: 3 }).says).toEqual(["entry 3 is missing"]);
  });

  it("may go on beyond the head, and be sealed with several keys", () => {
    const old = entries(3);
    const seal = old[2]?.seal ?? "";
    const text = (seq: number) => `{"seq":${seq},"atMs":1,"nonce":"1-x${seq}","what":"asked"}`;
    const fourth = OTHER_KEY.seal(seal, text(4));
    const copy = [...old, { seq: 4, text: text(4), team: TENANT, before: seal, seal: fourth }];
    const keys = [OTHER_KEY, KEY];
    const head = headOf(old[1] as StreamEntry);
    expect(verify(copy.map(streamLine), { keys, head }).says).toEqual([]);
    expect(verify(copy.map(streamLine)).says).not.toEqual([]);
  });

  it("is as good as a chain without a key", () => {
    const plain = sealKey(undefined);
    expect(verify(entries(3, plain).map(streamLine), { keys: [plain] }).says).toEqual([]);
    expect(verify(entries(3, plain).map(streamLine)).says).toEqual([
      expect.stringContaining("sealed without a key, although AUDIT_KEY is set"),
    ]);
  });
});

describe("what is wrong with a copy", () => {
  it("is found whichever byte of whichever entry is another one, and named by its number", () => {
    const all = lines(6);
    const writes = [streamLine, cefOf];
    fc.assert(
      fc.property(
        fc.nat(5),
        fc.nat(),
        fc.integer({ min: 32, max: 126 }),
        fc.nat(1),
        (n, at, code, as) => {
          const copy = entries(6).map(writes[as] ?? streamLine);
          const line = copy[n] ?? "";
          const place = at % line.length;
          const changed = `${line.slice(0, place)}${String.fromCharCode(code)}${line.slice(place + 1)}`;
          if (changed === line) return;
          copy[n] = changed;
          const { findings } = verify(copy, { team: TENANT });
          const named = findings.filter(({ say }) => new RegExp(`\\b${n + 1}\\b`).test(say));
          expect(named, changed).not.toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
    expect(verify(all).says).toEqual([]);
  });

  it("is found whichever entry is missing, the first and, by the head, the last among them", () => {
    const all = entries(7);
    const head = headOf(all[6] as StreamEntry);
    for (let n = 0; n < 7; n++) {
      const { says } = verify(without(all.map(streamLine), n), { head });
      const end = n === 6 ? " at the end: they were sealed" : "";
      expect(says).toEqual([`entry ${n + 1} is missing${end}`]);
    }
  });

  it("is found whichever two are swapped", () => {
    for (let a = 0; a < 6; a++) {
      for (let b = a + 1; b < 6; b++) {
        const copy = lines(6);
        [copy[a], copy[b]] = [copy[b] ?? "", copy[a] ?? ""];
        const { says } = verify(copy);
        expect(says).toContainEqual(expect.stringMatching(`^entry ${a + 1} .*is out of order`));
      }
    }
  });

  it("is an entry of another time under the same number", () => {
    const [a, b, c] = lines(3) as [string, string, string];
    const [, other] = entries(2).map((one) => ({
      ...one,
      text: one.text.replace('"atMs":2000', '"atMs":2001'),
    }));
    const before = entries(1)[0]?.seal ?? "";
    const forked = streamLine({
      ...(other as StreamEntry),
      seal: KEY.seal(before, other?.text ?? ""),
    });
    expect(verify([a, b, forked, c]).says).toEqual([
      "entry 2 stands there twice, and the second (line 3) is another one",
    ]);
    expect(verify([a, forked, c]).says).toEqual([
      expect.stringMatching(/^entry 3 \(line 3\) doesn't follow on the one before/),
    ]);
  });

  it("is an altered copy of one that is there as it was", () => {
    const [a, b, c] = lines(3) as [string, string, string];
    expect(verify([a, b, b.replace("approved", "approveD"), c]).says).toEqual([
      "a copy of entry 2 (line 3) was altered: its seal doesn't fit",
    ]);
  });

  it("is a line of another workspace, one that is none, and nothing at all", () => {
    const [a, b] = lines(2) as [string, string];
    const foreign = b.replace(TENANT, "T0OTHER");
    expect(verify([a, foreign]).says).toEqual(["line 2 is of another workspace, T0OTHER"]);
    expect(verify([a, "hello", b]).says).toEqual([
      "line 2 isn't an entry of the audit log, or was altered",
    ]);
    expect(verify([]).says).toEqual(["there is no entry in it"]);
  });

  it("is a head that says something else", () => {
    const head = { seq: 2, seal: "x".repeat(43) };
    expect(verify(lines(3), { head }).says).toEqual(["entry 2 isn't what the head says"]);
  });

  it("is bounded, however much it is", () => {
    const report = verify(Array.from({ length: 500 }, () => "?"));
    expect(report.findings).toHaveLength(20);
    expect(report.findingsCount).toBe(501);
  });
});

/** A line as it was sealed, with another number around it. */
const renumbered = ({ text, team, before, seal }: StreamEntry, seq: number) =>
  `${JSON.stringify({ seq, text }).slice(0, -1)},"team":"${team}","before":"${before}","seal":"${seal}"}`;

describe("a shortened copy whose last line is renumbered", () => {
  const all = entries(10);
  const head = headOf(all[9] as StreamEntry);
  const kept = all.slice(0, 6).map(streamLine);

  it("isn't whole, beyond the head's number, at it, or before", () => {
    for (const seq of [8, 9, 10, 11, 15, 1_000]) {
      const { says } = verify([...kept, renumbered(all[6] as StreamEntry, seq)], { head });
      expect(says, `${seq}`).toEqual([
        `entry 7 (line 7) was renumbered: it says that it is entry ${seq}`,
        "entries 8 to 10 are missing at the end: they were sealed",
      ]);
    }
  });

  it("isn't where its text holds no number", () => {
    const planted = { ...(all[6] as StreamEntry), text: "hello" };
    const own = { ...planted, seal: KEY.seal(planted.before, "hello") };
    expect(verify([...kept, streamLine(own)]).says).toEqual([]);
    expect(verify([...kept, streamLine(own), streamLine(own)]).says).toEqual([]);
    expect(verify([...kept, streamLine({ ...own, seq: 11 })], { head }).says).toEqual([
      "entry 10 is missing: the head says that it was sealed",
      "line 7 says that it is entry 11, and nothing in it shows that it is",
    ]);
    expect(verify([streamLine({ ...own, seq: 4 })], { since: 4 }).says).toHaveLength(1);
  });

  it("isn't where the head's own number was never sealed", () => {
    const gone = { ...head, seq: 4 };
    expect(verify(entries(9, KEY, [4]).map(streamLine), { head: gone }).says).toEqual([
      "entry 4 is missing: the head says that it was sealed",
    ]);
  });
});

describe("a copy that begins later", () => {
  const later = lines(6).slice(3);
  const headAt = (n: number) => headOf(entries(6)[n - 1] as StreamEntry);

  it("follows on the head that was logged before it", () => {
    expect(verify(later, { since: 4, head: headAt(3) }).says).toEqual([]);
    expect(verify(later, { since: 4, head: { ...headAt(3), seal: "x".repeat(43) } }).says).toEqual([
      expect.stringMatching(/^entry 4 \(line 1\) doesn't follow on the one before/),
    ]);
  });

  it("isn't vouched for by a head of long before", () => {
    expect(verify(later, { since: 4, head: headAt(2) }).says).toEqual([
      "the head is of entry 2, before the copy begins: it vouches for nothing in it",
    ]);
  });
});

describe("a copy up to the head", () => {
  it("is whole only if every entry is there, once and in order, whatever was done to its lines", () => {
    const passed = fc.uniqueArray(fc.integer({ min: 1, max: 11 }), { maxLength: 4 });
    const change = fc.record({
      kind: fc.constantFrom(
        ...["drop", "drop after", "swap", "renumber", "rewrite", "repeat"],
        ...["drop bytes", "double bytes", "flip a byte"],
      ),
      at: fc.nat(20),
      place: fc.nat(600),
      to: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(passed, fc.array(change, { maxLength: 4 }), (never, changes) => {
        const all = entries(12, KEY, never);
        const whole = all.map(streamLine);
        const copy = all.map((entry) => ({ entry, line: streamLine(entry) }));
        for (const { kind, at, to, place } of changes) {
          const n = at % Math.max(copy.length, 1);
          const one = copy[n];
          const other = copy[to % copy.length];
          if (one === undefined || other === undefined) continue;
          if (kind === "drop") copy.splice(n, 1);
          if (kind === "drop after") copy.splice(n);
          if (kind === "swap") [copy[n], copy[to % copy.length]] = [other, one];
          if (kind === "repeat") copy.push(one);
          if (kind === "renumber" && to !== one.entry.seq)
            copy[n] = { ...one, line: renumbered(one.entry, to) };
          if (kind === "rewrite")
            copy[n] = { ...one, line: one.line.replace(/^\{"seq":\d+/, `{"seq":${to}`) };
          const from = place % Math.max(one.line.length, 1);
          const [start, bytes, end] = [
            one.line.slice(0, from),
            one.line.slice(from, from + to),
            one.line.slice(from + to),
          ];
          if (kind === "drop bytes") copy[n] = { ...one, line: `${start}${end}` };
          if (kind === "double bytes") copy[n] = { ...one, line: `${start}${bytes}${bytes}${end}` };
          if (kind === "flip a byte") {
            const flipped = String.fromCharCode(bytes.charCodeAt(0) ^ 1);
            copy[n] = { ...one, line: `${start}${flipped}${bytes.slice(1)}${end}` };
          }
        }
        const got = copy.map(({ line }) => line);
        const isWhole = JSON.stringify([...new Set(got)]) === JSON.stringify(whole);
        const head = headOf(all.at(-1) as StreamEntry);
        expect(verify(got, { head, team: TENANT }).says.length === 0, got.join("\n")).toBe(isWhole);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a line", () => {
  it("says nothing that may have to be erased", () => {
    expect(lines(2).join()).not.toMatch(/secret|U0/);
  });

  it("is read again as it was written, in CEF, too, whatever is in the entry", () => {
    const text = fc.string({ unit: "binary", maxLength: 60 }).map((one) => one.toWellFormed());
    fc.assert(
      fc.property(text, fc.boolean(), (said, isPlanted) => {
        const own = isPlanted ? said : `{"seq":3,"atMs":1,"what":${JSON.stringify(said)}}`;
        const seal = "s".repeat(43);
        const entry = { seq: 3, text: own, team: TENANT, before: seal, seal };
        expect(streamLine(entry)).not.toMatch(/[\r\n]/);
        expect(parseStreamLine(streamLine(entry))).toEqual(entry);
        expect(readCopiedLine(cefOf(entry))).toEqual(entry);
      }),
    );
  });
});
