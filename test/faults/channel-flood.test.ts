// One person asks and cancels as fast as they can: an honest card comes at once, at Slack's own rate limits.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, idIn, typed } from "../support/people.ts";
import { POLICY, startWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;

const start = async (limits: string) => {
  world = await startWorld({ policy: `${POLICY}\nlimits: ${limits}\n` });
  world.slack.world.switches.rateLimits = "off";
  await world.startBot();
};

/** An ask and its cancelling; answers what the ask was answered. */
async function pair(user: string): Promise<string> {
  const answer = await typed(world, user, "request vm-01 3389 1h");
  if (/JIT-\w{6}/.test(answer)) await typed(world, user, `cancel ${idIn(answer)}`);
  return answer;
}

/** How the card of each request looked when it was first posted. */
const firstCards = () =>
  world.slack.calls
    .filter(({ method, args }) => method === "chat.postMessage" && args.channel === "C0PROD")
    .filter(({ status, args }) => status === 200 && args.thread_ts === undefined)
    .map(({ args }) => String(args.text));

/** By Slack's own limits, of which that for who somebody is may be used up. */
async function honestCardMs(): Promise<number> {
  world.slack.world.switches.rateLimits = "real";
  const startedMs = performance.now();
  await ask(world, "vm-01 3389 1h", { user: "U0ERIN" });
  return performance.now() - startedMs;
}

describe("sixty pairs of ask and cancel", () => {
  beforeAll(() => start("{ asksPerMinute: 1000, pendingPerPerson: 1000 }"));
  afterAll(() => world?.close());

  it("hold up nobody's card, and none is first shown as cancelled", async () => {
    for (let n = 0; n < 60; n++) expect(await pair("U0SAM")).toContain("JIT-");
    const tookMs = await honestCardMs();
    process.stdout.write(`An honest card after 60 pairs: ${Math.round(tookMs)} ms\n`);
    // One after the other at Slack's pace, theirs would take a minute and more.
    expect(tookMs).toBeLessThan(20_000);
    expect(firstCards().length).toBeGreaterThan(0);
    expect(firstCards().filter((text) => !text.startsWith("Pending"))).toEqual([]);
  }, 90_000);
});

describe("a hundred and fifty pairs under the usual limit", () => {
  beforeAll(() => start("{ asksPerMinute: 10 }"));
  afterAll(() => world?.close());

  it("are told to be too many after ten, and break-glass and End are not held back", async () => {
    const startedMs = performance.now();
    const answers: string[] = [];
    for (let n = 0; n < 150; n++) answers.push(await pair("U0SAM"));
    const minutes = Math.ceil((performance.now() - startedMs) / 60_000);
    const made = answers.filter((text) => text.includes("JIT-")).length;
    expect(made).toBeGreaterThanOrEqual(10);
    expect(made).toBeLessThanOrEqual(10 * minutes);
    const refused = answers.filter((text) => text.includes("You made 10 requests in the last min"));
    expect(refused).toHaveLength(150 - made);
    expect(refused[0]).toMatch(/try again in \d+ seconds?/);
    expect(await honestCardMs()).toBeLessThan(20_000);
  }, 120_000);
});
