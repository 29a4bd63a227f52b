// Changing JIT policies while things go wrong: two at once, a crash between two policies, rights that are missing.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world?.close());

const policies = () => [...world.azure.world.policies.values()];
const policyOf = (group: string) => policies().find((one) => one.resourceGroup === group);
const namesIn = (group: string): readonly string[] =>
  (policyOf(group)?.vms ?? []).map(({ id }) => id.slice(id.lastIndexOf("/") + 1)).sort();
const writes = () => world.azure.calls.filter(({ method }) => method === "PUT");

/** The preview's place, so that it can be pressed later. */
async function preview(text: string) {
  await typed(world, "U0ADMIN", text);
  const { ts = "", channel = "" } = world.slack.ephemerals("U0ADMIN").at(-1) ?? {};
  return { user: "U0ADMIN", channel, ts, actionId: "jit.apply" };
}

const progressSays = (asked: string, text: string) =>
  world.slack.waitFor(
    () =>
      world.slack
        .direct("U0ADMIN")
        .map((one) => world.slack.plainText(one))
        .find((shown) => shown.includes(asked) && shown.includes(text)),
    { what: `${asked} to say ${text}`, timeoutMs: 40_000 },
  );

describe("two changes of one policy at once", () => {
  it("lose nothing, on whichever replicas they are", async () => {
    const one = await world.startBot();
    const other = await world.startBot();
    const before = namesIn("rg-dev-lab");
    const changes = [
      await preview("disable vm:dev-02"),
      await preview("change vm:from 22 max 1h"),
      await preview("disable vm:build-01"),
    ];
    // Every write takes its time, so that each of the others wants to begin within it.
    world.azure.faults.add({ method: "PUT", delayMs: 1_500 });
    for (const [index, click] of changes.entries()) {
      world.slack.setEventsUrl(`${[one, other, one][index]?.url}/slack/events`);
      await world.slack.click(click);
    }
    await progressSays("disable vm:dev-02", "Done");
    await progressSays("change vm:from 22", "Done");
    await progressSays("disable vm:build-01", "Done");
    const gone = ["dev-02", "build-01"];
    expect(namesIn("rg-dev-lab")).toEqual(before.filter((name) => !gone.includes(name)));
    const from = policyOf("rg-dev-lab")?.vms.find(({ id }) => id.endsWith("/from"));
    expect(from?.ports[0]).toMatchObject({ maxRequestAccessDuration: "PT1H" });
    expect(writes()).toHaveLength(3);
  });
});

describe("a crash between two policies", () => {
  it("is gone on from by another replica, and nothing is written twice", async () => {
    const first = await world.startBot();
    const click = await preview("change tag:env=prod 22 max 1h");
    // The first policy goes through; the answer to the second never comes.
    world.azure.faults.add({ method: "PUT", skip: 1, times: 1, act: "hang" });
    await world.slack.click(click);
    await expect.poll(() => writes().length, { timeout: 20_000 }).toBe(2);
    await first.kill();
    const written = writes()[0]?.path;
    await world.startBot();
    world.advance(5 * 60_000);
    await progressSays("change tag:env=prod 22 max 1h", "Done");
    expect(writes().filter(({ path }) => path === written)).toHaveLength(1);
    expect(writes()).toHaveLength(3);
    const told = () =>
      world.slack
        .messages("C0NOTICES")
        .filter((one) => world.slack.plainText(one).includes("JIT policies changed"));
    await expect.poll(told, { timeout: 20_000 }).toHaveLength(1);
  });

  it("finds what Azure did before the crash, and says that it is done", async () => {
    const first = await world.startBot();
    const click = await preview("disable vm:dev-02");
    // Azure does it, and its answer is lost.
    world.azure.faults.add({ method: "PUT", when: "after", times: 1, act: "hang" });
    await world.slack.click(click);
    await expect.poll(() => namesIn("rg-dev-lab"), { timeout: 20_000 }).not.toContain("dev-02");
    await first.kill();
    await world.startBot();
    world.advance(5 * 60_000);
    await progressSays("disable vm:dev-02", "Done");
    expect(writes()).toHaveLength(1);
  });
});

describe("a replica that is told to stop", () => {
  it("leaves in good order, and another one goes on", async () => {
    const leaving = await world.startBot();
    const click = await preview("disable vm:dev-02");
    const held = world.azure.faults.add({ method: "PUT", times: 1, act: "hold" });
    await world.slack.click(click);
    await expect.poll(() => writes().length, { timeout: 20_000 }).toBe(1);
    await world.startBot();
    expect(await leaving.terminate()).toBe(0);
    world.azure.faults.clear(held);
    world.advance(5 * 60_000);
    await progressSays("disable vm:dev-02", "Done");
    expect(namesIn("rg-dev-lab")).not.toContain("dev-02");
  });
});

describe("an answer that is lost, or a refusal for a while", () => {
  it("is read back before it is tried again", async () => {
    await world.startBot();
    const click = await preview("disable vm:dev-02");
    world.azure.faults.add({ method: "PUT", when: "after", times: 1, act: "reset" });
    await world.slack.click(click);
    await progressSays("disable vm:dev-02", "Done");
    expect(writes()).toHaveLength(1);
  });

  it("is waited for as Azure asks", async () => {
    await world.startBot();
    const click = await preview("disable vm:dev-02");
    world.azure.faults.add({
      ...{ method: "PUT", times: 1 },
      act: {
        status: 429,
        headers: { "retry-after": "1" },
        body: { error: { code: "TooManyRequests", message: "Slow down." } },
      },
    });
    await world.slack.click(click);
    await progressSays("disable vm:dev-02", "Done");
    expect(writes()).toHaveLength(2);
  });
});

describe("a subscription that says no", () => {
  it("keeps nobody from changing the others", async () => {
    await world.startBot();
    world.azure.faults.add({
      ...{ method: "GET", path: "resourceGroups/rg-dev-lab/.*jitNetworkAccessPolicies/default" },
      act: { status: 403, body: { error: { code: "AuthorizationFailed", message: "No." } } },
    });
    const text = "change tag:env=dev 22 max 1h";
    const shown = await typed(world, "U0ADMIN", text);
    expect(shown).toContain("in policies that can't be read");
    expect(shown).toContain(
      "couldn't be read, so they're left unchanged (AuthorizationFailed): rg-dev-lab/dev-01",
    );
    const { ts = "", channel = "" } = world.slack.ephemerals("U0ADMIN").at(-1) ?? {};
    await world.slack.click({ user: "U0ADMIN", channel, ts, actionId: "jit.apply" });
    await progressSays(text, "Done");
    expect(writes()).toHaveLength(1);
  });
});
