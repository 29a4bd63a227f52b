// The form opens within half a second whatever is away, and says what it does not know.

import { performance } from "node:perf_hooks";
import { afterEach, describe, expect, it } from "vitest";
import { buildWorld, subscription } from "../../src/sandbox/azure/world/parts.ts";
import { blockIn, chooses, finds, opens, sends, standing, toldNext } from "../support/form.ts";
import { startWorld, type TestWorld, type WorldOptions } from "../support/world.ts";

/** A first view opens within this long of the command. */
const OPEN_WITHIN_MS = 500;

let world: TestWorld | undefined;
afterEach(() => world?.close());

async function started(options: WorldOptions = {}): Promise<TestWorld> {
  world = await startWorld(options);
  await world.startBot();
  return world;
}

const textOn = ({ slack }: TestWorld, user = "U0ERIN"): string => {
  const modal = slack.modal(user);
  return modal === undefined ? "" : slack.plainText(modal);
};

/** How long after the command the form is on the screen. */
async function opensAfterMs({ slack }: TestWorld, text: string): Promise<number> {
  const startedMs = performance.now();
  const typing = slack.command({ user: "U0ERIN", channel: "C0GENERAL", text });
  await slack.waitFor(() => slack.modal("U0ERIN"), { what: "the form", timeoutMs: 5_000 });
  const tookMs = performance.now() - startedMs;
  await typing;
  await slack.closeView({ user: "U0ERIN" });
  return tookMs;
}

/** What waits for something that hangs is late every time; what waits for a busy machine, now and then. */
const TRIES = 3;

async function bestOf(tries: number, here: TestWorld, text: string): Promise<number> {
  let bestMs = Infinity;
  for (let n = 0; n < tries && bestMs >= OPEN_WITHIN_MS; n++) {
    bestMs = Math.min(bestMs, await opensAfterMs(here, text));
  }
  return bestMs;
}

describe("whatever is away", () => {
  it.each(["", "request", "request vm-01 22 for 2h", "request vm-01 for"])(
    "/jit %s opens the form within half a second",
    async (text) => {
      const here = await started();
      const { slack, azure, redis } = here;
      slack.faults.add({ path: "users.info", act: "hang" });
      slack.faults.add({ path: "usergroups", act: "hang" });
      slack.faults.add({ path: "conversations", act: "hang" });
      azure.faults.add({ path: ".", act: "hang" });
      process.kill(redis.pid, "SIGSTOP");
      try {
        expect(await bestOf(TRIES, here, text)).toBeLessThan(OPEN_WITHIN_MS);
      } finally {
        process.kill(redis.pid, "SIGCONT");
      }
    },
  );

  it("tells somebody who has no trigger any more how to ask", async () => {
    const here = await started();
    here.slack.faults.add({ path: "views.open", act: { status: 500 } });
    await here.slack.command({ user: "U0ERIN", channel: "C0GENERAL", text: "" });
    expect(await toldNext(here, 0)).toContain("Write for example /jit request vm-01");
    await here.slack.command({ user: "U0ERIN", channel: "C0GENERAL", text: "request vm-01 for" });
    expect(await toldNext(here, 1)).toContain("The reason after for is missing");
  });

  it("shows no VM to somebody of whom Slack does not tell who they are", async () => {
    const here = await started();
    here.slack.faults.add({ path: "users.info", act: { status: 500 } });
    await opens(here, "request vm-01 at tomorrow 23:00 for", {
      ready: () => textOn(here).includes("Slack doesn't answer"),
    });
    expect(textOn(here)).not.toContain("rg-prod-shop");
    expect(await finds(here, "vm")).toEqual([]);
    here.slack.faults.clear();
    expect(await finds(here, "vm-01")).toEqual(["vm-01 · rg-prod-shop"]);
    expect(standing(await chooses(here, "vm-01"), "at")).toBeDefined();
  });

  it("keeps the form open where Redis is away, and asks once it is back", async () => {
    const here = await started();
    await opens(here, "", { ready: (modal) => blockIn(modal, "vm") !== undefined });
    await chooses(here, "vm-01");
    process.kill(here.redis.pid, "SIGSTOP");
    const sent = await sends(here, { reason: "not yet" });
    process.kill(here.redis.pid, "SIGCONT");
    // The answer came too late for the form, or stands in it: either way somebody is told.
    if (sent.outcome === "errors") {
      expect(Object.values(sent.errors).join()).toContain("Redis");
    } else expect(await toldNext(here, 0)).toMatch(/Redis|Asked/);
  });
});

describe("an empty inventory", () => {
  it("is said in the form, and commands still work", async () => {
    const here = await started({ azureWorld: buildWorld(subscription({ name: "Empty" })) });
    await opens(here, "", { ready: () => textOn(here).includes("can't see any VMs") });
    expect(here.slack.modal("U0ERIN")?.view.submit).toBeUndefined();
    await here.slack.closeView({ user: "U0ERIN" });
    await here.slack.command({ user: "U0ERIN", channel: "C0GENERAL", text: "request vm-01 22 1h" });
    expect(await toldNext(here, 0)).toContain("can't find a VM named vm-01");
  });

  it("that is read while somebody looks at the form fills it in", async () => {
    world = await startWorld();
    const here = world;
    here.azure.faults.add({ path: "ResourceGraph", act: { status: 503 }, times: 2 });
    await here.startBot();
    await opens(here, "", { ready: (modal) => blockIn(modal, "vm") !== undefined });
    expect(await finds(here, "vm-01")).toEqual(["vm-01 · rg-prod-shop"]);
  });
});

describe("over the socket", () => {
  it("the form is searched, filled in and sent as well", async () => {
    const here = await started({ mode: "socket" });
    await opens(here, "", { ready: (modal) => blockIn(modal, "vm") !== undefined });
    await chooses(here, "vm-01");
    expect(await sends(here, { address: "10.0.0.1" })).toMatchObject({ outcome: "errors" });
    expect((await sends(here, { address: "203.0.113.7" })).outcome).toBe("closed");
    expect(await toldNext(here, 0)).toContain("Requested JIT-");
  });
});
