// The port by which the audit is read: what matches, newest first, and no more than was asked for.

import { describe, expect, it } from "vitest";
import { search } from "../../../../src/adapters/redis/audit/audit-query.ts";
import { vmKey } from "../../../../src/domain/text/ids.ts";
import { auditBench } from "../../../support/audit.ts";
import { ERIN, HOUR, LEA, MINUTE, OMAR, vmId } from "../../../support/requests.ts";
import { at, ended, idOf, LIMITS, open, pending, write } from "../with-store.ts";

const on = auditBench();

const all = { fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER, most: 100 };

describe("entries", () => {
  it("are those of the time asked for, newest first", async () => {
    const startMs = await on.bench.store.storeClock.nowMs();
    for (let n = 0; n < 30; n++) {
      await on.bench.store.auditNotes.record(undefined, { what: `n${n}`, by: LEA });
      on.advance(HOUR);
    }
    const within = { fromMs: startMs + 9.5 * HOUR, untilMs: startMs + 14.5 * HOUR };
    const whats = async (query: object) =>
      (await on.audit.search({ ...all, ...query })).entries.map(({ what }) => what);
    expect(await whats(within)).toEqual(["n14", "n13", "n12", "n11", "n10"]);
    expect(await whats({ ...within, most: 2 })).toEqual(["n14", "n13"]);
    expect(await whats({ fromMs: startMs + 100 * HOUR })).toEqual([]);
    expect(await whats({ most: 1 })).toEqual(["n29"]);
  });

  it("are cut where there are more than were asked for, and it is said from where on", async () => {
    const { store } = on.bench;
    const startMs = await store.storeClock.nowMs();
    for (let n = 0; n < 4; n++) {
      await store.auditNotes.record(undefined, { what: `n${n}`, by: LEA });
      on.advance(HOUR);
    }
    const four = await on.audit.search({ ...all, most: 4 });
    expect(four.entries).toHaveLength(4);
    expect(four.stoppedAtMs).toBeUndefined();
    const three = await on.audit.search({ ...all, most: 3 });
    expect(three.entries.map(({ what }) => what)).toEqual(["n3", "n2", "n1"]);
    expect(three.stoppedAtMs).toBeGreaterThanOrEqual(startMs + HOUR);
    expect(three.stoppedAtMs).toBe(three.entries.at(-1)?.atMs);
  });

  it("that are looked for through too many pages are so many, and it is said how far", async () => {
    const { store } = on.bench;
    await store.auditNotes.record(undefined, { what: "first", by: ERIN });
    for (let n = 0; n < 600; n++) await store.auditNotes.record(undefined, { what: "other" });
    const one = await search(on.audit, { ...all, user: ERIN }, undefined, 1);
    expect(one.entries).toEqual([]);
    expect(one.stoppedAtMs).toBeGreaterThan(0);
    const two = await search(on.audit, { ...all, user: ERIN }, undefined, 2);
    expect(two).toMatchObject({ entries: [{ what: "first" }], stoppedAtMs: undefined });
  });

  it("are none where there are none", async () => {
    expect((await on.audit.search(all)).entries).toEqual([]);
  });

  it("are those of a person: what they did, and what was done to their requests", async () => {
    const { store } = on.bench;
    const nowMs = await store.storeClock.nowMs();
    const first = pending(nowMs, { id: idOf(1) });
    const second = pending(nowMs, { id: idOf(2), ...at(nowMs, { requester: OMAR }) });
    await store.requests.create(write(first), LIMITS);
    await store.requests.create(write(second), LIMITS);
    const granted = { next: open(nowMs, { id: idOf(1) }), audit: [{ what: "granted", by: LEA }] };
    await store.requests.commit(1, granted);
    await store.requests.commit(2, { next: ended(granted.next), audit: [{ what: "ended" }] });
    const seen = async (query: object) =>
      (await on.audit.search({ ...all, ...query })).entries.map(
        ({ what, by, requester, request }) => `${what} ${by} ${requester} ${request}`,
      );
    const [one, two] = [idOf(1), idOf(2)];
    expect(await seen({ user: ERIN })).toEqual([
      `ended undefined U0ERIN ${one}`,
      `granted U0LEAD U0ERIN ${one}`,
      `pending U0ERIN U0ERIN ${one}`,
    ]);
    expect(await seen({ user: LEA })).toHaveLength(1);
    expect(await seen({ request: two })).toEqual([`pending U0OMAR U0OMAR ${two}`]);
    expect(await seen({ vm: vmKey(vmId("vm-01")) })).toHaveLength(4);
    expect(await seen({ vm: vmKey(vmId("vm-02")) })).toEqual([]);
  });

  it("are found over many pages, and where the clock was set back a little", async () => {
    const { store } = on.bench;
    await store.auditNotes.record(undefined, { what: "first", by: ERIN });
    for (let n = 0; n < 1_100; n++) await store.auditNotes.record(undefined, { what: "other" });
    on.advance(-MINUTE);
    const fromMs = await store.storeClock.nowMs();
    await store.auditNotes.record(undefined, { what: "last", by: ERIN });
    expect((await on.audit.search({ ...all, user: ERIN })).entries).toMatchObject([
      { what: "last" },
      { what: "first" },
    ]);
    const since = (await on.audit.search({ ...all, fromMs, untilMs: fromMs + 1_000 })).entries;
    expect(since).toMatchObject([{ what: "last" }]);
  });
});
