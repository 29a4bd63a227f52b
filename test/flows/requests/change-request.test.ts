// The one way to write a request: what is stored together, who hears of it, and what becomes of it when others write.

import { describe, expect, it } from "vitest";
import { markTold } from "../../../src/domain/request/effects.ts";
import type { Moved } from "../../../src/domain/request/moved.ts";
import { transition } from "../../../src/domain/request/transition.ts";
import { refuse } from "../../../src/domain/text/refusal.ts";
import {
  changeRequest,
  createRequest,
  newsFor,
} from "../../../src/flows/requests/change-request.ts";
import type { CommitHeard } from "../../../src/ports/commit-heard.ts";
import type { StoredRequest } from "../../../src/ports/storage/requests.ts";
import {
  audited,
  benchPerFile,
  LEASE,
  LIMITS,
  open,
  type pending,
} from "../../adapters/redis/with-store.ts";
import { ADA, aPolicy, HOUR, MINUTE, NOTICES } from "../../support/requests.ts";

const bench = benchPerFile();
/** Another file is in force than when it was asked. */
const IN_FORCE = aPolicy({ hash: "b".repeat(64) });
const UNDER = { rule: "production", policy: IN_FORCE.hash };

const writer = () => {
  const heard: CommitHeard[] = [];
  const onCommitted = (one: CommitHeard): void => {
    heard.push(one);
  };
  return { heard, ...bench.store, policy: () => IN_FORCE, onCommitted };
};

async function stored(make: typeof open | typeof pending = open) {
  const request = make(await bench.store.storeClock.nowMs());
  await bench.store.requests.create({ next: request, audit: [] }, LIMITS);
  return request;
}

const gone = ({ request, nowMs }: StoredRequest): Moved =>
  transition(request, { act: "gone" }, nowMs);
const warned = ({ request, nowMs }: StoredRequest): Moved =>
  transition(request, { act: "warned" }, nowMs);
const entries = () => audited(bench.redis);

/** What waits for the channels and admins. */
async function noticed(): Promise<readonly (readonly [string, string])[]> {
  bench.advance(MINUTE);
  const { claims } = await bench.store.workQueue.claim("notices", LEASE);
  return claims.flatMap((claim) =>
    claim.kind === "notices" ? claim.notices.map((one) => [claim.channel, one.what] as const) : [],
  );
}

describe("a change", () => {
  it("is stored with its entries, each under its rule, and its notices; one hears of it", async () => {
    const { id } = await stored();
    const deps = writer();
    const changed = await changeRequest(deps, id, gone);
    expect(changed).toMatchObject({ outcome: "changed", version: 2, request: { state: "ended" } });
    expect((await bench.store.requests.read(id))?.request.state).toBe("ended");
    expect(await entries()).toMatchObject([{ what: "ended", detail: UNDER }]);
    expect(await noticed()).toEqual([[NOTICES, "ended"]]);
    expect(deps.heard).toMatchObject([
      { request: { id, state: "ended" }, audit: [{ what: "ended", detail: UNDER }], isDue: true },
    ]);
  });

  it("tells further notices beside those that follow from it", async () => {
    const { id } = await stored();
    const notice = { what: "alarm", atMs: 0, text: "more" } as const;
    const notices = [{ channel: NOTICES, notice }];
    await changeRequest(writer(), id, (kept) => ({ ...gone(kept), notices }));
    expect((await noticed()).toSorted()).toEqual([
      [NOTICES, "alarm"],
      [NOTICES, "ended"],
    ]);
  });

  it("runs again on what somebody else has made of the request meanwhile, and keeps both", async () => {
    const { id } = await stored();
    const deps = writer();
    const versions: number[] = [];
    const changed = await changeRequest(deps, id, async (kept) => {
      versions.push(kept.version);
      if (versions.length === 1) await newsFor(deps, id, { act: "warned" });
      return { request: markTold(kept.request, "thread", 1), audit: [{ what: "said" }] };
    });
    expect(versions).toEqual([1, 2]);
    expect(changed).toMatchObject({ outcome: "changed", version: 3 });
    expect((await entries()).map(({ what }) => what)).toEqual(["warned", "said"]);
    expect(deps.heard).toHaveLength(2);
  });

  it("is given up where others write in between every time; nobody hears of it", async () => {
    const { id } = await stored();
    const deps = writer();
    const commit = async () => ({ outcome: "conflict" as const });
    const requests = { ...bench.store.requests, commit };
    expect(await changeRequest({ ...deps, requests }, id, gone)).toEqual({ outcome: "contended" });
    expect(await newsFor({ ...deps, requests }, id, { act: "gone" })).toBe(false);
    expect(deps.heard).toEqual([]);
  });

  it("that changes nothing writes nothing; an entry alone is written", async () => {
    const { id } = await stored();
    const deps = writer();
    const nothing = ({ request }: StoredRequest): Moved => ({ request, audit: [] });
    expect(await changeRequest(deps, id, nothing)).toMatchObject({ outcome: "unchanged" });
    expect((await bench.store.requests.read(id))?.version).toBe(1);
    expect(deps.heard).toEqual([]);
    const noted = ({ request }: StoredRequest): Moved => ({ request, audit: [{ what: "noted" }] });
    expect(await changeRequest(deps, id, noted)).toMatchObject({ outcome: "changed", version: 2 });
    expect(await entries()).toMatchObject([{ what: "noted", detail: UNDER }]);
  });

  it("that is refused writes nothing, and the refusal is the answer", async () => {
    const { id } = await stored();
    const deps = writer();
    const refusal = refuse("not-yours")`No.`;
    const changed = await changeRequest(deps, id, () => refusal);
    expect(changed).toEqual({ outcome: "refused", refusal });
    expect(await entries()).toEqual([]);
    expect(deps.heard).toEqual([]);
  });

  it("of one delivery is made once", async () => {
    const { id } = await stored();
    const deps = writer();
    const delivery = "d1";
    expect(await changeRequest(deps, id, warned, { delivery })).toMatchObject({
      outcome: "changed",
    });
    expect(await changeRequest(deps, id, gone, { delivery })).toEqual({ outcome: "repeated" });
    expect(deps.heard).toHaveLength(1);
  });

  it("of a request that is not there is none", async () => {
    const { id } = open(0);
    const never = () => {
      throw new Error("was asked for");
    };
    expect(await changeRequest(writer(), id, never)).toEqual({ outcome: "missing" });
    expect(await newsFor(writer(), id, { act: "gone" })).toBe(false);
  });

  it("by a worker goes by what that knows, and gives the request back with the same write", async () => {
    const { id } = await stored();
    bench.advance(2 * HOUR);
    const [claim] = (await bench.store.workQueue.claim("w", LEASE)).claims;
    if (claim?.kind !== "request") throw new Error("no request was due");
    const deps = writer();
    const read = () => Promise.reject(new Error("was read"));
    const lease = { owner: "w", known: claim, givesBack: () => true };
    const changed = await changeRequest(
      { ...deps, requests: { ...bench.store.requests, read } },
      id,
      gone,
      {
        lease,
      },
    );
    expect(changed).toMatchObject({ outcome: "changed", isGivenBack: true });
    expect(deps.heard).toMatchObject([{ isDue: false }]);
    expect(await bench.store.workQueue.prove("w", id)).toBe(0);
  });
});

describe("a new request", () => {
  it("is stored with its entries, each under its rule, and its notices; one hears of it", async () => {
    const request = {
      ...open(await bench.store.storeClock.nowMs()),
      steps: [{ n: 1, what: "recovered" as const, atMs: 0 }],
    };
    const deps = writer();
    const making = { policy: IN_FORCE, limits: LIMITS, delivery: "d1" };
    const made = { request, audit: [{ what: "recovered" }] };
    expect(await createRequest(deps, made, making)).toMatchObject({ outcome: "created" });
    expect(await entries()).toMatchObject([{ what: "recovered", detail: UNDER }]);
    expect((await noticed()).toSorted()).toEqual([
      [NOTICES, "recovered"],
      [ADA, "recovered"],
    ]);
    expect(deps.heard).toMatchObject([{ request: { id: request.id }, audit: [{ detail: UNDER }] }]);
    expect(await createRequest(deps, made, making)).toEqual({ outcome: "repeated" });
    expect(await createRequest(deps, made, { ...making, delivery: "d2" })).toEqual({
      outcome: "id-taken",
    });
    expect(deps.heard).toHaveLength(1);
  });
});
