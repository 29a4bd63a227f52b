// Help for the one who asks: five lines and buttons for more, admins' commands for admins alone; and who can break the
// glass, for somebody who can't.

import { afterAll, beforeAll, expect, it } from "vitest";
import { soon } from "../faults/steps.ts";
import { POLICY, startWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;
beforeAll(async () => {
  const policy = POLICY.replace(
    "maxDuration: 4h",
    "maxDuration: 4h\n    breakGlass: { users: [U0OMAR], groups: [S0ONCALL] }",
  );
  world = await startWorld({ policy });
  await world.startBot();
});
afterAll(() => world?.close());

async function shown(user: string, act: () => Promise<unknown>) {
  const before = world.slack.ephemerals(user).length;
  await act();
  const message = await soon(world, "an answer", () => world.slack.ephemerals(user)[before]);
  const labels = [
    ...JSON.stringify(message.blocks).matchAll(
      /"action_id":"([^"]+)","text":\{"type":"plain_text","text":"([^"]+)"/g,
    ),
  ];
  return {
    message,
    text: world.slack.plainText(message),
    labels: labels.map(([, , label]) => label),
  };
}

const asks = (user: string, text = "help") =>
  shown(user, () => world.slack.command({ user, channel: "C0PROD", command: "/jit", text }));

it("begins with five lines and the form, whoever asks", async () => {
  const { text, labels } = await asks("U0ERIN");
  expect(text.split("\n").filter((line) => line.includes("/jit"))).toHaveLength(5);
  expect(text).not.toMatch(/freeze|doctor|enable/);
  expect(labels).toEqual(["Request access", "All commands"]);
});

it("lists every command behind a button, and an admin's for admins alone", async () => {
  const { message } = await asks("U0ERIN");
  const user = "U0ERIN";
  const click = { user, channel: "C0PROD", ts: message.ts };
  await world.slack.click({ ...click, actionId: "jit.list.more" });
  const all = () => world.slack.ephemerals(user).map((one) => world.slack.plainText(one));
  await soon(world, "all commands", () => all().find((text) => text.includes("/jit cancel <id>")));
  expect(all().join("\n")).not.toMatch(/\/jit (?:freeze|doctor|enable)/);
  expect((await asks("U0ERIN", "help admin")).text).not.toContain("/jit freeze");
  const admin = await asks("U0ADMIN");
  expect(admin.labels).toEqual(["Request access", "All commands", "Commands for admins"]);
  expect((await asks("U0ADMIN", "help admin")).text).toMatch(/\/jit enable .*\/jit doctor/s);
});

it("opens the form from its button", async () => {
  const { message } = await asks("U0ERIN");
  await world.slack.click({
    user: "U0ERIN",
    channel: "C0PROD",
    ts: message.ts,
    actionId: "jit.ask",
  });
  await soon(world, "the form", () => world.slack.modal("U0ERIN") !== undefined);
});

it("says who can break the glass, and asks them at a press", async () => {
  const text = "breakglass vm-01 3389 1h from vpn for the shop is down";
  const { message, text: said, labels } = await asks("U0SAM", text);
  expect(said).toMatch(
    /You can't use break-glass under rule production.*Who can use break-glass: @oncall and @omar\./,
  );
  expect(labels).toEqual(["Ask them now"]);
  const before = world.slack.direct("U0OMAR").length;
  const click = { user: "U0SAM", channel: "C0PROD", ts: message.ts, actionId: "jit.others" };
  await world.slack.click({ ...click, duplicate: 1 });
  const told = () =>
    world.slack
      .direct("U0OMAR")
      .slice(before)
      .map((one) => world.slack.plainText(one));
  const wanted = await soon(world, "Omar to be asked", () => told()[0]);
  expect(wanted).toContain("Break-glass needed");
  expect(wanted).toContain("vm-01, 3389 (RDP), for 1h, by @sam");
  expect(wanted).toContain("/jit breakglass vm-01 3389 1h for the shop is down");
  expect(told()).toHaveLength(1);
});

it("answers who writes to it with the form, filled in with what was understood, and itself never", async () => {
  const write = (text: string, more: object = {}) =>
    world.slack.event({
      event: {
        ...{ type: "message", channel_type: "im", channel: "D0SAM", user: "U0SAM" },
        ...{ text, ts: "1796000000.000100", ...more },
      },
    });
  const told = () => world.slack.direct("U0SAM");
  await write("how do I get access?");
  const first = await soon(world, "an answer", () => told()[0]);
  expect(world.slack.plainText(first)).toContain("To get onto a VM, press Request access.");
  // Slack sends it again, and tells of edits and of the bot's own messages.
  await write("how do I get access?");
  await write("rdp to vm-01", { ts: "1796000000.000200", bot_id: "B0JIT" });
  await write("rdp to vm-01", { ts: "1796000000.000300", subtype: "message_changed" });
  await write("rdp to vm-01 for two hours", { ts: "1796000000.000400" });
  const second = await soon(world, "a second answer", () => told()[1]);
  expect(world.slack.plainText(second)).toContain("/jit request vm-01 rdp 2h");
  const click = { user: "U0SAM", channel: second.channel, ts: second.ts, actionId: "jit.ask" };
  await world.slack.click(click);
  const form = await soon(world, "the form", () =>
    JSON.stringify(world.slack.modal("U0SAM") ?? {}).includes("vm-01"),
  );
  expect(form).toBe(true);
  expect(told()).toHaveLength(2);
  // The time goes into the form, too.
  await write("jit request vm-01 3389 2h at 23:00 for R&amp;D", { ts: "1796000000.000500" });
  const third = await soon(world, "a third answer", () => told()[2]);
  expect(world.slack.plainText(third)).toContain("/jit request vm-01 3389 2h at 23:00 for R&D");
  expect(JSON.stringify(third.blocks)).toContain("jit.ask");
  const another = { ts: "1796000000.000600", user: "U0ERIN", channel: "D0ERIN" };
  await write("rdp to vm-01 tonight", another);
  const toErin = await soon(world, "an answer to Erin", () => world.slack.direct("U0ERIN")[0]);
  expect(world.slack.plainText(toErin)).toContain(
    "For access at a set time, write for example /jit request",
  );
});
