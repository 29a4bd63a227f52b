// How soon another replica goes on, without anybody's clock being moved; and a replica that was paused does nothing.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Bot } from "../support/world.ts";
import {
  asked,
  cardTexts,
  click,
  type FaultWorld,
  fault,
  faultWorld,
  INITIATE,
  initiates,
  MINUTE,
  opened,
  shows,
  soon,
  typed,
} from "./steps.ts";

/** As promised, */
const AFTER_KILL_MS = 5_000;
const AFTER_TERM_MS = 1_000;
/** and what a busy machine may add. A lease by itself takes 30 s to run out. */
const BUSY_MS = 4_000;

let world: FaultWorld;
let first: Bot;
let second: Bot;
beforeAll(async () => {
  world = await faultWorld();
});
afterAll(() => world?.close());
beforeEach(async () => {
  first = await world.startBot();
});
afterEach(async () => {
  world.azure.faults.clear();
  world.slack.faults.clear();
  await Promise.all([first.kill(), second.kill()]);
});

const still = { stepMs: 0 } as const;

/** Calls to Azure about JIT policies, whoever makes them. */
const policyCalls = () =>
  world.azure.calls.filter(({ path }) => /jitNetworkAccessPolicies\//i.test(path)).length;

/** How long it takes from now until Azure is called again about a policy. */
async function goesOnAfter(): Promise<number> {
  const before = policyCalls();
  const sinceMs = Date.now();
  await soon(world, "another replica to go on", () => policyCalls() > before);
  return Date.now() - sinceMs;
}

/** The first replica asks Azure about this VM, which doesn't answer; a second one is there. */
async function hangsAtAzure(vm: string) {
  const request = await asked(world, `${vm} 22 1h`);
  const hanging = fault(world.azure, { ...INITIATE, when: "after", act: "hang", times: 1 });
  await click(world, request);
  await soon(world, "Azure to be asked", () => hanging.struck() > 0);
  second = await world.startBot();
  return request;
}

describe("ending everything", () => {
  const shown = () => world.slack.direct("U0ADMIN").map((one) => world.slack.plainText(one));
  const edits = () =>
    world.slack.calls.filter(
      ({ method, args }) => method === "chat.update" && JSON.stringify(args).includes("end all"),
    ).length;

  it("is gone on with at most five seconds after a replica was killed in the middle of it", async () => {
    const open = [await opened(world, "vm-01 3389 1h"), await opened(world, "web-02 22 1h")];
    await typed(world, "U0ADMIN", "end all");
    const { ts = "", channel = "" } = world.slack.ephemerals("U0ADMIN").at(-1) ?? {};
    await world.slack.click({ user: "U0ADMIN", channel, ts, actionId: "jit.apply" });
    await soon(world, "how far it is", () => shown().some((text) => text.includes("2 closing")));
    second = await world.startBot();
    const before = edits();
    const sinceMs = Date.now();
    const killed = first.kill();
    await soon(world, "another replica to go on", () => edits() > before);
    expect(Date.now() - sinceMs).toBeLessThan(AFTER_KILL_MS + BUSY_MS);
    await killed;
    for (const request of open) {
      await soon(
        world,
        "Azure to be asked to close it",
        () => initiates(world, request.id).length > 1,
      );
    }
    world.advance(3 * MINUTE);
    await soon(world, "the end of it", () =>
      shown().some((text) => text.includes("is done: 2 of 2 closed, seen in Azure.")),
    );
    for (const request of open) {
      await shows(world, request, "Ended early by", still);
      expect(initiates(world, request.id)).toHaveLength(2);
    }
  });
});

describe("a request in the middle of an opening", () => {
  it("is gone on with at most five seconds after a replica was killed", async () => {
    const request = await hangsAtAzure("vm-01");
    const killed = first.kill();
    const tookMs = await goesOnAfter();
    await killed;
    expect(tookMs).toBeLessThan(AFTER_KILL_MS + BUSY_MS);
    await shows(world, request, "Open until", still);
    expect(initiates(world, request.id)).toHaveLength(1);
  });

  it("is gone on with a second after a replica was told to stop", async () => {
    const request = await hangsAtAzure("web-02");
    const stopped = first.terminate();
    const tookMs = await goesOnAfter();
    expect(tookMs).toBeLessThan(AFTER_TERM_MS + BUSY_MS);
    expect(await stopped).toBe(0);
    await shows(world, request, "Open until", still);
    expect(initiates(world, request.id)).toHaveLength(1);
  });

  it("is never touched again by a replica that slept meanwhile", async () => {
    const request = await asked(world, "jump-01 22 1h");
    const answer = fault(world.azure, { ...INITIATE, when: "after", act: "hold", times: 1 });
    await click(world, request);
    await soon(world, "Azure to be asked", () => answer.struck() > 0);
    first.process.kill("SIGSTOP");
    second = await world.startBot();
    await shows(world, request, "Open until", still);
    await world.memory.atRest(request.id);
    const [held] = await world.memory.redis.hkeys(world.memory.keys.held);
    expect(held).toBeUndefined();
    // The answer is there when it wakes, and it does not know how long it slept.
    world.azure.faults.clear();
    const before = { azure: policyCalls(), slack: world.slack.calls.length };
    first.process.kill("SIGCONT");
    await typed(world, "U0ERIN", `status ${request.id}`);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(policyCalls()).toBe(before.azure);
    const said = world.slack.calls.slice(before.slack).map(({ method }) => method);
    expect(said.filter((method) => /^chat\.(post|update)/.test(method))).toEqual([]);
    expect(cardTexts(world, request)).toHaveLength(1);
    expect((await world.memory.audit(request.id)).filter((one) => one === "opened")).toHaveLength(
      1,
    );
  });
});

describe("a message on its way", () => {
  it("is gone on with at most five seconds after a replica was killed", async () => {
    const posting = { path: "chat.postMessage", bodyIncludes: "channel=C0PROD" } as const;
    const hanging = fault(world.slack, { ...posting, act: "hang", times: 1 });
    const id = /JIT-[0-9A-Z]{6}/.exec(await typed(world, "U0ERIN", "request db-01 22 1h"))?.[0];
    await soon(world, "the card to be posted", () => hanging.struck() > 0);
    second = await world.startBot();
    const sinceMs = Date.now();
    await first.kill();
    await shows(world, { id: id ?? "", channel: "C0PROD" }, "Pending", still);
    expect(Date.now() - sinceMs).toBeLessThan(AFTER_KILL_MS + BUSY_MS);
  });
});

describe("a change of JIT policies", () => {
  const writes = () => world.azure.calls.filter(({ method }) => method === "PUT").length;

  /** The first replica writes a policy, and Azure doesn't answer; a second one is there. */
  async function hangsAtPolicy(text: string) {
    await typed(world, "U0ADMIN", text);
    const { ts = "", channel = "" } = world.slack.ephemerals("U0ADMIN").at(-1) ?? {};
    const before = writes();
    world.azure.faults.add({ method: "PUT", when: "after", times: 1, act: "hang" });
    await world.slack.click({ user: "U0ADMIN", channel, ts, actionId: "jit.apply" });
    await soon(world, "the policy to be written", () => writes() > before);
    second = await world.startBot();
  }

  const done = (asked: string) =>
    soon(world, `${asked} to be done`, () =>
      world.slack
        .direct("U0ADMIN")
        .map((one) => world.slack.plainText(one))
        .some((text) => text.includes(asked) && text.includes("Done")),
    );

  it.each([
    ["five seconds after a replica was killed", "disable vm:dev-02", "kill", AFTER_KILL_MS],
    [
      "a second after a replica was told to stop",
      "disable vm:build-01",
      "terminate",
      AFTER_TERM_MS,
    ],
  ] as const)("is gone on with %s", async (_when, text, how, withinMs) => {
    await hangsAtPolicy(text);
    const before = writes();
    const ended = first[how]();
    expect(await goesOnAfter()).toBeLessThan(withinMs + BUSY_MS);
    await ended;
    await done(text);
    // Azure did it the first time: that is seen, and it is not written again.
    expect(writes()).toBe(before);
  });
});
