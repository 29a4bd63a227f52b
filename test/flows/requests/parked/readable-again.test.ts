// What another version parked because it couldn't read it goes on; what an admin has to look at stays.
// Of src/flows/requests/parked/readable-again.ts.

import { expect, it } from "vitest";
import { systemClock } from "../../../../src/adapters/system-clock.ts";
import { readableAgain, UNREADABLE } from "../../../../src/flows/requests/parked/readable-again.ts";
import {
  benchPerFile,
  idOf,
  LEASE,
  LIMITS,
  pending,
  quietLog,
  TENANT,
  write,
} from "../../../adapters/redis/with-store.ts";
import { eventually } from "../../../support/eventually.ts";
import { ADA, aPolicy, NOTICES } from "../../../support/requests.ts";

const bench = benchPerFile();

it("takes up what it can read, once, and leaves the rest", async () => {
  const { store, other } = bench;
  const nowMs = await store.storeClock.nowMs();
  for (const n of [1, 2, 3]) {
    await store.requests.create(write(pending(nowMs, { id: idOf(n) })), LIMITS);
  }
  await store.deadLetters.park(idOf(1), { why: `${UNREADABLE}: It is written in format 2` });
  await store.deadLetters.park(idOf(2), { why: "Work on it failed 6 times in a row" });
  await bench.redis.hset("{jit:T0TEST}:requests", idOf(3), "1|{}");
  await store.deadLetters.park(idOf(3), { why: `${UNREADABLE}: state` });
  const heard: string[] = [];
  const services = [store, other].map((one) =>
    readableAgain({
      ...one,
      policy: () => aPolicy(),
      onCommitted: ({ audit }) => void heard.push(...audit.map(({ what }) => what)),
      // It looks at once.
      clock: {
        ...systemClock,
        sleep: (ms, signal) => systemClock.sleep(ms > 5_000 ? ms : 1, signal),
      },
      log: quietLog,
    }),
  );
  for (const service of services) service.start();
  await eventually(async () => {
    const { some } = await store.deadLetters.list();
    expect(some.map(({ member }) => member)).toEqual([idOf(2), idOf(3)]);
  });
  for (const service of services) await service.stop(1_000);
  expect(heard).toEqual(["requeued"]);
  // Everybody who was told that it's parked is told once that it no longer is.
  const told = await bench.redis.hgetall(`{jit:${TENANT}}:notices`);
  const mended = Object.entries(told).filter(([, text]) => text.includes('"what":"mended"'));
  expect(mended.map(([name]) => name.split(" ")[0]).toSorted()).toEqual([NOTICES, ADA].toSorted());
  expect(mended.every(([, text]) => text.includes(idOf(1)))).toBe(true);
  const { claims } = await store.workQueue.claim("w1", LEASE);
  expect(claims.map((one) => ("id" in one ? one.id : one.kind))).toContain(idOf(1));
});
