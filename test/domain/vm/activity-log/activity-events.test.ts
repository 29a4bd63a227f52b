// Whose doing it was that the Activity Log tells of, and when that can be told.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestIdFrom } from "../../../../src/domain/text/ids.ts";
import type { ActivityEvent } from "../../../../src/domain/vm/activity-log/activity-event.ts";
import { marksIn, unreportedIn } from "../../../../src/domain/vm/activity-log/activity-events.ts";
import {
  CALL_BYTES,
  type CallPlace,
  callId,
  readCallId,
} from "../../../../src/domain/vm/activity-log/own-call-id.ts";
import { MINUTE, T0 } from "../../../support/requests.ts";

const request = requestIdFrom(Uint8Array.of(1, 2, 3, 4, 5, 6));
const POLICY = "/subscriptions/s/resourceGroups/rg/x/default";
const PLACE: CallPlace = { kind: "opened", policyId: POLICY, atMs: T0 };
const own = (place: Partial<CallPlace> = {}, nth = 0) =>
  callId("key", { request, ...PLACE, ...place }, new Uint8Array(CALL_BYTES).fill(nth));
const OURS = own();
const THEIRS = "11111111-2222-4333-8444-555555555555";

const OTHERS = "22222222-2222-4333-8444-555555555555";

let made = 0;
const event = (change: Partial<ActivityEvent>): ActivityEvent => ({
  atMs: T0,
  kind: "opened",
  policyId: POLICY,
  eventId: `e${++made}`,
  correlationId: "c1",
  caller: "barbara@contoso.com",
  clientRequestId: THEIRS,
  status: "Succeeded",
  ...change,
});

/** All events of one call, as Azure logs them. */
const call = (change: Partial<ActivityEvent> = {}) =>
  ["Started", "Accepted", "Succeeded"].map((status, nth) =>
    event({ ...change, status, atMs: (change.atMs ?? T0) + nth * 500 }),
  );

/** Readings one after the other, as the watch makes them: what was told is remembered. */
function watch() {
  const known = new Set<string>();
  return (events: readonly ActivityEvent[], nowMs = T0 + MINUTE / 2) => {
    const unseen = new Set(marksIn(events).filter((mark) => !known.has(mark)));
    const { activities, late } = unreportedIn(events, {
      nowMs,
      ownCall: (one) => readCallId("key", one.clientRequestId, one),
      isReported: (mark) => !unseen.has(mark),
    });
    for (const mark of [
      ...activities.flatMap(({ marks }) => marks),
      ...late.map((one) => one.mark),
    ]) {
      known.add(mark);
    }
    return activities;
  };
}

const told = (events: readonly Partial<ActivityEvent>[], afterMs = MINUTE / 2) =>
  watch()(events.map(event), T0 + afterMs);

describe("an opening", () => {
  it("is one, however many events there are of it, in whatever order and case", () => {
    const later = { atMs: T0 + 2_000, status: "succeeded", correlationId: "C1" };
    const events = [later, { status: "Accepted", atMs: T0 + 1_000 }, { status: "Started" }];
    expect(told(events)).toMatchObject([{ atMs: T0, status: "Succeeded", own: undefined }]);
  });

  it.each([
    ["that has only started", [{ status: "Started" }]],
    ["that failed, by others", [{ status: "Started" }, { status: "Failed" }]],
    ["of a status that nobody knows", [{ status: "Resolved" }]],
    [
      "by an identity that may be ours, as long as no id says so",
      [{ clientRequestId: "", caller: "5c6f" }],
    ],
    ["of our own, accepted a moment ago", [{ status: "Accepted", clientRequestId: OURS }]],
  ])("%s is not told", (_, events) => {
    expect(told(events)).toEqual([]);
  });

  it("by others is told as soon as it is accepted", () => {
    expect(told([{ status: "Accepted" }])).toMatchObject([{ own: undefined, status: "Accepted" }]);
  });

  it("of our own is known where a single event has its id, whatever the identity", () => {
    const events = [
      { status: "Accepted", clientRequestId: "" },
      { clientRequestId: OURS.toUpperCase() },
    ];
    expect(told(events)).toMatchObject([{ own: { request } }]);
  });

  it("by our identity, with an id that is not ours, is others'", () => {
    const events = [{ caller: "the bot" }, { caller: "the bot", correlationId: "c2" }];
    expect(told(events).map((one) => one.own)).toEqual([undefined, undefined]);
  });

  it("of our own that failed or stays accepted is told, too", () => {
    const [failed, accepted] = ["Failed", "Accepted"].map((status) =>
      told([{ status, clientRequestId: OURS }], 3 * MINUTE),
    );
    expect(failed).toMatchObject([{ status: "Failed", own: { request } }]);
    expect(accepted).toMatchObject([{ status: "Accepted", own: { request } }]);
  });

  it("without any id is taken for others' after a minute, or at once where a person called", () => {
    const events = [{ clientRequestId: "", caller: "5c6f" }];
    expect(told(events, 2 * MINUTE)).toMatchObject([{ own: undefined, caller: "5c6f" }]);
    expect(told([{ clientRequestId: "" }])).toMatchObject([{ own: undefined }]);
  });
});

describe("a session that gives all its calls one correlation id", () => {
  it("hides none of them, in one reading or in many", () => {
    const calls = [0, 1, 2].map((nth) => call({ atMs: T0 + nth * MINUTE }));
    expect(watch()(calls.flat(), T0 + 5 * MINUTE)).toHaveLength(3);
    const read = watch();
    const after = calls.map((_, nth) => read(calls.slice(0, nth + 1).flat(), T0 + nth * MINUTE));
    expect(after.map((one) => one.length)).toEqual([1, 1, 1]);
  });

  it("hides none that were made in the same moment", () => {
    expect(watch()([call(), call()].flat())).toHaveLength(2);
  });

  it("hides none behind a call of the bot's own", () => {
    const theirs = call({ atMs: T0 + 1_000 });
    const found = watch()([...call({ clientRequestId: OURS, caller: "bot" }), ...theirs]);
    expect(found.map((one) => one.own)).toEqual([{ request }, undefined]);
  });

  it("hides none behind one that failed", () => {
    const failed = [event({ status: "Started" }), event({ status: "Failed", atMs: T0 + 200 })];
    const found = watch()([...failed, ...call({ atMs: T0 + 100 })]);
    expect(found).toMatchObject([{ status: "Succeeded" }]);
  });
});

describe("an id of the bot's own", () => {
  const ours = call({ clientRequestId: OURS, caller: "bot", correlationId: "c0" });

  it.each<[string, Partial<ActivityEvent>]>([
    ["by somebody else", {}],
    ["by the bot's own identity", { caller: "bot" }],
    ["with the correlation id as well", { caller: "bot", correlationId: "c0" }],
    ["in other letters", { clientRequestId: `{${OURS.toUpperCase()}}` }],
    ["for another policy", { policyId: `${POLICY}-2` }],
    ["for the writing of the policy", { kind: "written" }],
    ["a day later", { atMs: T0 + 24 * 60 * MINUTE }],
  ])("is good once: used again %s, it is others'", (_what, change) => {
    const again = call({ clientRequestId: OURS, atMs: T0 + 2_000, ...change });
    const nowMs = (again[0]?.atMs ?? T0) + MINUTE;
    const expected = [{ request }, undefined];
    expect(watch()([...again, ...ours], nowMs).map((one) => one.own)).toEqual(expected);
    const read = watch();
    expect([...read(ours), ...read(again, nowMs)].map((one) => one.own)).toEqual(expected);
  });

  it("is not spent by its own call, though that can be told only later", () => {
    const [started, accepted, succeeded] = ours;
    if (!started || !accepted || !succeeded) throw new Error("an event is missing");
    const replayed = call({ clientRequestId: OURS, atMs: T0 + 3_000, correlationId: "c9" });
    const read = watch();
    expect(read([started, accepted, ...replayed]).map((one) => one.own)).toEqual([undefined]);
    expect(read([...ours, ...replayed]).map((one) => one.own)).toEqual([{ request }]);
  });
});

describe("events that come bit by bit", () => {
  it("are told as often as there were calls, in whatever order and portions", () => {
    const one = fc.record({
      atMs: fc.integer({ min: 0, max: 20 }).map((second) => T0 + second * 1_000),
      correlationId: fc.constantFrom("c1", "c2"),
      clientRequestId: fc.constantFrom(THEIRS, OTHERS, ""),
    });
    const calls = fc.array(one, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(calls, fc.infiniteStream(fc.nat(99)), (all, seeds) => {
        const events = all.flatMap((its) => call(its));
        const rank = new Map(events.map(({ eventId }) => [eventId, seeds.next().value ?? 0]));
        const arriving = events.toSorted(
          (a, b) => (rank.get(a.eventId) ?? 0) - (rank.get(b.eventId) ?? 0),
        );
        const read = watch();
        let count = 0;
        for (let size = 1; size <= arriving.length; size++) {
          count += read(arriving.slice(0, size), T0 + 5 * MINUTE).length;
        }
        expect(count).toBe(all.length);
      }),
      { numRuns: 500 },
    );
  });

  it("are not told again where only the last of them are still read", () => {
    const read = watch();
    const events = call();
    expect(read(events.slice(0, 2))).toHaveLength(1);
    expect(read(events)).toEqual([]);
    expect(read(events.slice(2))).toEqual([]);
  });
});

it("tells what one deployment did to several policies each by itself, in order", () => {
  const written = own({ kind: "written", policyId: "/a" });
  const events: Partial<ActivityEvent>[] = [
    { kind: "deleted", policyId: "/b", atMs: T0 + 2 },
    { kind: "written", policyId: "/a", atMs: T0 + 1, status: "Started", clientRequestId: written },
    { kind: "written", policyId: "/A", atMs: T0 + 3, clientRequestId: written },
  ];
  const found = told(events);
  expect(found.map(({ kind, policyId }) => [kind, policyId])).toEqual([
    ["written", "/a"],
    ["deleted", "/b"],
  ]);
  expect(found.map((one) => one.own)).toEqual([{ request }, undefined]);
});
