// The sealed audit under the hands of somebody who can write to Redis and has not got the key.

import { beforeEach, describe, expect, it } from "vitest";
import {
  checkpointAt,
  personTombstone,
  sealKey,
  textsTombstone,
} from "../../src/domain/audit/audit-chain.ts";
import { erasePerson } from "../../src/flows/audit/audit-walk.ts";
import { TENANT } from "../adapters/redis/with-store.ts";
import { auditBench, KEY } from "../support/audit.ts";
import { forger, NO_KEY } from "../support/forger.ts";
import { jit } from "../support/jit.ts";
import { ERIN, HOUR, LEA, MINUTE } from "../support/requests.ts";

const on = auditBench();
const by = forger(on);
const AUDIT_KEY = "k".repeat(32);
const OLD_SECRET = "o".repeat(32);
const OLD = sealKey(OLD_SECRET);

async function record(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await on.bench.store.auditNotes.record(undefined, {
      what: "granted",
      by: n % 2 ? LEA : ERIN,
      detail: { reason: `because ${n}`, have: n },
    });
  }
}

const cli = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  jit(["audit", ...args, "--team", TENANT], {
    cwd: "/",
    env: { REDIS_URL: on.bench.server.url, AUDIT_KEY, AUDIT_KEYS_BEFORE: OLD_SECRET, ...env },
  });

const says = async (keys = [KEY, OLD]): Promise<string> =>
  (await on.verify(keys)).findings.map(({ say }) => say).join("\n");

/** Leaves what it finds without a finding. */
const clean = async () => expect(await says()).toBe("");

const hashIn = (text: string): string => /"beside":"([^"]+)"/.exec(text)?.[1] ?? "";
const personIn = (text: string): string => /"by":"(P-[^"]+)"/.exec(text)?.[1] ?? "";
const wholeSeals = async () => (await by.seals()).length;

type Attack = readonly [name: string, finds: RegExp, attack: () => Promise<unknown>];

const WITHOUT_A_KEY: readonly Attack[] = [
  [
    "an entry's text replaced by a tombstone that needs no key",
    /the texts beside entry 3 were altered/,
    async () => {
      const hash = hashIn((await by.entries())[2]?.text ?? "");
      await by.put("texts", "3", textsTombstone(NO_KEY, 3, hash));
    },
  ],
  [
    "the same, as an earlier version made it",
    /the texts beside entry 3 were altered/,
    () => by.put("texts", "3", NO_KEY.vouch("erased 3")),
  ],
  [
    "a person made somebody else by a tombstone that needs no key",
    /was erased by somebody without the key/,
    async () => {
      const reference = personIn((await by.entries())[1]?.text ?? "");
      const tombstone = personTombstone(NO_KEY, reference, "U0MALLORY");
      await by.put("people", reference, `|${tombstone} U0MALLORY|9`);
    },
  ],
  [
    "the first entries deleted, with a checkpoint that needs no key",
    /the checkpoint at 5 was made without the key/,
    () => deletedBefore(6, NO_KEY),
  ],
  [
    "the whole history forged without a key, before the bot went on with its own",
    /entries 1 to 10 are sealed without a key, although AUDIT_KEY is set/,
    async () => {
      await by.alter(2, /"have":1/, '"have":99');
      await by.sealAgain(NO_KEY);
      await by.put("chain", "keys", `1=unkeyed 11=${KEY.fingerprint}`);
      await record(2);
      // The replica that goes on was started later: it has nothing to compare with.
      await on.seal({ worker: "later", keysBefore: [OLD] });
      expect(await wholeSeals()).toBeGreaterThan(11);
    },
  ],
  [
    "everything forged without a key, the newest entries included",
    /from entry 1 on the chain is sealed without a key, although AUDIT_KEY is set/,
    async () => {
      await by.alter(2, /"have":1/, '"have":99');
      await by.sealAgain(NO_KEY);
      await by.put("chain", "keys", "1=unkeyed");
    },
  ],
  [
    "everything forged with an old key, the newest entries included",
    /the newest entries, from 1 on, are sealed with an old key/,
    async () => {
      await by.alter(2, /"have":1/, '"have":99');
      await by.sealAgain(OLD);
      await by.put("chain", "keys", `1=${OLD.fingerprint}`);
    },
  ],
];

async function deletedBefore(fromSeq: number, key: typeof KEY): Promise<void> {
  const { redis } = on.bench;
  const seal = (await by.seals()).find(({ seq }) => seq === fromSeq - 1)?.text ?? "";
  const head = { seq: fromSeq - 1, seal };
  const { atMs, fingerprint, voucher } = checkpointAt(key, { tenant: TENANT, head }, 5_000);
  await by.put("chain", "checkpoint", `${head.seq} ${seal} ${atMs} ${fingerprint} ${voucher}`);
  for (const name of ["audit", "seals"]) await redis.xtrim(by.key(name), "MINID", `${fromSeq}-0`);
}

describe("what is forged without the key", () => {
  beforeEach(async () => {
    await record(10);
    await on.seal();
  });

  it.each(WITHOUT_A_KEY)("is found: %s", async (_, finds, attack) => {
    await clean();
    await attack();
    expect(await says()).toMatch(finds);
    const { code, out } = await cli(["verify"]);
    expect(out).toMatch(/chain broken/);
    expect(code).toBe(1);
  });

  it("puts nobody else's name and no other text into an export", async () => {
    const [first, second] = await by.entries();
    const [erin, lea] = [personIn(first?.text ?? ""), personIn(second?.text ?? "")];
    await by.put("people", erin, `|${personTombstone(NO_KEY, erin, "U0MALLORY")} U0MALLORY|9`);
    await by.put("people", lea, "U0MALLORY");
    await by.put("texts", "4", '{"salt":"x","reason":"something else"}');
    const { out } = await cli(["export"]);
    expect(out).not.toMatch(/MALLORY|something else/);
    expect(out).toContain(`"by":"${erin}"`);
    expect(out).toContain('"altered":true');
    const found = await on.audit.search({ fromMs: 0, untilMs: 1e15, most: 20 });
    expect(JSON.stringify(found.entries)).not.toMatch(/MALLORY|something else/);
  });

  it("is not helped by what Redis says about keys, nor is the sealer led astray by it", async () => {
    for (const keys of ["1=unkeyed", "", `1=${OLD.fingerprint} 5=zzz`, "garbage"]) {
      await by.put("chain", "keys", keys);
      await clean();
      await record(1);
      await on.seal({ keysBefore: [OLD] });
      await clean();
    }
    expect((await on.verify()).sealed?.seq).toBe(14);
  });
});

describe("what is forged with an old key", () => {
  /** Ten entries under the old key, and ten under the present one. */
  beforeEach(async () => {
    await record(10);
    await on.seal({ key: OLD, keysBefore: [KEY] });
    await on.seal({ keysBefore: [OLD] });
    await record(10);
    await on.seal({ keysBefore: [OLD] });
    await clean();
  });

  const WITH_AN_OLD_KEY: readonly Attack[] = [
    [
      "what it sealed, sealed again",
      /entry 11 was altered: its seal doesn't fit/,
      async () => {
        await by.alter(2, /"have":1/, '"have":99');
        const later = (await by.seals()).filter(({ seq }) => seq > 10);
        await by.sealAgain(OLD);
        const made = (await by.seals()).filter(({ seq }) => seq <= 10);
        await on.bench.redis.del(by.key("seals"));
        for (const { seq, text } of [...made, ...later]) {
          await on.bench.redis.xadd(by.key("seals"), `${seq}-0`, "s", text);
        }
      },
    ],
    [
      "the tail, and the bot goes on after it",
      /is sealed with a key \(fingerprint [\w-]+\) that had been replaced/,
      async () => {
        await by.alter(15, /"have":\d/, '"have":99');
        await by.sealAgain(OLD, 15);
        await record(1);
        await on.seal({ worker: "later", keysBefore: [OLD] });
      },
    ],
    [
      "the tail, with the table of keys to match",
      /from entry 15 on, are sealed with an old key|that had been replaced/,
      async () => {
        await by.alter(15, /"have":\d/, '"have":99');
        await by.sealAgain(OLD, 15);
        await by.put(
          "chain",
          "keys",
          `1=${OLD.fingerprint} 11=${KEY.fingerprint} 15=${OLD.fingerprint}`,
        );
        await record(1);
        await on.seal({ worker: "later", keysBefore: [OLD] });
      },
    ],
    [
      "a checkpoint, with what was before it deleted",
      /the checkpoint at 5 was made with an old key/,
      async () => {
        await deletedBefore(6, OLD);
        await record(1);
        await on.seal({ worker: "later", keysBefore: [OLD] });
      },
    ],
    [
      "the tombstone of a text",
      /the texts beside entry 15 were erased with an old key, and no entry says so/,
      async () => {
        const hash = hashIn((await by.entries())[14]?.text ?? "");
        await by.put("texts", "15", textsTombstone(OLD, 15, hash));
      },
    ],
    [
      "the tombstone of a person",
      /was erased with an old key, and no entry says so/,
      async () => {
        const reference = personIn((await by.entries())[1]?.text ?? "");
        await by.put(
          "people",
          reference,
          `|${personTombstone(OLD, reference, "Mallory")} Mallory|9`,
        );
      },
    ],
  ];

  it.each(WITH_AN_OLD_KEY)("is found: %s", async (_, finds, attack) => {
    await attack();
    expect(await says()).toMatch(finds);
  });

  it("is told from what was erased with it while it was the present one", async () => {
    await on.bench.server.flush();
    await record(4);
    await on.seal({ key: OLD, keysBefore: [KEY] });
    const audit = on.auditWith(OLD);
    await erasePerson(audit, OLD, { user: ERIN, label: "former colleague" });
    await on.seal({ key: OLD, keysBefore: [KEY] });
    await on.seal({ keysBefore: [OLD] });
    await clean();
    const reference = personIn((await by.entries())[0]?.text ?? "");
    await by.put("people", reference, `|${personTombstone(OLD, reference, "Lea")} Lea|9`);
    expect(await says()).toMatch(/was erased with an old key, and no entry says so/);
  });
});

describe("what another workspace with the same key has", () => {
  const elsewhere = forger(on, "T0OTHER");

  it("does not pass for this one's: entries, checkpoint, tombstones", async () => {
    const { redis } = on.bench;
    await record(6);
    await on.seal({ keepForMs: HOUR });
    for (const name of ["audit", "seals", "chain", "people", "texts"]) {
      if ((await redis.exists(by.key(name))) === 1) {
        await redis.copy(by.key(name), elsewhere.key(name));
      }
    }
    const there = on.auditWith(KEY, "T0OTHER");
    expect((await on.verifyStored(there)).findings[0]?.say).toMatch(/entry 1 was altered/);
    const head = { seq: 3, seal: (await elsewhere.seals())[2]?.text ?? "" };
    const { atMs, fingerprint, voucher } = checkpointAt(KEY, { tenant: TENANT, head }, 5_000);
    const text = `${head.seq} ${head.seal} ${atMs} ${fingerprint} ${voucher}`;
    await elsewhere.put("chain", "checkpoint", text);
    for (const name of ["audit", "seals"]) {
      await redis.xtrim(elsewhere.key(name), "MINID", "4-0");
    }
    expect((await on.verifyStored(there)).findings[0]?.say).toMatch(
      /the checkpoint at 3 was altered/,
    );
  });
});

describe("what is left unsealed", () => {
  it("for over a minute is a finding, and the metric says how long", async () => {
    await record(3);
    await on.seal();
    await record(2);
    await clean();
    on.advance(MINUTE + 1_000);
    expect(await says()).toMatch(
      /^2 entries, from 4 on, have not been sealed for 1m1s: no replica of the bot is sealing/,
    );
    // A sealer that loses every race says so by its metric.
    const { audit } = on;
    const losing = on.sealer({ audit: { ...audit, appendSeals: async () => "lost" } });
    await losing.round();
    expect(on.waited.at(-1)).toBeGreaterThan(MINUTE);
    await on.seal();
    await clean();
    expect(on.waited.at(-1)).toBe(0);
  });

  it.each([
    ["one that ends in a thousand years", `${"9".repeat(14)}|somebody`],
    ["one that is no lease", "somebody"],
  ])("is not kept so by a forged lease: %s", async (_, lease) => {
    await record(2);
    await on.bench.redis.set(by.key("sealer"), lease);
    await on.seal();
    expect((await on.verify()).sealed?.seq).toBe(2);
  });

  it("is not kept so by a lease that is forged again and again", async () => {
    const sealer = on.sealer();
    await sealer.round();
    await record(2);
    for (let n = 0; n < 10 && (await wholeSeals()) === 0; n++) {
      const endsAtMs = (await on.bench.store.storeClock.nowMs()) + 14_000;
      await on.bench.redis.set(by.key("sealer"), `${endsAtMs}|somebody`);
      await sealer.round();
      on.advance(10_000);
    }
    expect((await on.verify()).sealed?.seq).toBe(2);
  });
});
