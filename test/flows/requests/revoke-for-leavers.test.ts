// Who looks whether people have left: one replica in every interval, and another one where that one cannot.

import { expect, it } from "vitest";
import { adoptedRequest } from "../../../src/domain/request/birth/birth.ts";
import type { Deps } from "../../../src/flows/deps.ts";
import { leaverSweep, peopleChanged } from "../../../src/flows/requests/revoke-for-leavers.ts";
import { benchPerFile, idOf, LIMITS, open, quietLog } from "../../adapters/redis/with-store.ts";
import { eventually } from "../../support/eventually.ts";
import { ADA, aPolicy, aRule, aVm, ERIN, FOUND, SAM } from "../../support/requests.ts";

const bench = benchPerFile();

/** A replica that sweeps whenever the test says so. */
function replica(name: string) {
  let wake: () => void = () => {};
  const did = { rounds: 0, looks: 0 };
  let isFailing = false;
  const deps = {
    log: quietLog,
    clock: {
      sleep: (_ms: number, signal?: AbortSignal) =>
        new Promise<void>((resolve) => {
          did.rounds += 1;
          wake = resolve;
          signal?.addEventListener("abort", () => resolve());
        }),
    },
    ...bench.store,
    requests: {
      ...bench.store.requests,
      list: async () => {
        did.looks += 1;
        if (isFailing) throw new Error("the list can't be read");
        return [];
      },
    },
  } as unknown as Deps;
  const service = leaverSweep(deps, name);
  service.start();
  return {
    did,
    stop: () => service.stop(0),
    async sweep(fails = false) {
      isFailing = fails;
      const before = did.rounds;
      wake();
      await eventually(async () => expect(did.rounds).toBe(before + 1));
    },
  };
}

it("is one of them in every interval; where it fails, the next one does it at once", async () => {
  const one = replica("a");
  const other = replica("b");
  await bench.store.workQueue.claim("a@1", { leaseMs: 1_000, most: 1, lifeMs: 600_000 });
  await bench.store.workQueue.claim("b@1", { leaseMs: 1_000, most: 1, lifeMs: 600_000 });
  await eventually(async () => expect([one.did.rounds, other.did.rounds]).toEqual([1, 1]));
  await one.sweep(true);
  expect(one.did.looks).toBe(1);
  await other.sweep();
  expect(other.did.looks).toBe(2);
  await one.sweep();
  expect(one.did.looks).toBe(1);
  bench.advance(56_000);
  await one.sweep();
  expect(one.did.looks).toBe(3);
  await Promise.all([one.stop(), other.stop()]);
});

it("ends what was adopted only where its requester is no full member any more", async () => {
  const nowMs = Date.now();
  const rule = aRule({ requesters: { users: [SAM], groups: [] } });
  const policy = aPolicy({ rules: [rule] });
  const asked = open(nowMs, { id: idOf(1) });
  const { request: adopted } = adoptedRequest(
    { ...FOUND, id: idOf(2), requestor: "erin@contoso.com", endsAtMs: nowMs + 3_600_000 },
    { by: ADA, requester: ERIN, review: true },
    { policy, rule, vm: aVm(), nonce: "bm9uY2Vub25j", nowMs },
  );
  for (const next of [asked, adopted]) {
    await bench.store.requests.create({ next, audit: [], notices: [] }, LIMITS);
  }
  let kind = "full";
  const deps = {
    ...bench.store,
    log: quietLog,
    policy: () => policy,
    onCommitted: () => undefined,
    onCall: async () => [],
    chat: { forget: () => undefined, person: async () => ({ kind }), groupMembers: async () => [] },
  } as unknown as Deps;
  const states = async () => {
    await peopleChanged(deps, { users: [ERIN], groups: [] });
    const read = await Promise.all([asked, adopted].map(({ id }) => bench.store.requests.read(id)));
    return read.map((one) => one?.request.state);
  };
  expect(await states()).toEqual(["ending", "open"]);
  kind = "deactivated";
  expect(await states()).toEqual(["ending", "ending"]);
});
