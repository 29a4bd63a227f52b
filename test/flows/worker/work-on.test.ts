// How often work that fails is taken up again, by whichever version, before it is parked. Of src/flows/worker/work-on.ts.

import { expect, it } from "vitest";
import { systemClock, systemRandom } from "../../../src/adapters/system-clock.ts";
import type { Deps } from "../../../src/flows/deps.ts";
import { leaseOf, momentOf } from "../../../src/flows/worker/lease.ts";
import { workOn } from "../../../src/flows/worker/work-on.ts";
import { NO_TRACING } from "../../../src/ports/metrics/tracing.ts";
import {
  audited,
  benchPerFile,
  LEASE,
  LIMITS,
  open,
  quietLog,
  TENANT,
  write,
} from "../../adapters/redis/with-store.ts";
import { aPolicy } from "../../support/requests.ts";

const bench = benchPerFile();

const deps = (): Deps =>
  ({
    ...bench.store,
    log: quietLog,
    random: systemRandom,
    clock: systemClock,
    policy: () => aPolicy(),
    tracing: NO_TRACING,
    onCommitted: () => {},
  }) as Partial<Deps> as Deps;

async function claimed(owner: string) {
  const sentAt = momentOf(systemClock);
  const [claim] = (await bench.store.workQueue.claim(owner, LEASE)).claims;
  if (claim?.kind !== "request") throw new Error("no request was due");
  const ask = () => bench.store.workQueue.prove(owner, claim.id);
  const lease = leaseOf(
    { clock: systemClock, owner, what: claim.id, ask },
    { sentAt, holdsMs: LEASE.leaseMs },
  );
  return { claim, lease, claimedAt: sentAt, signal: new AbortController().signal };
}

/** A healthy one, at which another version failed as often as that tries. */
async function failedElsewhere() {
  const request = open(await bench.store.storeClock.nowMs());
  await bench.store.requests.create(write(request), LIMITS);
  await bench.redis.zadd(`{jit:${TENANT}}:due`, 0, request.id);
  for (let n = 0; n < 6; n++) {
    const { lease } = await claimed(`old-${n}`);
    const failed = { isFailure: true, againInMs: 0 };
    await bench.store.workQueue.yield(lease.owner, request.id, failed);
  }
  return request.id;
}

const WORKER = { name: "new", leaseMs: LEASE.leaseMs, lifeMs: 4_000 };

it("works once on what another version failed at, and goes on with it", async () => {
  const id = await failedElsewhere();
  const taken = await claimed("new");
  expect(taken.claim.failures).toBe(6);
  await workOn(deps(), WORKER as never, taken);
  const kept = await bench.store.requests.read(id);
  expect(kept?.request.deadLetter).toBeUndefined();
  expect(await bench.redis.hget(`{jit:${TENANT}}:held`, id)).toBeNull();
});

it("parks it where the worker dies of that: it is stored before it begins", async () => {
  const id = await failedElsewhere();
  const died = await claimed("dies");
  await died.lease.prove({ isBeginning: true });
  bench.advance(LEASE.leaseMs + 1);
  const taken = await claimed("next");
  expect(taken.claim.failures).toBe(7);
  await workOn(deps(), WORKER as never, taken);
  expect((await bench.store.requests.read(id))?.request.deadLetter).toBeDefined();
  expect((await audited(bench.redis)).at(-1)).toMatchObject({ what: "parked" });
});
