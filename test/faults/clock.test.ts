// A machine whose clock is off: it works by Redis's clock, says the right times, and names the clock in its log.

import { afterEach, describe, expect, it } from "vitest";
import { ask, cardSays, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

const MINUTE = 60_000;

let world: TestWorld | undefined;
afterEach(() => world?.close());

async function withClockOff(skewMs: number) {
  world = await startWorld();
  const preload = new URL("../support/skewed-clock.ts", import.meta.url).href;
  const bot = await world.startBot({
    env: { NODE_OPTIONS: `--import ${preload}`, SKEW_MS: String(skewMs) },
  });
  return { world, bot };
}

describe("a machine whose clock is off", () => {
  it.each([
    [-120_000, "120 s behind"],
    [400_000, "400 s ahead of"],
  ])("by %i ms takes what Slack signed, and names the clock", async (skewMs, named) => {
    const { world: here, bot } = await withClockOff(skewMs);
    expect(await typed(here, "U0ERIN", "help")).toContain("/jit request");
    await expect.poll(() => bot.output(), { timeout: 10_000 }).toContain(named);
  });

  it("warns with the time that is really left", async () => {
    const { world: here } = await withClockOff(240_000);
    const { id, card } = await ask(here, "vm-01 3389 20m");
    await here.slack.click({
      user: "U0LEAD",
      channel: "C0PROD",
      ts: card.ts,
      actionId: "jit.approve",
    });
    await cardSays(here, { id }, "Open");
    // A third of twenty minutes before the end.
    here.advance(14 * MINUTE);
    const warning = await here.slack.waitFor(
      () =>
        here.slack
          .direct("U0ERIN")
          .map((one) => here.slack.plainText(one))
          .find((text) => text.includes("left")),
      { what: "the warning", timeoutMs: 20_000 },
    );
    expect(warning).toMatch(/\b[56]m left/);
  });
});
