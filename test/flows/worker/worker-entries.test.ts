// What a worker writes: to the audit, under which rule and which policy file, as what people do; and what it notes.
// Of src/flows/worker/leased-request.ts.

import { describe, expect, it } from "vitest";
import { systemClock, systemRandom } from "../../../src/adapters/system-clock.ts";
import type { WorldAct } from "../../../src/domain/request/acts/world-act.ts";
import type { EffectName } from "../../../src/domain/request/document/attempts.ts";
import { liveShown } from "../../../src/domain/request/messages/live-message.ts";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import { channelId } from "../../../src/domain/text/ids.ts";
import type { Deps } from "../../../src/flows/deps.ts";
import { newsFor } from "../../../src/flows/requests/change-request.ts";
import { carryOn } from "../../../src/flows/worker/carry-on.ts";
import { leaseOf, momentOf } from "../../../src/flows/worker/lease.ts";
import { type LeasedRequest, leasedRequest } from "../../../src/flows/worker/leased-request.ts";
import {
  audited,
  benchPerFile,
  ending,
  LEASE,
  LIMITS,
  open,
  opening,
  pending,
  quietLog,
} from "../../adapters/redis/with-store.ts";
import { eventually } from "../../support/eventually.ts";
import { aPolicy, HOUR } from "../../support/requests.ts";

const bench = benchPerFile();
const FAULT = { code: "Conflict", message: "no", atMs: 0 };

type Case = readonly [string, (nowMs: number) => AccessRequest, WorldAct];

/** Tried as often as is not told yet. */
function delayed(nowMs: number): AccessRequest {
  const request = opening(nowMs, {
    attempts: { azure: { count: 2, nextAtMs: nowMs, fault: "Conflict: no" } },
  });
  const azure = { ...request.grant.azure, answer: "accepted" as const };
  return { ...request, grant: { ...request.grant, azure } };
}

const CASES: readonly Case[] = [
  ["azure-accepted", opening, { act: "accepted" }],
  ["azure-delayed", delayed, { act: "unanswered", fault: FAULT, ambiguous: true, nextAtMs: 0 }],
  ["failed", opening, { act: "refused", fault: FAULT }],
  [
    "opened",
    opening,
    {
      act: "seen",
      openPorts: [3389],
      wayIn: { address: undefined, mappedPorts: {} },
      absent: false,
      nextAtMs: 0,
    },
  ],
  ["warned", open, { act: "warned" }],
  ["ended", open, { act: "gone" }],
  ["ended", (nowMs) => open(nowMs - 2 * HOUR), { act: "over", closing: "closed" }],
  ["ended", ending, { act: "closed", closing: "closed" }],
  ["not-ended", ending, { act: "not-closed", fault: FAULT }],
  ["lapsed", (nowMs) => pending(nowMs - 8 * HOUR), { act: "expire" }],
  ["reminded", pending, { act: "remind" }],
  ["escalated", pending, { act: "escalate" }],
];

/** The policy file in force is another one than when it was asked. */
const IN_FORCE = aPolicy({ hash: "b".repeat(64) });
const NOTHING: Partial<Deps> = {
  onCommitted: () => undefined,
  log: quietLog,
  random: systemRandom,
};

const deps = (): Deps =>
  ({ ...NOTHING, ...bench.store, clock: systemClock, policy: () => IN_FORCE }) as Deps;

async function heldRequest(request: AccessRequest): Promise<LeasedRequest> {
  await bench.store.requests.create({ next: request, audit: [] }, LIMITS);
  bench.advance(24 * HOUR);
  const [claim] = (await bench.store.workQueue.claim("w", LEASE)).claims;
  if (claim?.kind !== "request") throw new Error("no request was due");
  bench.advance(-24 * HOUR);
  const claimedAt = momentOf(systemClock);
  const lease = leaseOf(
    {
      clock: systemClock,
      owner: "w",
      what: claim.id,
      ask: () => bench.store.workQueue.prove("w", claim.id),
    },
    { sentAt: claimedAt, holdsMs: 30_000 },
  );
  const known = { ...claim, nowMs: claim.nowMs - 24 * HOUR };
  return leasedRequest(deps(), known, { lease, leaseMs: 30_000, claimedAt });
}

describe("a worker's entry", () => {
  it.each(CASES)("%s names the rule and the policy file in force", async (what, make, act) => {
    const hold = await heldRequest(make(await bench.store.storeClock.nowMs()));
    await hold.news(act);
    expect(await audited(bench.redis)).toMatchObject([
      { what, detail: { rule: "production", policy: IN_FORCE.hash } },
    ]);
  });

  it("is the same where the news came from elsewhere", async () => {
    const request = open(await bench.store.storeClock.nowMs());
    await bench.store.requests.create({ next: request, audit: [] }, LIMITS);
    await newsFor(deps(), request.id, { act: "gone" });
    expect(await audited(bench.redis)).toMatchObject([
      { what: "ended", detail: { rule: "production", policy: IN_FORCE.hash } },
    ]);
  });
});

/** Two messages show an older revision. */
const edited = async (): Promise<AccessRequest> =>
  pending(await bench.store.storeClock.nowMs(), {
    revision: 2,
    live: { channel: channelId("D01"), ts: "1.1", shown: 1 },
  });

const DONE: Partial<Record<EffectName, (now: AccessRequest) => AccessRequest>> = {
  card: (now) => ({ ...now, cards: now.cards.map((card) => ({ ...card, shown: now.revision })) }),
  "put-right": (now) => liveShown(now, { channel: channelId("D01"), ts: "1.1" }, now.revision),
};

describe("what a worker notes", () => {
  const inLive = (ts: string) => (request: AccessRequest) => ({
    ...request,
    live: { channel: channelId("D01"), ts, shown: 1 },
  });
  const stored = async (id: AccessRequest["id"]) => {
    const read = await bench.store.requests.read(id);
    if (read === undefined) throw new Error(`${id} isn't stored`);
    return { live: read.request.live?.ts, state: read.request.state, version: read.version };
  };

  it("goes into the next write", async () => {
    const request = open(await bench.store.storeClock.nowMs());
    const hold = await heldRequest(request);
    const { version } = await stored(request.id);
    hold.note(inLive("1.1"));
    expect(await stored(request.id)).toEqual({ live: undefined, state: "open", version });
    await hold.news({ act: "gone" });
    expect(await stored(request.id)).toEqual({ live: "1.1", state: "ended", version: version + 1 });
  });

  it("counts as done before it is written", async () => {
    const request = open(await bench.store.storeClock.nowMs());
    const hold = await heldRequest(request);
    hold.note(inLive("1.1"));
    expect(hold.current().live?.ts).toBe("1.1");
    expect((await stored(request.id)).live).toBeUndefined();
    await hold.record((now) => ({ ...now, revision: now.revision + 1 }));
    expect(hold.current()).toMatchObject({ live: { ts: "1.1" }, revision: request.revision + 1 });
  });

  it("isn't part of a write that may be refused", async () => {
    const request = opening(await bench.store.storeClock.nowMs());
    const hold = await heldRequest(request);
    const { version } = await stored(request.id);
    hold.note(inLive("1.1"));
    await expect(hold.beginOpening({ anyway: false })).resolves.toBe(true);
    expect(await stored(request.id)).toMatchObject({ live: undefined, version: version + 1 });
    expect(hold.isNoted()).toBe(true);
    await hold.news({ act: "accepted" });
    expect(await stored(request.id)).toMatchObject({ live: "1.1", version: version + 2 });
    expect(hold.isNoted()).toBe(false);
  });

  it("is written once for several effects that end side by side, and none of them is done again", async () => {
    const hold = await heldRequest(await edited());
    const { id } = hold.current();
    const { version } = await stored(id);
    const begun: EffectName[] = [];
    await carryOn(deps(), hold, {
      run: async (effect) => {
        begun.push(effect);
        hold.note(DONE[effect] ?? ((now) => now));
      },
      signal: new AbortController().signal,
    });
    expect(begun.toSorted()).toEqual(["card", "put-right"]);
    expect((await stored(id)).version).toBe(version + 1);
  });

  it("is written within seconds where another effect takes its time", async () => {
    const hold = await heldRequest(await edited());
    const { id } = hold.current();
    const { version } = await stored(id);
    const slow = Promise.withResolvers<void>();
    const carriedOn = carryOn(deps(), hold, {
      run: async (effect) => {
        if (effect !== "card") await slow.promise;
        hold.note(DONE[effect] ?? ((now) => now));
      },
      signal: new AbortController().signal,
    });
    await eventually(async () => expect((await stored(id)).version).toBe(version + 1));
    slow.resolve();
    await carriedOn;
    expect((await stored(id)).version).toBe(version + 2);
  });

  it("is written when it is told to, and once", async () => {
    const request = open(await bench.store.storeClock.nowMs());
    const hold = await heldRequest(request);
    const { version } = await stored(request.id);
    hold.note(inLive("1.1"));
    hold.note(inLive("1.2"));
    await hold.flush();
    await hold.flush();
    expect(await stored(request.id)).toEqual({ live: "1.2", state: "open", version: version + 1 });
    expect(hold.current().live?.ts).toBe("1.2");
  });
});
