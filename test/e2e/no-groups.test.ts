// A workspace whose plan has no user groups, and a policy file that names one: said at the start.

import { afterAll, beforeAll, expect, it } from "vitest";
import { startWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
  await world.slack.change({ switches: { plan: "free" } });
});
afterAll(() => world?.close());

it("stops with a sentence that names the group", async () => {
  const bot = await world.startBot({ unready: true });
  const ended = new Promise<number | null>((resolve) => {
    if (bot.process.exitCode !== null) resolve(bot.process.exitCode);
    bot.process.once("exit", (code) => resolve(code));
  });
  expect(await ended).toBe(1);
  expect(bot.output()).toContain("lost: plan_upgrade_required");
});
