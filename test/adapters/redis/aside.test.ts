// What cannot be worked on is set aside, and what cannot be read harms no other.

import { describe, expect, it } from "vitest";
import type { Claim } from "../../../src/ports/work.ts";
import { dueAtMs } from "../../../src/request/outstanding.ts";
import type { AccessRequest } from "../../../src/request/request.ts";
import { HOUR } from "../../support/requests.ts";
import {
  benchPerFile,
  idOf,
  LEASE,
  LIMITS,
  opening,
  TENANT,
  unposted,
  write,
} from "./with-store.ts";

const bench = benchPerFile();

const created = async (make: (nowMs: number) => AccessRequest): Promise<AccessRequest> => {
  const next = make(await bench.store.nowMs());
  await bench.store.create(write(next), LIMITS);
  return next;
};
const take = async (worker = "w1") => (await bench.store.claim(worker, LEASE)).claims;
const ids = (claims: readonly Claim[]) => claims.map((one) => ("id" in one ? one.id : one.channel));
const known = (version: number, request: AccessRequest) => ({
  version,
  dueAtMs: dueAtMs(request),
});

describe("what is set aside", () => {
  it("is never taken again, whoever writes it, but can be read and is listed", async () => {
    const next = await created(unposted);
    await take();
    await bench.store.setAside(next.id, `crashes | the worker ${"x".repeat(900)}`);
    bench.advance(24 * HOUR);
    expect(await take()).toEqual([]);
    await bench.store.commit(1, write(opening(next.ask.askedAtMs), "click"));
    await bench.store.release("w1", next.id, known(1, next));
    bench.advance(24 * HOUR);
    expect(await take()).toEqual([]);
    expect((await bench.store.read(next.id))?.version).toBe(2);
    expect(await bench.store.listAside()).toEqual([
      {
        member: next.id,
        atMs: expect.any(Number),
        why: expect.stringMatching(/^crashes \| the worker x{479}$/),
      },
    ]);
  });
});

describe("a document that cannot be read", () => {
  const spoil = (id: string, text: string) =>
    bench.redis.hset(`{jit:${TENANT}}:requests`, id, text);

  it("is claimed as such, and harms no other", async () => {
    const broken = ["", "x", "1|", "1|{", "1|[]", '1|{"f":1}', '1|{"f":99}', "0|{}", "1|null"];
    const limits = { openPerPerson: 100, pendingPerPerson: 100 };
    const nowMs = await bench.store.nowMs();
    for (let n = 0; n <= broken.length; n++) {
      await bench.store.create(write(unposted(nowMs, { id: idOf(n) })), limits);
    }
    for (const [n, text] of broken.entries()) await spoil(idOf(n), text);
    const claims = await take();
    expect(claims.filter((one) => one.kind === "unreadable")).toHaveLength(broken.length);
    expect(claims.filter((one) => one.kind === "request")).toMatchObject([
      { id: idOf(broken.length) },
    ]);
    expect(claims[6]).toMatchObject({ why: "It is written in format 99; this bot reads 1." });
    expect(claims[5]).toMatchObject({ why: expect.stringMatching(/^state: /) });
    expect((await bench.store.list("pending", 100)).map((one) => one.id)).toEqual([
      idOf(broken.length),
    ]);
    for (const n of broken.keys()) await bench.store.setAside(idOf(n), "broken");
    bench.advance(LEASE.leaseMs + 1);
    expect(ids(await take())).toEqual([idOf(broken.length)]);
  });

  it("is a fault that no retry mends to who reads it", async () => {
    const next = await created(unposted);
    await spoil(next.id, "3|{}");
    await expect(bench.store.read(next.id)).rejects.toMatchObject({
      ...{ name: "Fault", world: "redis", code: "Unreadable", retryable: false },
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
    await bench.store.release("w1", next.id, known(1, next));
    bench.advance(HOUR);
    expect(await take()).toEqual([]);
  });
});
