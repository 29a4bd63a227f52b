// Whose doing it was that the Activity Log tells of, and when that can be told.

import { describe, expect, it } from "vitest";
import { type ActivityEvent, activitiesIn } from "../../src/request/activity.ts";
import { callId, readCallId } from "../../src/request/audit/call-id.ts";
import { requestIdFrom } from "../../src/request/ids.ts";
import { MINUTE, T0 } from "../support/requests.ts";

const request = requestIdFrom(Uint8Array.of(1, 2, 3, 4, 5, 6));
const OURS = callId("key", { request }, new Uint8Array(8));
const POLICIES = callId("key", { request: undefined }, new Uint8Array(8));
const THEIRS = "11111111-2222-4333-8444-555555555555";

const event = (change: Partial<ActivityEvent>): ActivityEvent => ({
  atMs: T0,
  kind: "opened",
  policyId: "/subscriptions/s/default",
  correlationId: "c1",
  caller: "barbara@contoso.com",
  clientRequestId: THEIRS,
  status: "Succeeded",
  ...change,
});

const told = (events: readonly Partial<ActivityEvent>[], afterMs = MINUTE / 2) =>
  activitiesIn(events.map(event), {
    nowMs: T0 + afterMs,
    ownCall: (id) => readCallId("key", id),
  });

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
    const events = [{ clientRequestId: "" }, { clientRequestId: OURS.toUpperCase() }];
    expect(told(events)).toMatchObject([{ own: { request } }]);
  });

  it("by our identity, with an id that is not ours, is others'", () => {
    const events = [{ caller: "the bot" }, { caller: "the bot", correlationId: "c2" }];
    expect(told(events).map(({ own }) => own)).toEqual([undefined, undefined]);
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

it("tells what one deployment did to several policies each by itself, in order", () => {
  const events: Partial<ActivityEvent>[] = [
    { kind: "deleted", policyId: "/b", atMs: T0 + 2 },
    { kind: "written", policyId: "/a", atMs: T0 + 1 },
    { kind: "written", policyId: "/A", atMs: T0 + 3, clientRequestId: POLICIES },
  ];
  const found = told(events);
  expect(found.map(({ kind, policyId }) => [kind, policyId])).toEqual([
    ["written", "/a"],
    ["deleted", "/b"],
  ]);
  expect(found[0]?.own).toEqual({ request: undefined });
  expect(new Set(found.map(({ mark }) => mark)).size).toBe(2);
});
