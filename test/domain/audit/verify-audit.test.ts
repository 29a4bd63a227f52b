// Whatever is done to what was sealed is found, and said where it is.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkpointAt, sealKey, UNKEYED } from "../../../src/domain/audit/audit-chain.ts";
import type { Known, Row } from "../../../src/domain/audit/audit-row.ts";
import type { Chain } from "../../../src/domain/audit/links.ts";
import { walkChain } from "../../../src/domain/audit/verify-audit.ts";
import { userId } from "../../../src/domain/text/ids.ts";
import { TENANT } from "../../adapters/redis/with-store.ts";
import { KEY, OTHER_KEY, rowsFor } from "../../support/audit.ts";
import { ERIN, LEA } from "../../support/requests.ts";

const COUNT = 12;

const made = (count = COUNT, key = KEY) =>
  rowsFor(
    Array.from({ length: count }, (_, n) => ({
      note: {
        what: n % 3 ? "granted" : "asked",
        by: n % 2 ? ERIN : LEA,
        detail: { have: n, reason: `because ${n}` },
      },
    })),
    key,
  );

type Made = ReturnType<typeof made>;

function verified(
  { chain, rows, people }: Pick<Made, "rows"> & { chain: Chain; people: Map<string, Known> },
  keys = [KEY],
  head?: { seq: number; seal: string },
) {
  const walk = walkChain(chain, keys, head);
  walk.take(rows, people);
  return walk.finish();
}

const index = fc.nat(COUNT - 1);

/** What somebody can do who can write to Redis, each with the first number that it shows at. */
const tampering = fc.oneof(
  fc.record({ does: fc.constant("alter" as const), at: index, with: fc.integer({ min: 100 }) }),
  fc.record({ does: fc.constant("remove" as const), at: index }),
  fc.record({ does: fc.constant("remove-entry" as const), at: index }),
  fc.record({ does: fc.constant("remove-seal" as const), at: fc.nat(COUNT - 2) }),
  fc.record({ does: fc.constant("alter-seal" as const), at: index }),
  fc.record({ does: fc.constant("insert" as const), at: index }),
  fc.record({ does: fc.constant("swap" as const), at: fc.nat(COUNT - 2) }),
  fc.record({ does: fc.constant("truncate" as const), at: index }),
  fc.record({ does: fc.constant("reseal" as const), at: index }),
  fc.record({ does: fc.constant("alter-text" as const), at: index }),
  fc.record({ does: fc.constant("remove-text" as const), at: index }),
);

type Tampering = typeof tampering extends fc.Arbitrary<infer T> ? T : never;

const altered = (row: Row | undefined, text: string): Row => ({ ...row, seq: row?.seq ?? 0, text });

function tamper({ chain, rows, people }: Made, how: Tampering): Made {
  const { at } = how;
  const row = rows[at];
  if (row === undefined) throw new Error("no such row");
  const put = (...instead: Row[]) => ({ chain, people, rows: rows.toSpliced(at, 1, ...instead) });
  const { seal: _, ...unsealed } = row;
  const { text: __, ...bare } = row;
  switch (how.does) {
    case "alter":
      return put(altered(row, row.text?.replace(/"have":\d+/, `"have":${how.with}`) ?? ""));
    case "remove":
      return put();
    case "remove-entry":
      return put({ seq: row.seq, seal: bare.seal });
    case "remove-seal":
      return put(unsealed);
    case "alter-seal":
      return put({ ...row, seal: OTHER_KEY.vouch(String(at)) });
    case "insert":
      return put(row, { seq: row.seq, foreign: `${row.seq}-1` });
    case "swap": {
      const next = rows[at + 1];
      const both = [altered(row, next?.text ?? ""), altered(next, row.text ?? "")];
      return { chain, people, rows: rows.toSpliced(at, 2, ...both) };
    }
    case "truncate":
      return { chain, people, rows: rows.slice(0, at) };
    case "reseal": {
      // Without the key, only a chain of another key can be made from there on.
      let seal = rows[at - 1]?.seal ?? "";
      const resealed = rows.slice(at).map((one) => {
        const text = one.text?.replace(/"have":\d+/, '"have":99') ?? "";
        seal = OTHER_KEY.seal(seal, text);
        return { ...one, text, seal };
      });
      return { chain, people, rows: [...rows.slice(0, at), ...resealed] };
    }
    case "alter-text":
      return put({ ...row, beside: row.beside?.replace("because", "despite") });
    case "remove-text":
      return put({ ...row, beside: undefined });
  }
}

describe("a chain", () => {
  it("is whole where nobody touched it, with the key that sealed it or without any", () => {
    for (const key of [KEY, sealKey(undefined)]) {
      const { findings, sealed, unsealed } = verified(made(COUNT, key), [key]);
      expect(findings).toEqual([]);
      expect(sealed?.seq).toBe(COUNT);
      expect(unsealed).toBeUndefined();
    }
    expect(verified(made(0)).findings).toEqual([]);
  });

  it("shows any tampering at the first number that it concerns", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(tampering, (how) => {
        seen.set(how.does, (seen.get(how.does) ?? 0) + 1);
        const { findings } = verified(tamper(made(), how));
        expect(findings.length).toBeGreaterThan(0);
        expect(findings[0]?.seq).toBe(how.at + 1);
      }),
      { numRuns: 3_000 },
    );
    // Every kind was tried, and not just now and then.
    expect(Math.min(...seen.values())).toBeGreaterThan(100);
    expect(seen.size).toBe(11);
  });

  it.each<[Tampering, string]>([
    [{ does: "alter", at: 4, with: 100 }, "entry 5 was altered: its seal doesn't fit"],
    [{ does: "remove", at: 4 }, "entry 5 is missing"],
    [{ does: "remove-entry", at: 4 }, "entry 5 is missing, its seal is there"],
    [{ does: "remove-seal", at: 4 }, "the seal of entry 5 is missing"],
    [
      { does: "insert", at: 4 },
      "an entry numbered 5-1 was inserted: the bot doesn't number entries like that",
    ],
    [{ does: "truncate", at: 4 }, "entries 5 to 12 are missing at the end"],
    [{ does: "alter-text", at: 4 }, "the texts beside entry 5 were altered"],
    [
      { does: "remove-text", at: 4 },
      "the texts beside entry 5 are missing, though nobody erased them",
    ],
  ])("says of %o what it is, and nothing else", (how, say) => {
    expect(verified(tamper(made(), how)).findings).toEqual([{ seq: 5, say }]);
  });

  it("tells an altered seal from an altered entry", () => {
    const { findings } = verified(tamper(made(), { does: "alter-seal", at: 4 }));
    expect(findings).toEqual([
      { seq: 5, say: "the seal of entry 5 was altered; the entry itself is as it was sealed" },
    ]);
  });

  it("tells a wrong key from an altered entry", () => {
    const { findings, findingsCount } = verified(made(), [OTHER_KEY]);
    expect(findingsCount).toBe(1);
    expect(findings[0]?.say).toMatch(/sealed with another key .*AUDIT_KEY isn't that one/);
  });

  it("lists the first findings, and counts the others", () => {
    const { chain, rows, people } = made(100);
    const bad = rows.map((row) => altered(row, `${row.text} `));
    const { findings, findingsCount } = verified({ chain, rows: bad, people });
    expect(findings).toHaveLength(20);
    expect(findingsCount).toBe(100);
  });

  it("is not broken by what is not sealed yet, and says how much that is", () => {
    const { chain, rows, people } = made();
    const open = rows.map(({ seal, ...row }) => (row.seq > 9 ? row : { ...row, seal }));
    const report = verified({ chain, rows: open, people });
    expect(report.findings).toEqual([]);
    expect(report.sealed?.seq).toBe(9);
    expect(report.unsealed).toEqual({ from: 10, count: 3, sinceMs: 10_000 });
  });
});

describe("a head from the log", () => {
  const headAt = (seq: number) => ({ seq, seal: made().rows[seq - 1]?.seal ?? "" });

  it("is met where nothing was taken away", () => {
    for (const seq of [1, 7, COUNT])
      expect(verified(made(), [KEY], headAt(seq)).findings).toEqual([]);
  });

  it("shows a tail that was cut off together with its numbers", () => {
    const { chain, rows, people } = made();
    const cut = { chain: { ...chain, lastSeq: 8 }, rows: rows.slice(0, 8), people };
    expect(verified(cut).findings).toEqual([]);
    expect(verified(cut, [KEY], headAt(12)).findings).toEqual([
      { seq: 9, say: "entries 9 to 12 are missing: --head says that they were sealed" },
    ]);
  });

  it("shows a chain that was made anew by somebody with the key", () => {
    const { chain, people } = made();
    const { rows } = rowsFor([
      { note: { what: "another" } },
      ...Array(11).fill({ note: { what: "x" } }),
    ]);
    const say = "entry 9 isn't what --head says: it or one before it was altered";
    expect(verified({ chain, rows, people }, [KEY], headAt(9)).findings).toEqual([{ seq: 9, say }]);
  });
});

describe("a chain whose beginning was deleted", () => {
  const trimmed = (change = {}) => {
    const { chain, rows, people } = made();
    const last = { seq: 5, seal: rows[4]?.seal ?? "" };
    const checkpoint = { ...checkpointAt(KEY, { tenant: TENANT, head: last }, 5_000), ...change };
    return { chain: { ...chain, checkpoint }, rows: rows.slice(5), people };
  };

  it("is whole since its checkpoint", () => {
    const { findings, checkpoint, sealed } = verified(trimmed());
    expect(findings).toEqual([]);
    expect(checkpoint?.seq).toBe(5);
    expect(sealed?.seq).toBe(12);
  });

  it("is broken where somebody without the key deleted it", () => {
    const { chain, rows, people } = made();
    const cut = { rows: rows.slice(5), people };
    expect(verified({ chain, ...cut }).findings).toEqual([
      { seq: 1, say: "entries 1 to 5 are missing" },
    ]);
    const fifth = { seq: 5, seal: rows[4]?.seal ?? "" };
    // A seal to put there can be read, but nobody vouches for it.
    const forged = {
      ...trimmed().chain.checkpoint,
      ...checkpointAt(OTHER_KEY, { tenant: TENANT, head: fifth }, 5_000),
      fingerprint: KEY.fingerprint,
    };
    expect(verified({ chain: { ...chain, checkpoint: forged }, ...cut }).findings).toEqual([
      { seq: 5, say: "the checkpoint at 5 was altered: the bot didn't write it" },
    ]);
    expect(verified(trimmed({ atMs: 4_000 })).findingsCount).toBe(1);
  });

  it("shows what is put back before it", () => {
    const { rows } = made();
    const { chain, people, ...rest } = trimmed();
    const all = [...rows.slice(3, 5), ...rest.rows];
    expect(verified({ chain, people, rows: all }).findings.map(({ seq }) => seq)).toEqual([4, 5]);
  });

  it("can't be compared with a head from before", () => {
    const head = { seq: 3, seal: made().rows[2]?.seal ?? "" };
    expect(verified(trimmed(), [KEY], head).findings[0]?.say).toMatch(/can't be compared/);
  });
});

describe("a key that is changed", () => {
  const two = () => {
    const { chain, rows, people } = made();
    let seal = rows[5]?.seal ?? "";
    const later = rows.slice(6).map((row) => {
      seal = OTHER_KEY.seal(seal, row.text ?? "");
      return { ...row, seal };
    });
    const eras = [...chain.eras, { fromSeq: 7, fingerprint: OTHER_KEY.fingerprint }];
    return { chain: { ...chain, eras }, rows: [...rows.slice(0, 6), ...later], people };
  };

  it("does not break the chain for whoever has both", () => {
    expect(verified(two(), [OTHER_KEY, KEY]).findings).toEqual([]);
  });

  it("leaves unverified, and says so, what was sealed with the one that is not there", () => {
    expect(verified(two(), [OTHER_KEY]).findings).toMatchObject([{ seq: 1 }]);
    expect(verified(two(), [KEY]).findings).toMatchObject([{ seq: 7 }]);
  });

  it("can't be taken away unnoticed", () => {
    const { rows, people } = made(COUNT, sealKey(undefined));
    const { chain } = made();
    const unkeyed = { ...chain, eras: [{ fromSeq: 1, fingerprint: UNKEYED }] };
    const { findings } = verified({ chain: unkeyed, rows, people }, [KEY, sealKey(undefined)]);
    expect(findings[0]?.say).toMatch(/sealed without a key, although AUDIT_KEY is set/);
  });
});

describe("the people beside a chain", () => {
  it("can't be exchanged, nor taken away without the key", () => {
    const { chain, rows, people } = made();
    const reference = rows[0]?.entry?.by ?? "";
    const known = people.get(reference);
    const framed = new Map(people).set(reference, {
      salt: "salt1",
      ...known,
      user: userId("U0MALLORY"),
    });
    const say = `entry 1: the person ${reference} was made somebody else: U0MALLORY`;
    expect(verified({ chain, rows, people: framed }).findings[0]).toEqual({ seq: 1, say });
    const without = new Map(people);
    without.delete(reference);
    expect(verified({ chain, rows, people: without }).findings[0]?.say).toMatch(
      /nobody erased them/,
    );
    const buried = new Map(people).set(reference, { label: "", tombstone: "forged" });
    expect(verified({ chain, rows, people: buried }).findings[0]?.say).toMatch(/without the key/);
  });
});
