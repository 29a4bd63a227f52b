// JIT's deny rules wiped or outranked by others, end to end over two replicas: told once with the rule, and restored.

import { afterAll, beforeAll, expect, it } from "vitest";
import { findVm } from "../../src/sandbox/azure/world/parts.ts";
import { type FaultWorld, faultWorld, soon } from "../faults/steps.ts";
import { denyRules, guardsOf, wipeDenyRules } from "../support/deny-rules.ts";
import { POLICY } from "../support/world.ts";

let world: FaultWorld;
let bots: Awaited<ReturnType<FaultWorld["startBot"]>>[];
beforeAll(async () => {
  world = await faultWorld({ policy: `${POLICY}\nwatch: { every: 1s }\n` });
  const env = { TEST_REFRESH_EVERY_MS: "500" };
  bots = await Promise.all([world.startBot({ env }), world.startBot({ env })]);
});
afterAll(() => world?.close());

function wipe(vm: string): void {
  expect(wipeDenyRules(world, vm)).toBeGreaterThan(0);
}

const told = (vm: string) =>
  world.slack
    .messages("C0NOTICES")
    .filter((one) => world.slack.plainText(one).includes("JIT no longer protects"))
    .filter((one) => world.slack.plainText(one).includes(`${vm}.`));

async function answered(user: string, act: () => Promise<unknown>) {
  const before = world.slack.ephemerals(user).length;
  await act();
  return soon(world, `${user} to be told`, () => world.slack.ephemerals(user)[before]);
}

/** Presses Restore… on the notice that tells of the VM; answers what that person alone is shown. */
async function pressed(vm: string, user = "U0ADMIN") {
  const [notice] = told(vm);
  const value = findVm(world.azure.world, vm).id.toLowerCase();
  const click = {
    user,
    channel: "C0NOTICES",
    ts: notice?.ts ?? "",
    actionId: "jit.restore",
    value,
  };
  return answered(user, () => world.slack.click(click));
}

const written = () =>
  world.azure.calls.filter(
    ({ method, path }) => method === "PUT" && path.includes("/jitNetworkAccessPolicies/"),
  );

/** Applies the preview through both replicas at once; answers what the admin's conversation says in the end. */
async function applied({ ts, channel }: { ts: string; channel: string }): Promise<string> {
  const before = world.slack.direct("U0ADMIN").length;
  for (const bot of bots) {
    world.slack.setEventsUrl(`${bot.url}/slack/events`);
    await world.slack
      .click({ user: "U0ADMIN", channel, ts, actionId: "jit.apply" })
      .catch(() => undefined);
  }
  return soon(world, "the end of it", () =>
    world.slack
      .direct("U0ADMIN")
      .slice(before)
      .map((one) => world.slack.plainText(one))
      .find((text) => text.includes("Done") && /deny rules in place|hasn't restored/.test(text)),
  );
}

it("tells once of a rule that was wiped, and restores it on an admin's word", async () => {
  wipe("web-02");
  await soon(world, "the notice", () => told("web-02").length > 0);
  expect(world.slack.plainText(told("web-02")[0] ?? { text: "" })).toContain("JIT's deny rule");
  const refusal = await pressed("web-02", "U0SAM");
  expect(world.slack.plainText(refusal)).toContain("Only admins can restore JIT policies.");
  const preview = await pressed("web-02");
  const text = world.slack.plainText(preview);
  expect(text).toContain("Preview: no changes made yet: restore rg-prod-shop/web-02");
  expect(text).toContain("Writes the policy again, unchanged");
  const before = written().length;
  const policy = JSON.stringify(vmsOf("web-02"));
  expect(await applied(preview)).toContain("Azure shows JIT's deny rules in place.");
  expect(written().length - before).toBe(1);
  expect(JSON.stringify(vmsOf("web-02"))).toBe(policy);
  expect(denyRules(world, "web-02")).not.toEqual([]);
  expect(told("web-02")).toHaveLength(1);
});

const vmsOf = (vm: string) =>
  [
    ...(world.azure.world.policiesOfVm.get(findVm(world.azure.world, vm).id.toLowerCase()) ?? []),
  ].map(({ vms }) => vms);

it("tells again when it is wiped again, and says where Azure doesn't restore it", async () => {
  world.azure.switches.rulesOnPut = "leave";
  // The inventories in between show it as it should be.
  const reads = () => world.azure.calls.filter(({ path }) => path.includes("ResourceGraph")).length;
  const before = reads();
  await soon(world, "more inventories", () => reads() > before + 40);
  world.advance(10 * 60_000);
  wipe("web-02");
  await soon(world, "a second notice", () => told("web-02").length > 1);
  const preview = await pressed("web-02");
  expect(await applied(preview)).toContain("Azure hasn't restored it yet");
  expect(denyRules(world, "web-02")).toEqual([]);
});

it("names the rule that has a higher priority", async () => {
  const [nsg] = guardsOf(world, "db-01");
  nsg?.ownRules.push({
    ...{ name: "allow-all", priority: 100, access: "Allow", ports: ["*"] },
    ...{ source: "*", destination: "*" },
  });
  await soon(world, "the notice", () => told("db-01").length > 0);
  expect(world.slack.plainText(told("db-01")[0] ?? { text: "" })).toMatch(
    /allow-all in \S+ has a higher priority than JIT's deny rule/,
  );
});
