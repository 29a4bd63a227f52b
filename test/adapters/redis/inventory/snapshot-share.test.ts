// How replicas share the inventory snapshot, in a real Redis: texts, the newest root, and who reads.

import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { connectRedis } from "../../../../src/adapters/redis/connection/connect.ts";
import { redisSnapshotShare } from "../../../../src/adapters/redis/inventory/snapshot-share.ts";
import type { SnapshotShare } from "../../../../src/ports/storage/inventory-share.ts";
import { eventually } from "../../../support/eventually.ts";
import { cleanups, freePort, startedCluster } from "../servers.ts";
import { benchPerFile, quietLog, TENANT, targetOf } from "../with-store.ts";

const bench = benchPerFile();
const LEASE = { leaseMs: 5_000, isUrgent: false };
const URGENT = { ...LEASE, isUrgent: true };

const shareAt = (change: { format?: number; view?: string } = {}): SnapshotShare =>
  redisSnapshotShare(bench.redis, { tenant: TENANT, format: 1, view: "all", ...change });

const keysNow = () => bench.redis.keys("*");

describe("a text", () => {
  it("is answered by its digest, and what is not there is left out", async () => {
    const share = shareAt();
    const text = '{"name":"vm-01 \u{1F680}"}';
    await share.put(text);
    const digest = share.digest(text);
    expect([...(await share.load([digest, "nothing"]))]).toEqual([[digest, text]]);
    expect(await share.keep([digest, "nothing"])).toEqual(["nothing"]);
  });

  it("is small, garbage after a day, and under a key of the tenant", async () => {
    const share = shareAt();
    await share.put(JSON.stringify(Array.from({ length: 5_000 }, () => "Standard_D2s_v5")));
    const [key = ""] = await keysNow();
    expect(key).toMatch(/^\{jit:T0TEST\}:picture:1:/);
    expect(await bench.redis.strlen(key)).toBeLessThan(2_000);
    expect(await bench.redis.ttl(key)).toBeGreaterThan(80_000);
  });

  it("that can't be compressed at all stays below half a megabyte", async () => {
    await shareAt().put(randomBytes(96 * 1_024).toString("base64url"));
    const [key = ""] = await keysNow();
    expect(await bench.redis.strlen(key)).toBeLessThan(512 * 1_024);
  });

  it("that is dropped goes soon, unless it is kept again", async () => {
    const share = shareAt();
    await share.put("text");
    const digests = [share.digest("text")];
    const [key = ""] = await keysNow();
    await share.drop(digests);
    expect(await bench.redis.ttl(key)).toBeLessThan(400);
    expect((await share.load(digests)).size).toBe(1);
    await share.keep(digests);
    expect(await bench.redis.ttl(key)).toBeGreaterThan(80_000);
  });

  it.each([
    ["cut short", (text: string) => text.slice(0, 20)],
    ["of another digest", () => Buffer.from("A").toString("base64")],
    ["no text at all", () => "\n"],
  ])("that is %s is not answered, and makes room to be put again", async (_, spoil) => {
    const share = shareAt();
    await share.put("one text that somebody spoils");
    const digest = share.digest("one text that somebody spoils");
    const [key = ""] = await keysNow();
    await bench.redis.set(key, spoil((await bench.redis.get(key)) ?? ""));
    expect(await share.load([digest])).toEqual(new Map());
    expect(await share.keep([digest])).toEqual([digest]);
  });
});

describe("the newest", () => {
  it("is nothing at first, and then what was published, with its ages", async () => {
    const [share, other] = [shareAt(), shareAt()];
    expect(await other.look()).toBeUndefined();
    await share.claim(LEASE);
    const version = await share.publish({ root: "r1", ageMs: 7_000, tookMs: 6_500 });
    expect(version).toBeDefined();
    const seen = await other.look();
    expect(seen).toMatchObject({ version, root: "r1", tookMs: 6_500 });
    expect(seen?.ageMs).toBeGreaterThanOrEqual(7_000);
    expect(seen?.publishedAgeMs).toBeLessThan(6_000);
  });

  it("has another version each time", async () => {
    const share = shareAt();
    const publish = async () => {
      await share.claim(LEASE);
      return share.publish({ root: "r1", ageMs: 0, tookMs: 0 });
    };
    const first = await publish();
    await eventually(async () => expect(await publish()).not.toBe(first));
  });

  it("is not seen by those who write otherwise or look at something else", async () => {
    const share = shareAt();
    await share.claim(LEASE);
    await share.publish({ root: "r1", ageMs: 0, tookMs: 0 });
    expect(await shareAt({ format: 2 }).look()).toBeUndefined();
    expect(await shareAt({ view: "one subscription" }).look()).toBeUndefined();
    expect(await shareAt({ format: 2 }).claim(LEASE)).toBe("claimed");
  });
});

describe("reading", () => {
  it("is claimed by one at a time, who may claim it for longer", async () => {
    const [share, other] = [shareAt(), shareAt()];
    expect(await share.claim(LEASE)).toBe("claimed");
    expect([await other.claim(LEASE), await other.claim(URGENT)]).toEqual(["held", "held"]);
    expect(await share.claim(LEASE)).toBe("claimed");
    await other.release(0);
    expect(await other.claim(LEASE)).toBe("held");
    await share.release(0);
    expect(await other.claim(LEASE)).toBe("claimed");
  });

  it("is free again when what was read is published", async () => {
    const [share, other] = [shareAt(), shareAt()];
    await share.claim(LEASE);
    await share.publish({ root: "r1", ageMs: 0, tookMs: 0 });
    expect(await other.claim(LEASE)).toBe("claimed");
  });

  it("goes to another when its reader is gone, and nothing of the first is published then", async () => {
    const [share, other] = [shareAt(), shareAt()];
    await share.claim({ ...LEASE, leaseMs: 20 });
    await eventually(async () => expect(await other.claim(LEASE)).toBe("claimed"));
    expect(await share.publish({ root: "r1", ageMs: 0, tookMs: 0 })).toBeUndefined();
    expect(await other.look()).toBeUndefined();
    expect(await other.publish({ root: "r2", ageMs: 0, tookMs: 0 })).toBeDefined();
  });

  it("rests after a failure, for all but those who are urgent", async () => {
    const [share, other] = [shareAt(), shareAt()];
    await share.claim(LEASE);
    await share.release(60_000);
    expect([await share.claim(LEASE), await other.claim(LEASE)]).toEqual(["resting", "resting"]);
    expect(await other.claim(URGENT)).toBe("claimed");
    await other.release(20);
    await eventually(async () => expect(await share.claim(LEASE)).toBe("claimed"));
  });
});

describe("a share", () => {
  it("works in a cluster", async () => {
    const { port } = await startedCluster();
    const cluster = connectRedis(targetOf(port, { mode: "cluster" }), quietLog);
    cleanups.push(() => cluster.disconnect());
    const share = redisSnapshotShare(cluster, { tenant: TENANT, format: 1, view: "all" });
    await eventually(() => share.look());
    const texts = Array.from({ length: 20 }, (_, n) => `text ${n}`);
    for (const text of texts) await share.put(text);
    const digests = texts.map(share.digest);
    expect(await share.keep(digests)).toEqual([]);
    expect([...(await share.load(digests)).values()]).toEqual(texts);
    await share.claim(LEASE);
    expect(await share.publish({ root: "r1", ageMs: 0, tookMs: 0 })).toBeDefined();
    await share.drop(digests);
    expect((await share.look())?.root).toBe("r1");
  });

  it("throws a fault while Redis is away", async () => {
    const away = connectRedis(targetOf(await freePort()), quietLog);
    cleanups.push(() => away.disconnect());
    const share = redisSnapshotShare(away, { tenant: TENANT, format: 1, view: "all" });
    await expect(share.look()).rejects.toMatchObject({ source: "redis", retryable: true });
  });
});
