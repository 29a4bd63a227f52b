// Slack refuses the bot's token after the start: the bot isn't ready, says why, and is again when it's taken.

import { afterAll, beforeAll, expect, it } from "vitest";
import { typed } from "../support/people.ts";
import { type Bot, startWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;
let bot: Bot;
beforeAll(async () => {
  world = await startWorld();
  bot = await world.startBot();
});
afterAll(() => world?.close());

const readyz = async () => {
  const answer = await fetch(`${bot.url}/readyz`);
  const { parts } = (await answer.json()) as { parts: { slack: string } };
  return { status: answer.status, slack: parts.slack };
};
const authTests = () => world.slack.calls.filter(({ method }) => method === "auth.test").length;

it.each(["token_revoked", "invalid_auth", "account_inactive"] as const)(
  "isn't ready while Slack answers %s, and looks again by itself",
  async (code) => {
    expect(await readyz()).toEqual({ status: 200, slack: "connected" });
    world.slack.world.switches.tokens = code;
    const before = authTests();
    // Known from what is asked anyway: who the person is.
    await typed(world, "U0ERIN", "request vm-01 3389 1h");
    expect(await readyz()).toEqual({ status: 503, slack: `refuses the bot's token (${code})` });
    for (let n = 0; n < 20; n++) await readyz();
    expect(authTests() - before).toBeLessThanOrEqual(1);
    world.slack.world.switches.tokens = "good";
    await expect
      .poll(readyz, { timeout: 40_000, interval: 200 })
      .toEqual({ status: 200, slack: "connected" });
    expect(bot.output()).toContain("Slack takes the bot's token again");
  },
  60_000,
);
