// Notices that fall together in a channel are brought together, once, in their order.

import { describe, expect, it } from "vitest";
import {
  decodeNotice,
  encodeNotice,
} from "../../../../../src/adapters/redis/requests/notices/stored-notices.ts";
import { channelId } from "../../../../../src/domain/text/ids.ts";
import type { Notice } from "../../../../../src/ports/storage/notices.ts";
import type { Claim } from "../../../../../src/ports/storage/work-queue.ts";
import { HOUR } from "../../../../support/requests.ts";
import { benchPerFile, ended, LEASE, LIMITS, OPS, open, TENANT, write } from "../../with-store.ts";

const bench = benchPerFile();
const DEV = channelId("C0DEV");

const notice = (n: number, change: Partial<Notice> = {}): Notice => ({
  ...{ what: "ended", vm: `vm-${n}`, atMs: n },
  ...change,
});
const claimNotices = async (worker = "w1") => {
  const claims = (await bench.store.workQueue.claim(worker, LEASE)).claims;
  return claims.filter((one): one is Claim & { kind: "notices" } => one.kind === "notices");
};
const vms = (claims: readonly { readonly notices: readonly Notice[] }[]) =>
  claims.map((one) => one.notices.map((each) => each.vm));
const done = (count: number, retryAtMs?: number, worker = "w1") =>
  bench.store.notices.release(worker, OPS, { count, retryAtMs });

/** Time for more of them to come. */
const MERGE_MS = 1_500;

describe("notices", () => {
  it("of a moment are brought together, and no later one puts them off", async () => {
    await bench.store.notices.add(OPS, notice(1));
    bench.advance(MERGE_MS - 500);
    await bench.other.notices.add(OPS, notice(2, { text: 'Zeile\n"ü" 🚪', ports: [22] }));
    expect(await claimNotices()).toEqual([]);
    bench.advance(500);
    expect(await claimNotices()).toEqual([
      {
        ...{
          kind: "notices",
          channel: OPS,
          failures: 0,
          isSuspect: false,
          nowMs: expect.any(Number),
        },
        notices: [notice(1), notice(2, { text: 'Zeile\n"ü" 🚪', ports: [22] })],
      },
    ]);
    await done(2);
    bench.advance(HOUR);
    expect(await claimNotices()).toEqual([]);
    expect(await bench.redis.keys("*")).toEqual([]);
  });

  it("of what is parked are stored as version 0.1 reads and wrote them", () => {
    const parked = notice(1, { what: "parked" });
    expect(encodeNotice(parked)).toContain('"what":"set-aside"');
    expect(decodeNotice(encodeNotice(parked), 5)).toEqual(parked);
  });

  it("come with the change that they tell of, or not at all", async () => {
    const request = open(await bench.store.storeClock.nowMs());
    await bench.store.requests.create(
      { ...write(request), notices: [{ channel: OPS, notice: notice(1) }] },
      LIMITS,
    );
    const ending = { ...write(ended(request)), notices: [{ channel: OPS, notice: notice(2) }] };
    expect((await bench.store.requests.commit(7, ending)).outcome).toBe("conflict");
    expect((await bench.store.requests.commit(1, ending)).outcome).toBe("written");
    bench.advance(MERGE_MS);
    expect(vms(await claimNotices())).toEqual([["vm-1", "vm-2"]]);
  });

  it("of different channels wait separately", async () => {
    await bench.store.notices.add(OPS, notice(1));
    await bench.store.notices.add(DEV, notice(2));
    bench.advance(MERGE_MS);
    expect(vms(await claimNotices()).toSorted()).toEqual([["vm-1"], ["vm-2"]]);
  });

  it("that come while others are being posted follow soon after", async () => {
    await bench.store.notices.add(OPS, notice(1));
    bench.advance(MERGE_MS);
    await claimNotices();
    await bench.store.notices.add(OPS, notice(2));
    bench.advance(MERGE_MS);
    expect(await claimNotices("w2")).toEqual([]);
    await done(1);
    bench.advance(MERGE_MS);
    expect(await claimNotices("w2")).toMatchObject([{ failures: 0, notices: [notice(2)] }]);
  });

  it("that could not be posted are brought again when it may be tried", async () => {
    await bench.store.notices.add(OPS, notice(1));
    bench.advance(MERGE_MS);
    await claimNotices();
    await done(0, (await bench.store.storeClock.nowMs()) + HOUR);
    bench.advance(HOUR - 1_000);
    expect(await claimNotices()).toEqual([]);
    bench.advance(1_000);
    expect(await claimNotices()).toMatchObject([{ failures: 0, notices: [notice(1)] }]);
  });

  it("of a worker that dies are brought to the next, and counted", async () => {
    await bench.store.notices.add(OPS, notice(1));
    bench.advance(MERGE_MS);
    await claimNotices("dies");
    await bench.store.workQueue.prove("dies", `n:${OPS}`);
    bench.advance(LEASE.leaseMs + 1);
    expect(await claimNotices("w2")).toMatchObject([{ failures: 1, notices: [notice(1)] }]);
    await done(1, undefined, "dies");
    bench.advance(LEASE.leaseMs + 1);
    expect(vms(await claimNotices("w3"))).toEqual([["vm-1"]]);
  });

  it("are brought fifty at a time, and none is lost", async () => {
    for (let n = 0; n < 120; n++) await bench.store.notices.add(OPS, notice(n));
    const brought: number[] = [];
    for (let round = 0; round < 3; round++) {
      bench.advance(MERGE_MS);
      const [claim] = await claimNotices();
      brought.push(...(claim?.notices ?? []).map((one) => one.atMs));
      await done(claim?.notices.length ?? 0);
    }
    expect(brought).toEqual(Array.from({ length: 120 }, (_, n) => n));
  });

  it("beyond a thousand push out the oldest, never those that nobody has posted instead", async () => {
    for (let n = 0; n < 1_010; n++) await bench.store.notices.add(OPS, notice(n));
    bench.advance(MERGE_MS);
    const [claim] = await claimNotices();
    expect(claim?.notices.map((one) => one.atMs)).toEqual(
      Array.from({ length: 100 }, (_, n) => n + 10),
    );
    for (let n = 1_010; n < 1_030; n++) await bench.store.notices.add(OPS, notice(n));
    await done(100);
    bench.advance(MERGE_MS);
    expect((await claimNotices())[0]?.notices[0]?.atMs).toBe(110);
    expect(await bench.redis.hlen(`{jit:${TENANT}}:notices`)).toBe(920 + 1);
  });

  it("that cannot be read are told as such, in their place", async () => {
    await bench.store.notices.add(OPS, notice(1));
    await bench.store.notices.add(OPS, notice(2));
    await bench.redis.hset(`{jit:${TENANT}}:notices`, `${OPS} 1`, "{");
    bench.advance(MERGE_MS);
    expect((await claimNotices())[0]?.notices).toEqual([
      { what: "alarm", atMs: expect.any(Number), text: expect.stringContaining("can't be read") },
      notice(2),
    ]);
  });

  it("that are parked leave the way free for later ones", async () => {
    await bench.store.notices.add(OPS, notice(1));
    bench.advance(MERGE_MS);
    await claimNotices();
    await bench.store.deadLetters.park(`n:${OPS}`, { why: "crashes the worker" });
    bench.advance(HOUR);
    expect(await claimNotices()).toEqual([]);
    const { some } = await bench.store.deadLetters.list();
    expect(some).toMatchObject([{ why: "crashes the worker", noticeCount: 1 }]);
    await bench.store.notices.add(OPS, notice(2));
    bench.advance(MERGE_MS);
    expect(vms(await claimNotices())).toEqual([["vm-2"]]);

    // Brought back they are told after those that wait, and once.
    const member = some[0]?.member ?? "";
    expect(await bench.store.deadLetters.requeue(member, { audit: [] })).toBe("requeued");
    expect(await bench.other.deadLetters.requeue(member, { audit: [] })).toBe("not-parked");
    bench.advance(HOUR);
    expect(vms(await claimNotices())).toEqual([["vm-2", "vm-1"]]);
    expect(await bench.store.deadLetters.list()).toEqual({ count: 0, some: [] });
  });
});
