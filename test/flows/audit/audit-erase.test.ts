// A person is taken out of the audit, and the chain stays whole.
// Of src/flows/audit/audit-walk.ts.

import { describe, expect, it } from "vitest";
import { erasePerson } from "../../../src/flows/audit/audit-walk.ts";
import { at, ended, idOf, LIMITS, open, pending } from "../../adapters/redis/with-store.ts";
import { auditBench, KEY, OTHER_KEY } from "../../support/audit.ts";
import { ERIN, HOUR, LEA, OMAR } from "../../support/requests.ts";

const on = auditBench();
const ALL = { fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER, most: 1_000 };

/** Erin asks, Lea grants with a word about it; Omar is refused, and names Erin. */
async function lives(): Promise<void> {
  const { store } = on.bench;
  const nowMs = await store.storeClock.nowMs();
  const asked = { what: "asked", by: ERIN, detail: { reason: "my back hurts", rule: "prod" } };
  await store.requests.create({ next: pending(nowMs, { id: idOf(1) }), audit: [asked] }, LIMITS);
  const granted = { what: "granted", by: LEA, detail: { text: "get well, Erin" } };
  await store.requests.commit(1, { next: open(nowMs, { id: idOf(1) }), audit: [granted] });
  const over = ended(open(nowMs, { id: idOf(1), ...at(nowMs) }));
  await store.requests.commit(2, { next: over, audit: [{ what: "ended" }] });
  const refused = { what: "refused", by: OMAR, detail: { why: "bad-id", about: `audit @${ERIN}` } };
  await store.auditNotes.record(undefined, refused);
  await store.auditNotes.record(undefined, {
    what: "refused",
    by: OMAR,
    detail: { why: "x", about: "help" },
  });
  await on.seal();
}

const erase = (user = ERIN as string, label = "") => erasePerson(on.audit, KEY, { user, label });

/** Everything that is in Redis, as text. */
async function everything(): Promise<string> {
  const { redis } = on.bench;
  const all = await Promise.all(
    (await redis.keys("*")).map(async (key) => {
      const type = await redis.type(key);
      if (type === "hash") return JSON.stringify([key, await redis.hgetall(key)]);
      if (type === "stream") return JSON.stringify([key, await redis.xrange(key, "-", "+")]);
      if (type === "zset") return JSON.stringify([key, await redis.zrange(key, "0", "-1")]);
      return JSON.stringify([key, await redis.get(key)]);
    }),
  );
  return all.join("\n");
}

describe("erasing a person", () => {
  it("leaves no trace of who they are and what they wrote, and everything else", async () => {
    await lives();
    await on.bench.redis.zadd(on.key("homes"), 1, ERIN);
    expect(await everything()).toMatch(/U0ERIN.*my back hurts|my back hurts.*U0ERIN/s);
    const erased = await erase();
    expect(erased).toMatchObject({ texts: 3, live: 0 });
    await on.bench.store.workQueue.claim("w", { leaseMs: 1_000, most: 10, removesGarbage: true });
    const left = await everything();
    expect(left).not.toMatch(/U0ERIN|back hurts|get well/);
    expect(left).toMatch(/U0LEAD/);
    await on.seal();
    expect((await on.verify()).findings).toEqual([]);
    const shown = (await on.audit.search(ALL)).entries.toReversed();
    expect(shown.map(({ what, by, erased: gone }) => [what, by, gone])).toEqual([
      ["asked", erased.pseudonym, true],
      ["granted", LEA, true],
      ["ended", undefined, false],
      ["refused", OMAR, true],
      ["refused", OMAR, false],
      ["erased", undefined, false],
    ]);
    expect(shown[0]?.detail).toEqual({ rule: "prod" });
    const voucher = expect.stringMatching(/^[\w-]{43}$/);
    expect(shown.at(-1)?.detail).toEqual({ person: erased.pseudonym, entries: "1 2 4", voucher });
  });

  it("shows the pseudonym that was chosen, which is vouched for, too", async () => {
    await lives();
    const { pseudonym = "" } = await erase(ERIN, "former colleague 1");
    const shown = (await on.audit.search(ALL)).entries;
    expect(shown.at(-1)?.by).toBe("former colleague 1");
    expect((await on.verify()).findings).toEqual([]);
    const { redis } = on.bench;
    const kept = (await redis.hget(on.key("people"), pseudonym)) ?? "";
    await redis.hset(on.key("people"), pseudonym, kept.replace("colleague 1", "colleague 2"));
    expect((await on.verify()).findings[0]?.say).toMatch(/erased by somebody without the key/);
  });

  it("can be done again after it was broken off anywhere", async () => {
    for (const step of ["note", "page", "eraseTexts", "erasePerson"] as const) {
      await on.bench.server.flush();
      await lives();
      const dying = { ...on.audit, [step]: () => Promise.reject(new Error("died")) };
      await expect(erasePerson(dying, KEY, { user: ERIN, label: "" })).rejects.toThrow("died");
      await on.seal();
      expect((await on.verify()).findings).toEqual([]);
      await erase();
      await on.bench.store.workQueue.claim("w", { leaseMs: 1_000, most: 10, removesGarbage: true });
      expect(await everything()).not.toMatch(/U0ERIN|back hurts/);
      expect((await on.verify()).findings).toEqual([]);
    }
  });

  it("is not outrun by entries that are written meanwhile", async () => {
    await lives();
    let more = 3;
    const { audit } = on;
    const busy = {
      ...audit,
      erasePerson: async (...args: Parameters<typeof audit.erasePerson>) => {
        if (more-- > 0) {
          const detail = { reason: `again ${more}` };
          await on.bench.store.auditNotes.record(undefined, { what: "asked", by: ERIN, detail });
        }
        return audit.erasePerson(...args);
      },
    };
    await erasePerson(busy, KEY, { user: ERIN, label: "" });
    await on.seal();
    expect((await on.audit.search(ALL)).entries.filter(({ erased }) => erased)).toHaveLength(6);
    expect((await on.verify()).findings).toEqual([]);
  });

  it("writes what was only counted of them before they are gone", async () => {
    const { store } = on.bench;
    for (let n = 0; n < 9; n++) {
      await store.auditNotes.record(undefined, {
        what: "refused",
        by: ERIN,
        detail: { why: "own-request" },
      });
    }
    const { pseudonym } = await erase();
    const [sum] = (await on.audit.search(ALL)).entries;
    expect(sum).toMatchObject({ by: pseudonym, detail: { times: 6 } });
    await on.seal();
    expect((await on.verify()).findings).toEqual([]);
  });

  it("says how many of their requests are not over yet, and of whom there is nothing", async () => {
    const nowMs = await on.bench.store.storeClock.nowMs();
    const next = open(nowMs, { id: idOf(1) });
    await on.bench.store.requests.create({ next, audit: [{ what: "asked", by: ERIN }] }, LIMITS);
    expect(await erase()).toMatchObject({ live: 1 });
    expect(await on.bench.store.requests.read(idOf(1))).toBeDefined();
    expect(await erase("U0NOBODY")).toEqual({ pseudonym: undefined, texts: 0, live: 0 });
  });

  it("leaves the lead of several VMs while one of them is open: it has their card and messages", async () => {
    const { requests, storeClock, workQueue } = on.bench.store;
    const nowMs = await storeClock.nowMs();
    const over = (n: number) => ended(open(nowMs, { id: idOf(n), ...at(nowMs) }));
    const member = (n: number, lead: number) =>
      open(nowMs, { id: idOf(n), batch: { role: "member", lead: idOf(lead), heard: 1 } });
    const reason = `a "lead":"${idOf(2)}" in their own words`;
    const audit = [{ what: "asked", by: ERIN }];
    const words = open(nowMs, { id: idOf(5), ...at(nowMs, { reason }) });
    for (const next of [over(1), over(2), member(3, 1), words]) {
      await requests.create({ next, audit }, LIMITS);
    }
    const sweep = () => workQueue.claim("w", { leaseMs: 1_000, most: 10, removesGarbage: true });
    expect(await erase()).toMatchObject({ live: 2 });
    await sweep();
    expect(await requests.read(idOf(1))).toBeDefined();
    expect(await requests.read(idOf(2))).toBeUndefined();
    await requests.commit(1, { next: ended(member(3, 1)), audit: [{ what: "ended" }] });
    await erase();
    await sweep();
    expect(await requests.read(idOf(1))).toBeUndefined();
  });

  it("gives somebody who comes back another reference", async () => {
    await lives();
    const { pseudonym } = await erase();
    await on.bench.store.auditNotes.record(undefined, { what: "asked", by: ERIN });
    expect(await on.audit.referenceOf(ERIN)).not.toBe(pseudonym);
    await on.seal();
    expect((await on.verify()).findings).toEqual([]);
  });

  it("without the key is tampering", async () => {
    await lives();
    await erasePerson(on.audit, OTHER_KEY, { user: ERIN, label: "" });
    const { findings } = await on.verify();
    expect(findings.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  it("is forgotten itself when the entries are too old", async () => {
    await lives();
    await erase();
    await on.seal();
    on.advance(48 * HOUR);
    await on.seal({ keepForMs: HOUR });
    const { redis } = on.bench;
    expect(await redis.hlen(on.key("people"))).toBe(0);
    expect(await redis.hlen(on.key("texts"))).toBe(0);
    expect((await on.verify()).findings).toEqual([]);
  });
});
