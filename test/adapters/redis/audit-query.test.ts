// The port by which the audit is read: what matches, newest first, and no more than was asked for.

import { describe, expect, it } from "vitest";
import { vmKey } from "../../../src/request/ids.ts";
import { auditBench } from "../../support/audit.ts";
import { ERIN, HOUR, LEA, MINUTE, OMAR, vmId } from "../../support/requests.ts";
import { at, ended, idOf, LIMITS, open, pending, write } from "./with-store.ts";

const on = auditBench();

const all = { fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER, most: 100 };

describe("entries", () => {
  it("are those of the time asked for, newest first", async () => {
    const startMs = await on.bench.store.nowMs();
    for (let n = 0; n < 30; n++) {
      await on.bench.store.record(undefined, { what: `n${n}`, by: LEA });
      on.advance(HOUR);
    }
    const within = { fromMs: startMs + 9.5 * HOUR, untilMs: startMs + 14.5 * HOUR };
    const whats = async (query: object) =>
      (await on.audit.entries({ ...all, ...query })).map(({ what }) => what);
    expect(await whats(within)).toEqual(["n14", "n13", "n12", "n11", "n10"]);
    expect(await whats({ ...within, most: 2 })).toEqual(["n14", "n13"]);
    expect(await whats({ fromMs: startMs + 100 * HOUR })).toEqual([]);
    expect(await whats({ most: 1 })).toEqual(["n29"]);
  });

  it("are none where there are none", async () => {
    expect(await on.audit.entries(all)).toEqual([]);
  });

  it("are those of a person: what they did, and what was done to their requests", async () => {
    const { store } = on.bench;
    const nowMs = await store.nowMs();
    const first = pending(nowMs, { id: idOf(1) });
    const second = pending(nowMs, { id: idOf(2), ...at(nowMs, { requester: OMAR }) });
    await store.create(write(first), LIMITS);
    await store.create(write(second), LIMITS);
    const granted = { next: open(nowMs, { id: idOf(1) }), audit: [{ what: "granted", by: LEA }] };
    await store.commit(1, granted);
    await store.commit(2, { next: ended(granted.next), audit: [{ what: "ended" }] });
    const seen = async (query: object) =>
      (await on.audit.entries({ ...all, ...query })).map(
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
    await store.record(undefined, { what: "first", by: ERIN });
    for (let n = 0; n < 1_100; n++) await store.record(undefined, { what: "other" });
    on.advance(-MINUTE);
    const fromMs = await store.nowMs();
    await store.record(undefined, { what: "last", by: ERIN });
    expect(await on.audit.entries({ ...all, user: ERIN })).toMatchObject([
      { what: "last" },
      { what: "first" },
    ]);
    const since = await on.audit.entries({ ...all, fromMs, untilMs: fromMs + 1_000 });
    expect(since).toMatchObject([{ what: "last" }]);
  });
});
