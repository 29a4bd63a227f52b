// How often work that fails is taken up again, by whichever version, before it is parked. Of src/flows/worker/work-on.ts.

import { describe, expect, it } from "vitest";
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
  OPS,
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

describe("a card that its last worker may have edited", () => {
  /** What is stored after the next worker's round, and how often that one edited the card. */
  async function goneOn(leaveIt: (died: Awaited<ReturnType<typeof claimed>>) => Promise<void>) {
    const nowMs = await bench.store.storeClock.nowMs();
    const card = { to: OPS, channel: OPS, ts: "1.1", shown: 1 };
    const request = open(nowMs, { cards: [card], revision: 2 });
    await bench.store.requests.create(write(request), LIMITS);
    await bench.redis.zadd(`{jit:${TENANT}}:due`, 0, request.id);
    await leaveIt(await claimed("before"));
    let edits = 0;
    const chat = { editCard: async () => void edits++ };
    const taken = await claimed("next");
    await workOn({ ...deps(), chat } as unknown as Deps, WORKER as never, taken);
    return { edits, card: (await bench.store.requests.read(request.id))?.request.cards[0] };
  }

  it.each([
    ["died", async () => bench.advance(LEASE.leaseMs + 1)],
    [
      "couldn't write down what it did, for Redis was away",
      ({ lease, claim }) => {
        const outage = { isFailure: false, isSuspect: true, againInMs: 0 };
        return bench.store.workQueue.yield(lease.owner, claim.id, outage);
      },
    ],
  ] satisfies [string, Parameters<typeof goneOn>[0]][])(
    "and who %s, is edited, and once more when nothing of it can come any more",
    async (_what, leaveIt) => {
      const { edits, card } = await goneOn(leaveIt);
      expect(edits).toBe(1);
      expect(card?.shown).toBe(2);
      expect(card?.againAtMs).toBeGreaterThan(await bench.store.storeClock.nowMs());
    },
  );

  it("and who gave it back in order, is edited once", async () => {
    const { edits, card } = await goneOn(({ lease, claim }) =>
      bench.store.workQueue.yield(lease.owner, claim.id, { isFailure: false, againInMs: 0 }),
    );
    expect(edits).toBe(1);
    expect(card).toMatchObject({ shown: 2 });
    expect(card?.againAtMs).toBeUndefined();
  });
});
