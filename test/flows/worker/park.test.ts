// What a worker parks: the poison is still there, somebody acts at that very moment, or it is no request at all.

import { afterAll, describe, expect, it } from "vitest";
import { systemClock, systemRandom } from "../../../src/adapters/system-clock.ts";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import { transition } from "../../../src/domain/request/transition.ts";
import type { Deps } from "../../../src/flows/deps.ts";
import { requeue } from "../../../src/flows/requests/parked/requeue.ts";
import { leaseOf, momentOf } from "../../../src/flows/worker/lease.ts";
import { parkClaim } from "../../../src/flows/worker/park.ts";
import { workerLoop } from "../../../src/flows/worker/worker-loop.ts";
import type { Azure } from "../../../src/ports/azure.ts";
import type { Chat } from "../../../src/ports/chat.ts";
import { NO_TRACING } from "../../../src/ports/metrics/tracing.ts";
import {
  audited,
  benchPerFile,
  LEASE,
  LIMITS,
  OPS,
  open,
  opening,
  quietLog,
  TENANT,
  write,
} from "../../adapters/redis/with-store.ts";
import { eventually } from "../../support/eventually.ts";
import { ADA, aPolicy, ERIN, HOUR, MINUTE, NOTICES } from "../../support/requests.ts";

const bench = benchPerFile();
const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

const POLICY = aPolicy({ hash: "b".repeat(64) });
const world: Partial<Deps> = {
  ...{ log: quietLog, random: systemRandom, clock: systemClock },
  policy: () => POLICY,
  tracing: NO_TRACING,
  onCommitted: () => {},
};
const deps = (change: Partial<Deps> = {}): Deps =>
  ({ ...world, ...bench.store, ...change }) as Deps;

/** Taken by a worker, after it has failed as often as may be. */
async function taken(request: AccessRequest) {
  await bench.store.requests.create(write(request), LIMITS);
  await bench.redis.hset(`{jit:${TENANT}}:held`, request.id, "0|0|7|");
  await bench.redis.zadd(`{jit:${TENANT}}:due`, 0, request.id);
  const sentAt = momentOf(systemClock);
  const [claim] = (await bench.store.workQueue.claim("w", LEASE)).claims;
  if (claim?.kind !== "request") throw new Error("no request was due");
  const ask = () => bench.store.workQueue.prove("w", claim.id);
  const lease = leaseOf(
    { clock: systemClock, owner: "w", what: claim.id, ask },
    { sentAt, holdsMs: LEASE.leaseMs },
  );
  return { claim, lease };
}

const noticesFor = async (channel: string): Promise<readonly string[]> => {
  const all = await bench.redis.hgetall(`{jit:${TENANT}}:notices`);
  return Object.entries(all).flatMap(([name, text]) =>
    name.startsWith(`${channel} `) ? [text] : [],
  );
};

describe("parking", () => {
  it("gives way to whoever acts at that moment: what they did is begun afresh", async () => {
    const request = open(await bench.store.storeClock.nowMs());
    const held = await taken(request);
    const nowMs = await bench.store.storeClock.nowMs();
    const roles = { isApprover: false, isAdmin: false };
    const moved = transition(request, { act: "end", by: ERIN, roles }, nowMs);
    if ("refused" in moved) throw new Error("refused");
    await bench.other.requests.commit(1, { next: moved.request, audit: moved.audit });
    await parkClaim(deps(), held);
    const kept = await bench.store.requests.read(request.id);
    expect(kept?.request).toMatchObject({ state: "ending" });
    expect(kept?.request.deadLetter).toBeUndefined();
    const [claim] = (await bench.store.workQueue.claim("w2", LEASE)).claims;
    expect(claim).toMatchObject({ kind: "request", id: request.id, failures: 0 });
  });

  it("is done once where two workers hold it for theirs", async () => {
    const held = await taken(open(await bench.store.storeClock.nowMs()));
    bench.advance(LEASE.leaseMs + 1);
    expect((await bench.other.workQueue.claim("w2", LEASE)).claims).toHaveLength(1);
    await expect(parkClaim(deps(bench.other), held)).resolves.toBeUndefined();
    const what = (await audited(bench.redis)).map((entry) => entry.what);
    expect(what.filter((one) => one === "parked").length).toBeLessThanOrEqual(1);
  });

  it("tells the notices channel and each admin, once, in the same step", async () => {
    await parkClaim(deps(), await taken(open(await bench.store.storeClock.nowMs())));
    for (const channel of [NOTICES, ADA]) {
      const told = await noticesFor(channel);
      expect(told).toHaveLength(1);
      expect(told[0]).toContain('"what":"set-aside"');
    }
    expect((await audited(bench.redis)).at(-1)).toMatchObject({
      what: "parked",
      detail: { rule: "production", policy: POLICY.hash },
    });
  });

  it("does not tell of a channel's notices by that channel, and brings them back in order", async () => {
    await bench.store.notices.add(NOTICES, { what: "alarm", atMs: 1, text: "poison" });
    bench.advance(MINUTE);
    const sentAt = momentOf(systemClock);
    const [claim] = (await bench.store.workQueue.claim("w", LEASE)).claims;
    if (claim === undefined) throw new Error("nothing was due");
    const ask = () => bench.store.workQueue.prove("w", `n:${NOTICES}`);
    const lease = leaseOf(
      { clock: systemClock, owner: "w", what: "n", ask },
      { sentAt, holdsMs: LEASE.leaseMs },
    );
    await parkClaim(deps(), { claim: { ...claim, failures: 6 }, lease });
    expect(await noticesFor(NOTICES)).toEqual([]);
    expect(await noticesFor(ADA)).toHaveLength(1);
    const { some } = await bench.store.deadLetters.list();
    expect(some).toMatchObject([{ noticeCount: 1 }]);
    const by = { by: "ops@host" };
    expect(await requeue(deps(), some[0]?.member ?? "", by)).toBe("requeued");
    expect(await noticesFor(NOTICES)).toHaveLength(1);
  });
});

describe("bringing back", () => {
  it("happens once, however many replicas are asked at once", async () => {
    const request = open(await bench.store.storeClock.nowMs());
    await parkClaim(deps(), await taken(request));
    const asked = Array.from({ length: 10 }, (_, n) =>
      requeue(deps(n % 2 === 0 ? bench.store : bench.other), request.id, {
        by: `ops-${n}@host`,
      }),
    );
    const outcomes = await Promise.all(asked);
    expect(outcomes.filter((one) => one === "requeued")).toHaveLength(1);
    expect(outcomes.filter((one) => one === "not-parked")).toHaveLength(9);
    const entries = (await audited(bench.redis)).filter(({ what }) => what === "requeued");
    expect(entries).toHaveLength(1);
  });

  it("does nothing to a request that is not parked, or that there is none of", async () => {
    const request = opening(await bench.store.storeClock.nowMs());
    await bench.store.requests.create(write(request), LIMITS);
    const before = await audited(bench.redis);
    expect(await requeue(deps(), request.id, { by: "ops@host" })).toBe("not-parked");
    expect(await requeue(deps(), "JIT-ZZZZZZ", { by: "ops@host" })).toBe("unknown");
    expect(await audited(bench.redis)).toEqual(before);
  });
});

describe("a request whose poison is still there", () => {
  it("parks again after as many tries, tells of it each time, and floods nobody", async () => {
    const bug = () => Promise.reject(new TypeError("x is undefined"));
    let isCardBroken = false;
    const ref = { channel: OPS, ts: "1.1" };
    const chat: Partial<Chat> = {
      editCard: () => (isCardBroken ? bug() : Promise.resolve()),
      postHistory: async () => ref,
      postLive: async () => ref,
      reach: async () => "own",
      postNotices: async (_channel, notices) => notices.length,
    };
    const azure: Partial<Azure> = { readPolicy: bug, open: bug };
    const ports = { chat: chat as Chat, azure: azure as Azure };
    const worker = { name: "a", leaseMs: 30_000, lifeMs: 4_000 };
    const loop = workerLoop(deps(ports), worker, () => undefined);
    closing.push(() => loop.stop(1_000));
    const request = opening(await bench.store.storeClock.nowMs(), {
      cards: [{ to: OPS, channel: OPS, ts: "1.1", shown: 1 }],
    });
    await bench.store.requests.create(write(request), LIMITS);
    loop.start();

    const parked = async () => {
      const entries = await audited(bench.redis);
      return entries.filter(({ what, id }) => what === "parked" && id === request.id).length;
    };
    /** What failed is tried again later and later: time passes until it is parked so often. */
    const untilParked = (times: number) =>
      eventually(
        async () => {
          bench.advance(20_000);
          loop.wake();
          expect(await parked()).toBe(times);
        },
        { timeoutMs: 60_000, intervalMs: 150 },
      );
    await untilParked(1);
    await eventually(async () => {
      const rests = (await bench.store.requests.read(request.id))?.request;
      expect(rests?.cards[0]?.shown).toBe(rests?.revision);
    });
    bench.advance(HOUR);
    loop.wake();
    await systemClock.sleep(1_500);
    expect(await parked()).toBe(1);

    expect(await requeue(deps(), request.id, { by: "ops@host" })).toBe("requeued");
    await untilParked(2);

    // Its card is what fails now: it is left alone altogether, and that is told, too.
    await requeue(deps(), request.id, { by: "ops@host" });
    isCardBroken = true;
    await untilParked(4);
    bench.advance(HOUR);
    loop.wake();
    await systemClock.sleep(1_500);
    expect(await parked()).toBe(4);
    expect(await bench.redis.zscore(`{jit:${TENANT}}:due`, request.id)).toBeNull();
    expect(await bench.store.deadLetters.list()).toMatchObject({ count: 1 });
    // And it comes back from there as well.
    isCardBroken = false;
    await requeue(deps(), request.id, { by: "ops@host" });
    await untilParked(5);
  }, 180_000);
});
