// Copies of the audit on a real Redis, to receivers that fail as they like: in order, without a gap, by one at a time.

import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { redisStreamPositions } from "../../../../src/adapters/redis/audit/stream-positions.ts";
import { systemClock } from "../../../../src/adapters/system-clock.ts";
import type { StreamEntry } from "../../../../src/domain/audit/stream/stream-line.ts";
import { streamLine } from "../../../../src/domain/audit/stream/stream-line.ts";
import { walkCopy } from "../../../../src/domain/audit/stream/verify-copy.ts";
import type { AuditSink } from "../../../../src/domain/rules/policy.ts";
import { auditTell } from "../../../../src/flows/audit/audit-news.ts";
import { sealedHead } from "../../../../src/flows/audit/audit-walk.ts";
import {
  type AuditStreamerDeps,
  auditStreamer,
} from "../../../../src/flows/audit/stream/audit-streamer.ts";
import { lagNews } from "../../../../src/flows/audit/stream/stream-news.ts";
import type { Receiver, StreamPositions } from "../../../../src/ports/audit-stream.ts";
import type { Clock } from "../../../../src/ports/clock.ts";
import { Fault } from "../../../../src/ports/fault.ts";
import type { Repeating } from "../../../../src/ports/service.ts";
import { audited, TENANT } from "../../../adapters/redis/with-store.ts";
import { auditBench, KEY } from "../../../support/audit.ts";
import { eventually } from "../../../support/eventually.ts";
import { aPolicy, ERIN, HOUR, MINUTE } from "../../../support/requests.ts";

const on = auditBench();
const DAY = 24 * HOUR;
const SIEM: AuditSink = { kind: "https", url: "https://siem/ingest" };
const OTHER: AuditSink = { kind: "https", url: "https://other" };

type Got = {
  readonly entries: StreamEntry[];
  readonly batches: number[][];
  failing: () => boolean;
};

/** What it took it keeps, and says so, or not. */
function aReceiver(): Got & { readonly receiver: Receiver } {
  const got: Got = { entries: [], batches: [], failing: () => false };
  const send = async (entries: readonly StreamEntry[]) => {
    got.batches.push(entries.map(({ seq }) => seq));
    if (got.failing()) {
      throw new Fault({
        source: "receiver",
        code: "Status500",
        message: "It is away (Status500).",
        retryable: true,
      });
    }
    got.entries.push(...entries);
  };
  return Object.assign(got, { receiver: { send } });
}

const running: Repeating[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop(5_000)));
});

type Options = {
  readonly worker?: string;
  readonly sinks?: readonly AuditSink[];
  readonly receivers: Readonly<Record<string, Receiver>>;
  readonly positions?: Partial<StreamPositions>;
  readonly onLags?: AuditStreamerDeps["onLags"];
  readonly clock?: Clock;
};

/** A clock of its own, in which every second takes five milliseconds. */
const fast = {
  nowMs: () => performance.now() * 200,
  monotonicMs: () => performance.now() * 200,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 200, signal),
};

function streamer({
  worker = "w1",
  sinks = [SIEM],
  receivers,
  positions,
  onLags,
  clock = fast,
}: Options): Repeating {
  const { store } = on.bench;
  const keep = redisStreamPositions(on.bench.redis, {
    tenant: TENANT,
    clockOffsetMs: on.offsetMs,
  });
  const policy = () => aPolicy({ audit: { keepForMs: 400 * DAY, stream: sinks } });
  const world = { ...store, onCommitted: () => undefined };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const made = auditStreamer({
    positions: { ...keep, ...positions },
    open: (sink) => {
      const found = receivers[sink.kind === "https" ? sink.url : ""];
      if (found === undefined) throw new Error("nobody");
      return found;
    },
    clock,
    log,
    team: TENANT,
    worker,
    tell: auditTell(world, { policy, log, draw: randomUUID }),
    policy,
    news: lagNews(world, policy),
    ...(onLags && { onLags }),
  });
  running.push(made);
  made.start();
  return made;
}

async function record(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const note = { what: "asked", by: ERIN, detail: { reason: `because ${n}`, rule: "é=|\\" } };
    await on.bench.store.auditNotes.record(undefined, note);
  }
}

const sealed = async (count: number, how: Parameters<typeof on.seal>[0] = {}) => {
  await record(count);
  await on.seal(how);
};

/** Everything that is sealed has come, and nothing of it is missing or in another order. */
async function isWhole(got: Got, since = 1): Promise<void> {
  const head = await sealedHead(on.audit);
  await eventually(() => expect(got.entries.at(-1)?.seq).toBe(head?.seq));
  const walk = walkCopy({ keys: [KEY], head, team: TENANT, since });
  for (const entry of got.entries) walk.take(streamLine(entry));
  expect(walk.finish().findings).toEqual([]);
}

const whats = async () => (await audited(on.bench.redis)).map(({ what }) => what);

describe("the streamer", () => {
  it("sends what is sealed, in batches and in order, and goes on from there", async () => {
    const siem = aReceiver();
    await sealed(1_203);
    streamer({ receivers: { "https://siem/ingest": siem.receiver } });
    await isWhole(siem);
    await sealed(2);
    await isWhole(siem);
    expect(siem.batches.map(({ length }) => length)).toEqual([500, 500, 203, 2]);
  });

  it("has sent with the first look what was sealed before it, and looks every second", async () => {
    const siem = aReceiver();
    const slept: number[] = [];
    // Time stands still: the streamer looks when it is woken, and then only.
    const sleep = (ms: number, signal?: AbortSignal) => {
      slept.push(ms);
      return new Promise<void>((done) => signal?.addEventListener("abort", () => done()));
    };
    const still = { nowMs: () => 0, monotonicMs: () => 0, sleep };
    const receivers = { "https://siem/ingest": siem.receiver };
    const made = streamer({ receivers, clock: still });
    for (let n = 1; n <= 3; n++) {
      await eventually(() => expect(slept).toHaveLength(n));
      await sealed(n);
      made.wake();
      await isWhole(siem);
    }
    await eventually(() => expect(slept).toEqual([1_000, 1_000, 1_000, 1_000]));
  });

  it("says nothing of people but a reference, which an erased one can't be found by", async () => {
    const siem = aReceiver();
    await sealed(1);
    streamer({ receivers: { "https://siem/ingest": siem.receiver } });
    await isWhole(siem);
    expect(siem.entries.map(streamLine).join()).toMatch(/"by":"P-[\w-]{16}"/);
    expect(siem.entries.map(streamLine).join()).not.toMatch(/U0ERIN|because/);
  });

  it("sends each receiver everything, at its own pace", async () => {
    const [siem, other] = [aReceiver(), aReceiver()];
    siem.failing = () => true;
    await sealed(3);
    const receivers = { "https://siem/ingest": siem.receiver, "https://other": other.receiver };
    const made = streamer({ sinks: [SIEM, OTHER], receivers });
    await isWhole(other);
    expect(siem.entries).toEqual([]);
    siem.failing = () => false;
    await isWhole(siem);
    await made.stop(5_000);
    // One that is named later begins with the first entry that is there.
    const third = aReceiver();
    streamer({
      sinks: [{ kind: "https", url: "https://third" }],
      receivers: { "https://third": third.receiver },
    });
    await isWhole(third);
  });

  it("sends again what it isn't sure of, smaller batches after failures, and nothing out of order", async () => {
    await sealed(700);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("takes", "fails", "takes and fails"), { maxLength: 12 }),
        async (script) => {
          await on.bench.redis.del(on.key("streamed"));
          const siem = aReceiver();
          const acts = [...script];
          const send = async (entries: readonly StreamEntry[]) => {
            const act = acts.shift() ?? "takes";
            if (act !== "fails") siem.entries.push(...entries);
            siem.batches.push(entries.map(({ seq }) => seq));
            if (act !== "takes")
              throw new Fault({ source: "receiver", code: "x", message: "x", retryable: true });
          };
          const made = streamer({
            worker: randomUUID(),
            receivers: { "https://siem/ingest": { send } },
          });
          await isWhole(siem);
          await made.stop(5_000);
        },
      ),
      { numRuns: 12 },
    );
  });

  it("goes back some seconds where a receiver may have lost what it had taken", async () => {
    const siem = aReceiver();
    await sealed(2);
    const receiver = { ...siem.receiver, unsureForMs: 2_000_000 };
    streamer({ receivers: { "https://siem/ingest": receiver } });
    await isWhole(siem);
    let times = 1;
    siem.failing = () => times-- > 0;
    await sealed(1);
    await isWhole(siem);
    expect(siem.batches).toEqual(
      [[1, 2], [3], [1, 2, 3]].map((one) => expect.arrayContaining(one)),
    );
    expect(siem.entries.map(({ seq }) => seq)).toEqual([1, 2, 1, 2, 3]);
  });

  it("is one replica at a time, and another goes on where the last one was", async () => {
    const siem = aReceiver();
    await sealed(5);
    const receivers = { "https://siem/ingest": siem.receiver };
    const first = streamer({ receivers });
    await isWhole(siem);
    streamer({ worker: "w2", receivers });
    await sealed(5);
    await isWhole(siem);
    await first.stop(5_000);
    await sealed(5);
    await isWhole(siem);
    expect(siem.entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 15 }, (_, n) => n + 1));
  });

  it("that dies after sending and before it is kept is sent after again, by the next one", async () => {
    const siem = aReceiver();
    await sealed(4);
    const dying = { keep: () => new Promise<never>(() => undefined) };
    const receivers = { "https://siem/ingest": siem.receiver };
    const dead = streamer({ worker: "w3", receivers, positions: dying });
    await eventually(() => expect(siem.entries).not.toEqual([]));
    await dead.stop(1);
    on.advance(MINUTE);
    // Its lease lasts for seconds: on a busy machine a faster clock would end it before the position is kept.
    streamer({ worker: "w2", receivers, clock: systemClock });
    await eventually(() => expect(siem.entries.length).toBeGreaterThanOrEqual(8));
    await isWhole(siem);
    // On a busy machine its position may be kept too late, too: then all of it comes once more.
    const sent = siem.entries.map(({ seq }) => seq);
    expect(sent).toEqual(sent.map((_, n) => (n % 4) + 1));
  });

  it("without a lease keeps no position", async () => {
    await sealed(1);
    const positions = redisStreamPositions(on.bench.redis, { tenant: TENANT });
    await positions.look("w1", { leaseMs: 1_000, sinks: ["a"] });
    expect(await positions.keep("w2", "a", { seq: 1, seal: "s" })).toBe("lost");
    expect(await positions.keep("w1", "a", { seq: 1, seal: "s" })).toBe("kept");
    expect(await positions.of("a")).toEqual({ seq: 1, seal: "s" });
    expect(await positions.sentUntil(["a", "b"])).toBe(0);
    expect(await positions.sentUntil(["a"])).toBe(1);
  });
});

describe("what Redis lost, and what was deleted", () => {
  it("is sent again from before, where others have the numbers by now", async () => {
    const siem = aReceiver();
    await sealed(3);
    const made = streamer({ receivers: { "https://siem/ingest": siem.receiver } });
    await isWhole(siem);
    await made.stop(5_000);
    // A failover: the replica that takes over had got the first only.
    const { redis } = on.bench;
    await redis.xdel(on.key("audit"), "2-0", "3-0");
    await redis.xdel(on.key("seals"), "2-0", "3-0");
    for (const key of ["audit", "seals"]) await redis.xsetid(on.key(key), "1-0");
    await sealed(4);
    streamer({ worker: "w2", receivers: { "https://siem/ingest": siem.receiver } });
    await eventually(() => expect(siem.entries.at(-1)?.seq).toBe(5));
    expect(siem.entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 1, 2, 3, 4, 5]);
    const walk = walkCopy({ keys: [KEY], head: undefined, team: TENANT, since: 1 });
    for (const entry of siem.entries) walk.take(streamLine(entry));
    expect(walk.finish().findings[0]?.say).toMatch(/^entry 2 stands there twice/);
  });

  it("waits to be deleted for a receiver that is away, a week at most, and then the gap is told", async () => {
    const siem = aReceiver();
    const receivers = { "https://siem/ingest": siem.receiver };
    const identity = "https://siem/ingest";
    const positions = redisStreamPositions(on.bench.redis, { tenant: TENANT });
    const how = { keepForMs: 30 * DAY, copiedUntil: () => positions.sentUntil([identity]) };
    await sealed(2, how);
    const made = streamer({ receivers });
    await isWhole(siem);
    siem.failing = () => true;
    await sealed(3, how);
    await made.stop(5_000);
    on.advance(36 * DAY);
    await on.seal(how);
    expect((await on.audit.chain()).checkpoint?.seq).toBe(2);
    on.advance(2 * DAY);
    await sealed(1, how);
    expect((await on.audit.chain()).checkpoint?.seq).toBe(5);
    siem.failing = () => false;
    streamer({ worker: "w2", receivers });
    await eventually(async () => expect(await whats()).toContain("audit-stream-gap"));
    await on.seal(how);
    await eventually(() => expect(siem.entries.at(-1)?.seq).toBe(7));
    const walk = walkCopy({
      keys: [KEY],
      head: await sealedHead(on.audit),
      team: TENANT,
      since: 1,
    });
    for (const entry of siem.entries) walk.take(streamLine(entry));
    expect(walk.finish().findings.map(({ say }) => say)).toEqual(["entries 3 to 5 are missing"]);
    expect((await whats()).filter((what) => what === "audit-stream-gap")).toHaveLength(1);
  });

  it("is told, where somebody deleted a sealed entry before it was sent", async () => {
    const siem = aReceiver();
    await sealed(3);
    await on.bench.redis.xdel(on.key("audit"), "2-0");
    streamer({ receivers: { "https://siem/ingest": siem.receiver } });
    await eventually(() => expect(siem.entries.map(({ seq }) => seq)).toEqual([1, 3]));
    await eventually(async () => expect(await whats()).toContain("audit-stream-gap"));
  });
});

describe("a receiver that is behind", () => {
  it("is told of once over all replicas, and once that it isn't any more", async () => {
    const siem = aReceiver();
    siem.failing = () => true;
    const lags: number[] = [];
    const options: Options = {
      receivers: { "https://siem/ingest": siem.receiver },
      onLags: (all) => void lags.push(...all.map(({ lagMs }) => lagMs)),
    };
    await sealed(1);
    const first = streamer(options);
    await eventually(() => expect(siem.batches).not.toEqual([]));
    expect(await whats()).not.toContain("audit-stream-behind");
    on.advance(3 * MINUTE);
    await eventually(async () => expect(await whats()).toContain("audit-stream-behind"));
    await first.stop(5_000);
    streamer({ ...options, worker: "w2" });
    await eventually(() => expect(lags.at(-1)).toBeGreaterThan(2 * MINUTE));
    await on.seal();
    siem.failing = () => false;
    await eventually(async () => expect(await whats()).toContain("audit-stream-recovered"));
    expect((await whats()).filter((what) => String(what).startsWith("audit-stream"))).toEqual([
      "audit-stream-behind",
      "audit-stream-recovered",
    ]);
    const notices = await on.bench.redis.hgetall(on.key("notices"));
    expect(Object.values(notices).join()).toMatch(
      /The copy of the audit log to https:\/\/siem is 3m\d*s? behind: 1 entry is waiting. It is away \(Status500\)\. Nothing is lost/,
    );
    await on.seal();
    await isWhole(siem);
  });
});
