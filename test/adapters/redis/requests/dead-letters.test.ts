// What can't be worked on is parked, and what can't be read harms no other.
// Of src/adapters/redis/requests/dead-letters.ts.

import { describe, expect, it } from "vitest";
import { dueAtMs } from "../../../../src/domain/request/outstanding.ts";
import type { AccessRequest } from "../../../../src/domain/request/request.ts";
import type { Claim } from "../../../../src/ports/storage/work-queue.ts";
import { HOUR } from "../../../support/requests.ts";
import {
  audited,
  benchPerFile,
  idOf,
  LEASE,
  LIMITS,
  OPS,
  opening,
  TENANT,
  unposted,
  write,
} from "../with-store.ts";

const bench = benchPerFile();

const created = async (make: (nowMs: number) => AccessRequest): Promise<AccessRequest> => {
  const next = make(await bench.store.storeClock.nowMs());
  await bench.store.requests.create(write(next), LIMITS);
  return next;
};
const take = async (worker = "w1") => (await bench.store.workQueue.claim(worker, LEASE)).claims;
const ids = (claims: readonly Claim[]) => claims.map((one) => ("id" in one ? one.id : one.channel));
const known = (version: number, request: AccessRequest) => ({
  version,
  dueAtMs: dueAtMs(request),
});

const parkedAt = (atMs: number) => ({ deadLetter: { atMs, why: "failed 6 times in a row" } });

describe("a dead letter", () => {
  it("is never taken again, whoever writes it, but can be read and is listed", async () => {
    const next = await created(opening);
    await take();
    const parked = { ...next, ...parkedAt(next.ask.askedAtMs) };
    await bench.store.requests.commit(1, { ...write(parked), givesBack: true }, "w1");
    bench.advance(24 * HOUR);
    expect(await take()).toEqual([]);
    await bench.store.requests.commit(2, write({ ...parked, nonce: "click" }));
    await bench.store.workQueue.release("w1", next.id, known(1, next));
    bench.advance(24 * HOUR);
    expect(await take()).toEqual([]);
    expect((await bench.store.requests.read(next.id))?.version).toBe(3);
    const { atMs, why } = parked.deadLetter;
    const listed = { member: next.id, atMs, why, noticeCount: 0 };
    expect(await bench.store.deadLetters.list()).toEqual({ count: 1, some: [listed] });
  });

  it("is taken to send its messages, and for all its work once it is brought back", async () => {
    const next = await created(unposted);
    const parked = { ...next, ...parkedAt(next.ask.askedAtMs) };
    await bench.store.requests.commit(1, write(parked));
    expect(ids(await take())).toEqual([next.id]);
    await bench.store.workQueue.release("w1", next.id, known(2, { ...parked, cards: [] }));
    bench.advance(24 * HOUR);
    expect(await take()).toEqual([]);
    await bench.store.requests.commit(2, write(next));
    expect(ids(await take())).toEqual([next.id]);
    expect(await bench.store.deadLetters.list()).toEqual({ count: 0, some: [] });
  });

  it("lists the oldest first, and says how many there are beyond", async () => {
    for (let n = 3; n > 0; n--) {
      await created((nowMs) => ({ ...opening(nowMs, { id: idOf(n) }), ...parkedAt(1_000 * n) }));
    }
    const { count, some } = await bench.store.deadLetters.list(2);
    expect([count, some.map(({ member }) => member)]).toEqual([3, [idOf(1), idOf(2)]]);
  });
});

describe("what has no document that says so", () => {
  const PARKED = { what: "parked", detail: { why: "garbled" } };

  it("is parked with its audit entry and its notices, bounded and in one line", async () => {
    const next = await created(unposted);
    await take();
    const why = `crashes |\n the worker ${"x".repeat(900)}`;
    const notice = { what: "parked", atMs: 1 } as const;
    const notices = [{ channel: OPS, notice }];
    await bench.store.deadLetters.park(next.id, { why, audit: [PARKED], notices });
    expect(await bench.store.deadLetters.list()).toMatchObject({
      some: [
        { member: next.id, why: expect.stringMatching(/^crashes \| {2}the worker x{475,}…$/) },
      ],
    });
    expect((await audited(bench.redis)).at(-1)).toMatchObject({ ...PARKED, id: next.id });
    bench.advance(HOUR);
    expect(await take()).toMatchObject([{ kind: "notices", channel: OPS, notices: [notice] }]);
  });

  it("is left alone where somebody else holds it by now", async () => {
    const next = await created(unposted);
    await take();
    expect(await bench.store.deadLetters.park(next.id, { why: "garbled", owner: "another" })).toBe(
      false,
    );
    expect((await bench.store.deadLetters.list()).some.map(({ member }) => member)).not.toContain(
      next.id,
    );
    expect(await bench.redis.hexists(`{jit:${TENANT}}:held`, next.id)).toBe(1);
  });

  it("is brought back once, by whichever replica is first, with who did it", async () => {
    const next = await created(unposted);
    await take();
    await bench.store.deadLetters.park(next.id, { why: "garbled" });
    const audit = [{ what: "requeued", by: "ops@host" }];
    const both = await Promise.all(
      [bench.store, bench.other].map((store) => store.deadLetters.requeue(next.id, { audit })),
    );
    expect(both.toSorted()).toEqual(["not-parked", "requeued"]);
    const entries = (await audited(bench.redis)).filter(({ what }) => what === "requeued");
    expect(entries).toMatchObject([{ id: next.id, by: "ops@host" }]);
    expect(await take()).toMatchObject([{ kind: "request", id: next.id, failures: 0 }]);
  });

  it("is forgotten where nothing is left of it, and a delivery counts once", async () => {
    await bench.store.deadLetters.park(idOf(5), { why: "There is no document." });
    const write = { audit: [], delivery: "d1" };
    expect(await bench.store.deadLetters.requeue(idOf(5), write)).toBe("gone");
    expect(await bench.store.deadLetters.requeue(idOf(5), write)).toBe("repeated");
    expect(await bench.store.deadLetters.list()).toEqual({ count: 0, some: [] });
    bench.advance(HOUR);
    expect(await take()).toEqual([]);
  });
});

describe("a document that can't be read", () => {
  const spoil = (id: string, text: string) =>
    bench.redis.hset(`{jit:${TENANT}}:requests`, id, text);

  it("is claimed as such, and harms no other", async () => {
    const broken = ["", "x", "1|", "1|{", "1|[]", '1|{"f":1}', '1|{"f":99}', "0|{}", "1|null"];
    const limits = { openPerPerson: 100, pendingPerPerson: 100 };
    const nowMs = await bench.store.storeClock.nowMs();
    for (let n = 0; n <= broken.length; n++) {
      await bench.store.requests.create(write(unposted(nowMs, { id: idOf(n) })), limits);
    }
    for (const [n, text] of broken.entries()) await spoil(idOf(n), text);
    const claims = await take();
    expect(claims.filter((one) => one.kind === "unreadable")).toHaveLength(broken.length);
    expect(claims.filter((one) => one.kind === "request")).toMatchObject([
      { id: idOf(broken.length) },
    ]);
    expect(claims[6]).toMatchObject({ why: "It is written in format 99; this bot reads 1 and 2." });
    expect(claims[5]).toMatchObject({ why: expect.stringMatching(/^state: /) });
    expect((await bench.store.requests.list("pending", 100)).map((one) => one.id)).toEqual([
      idOf(broken.length),
    ]);
    for (const n of broken.keys()) await bench.store.deadLetters.park(idOf(n), { why: "broken" });
    bench.advance(LEASE.leaseMs + 1);
    expect(ids(await take())).toEqual([idOf(broken.length)]);
  });

  it("is a fault that no retry mends to who reads it", async () => {
    const next = await created(unposted);
    await spoil(next.id, "3|{}");
    await expect(bench.store.requests.read(next.id)).rejects.toMatchObject({
      ...{ name: "Fault", source: "redis", code: "Unreadable", retryable: false },
    });
  });

  it("is noticed where it is another's", async () => {
    const next = await created(unposted);
    const text = await bench.redis.hget(`{jit:${TENANT}}:requests`, next.id);
    await spoil(next.id, (text ?? "").replace(next.id, idOf(7)));
    expect(await take()).toMatchObject([{ kind: "unreadable", id: next.id }]);
  });

  it("may be missing altogether", async () => {
    const next = await created(unposted);
    await bench.redis.hdel(`{jit:${TENANT}}:requests`, next.id);
    expect(await take()).toMatchObject([{ kind: "unreadable", why: "There is no document." }]);
    await bench.store.workQueue.release("w1", next.id, known(1, next));
    bench.advance(HOUR);
    expect(await take()).toEqual([]);
  });
});
