// The facts on a card, against a checker that knows nothing of trails: over an audit of 100,000 entries.
// Of src/adapters/redis/history/history.ts.

import { describe, expect, it } from "vitest";
import { redisAudit } from "../../../../src/adapters/redis/audit/audit-book.ts";
import { redisHistory } from "../../../../src/adapters/redis/history/history.ts";
import type { Fact } from "../../../../src/domain/rules/fact.ts";
import { type RequestId, type UserId, userId } from "../../../../src/domain/text/ids.ts";
import type { Deps } from "../../../../src/flows/deps.ts";
import { factsAbout } from "../../../../src/flows/requests/asking/facts.ts";
import type { History } from "../../../../src/ports/storage/people/history.ts";
import {
  longAudit,
  PEOPLE,
  type Raw,
  SOURCES,
  seeded,
  VMS,
  writeInBulk,
} from "../../../support/long-audit.ts";
import { anAsk, aPolicy, HOUR } from "../../../support/requests.ts";
import { benchPerFile, quietLog, TENANT } from "../with-store.ts";

const SEED = 20_261_130;
const ENTRIES = 100_000;
const DAY = 24 * HOUR;
const ZONES = ["America/New_York", "Asia/Tokyo", "Europe/Berlin", "Pacific/Auckland"];
/** Entries a person and VM are followed for. */
const READ_MAX = 500;

type Asked = {
  requester: UserId;
  vm: (typeof VMS)[number];
  durationMs: number;
  source: string;
  zone: string;
};

/** Plain code over all entries, one after the other. */
function expectedFacts(all: readonly Raw[], asked: Asked, nowMs: number): readonly Fact[] {
  const { zone } = asked;
  const sinceMs = nowMs - 90 * DAY;
  const mine: { asked: Raw; end: Raw | undefined }[] = [];
  for (const entry of all) {
    if (entry.requester !== asked.requester || entry.atMs < sinceMs) continue;
    if (entry.what === "asked" || entry.what === "broke-glass") {
      if (entry.detail?.vm === asked.vm.id) mine.push({ asked: entry, end: undefined });
    } else if (["denied", "cancelled", "lapsed", "failed", "ended"].includes(entry.what)) {
      const one = mine.find(({ asked: begun }) => begun.request === entry.request);
      if (one !== undefined) one.end = entry;
    }
  }
  const numbers = (some: typeof mine) =>
    some
      .flatMap(({ asked: begun, end }) => [begun.seq, ...(end === undefined ? [] : [end.seq])])
      .sort((a, b) => a - b)
      .slice(-20);
  const found: Fact[] = [];
  if (mine.length === 0) found.push({ kind: "first", days: 90 });
  const refused = mine.filter(({ end }) => end?.what === "denied");
  if (refused.length > 0) {
    const counts = { denied: refused.length, earlier: mine.length, days: 90 };
    found.push({ kind: "denied", ...counts, entries: numbers(refused) });
  }
  const sources = [...new Set(mine.map(({ asked: begun }) => String(begun.detail?.source)))];
  if (mine.length >= 3 && !sources.includes(asked.source)) {
    found.push({ kind: "elsewhere", before: sources.slice(-5), entries: numbers(mine) });
  }
  let longestMs = 0;
  for (const one of mine) longestMs = Math.max(longestMs, Number(one.asked.detail?.durationMs));
  if (mine.length >= 3 && asked.durationMs > longestMs) {
    found.push({ kind: "longer", longestMs, entries: numbers(mine) });
  }
  const loads = all.filter(({ what }) => what === "policy-loaded");
  const last = loads.at(-1);
  if (last !== undefined && loads.length > 1 && nowMs - last.atMs < HOUR) {
    found.push({ kind: "rules-changed", atMs: last.atMs, entries: [last.seq] });
  }
  const onTheirWall = (atMs: number) => new Date(atMs).toLocaleString("sv-SE", { timeZone: zone });
  const [, hour = "", minute = ""] = / (\d\d):(\d\d):/.exec(onTheirWall(nowMs)) ?? [];
  if (Number(hour) >= 22 || Number(hour) < 6) {
    found.push({ kind: "night", minutes: Number(hour) * 60 + Number(minute), zone });
  }
  if (found.length > 0) return found;
  const month = onTheirWall(nowMs).slice(0, 7);
  const ofMonth = mine.filter(({ asked: begun }) => onTheirWall(begun.atMs).startsWith(month));
  return ofMonth.length > 0
    ? [{ kind: "usual", nth: ofMonth.length + 1, span: "month", entries: numbers(ofMonth) }]
    : [{ kind: "usual", nth: mine.length + 1, span: { days: 90 }, entries: numbers(mine) }];
}

const bench = benchPerFile();

async function timeOf(seq: number): Promise<number> {
  const { rows } = await redisAudit(bench.redis, { tenant: TENANT }).page({
    fromSeq: seq,
    untilSeq: seq,
  });
  return rows[0]?.entry?.atMs ?? Number.NaN;
}

function historyOf(): History {
  const options = { tenant: TENANT };
  return redisHistory(bench.redis, redisAudit(bench.redis, options), options);
}

/** Where the requester's day is, and nothing else, is asked of the world. */
const world = (history: History, zone: string) =>
  ({
    history,
    chat: { person: () => Promise.resolve({ id: PEOPLE[0], name: "p", kind: "full", zone }) },
    azure: { snapshot: () => ({ vms: new Map() }) },
    clock: {
      sleep: (_ms: number, signal?: AbortSignal) =>
        new Promise((done) => signal?.addEventListener("abort", done)),
    },
    log: quietLog,
    policy: () => aPolicy(),
  }) as unknown as Deps;

describe("the facts beside a request", () => {
  it("are what plain code finds in all of 100,000 entries", async () => {
    const random = seeded(SEED);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const startMs = await bench.store.storeClock.nowMs();
    const before = longAudit(random, { count: ENTRIES, untilMs: startMs - HOUR, days: 120 });
    const history = historyOf();
    const kinds = new Set<string>();
    const compare = async (entries: readonly Raw[], times: number): Promise<void> => {
      for (let n = 0; n < times; n++) {
        const asked = {
          requester: n % 25 === 0 ? userId(`U0NEW${n}`) : pick(PEOPLE),
          vm: pick(VMS),
          durationMs: (1 + Math.floor(random() * 7)) * HOUR,
          source: pick(SOURCES),
          zone: pick(ZONES),
        };
        const ask = anAsk({ ...asked, vm: { ...asked.vm, name: "vm", os: "linux" } });
        const nowMs = await bench.store.storeClock.nowMs();
        const facts = await factsAbout(world(history, asked.zone), ask, nowMs);
        const expected = expectedFacts(entries, asked, nowMs);
        expect(facts, `${asked.requester} ${asked.vm.id} ${nowMs}`).toEqual(expected);
        for (const { kind } of expected) kinds.add(kind);
      }
    };

    await writeInBulk(bench.redis, TENANT, before);
    while (await history.catchUp(startMs - 91 * DAY));
    await compare(before, 200);
    const seq = before.length + 1;
    await bench.store.announcements.announce("loaded", {
      value: "b",
      note: { what: "policy-loaded" },
      notices: [],
    });
    const changed: Raw = { seq, atMs: await timeOf(seq), what: "policy-loaded" };
    await compare([...before, changed], 50);

    const all = ["first", "denied", "elsewhere", "longer", "rules-changed", "night", "usual"];
    expect([...kinds].sort()).toEqual(all.sort());
  }, 120_000);

  it("come from few entries, however many there are of a person and VM", async () => {
    const nowMs = await bench.store.storeClock.nowMs();
    const [requester] = PEOPLE as [UserId];
    const [vm] = VMS as [(typeof VMS)[number]];
    const entries = Array.from(
      { length: 4 * READ_MAX },
      (_, n): Raw => ({
        seq: n + 1,
        atMs: nowMs - 80 * DAY + n * HOUR * 0.9,
        what: "asked",
        requester,
        vm: vm.key,
        request: `JIT-${String(n).padStart(6, "0")}` as RequestId,
        detail: { vm: vm.id, source: "203.0.113.0/24", durationMs: HOUR },
      }),
    );
    await writeInBulk(bench.redis, TENANT, entries);
    const history = historyOf();
    while (await history.catchUp(nowMs - 91 * DAY));
    const around = await history.around({ requester, vm: vm.key }, nowMs - 90 * DAY);
    expect(around.past?.entries.length).toBe(READ_MAX);
    // It says for how long it is complete, and nothing beyond.
    expect(around.past?.sinceMs).toBe(around.past?.entries[0]?.atMs);
  }, 60_000);
});
