// Who makes something due before the next look is heard by those who sleep; and nobody depends on it.

import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { connectRedis } from "../../../../src/adapters/redis/connection/connect.ts";
import { hearWakes, type Wake } from "../../../../src/adapters/redis/requests/wakes.ts";
import { redisStorage } from "../../../../src/adapters/redis/storage.ts";
import type { Log } from "../../../../src/ports/log.ts";
import { eventually } from "../../../support/eventually.ts";
import { answering, cleanups, startedCluster, withAdmin } from "../servers.ts";
import {
  idOf,
  LEASE,
  LIMITS,
  open,
  quietLog,
  TENANT,
  targetOf,
  unposted,
  write,
} from "../with-store.ts";

function listening(port: number, { log = quietLog, mode = "single" }: Listening = {}) {
  const heard: Wake[] = [];
  const connection = connectRedis(targetOf(port, { mode }), quietLog);
  cleanups.push(() => connection.disconnect());
  hearWakes(connection, { tenant: TENANT, log, onWake: (wake) => heard.push(wake) });
  return heard;
}
type Listening = { readonly log?: Log; readonly mode?: "single" | "cluster" };

function storeAt(port: number, mode: "single" | "cluster" = "single", user?: string) {
  const target = targetOf(port, { mode, ...(user && { username: user, password: "p" }) });
  const store = redisStorage(connectRedis(target, quietLog), { tenant: TENANT });
  cleanups.push(store.close);
  return store;
}

/** Until it is certain that somebody listens. */
const untilHeard = async (redis: Redis) =>
  eventually(async () => expect(await redis.pubsub("NUMSUB", `{jit:${TENANT}}:wake`)).toContain(1));

describe("what comes due", () => {
  it("at once is heard at once, and what comes later is not", async () => {
    const { port, admin } = await withAdmin();
    const heard = listening(port);
    const store = storeAt(port);
    await answering(store);
    await untilHeard(admin);
    const nowMs = await store.storeClock.nowMs();
    await store.requests.create(write(open(nowMs, { id: idOf(1) })), LIMITS);
    await store.requests.create(write(unposted(nowMs, { id: idOf(2) })), LIMITS);
    await eventually(() => expect(heard.length).toBeGreaterThan(0));
    expect(heard).toHaveLength(1);
    expect(heard[0]?.dueAtMs).toBe(heard[0]?.nowMs);
    expect((await store.workQueue.claim("w", LEASE)).claims).toMatchObject([{ id: idOf(2) }]);
  });

  it("is heard again once the connection is back", async () => {
    const { port, admin, kill, restart } = await withAdmin();
    const heard = listening(port);
    const store = storeAt(port);
    await answering(store);
    await untilHeard(admin);
    await kill();
    await restart();
    await answering(store);
    const fresh = new Redis(port);
    cleanups.push(() => fresh.disconnect());
    await untilHeard(fresh);
    await store.requests.create(write(unposted(await store.storeClock.nowMs())), LIMITS);
    await eventually(() => expect(heard).toHaveLength(1));
  });

  it("is heard in a cluster", async () => {
    const { port, admin } = await startedCluster();
    const heard = listening(port, { mode: "cluster" });
    const store = storeAt(port, "cluster");
    await answering(store);
    await untilHeard(admin);
    await store.requests.create(write(unposted(await store.storeClock.nowMs())), LIMITS);
    await eventually(() => expect(heard).toHaveLength(1));
  });

  it("is stored all the same where nobody may publish or listen, and that is said", async () => {
    const { port, admin } = await withAdmin();
    await admin.call("ACL", "SETUSER", "bot", "on", ">p", "~*", "+@all", "resetchannels");
    const warned: string[] = [];
    const log: Log = { ...quietLog, warn: (_facts, text) => warned.push(text) };
    const ear = connectRedis(targetOf(port, { username: "bot", password: "p" }), quietLog);
    cleanups.push(() => ear.disconnect());
    hearWakes(ear, { tenant: TENANT, log, onWake: () => undefined });
    const store = storeAt(port, "single", "bot");
    await answering(store);
    expect(
      await store.requests.create(write(unposted(await store.storeClock.nowMs())), LIMITS),
    ).toMatchObject({
      outcome: "created",
    });
    expect((await store.workQueue.claim("w", LEASE)).claims).toHaveLength(1);
    await eventually(() => expect(warned.join()).toContain("doesn't let the bot listen"));
  });
});
