// Where Slack throttles: usual reads stand back, and the reserved ones wait their turn and get through.

import { expect, it } from "vitest";
import { userId } from "../../../../src/domain/text/ids.ts";
import { bench, faultOf } from "../workspace.ts";

const LEAD = userId("U0LEAD");

it("leaves what Slack allows next to those who have a reserve", async () => {
  const { slack, chat, pass } = await bench();
  slack.faults.add({
    path: "users.info",
    times: 2,
    act: { status: 429, headers: { "retry-after": "1" } },
  });
  expect(await faultOf(chat.person(LEAD, 0))).toMatchObject({ code: "ratelimited" });
  const asked = slack.callsTo("users.info").length;
  // As long as Slack asked for, and some time after it, nobody else asks.
  pass(3_900);
  expect(await faultOf(chat.person(LEAD, 0))).toMatchObject({
    code: "ratelimited",
    retryAfterMs: 100,
  });
  expect(slack.callsTo("users.info")).toHaveLength(asked);
  // The second 429 is this one's: it waits and asks again.
  expect(await chat.person(LEAD, 0, "reserved")).toMatchObject({ kind: "full" });
  pass(4_100);
  expect(await chat.person(LEAD, 0)).toMatchObject({ kind: "full" });
});

it("gives up a reserved read where Slack throttles on and on", async () => {
  const { slack, chat } = await bench();
  slack.faults.add({ path: "users.info", act: { status: 429, headers: { "retry-after": "0" } } });
  const before = slack.callsTo("users.info").length;
  expect(await faultOf(chat.person(LEAD, 0, "reserved"))).toMatchObject({ code: "ratelimited" });
  expect(slack.callsTo("users.info").length - before).toBeLessThanOrEqual(4);
});
