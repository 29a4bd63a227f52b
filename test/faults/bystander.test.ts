// One person clicks and types as fast as they can, at Slack's own rate limits: everybody else goes on working.

import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, cardSays, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

const POLICY = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24 }
limits: { openPerPerson: 100, pendingPerPerson: 100, asksPerMinute: 100 }
rules:
  - name: production
    match: { tags: { env: prod } }
    requesters: anyone
    approvers: { groups: [S0ONCALL] }
    channel: C0PROD
    maxDuration: 4h
    networks: [vpn]
    reason: optional
    breakGlass: { groups: [S0ONCALL] }
`;

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld({ policy: POLICY });
  world.slack.world.switches.rateLimits = "real";
  await world.startBot({ env: { TEST_PACES: "usual" } });
});
afterAll(() => world?.close());

/** Does something every so often until it is stopped; answers how often it was done. */
function again(everyMs: number, work: () => Promise<unknown>): () => Promise<number> {
  const stopped = new AbortController();
  const running = (async () => {
    const all: Promise<unknown>[] = [];
    while (!stopped.signal.aborted) {
      all.push(work());
      await wait(everyMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
    await Promise.all(all);
    return all.length;
  })();
  return () => {
    stopped.abort();
    return running;
  };
}

const click = (user: string, ts: string, actionId = "jit.approve") =>
  world.slack.click({ user, channel: "C0PROD", ts, actionId });

describe("somebody who clicks Approve twice a second and may not", () => {
  it("keeps no approver, no break-glass and no end from working", async () => {
    const { slack } = world;
    const asked = [];
    // Each for another time: what one waits for already isn't asked for twice.
    for (let n = 0; n < 10; n++) asked.push(await ask(world, `vm-01 3389 ${60 + n}m`));
    const undecided = (await ask(world, "vm-01 3389 2h")).card.ts;
    const before = slack.calls.length;
    const stop = again(500, () => click("U0SAM", undecided));
    await wait(10_000);
    for (const [n, { id, card }] of asked.entries()) {
      await click(n % 2 === 0 ? "U0LEAD" : "U0OMAR", card.ts);
      expect(await cardSays(world, { id }, "Approved")).toContain("Approved");
    }
    const glass = await typed(world, "U0LEAD", "breakglass vm-01 3389 1h for the outage");
    expect(glass).toMatch(/JIT-\w{6}/);
    expect(await typed(world, "U0ERIN", `end ${asked[0]?.id}`)).not.toContain("checked");
    const clicks = await stop();
    expect(clicks).toBeGreaterThan(20);
    // Each was refused in words, some after a fresh look, and Slack was hardly asked for it.
    await slack.waitFor(() => slack.ephemerals("U0SAM").length >= clicks, {
      what: "an answer to the last click",
    });
    expect(slack.ephemerals("U0SAM")).toHaveLength(clicks);
    const aboutSam = slack.calls
      .slice(before)
      .filter(({ method, args }) => method === "users.info" && args.user === "U0SAM");
    expect(aboutSam.length).toBeLessThanOrEqual(2);
    const throttled = slack.calls.filter(({ status }) => status === 429).map((one) => one.method);
    expect(throttled.filter((method) => method.startsWith("user"))).toEqual([]);
  }, 90_000);
});

describe("somebody who does all at once", () => {
  it("is refused in words, and can still end what is theirs", async () => {
    const { slack } = world;
    const { id } = await ask(world, "vm-01 3389 1h", { user: "U0SAM" });
    const before = slack.ephemerals("U0SAM").length;
    await Promise.all(
      Array.from({ length: 400 }, () =>
        slack.command({ user: "U0SAM", channel: "C0GENERAL", text: "list" }),
      ),
    );
    await slack.waitFor(() => slack.ephemerals("U0SAM").length >= before + 400, {
      timeoutMs: 30_000,
    });
    const answers = slack
      .ephemerals("U0SAM")
      .slice(before)
      .map((one) => slack.plainText(one));
    expect(answers.filter((text) => text.includes("too many at once")).length).toBeGreaterThan(50);
    expect(await typed(world, "U0SAM", `end ${id}`)).toContain(id);
    expect(await typed(world, "U0ERIN", "list")).toContain("JIT-");
  }, 60_000);

  it("has Azure read no more often than others could", async () => {
    const reads = () =>
      world.azure.calls.filter(({ path }) => path.includes("Microsoft.ResourceGraph")).length;
    await typed(world, "U0OMAR", "request nosuch-0 22 1h");
    world.advance(20_000);
    const before = reads();
    for (let n = 0; n < 20; n++) {
      await typed(world, "U0SAM", `request nosuch-${n} 22 1h`);
      await wait(1_000);
    }
    process.stdout.write(`20 unknown names in 20 s: ${reads() - before} queries\n`);
    // A read of all VMs takes seven queries.
    expect(reads() - before).toBeLessThanOrEqual(4 * 7);
  }, 60_000);
});
