// The trails through the audit: laid with every commit, laid again for what is older, and gone with the entries.

import { describe, expect, it } from "vitest";
import { redisHistory } from "../../../../src/adapters/redis/history/history.ts";
import type { AccessRequest } from "../../../../src/domain/request/request.ts";
import type { UserId } from "../../../../src/domain/text/ids.ts";
import { auditBench, KEY, OTHER_KEY } from "../../../support/audit.ts";
import { anAsk, ERIN, HOUR, LEA, OMAR, vmId } from "../../../support/requests.ts";
import { ended, idOf, LIMITS, open, pending, TENANT } from "../with-store.ts";

const DAY = 24 * HOUR;
const made = auditBench();
let madeMs = 0;
const history = (key = KEY) => {
  const { audit } = made;
  const writer = { key, nowMs: () => Date.now() + madeMs };
  return redisHistory(made.bench.redis, audit, {
    tenant: TENANT,
    writer,
    clockOffsetMs: () => madeMs,
  });
};
const advance = (ms: number) => {
  madeMs += ms;
  made.advance(ms);
};

const VM = anAsk().vm;
const other = {
  ...VM,
  id: vmId("vm-02"),
  key: vmId("vm-02").toLowerCase() as typeof VM.key,
  name: "vm-02",
};

/** A request that is in the audit from its beginning to its end, as `by`. */
async function lived(n: number, requester: UserId, vm = VM): Promise<AccessRequest> {
  const { store } = made.bench;
  const nowMs = await store.storeClock.nowMs();
  const ask = anAsk({ requester, vm, askedAtMs: nowMs });
  const asked = {
    what: "asked",
    by: requester,
    detail: { vm: vm.id, source: ask.source, durationMs: HOUR },
  };
  const next = pending(nowMs, { id: idOf(n), ask });
  await store.requests.create({ next, audit: [asked] }, LIMITS);
  const over = { ...ended(open(nowMs, { id: idOf(n), ask })) };
  await store.requests.commit(1, { next: over, audit: [{ what: "granted" }, { what: "ended" }] });
  return over;
}

const past = async (requester: UserId, vm = VM, key = KEY) => {
  const sinceMs = (await made.bench.store.storeClock.nowMs()) - 90 * DAY;
  const found = await history(key).around({ requester, vm: vm.key }, sinceMs);
  return found.past?.entries.map(({ what, request }) => `${what} ${request}`);
};

const trails = () => made.bench.redis.hgetall(made.key("trails"));

describe("the trails", () => {
  it("lead to the beginning and the end of each request of this person for this VM", async () => {
    madeMs = 0;
    await lived(1, ERIN);
    await lived(2, ERIN, other);
    await lived(3, OMAR);
    await lived(4, ERIN);
    const of = (n: number) => [`asked ${idOf(n)}`, `ended ${idOf(n)}`];
    expect(await past(ERIN)).toEqual([...of(1), ...of(4)]);
    expect(await past(ERIN, other)).toEqual(of(2));
    expect(await past(OMAR)).toEqual(of(3));
    expect(await past(LEA)).toEqual([]);
  });

  it("are laid again as they were, from the audit alone", async () => {
    madeMs = 0;
    for (let n = 0; n < 30; n++) await lived(n, [ERIN, OMAR][n % 2] as UserId, n % 3 ? VM : other);
    const before = await trails();
    await made.bench.redis.del(made.key("trails"));
    expect(await past(ERIN)).toBeUndefined();
    const sinceMs = (await made.bench.store.storeClock.nowMs()) - 91 * DAY;
    while (await history().catchUp(sinceMs));
    expect(await trails()).toEqual(before);
    // As often as one likes, and while others write.
    await made.bench.redis.hset(made.key("trails"), "from", "999");
    await Promise.all([lived(31, ERIN), history().catchUp(sinceMs), history().catchUp(sinceMs)]);
    while (await history().catchUp(sinceMs));
    expect((await past(ERIN))?.filter((one) => one.includes(idOf(31)))).toHaveLength(2);
    expect(new Set(await past(ERIN)).size).toBe((await past(ERIN))?.length);
  });

  it("say nothing as long as they don't reach back far enough", async () => {
    madeMs = 0;
    await lived(1, ERIN);
    await made.bench.redis.hset(made.key("trails"), "from", "2");
    expect(await past(ERIN)).toBeUndefined();
    advance(91 * DAY);
    expect(await past(ERIN)).toEqual([]);
  });

  it("lead to nothing that the bot did not write", async () => {
    madeMs = 0;
    await lived(1, ERIN);
    expect(await past(ERIN, VM, OTHER_KEY)).toEqual([]);
    expect(await past(ERIN)).toHaveLength(2);
  });

  it("lead from an erased person to nothing, and are swept with the last entry", async () => {
    madeMs = 0;
    await lived(1, ERIN);
    await made.seal();
    const { lastSeq } = await made.audit.chain();
    await made.audit.erasePerson(ERIN, { scannedSeq: lastSeq, label: "", tombstone: "t" });
    expect(await past(ERIN)).toEqual([]);
    expect(JSON.stringify(await trails())).not.toContain(ERIN);
    advance(40 * DAY);
    await made.seal({ keepForMs: 30 * DAY });
    while (await history().catchUp(0));
    await history().catchUp(0);
    expect(Object.keys(await trails())).toEqual(["from"]);
  });
});

describe("who has access now", () => {
  it("is every live request of the person, and of others for this VM", async () => {
    madeMs = 0;
    const { store } = made.bench;
    const nowMs = await store.storeClock.nowMs();
    const ask = (requester: UserId, vm = VM) => anAsk({ requester, vm, askedAtMs: nowMs });
    const create = (next: AccessRequest) => store.requests.create({ next, audit: [] }, LIMITS);
    await create(open(nowMs, { id: idOf(1), ask: ask(ERIN) }));
    await create(open(nowMs, { id: idOf(2), ask: ask(OMAR) }));
    await create(open(nowMs, { id: idOf(3), ask: ask(OMAR, other) }));
    await create(pending(nowMs, { id: idOf(4), ask: ask(LEA) }));
    const seen = async (requester: UserId) => {
      const found = await history().around({ requester, vm: VM.key }, 0);
      return { own: [...found.own].sort(), inside: found.inside.map(({ id }) => id) };
    };
    expect(await seen(ERIN)).toEqual({ own: [idOf(1)], inside: [idOf(2)] });
    expect(await seen(OMAR)).toEqual({ own: [idOf(2), idOf(3)], inside: [idOf(1)] });
    expect(await seen(LEA)).toMatchObject({
      own: [],
      inside: expect.arrayContaining([idOf(1), idOf(2)]),
    });
    await store.requests.commit(1, {
      next: ended(open(nowMs, { id: idOf(2), ask: ask(OMAR) })),
      audit: [],
    });
    expect(await seen(ERIN)).toEqual({ own: [idOf(1)], inside: [] });
    advance(2 * HOUR);
    expect(await seen(OMAR)).toEqual({ own: [idOf(3)], inside: [] });
  });
});
