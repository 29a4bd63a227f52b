// `/jit help` is for the one who asks: five lines and buttons for more, admins' commands for admins alone.

import { afterAll, beforeAll, expect, it } from "vitest";
import { soon } from "../faults/steps.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
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
