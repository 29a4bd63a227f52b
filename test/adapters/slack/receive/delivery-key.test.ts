// By what a delivery over Socket Mode is known again.

import { expect, it } from "vitest";
import { socketDelivery } from "../../../../src/adapters/slack/receive/delivery-key.ts";

const COMMAND = { trigger_id: "1.2.a", command: "/jit", user_id: "U0ERIN", text: "list" };
const CLICK = {
  type: "block_actions",
  trigger_id: "1.2.a",
  user: { id: "U0LEAD", name: "lea" },
  actions: [{ action_id: "jit.approve", value: "JIT-1", action_ts: "1.1" }],
  message: { ts: "1.0", text: "Pending" },
};
const EVENT = {
  type: "event_callback",
  event_id: "Ev1",
  event: { type: "app_home_opened", user: "U0ERIN", event_ts: "1.5" },
};

it.each([
  ["a command", COMMAND, { ...COMMAND, response_url: "https://hooks.example/2" }],
  ["a click", CLICK, { ...CLICK, message: { ts: "1.0", text: "Pending, claimed" } }],
  ["an event", EVENT, { ...EVENT, event_time: 7 }],
])("knows %s again, whatever Slack makes again for another delivery", (_, first, again) => {
  expect(socketDelivery(again)).toBe(socketDelivery(first));
  expect(socketDelivery(first)).toMatch(/^socket:[0-9a-f]{32}$/);
});

it("takes two acts for two, whatever their ids", () => {
  const acts = [
    COMMAND,
    { ...COMMAND, text: "list mine" },
    { ...COMMAND, user_id: "U0SAM" },
    CLICK,
    { ...CLICK, actions: [{ ...CLICK.actions[0], action_ts: "1.2" }] },
    EVENT,
    { ...EVENT, event: { ...EVENT.event, user: "U0SAM" } },
    { type: "else" },
    { type: "other" },
  ];
  expect(new Set(acts.map(socketDelivery)).size).toBe(acts.length);
});
