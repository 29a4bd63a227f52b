// Slack tells one replica that a group has changed: every replica knows it a moment later.

import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { typed } from "../support/people.ts";
import { type Bot, POLICY, startWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;
let bots: readonly Bot[];
beforeAll(async () => {
  world = await startWorld({
    policy: POLICY.replace("admins: { users: [U0ADMIN] }", "admins: { groups: [S0ONCALL] }"),
  });
  bots = [await world.startBot(), await world.startBot()];
});
afterAll(() => world?.close());

const through = (bot: Bot | undefined) => world.slack.setEventsUrl(`${bot?.url}/slack/events`);

it("lets somebody in who was put into it, and out who was taken out", async () => {
  const [first, second] = bots;
  const isAdmin = async () =>
    !(await typed(world, "U0SAM", "enable nowhere 22")).includes("Only admins");
  for (const bot of bots) {
    through(bot);
    expect(await isAdmin()).toBe(false);
  }
  const tell = async (users: string[]) => {
    through(first);
    await world.slack.change({ group: { id: "S0ONCALL", users }, tellApp: true });
    through(second);
  };
  const members = [...(world.slack.world.groups.get("S0ONCALL")?.users ?? [])];
  await tell([...members, "U0SAM"]);
  // What both have read is good for five minutes.
  await eventually(async () => expect(await isAdmin()).toBe(true), {
    timeoutMs: 6_000,
    intervalMs: 500,
  });
  await tell(members);
  await eventually(async () => expect(await isAdmin()).toBe(false), {
    timeoutMs: 6_000,
    intervalMs: 500,
  });
});
