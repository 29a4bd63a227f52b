// Behind the bot's back, end to end: two replicas follow the Activity Log of two subscriptions.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findVm } from "../../src/sandbox/azure/world/parts.ts";
import { createSwitches } from "../../src/sandbox/azure/world/switches.ts";
import {
  type FaultWorld,
  faultWorld,
  granted,
  notices,
  shows,
  soon,
  typed,
  until,
} from "../faults/steps.ts";
import { POLICY } from "../support/world.ts";

const BARBARA = "barbara@contoso.com";
const LOG = "/eventtypes/management/values";

let world: FaultWorld;
let bots: Awaited<ReturnType<FaultWorld["startBot"]>>[];
beforeAll(async () => {
  world = await faultWorld({ policy: `${POLICY}\nwatch: { every: 1s }\n` });
  world.azure.switches.activityDelayMs = 0;
  bots = await Promise.all([world.startBot(), world.startBot()]);
  // From the first turn on nothing is history any more.
  await turns(1);
});
afterAll(() => world?.close());
afterEach(() => {
  world.azure.faults.clear();
  Object.assign(world.azure.switches, { ...createSwitches(), activityDelayMs: 0 });
});

const readings = (subscription = "") =>
  world.azure.calls.filter(({ path }) => path.endsWith(LOG) && path.includes(subscription));

/** Waits until every log was read this many times more, from beginning to end. */
async function turns(count: number): Promise<void> {
  const before = readings().length;
  await soon(
    world,
    `${count} turns of the watch`,
    () => readings().length >= before + 2 * count + 2,
  );
}

const subscriptionOf = (vm: string) => findVm(world.azure.world, vm).subscriptionId;
const policyOf = (vm: string) =>
  [...(world.azure.world.policiesOfVm.get(findVm(world.azure.world, vm).id.toLowerCase()) ?? [])][0]
    ?.id ?? "";

const openElsewhere = (vm: string, port: number, more: { justification?: string } = {}) =>
  world.azure.elsewhere.open({
    ...{ vm, ports: [port], source: "203.0.113.77", minutes: 60, by: BARBARA, ...more },
  });

/** Without the heading that counts what fell together. */
const told = (text: string) => notices(world, text).filter((line) => !/^\d/.test(line));

/** Once, and not again after another turn. */
async function toldOnce(text: string): Promise<string> {
  await soon(world, `a notice of ${text}`, () => told(text).length > 0);
  await turns(1);
  expect(told(text)).toHaveLength(1);
  return told(text)[0] ?? "";
}

const audited = async (what: string) =>
  (await world.memory.redis.xrange(world.memory.keys.audit, "-", "+"))
    .map(([, fields]) => JSON.parse(fields[1] ?? "{}"))
    .filter((entry) => entry.what === what);

describe("an opening by others", () => {
  it("is told once, with who, what, from where and why, as far as the policy shows it", async () => {
    const rule = { method: "GET", path: "rg-edge", times: 9 } as const;
    world.azure.faults.add({ ...rule, act: { status: 403, body: { error: { code: "No" } } } });
    openElsewhere("fw-linux-01", 22);
    openElsewhere("web-02", 22, { justification: "<!channel> & co" });
    const text = await toldOnce("web-02");
    expect(text).toContain("⚠️ Opened in Azure, not by this bot");
    expect(text).toContain("web-02, 22 (SSH) from 203.0.113.77 until");
    expect(text).toContain("in rg-prod-shop/default, by barbara@contoso.com.");
    expect(text).toContain("Reason: “<!channel> & co”");
    expect(JSON.stringify(world.slack.messages("C0NOTICES"))).not.toContain("<!channel>");
    expect(told("rg-edge/edge")).toEqual([
      expect.stringContaining(
        "by barbara@contoso.com. The JIT policy doesn't show which VM and port.",
      ),
    ]);
    const entries = await audited("opened-elsewhere");
    expect(entries).toHaveLength(2);
    expect(entries).toContainEqual(
      expect.objectContaining({
        detail: expect.objectContaining({
          ...{ ports: "22", status: "Succeeded", act: "opened" },
          // By its id, which readers make the name of.
          vm: expect.stringMatching(/\/resourcegroups\/rg-prod-shop\/.*\/web-02$/),
        }),
      }),
    );
  });

  it("is told although it comes into the log much later", async () => {
    world.azure.switches.activityDelayMs = 20 * 60_000;
    openElsewhere("db-01", 22);
    await turns(1);
    expect(told("db-01")).toEqual([]);
    world.advance(21 * 60_000);
    expect(await toldOnce("db-01")).toContain("22 (SSH) from 203.0.113.77");
  });
});

it("tells of a policy that others changed or deleted, with who and which", async () => {
  const path = policyOf("db-01");
  world.azure.elsewhere.act(BARBARA, { method: "PUT", path, body: putBody(path) });
  world.azure.elsewhere.act(BARBARA, { method: "DELETE", path: policyOf("fw-win-01") });
  expect(await toldOnce("JIT policy deleted")).toContain(
    "rg-edge/edge, by barbara@contoso.com. Access to its VMs can be requested only where another JIT policy covers them.",
  );
  expect(told("JIT policy changed")).toEqual([expect.stringContaining("not by this bot")]);
  expect(told("JIT policy changed")[0]).toContain("rg-prod-data/default, by barbara@contoso.com.");
  expect(await audited("jit-policy-deleted-elsewhere")).toHaveLength(1);
});

const putBody = (path: string) => {
  const policy = world.azure.world.policies.get(path.toLowerCase());
  const vms = [...(policy?.vms ?? [])];
  const ports = [
    {
      ...{ number: 22, protocol: "*", allowedSourceAddressPrefix: "*" },
      maxRequestAccessDuration: "PT3H",
    },
  ];
  return {
    kind: "Basic",
    properties: { virtualMachines: vms.map(({ id }) => ({ id, ports })) },
  };
};

describe("what the bot does itself", () => {
  it("is never told, and the log's own entry is kept beside its request", async () => {
    const request = await granted(world, "jump-01 22 1h");
    await shows(world, request, "Open until");
    const seen = async () => (await world.memory.audit(request.id)).includes("seen-in-log");
    await soon(world, "the log's own entry", seen);
    await turns(1);
    const [entry] = (await audited("seen-in-log")).filter(({ id }) => id === request.id);
    expect(entry).toMatchObject({
      vm: "rg-prod-shop/jump-01",
      detail: { act: "opened", status: "Succeeded", loggedAtMs: expect.any(Number) },
    });
    expect((await world.memory.audit(request.id)).filter((one) => one === "seen-in-log")).toEqual([
      "seen-in-log",
    ]);
    expect(told("jump-01")).toEqual([]);
    const shown = named(await typed(world, "U0ADMIN", "audit vm:rg-prod-shop/jump-01"));
    expect(shown).toMatch(
      /on rg-prod-shop\/jump-01 from (?:.|\n)* opened .*\. In Azure's Activity Log/,
    );
    // Azure's ids stand behind the names, not in the sentence.
    expect(shown).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-|\/subscriptions\//);
    const screen = JSON.stringify(world.slack.ephemerals("U0ADMIN").at(-1)?.blocks);
    const vm =
      /<https:\/\/portal\.azure\.com\/#@\/resource(\/[^|>]*\/jump-01)\|rg-prod-shop\/jump-01>/;
    const [, path = "none"] = vm.exec(screen) ?? [];
    expect(screen).toContain(`#@/resource${path}/eventlogs|Azure's Activity Log>`);
    expect(shown).not.toContain("Not by this bot");
  });
});

/** As it is read: without the addresses of links. */
const named = (text: string): string => text.replace(/ \(https:[^)]*\)/g, "");

it("does not tell of the policies that the bot itself writes", async () => {
  const preview = await typed(world, "U0ADMIN", "enable rg-prod-shop/batch-01 22");
  expect(preview).toContain("Preview");
  const { ts = "", channel = "" } = world.slack.ephemerals("U0ADMIN").at(-1) ?? {};
  const own = async () => (await audited("seen-in-log")).filter(({ id }) => id === undefined);
  await world.slack.click({ user: "U0ADMIN", channel, ts, actionId: "jit.apply" });
  await soon(world, "the log's entry of the write", async () => (await own()).length > 0);
  await turns(1);
  expect(await own()).toMatchObject([{ detail: { act: "written", status: "Succeeded" } }]);
  expect(told("JIT policy changed, not by this bot").join()).not.toContain("rg-prod-shop");
});

it("shows admins what others did in the audit, and nobody else", async () => {
  const shown = named(await typed(world, "U0ADMIN", "audit vm:rg-prod-shop/web-02"));
  expect(shown).toContain("Not by this bot");
  expect(shown).toMatch(
    /opened outside this bot, rg-prod-shop\/web-02: 22 from 203.0.113.77 by barbara@contoso.com (?:Today|Tomorrow) at/,
  );
  expect(shown).not.toContain("/subscriptions/");
  const screen = JSON.stringify(world.slack.ephemerals("U0ADMIN").at(-1)?.blocks);
  expect(screen).toMatch(/portal\.azure\.com\/[^|>]*\/web-02\|rg-prod-shop\/web-02>/i);
  expect(await typed(world, "U0SAM", "audit")).not.toContain("Not by this bot");
});

it("ends an access that others closed, unless it was opened a moment ago", async () => {
  const request = await granted(world, "vm-01 3389 1h");
  await shows(world, request, "Open until");
  world.advance(2 * 60_000);
  const fresh = await granted(world, "win-02 3389 1h");
  await shows(world, fresh, "Open until");
  for (const vm of ["vm-01", "win-02"]) world.azure.elsewhere.close({ vm, port: 3389 });
  await soon(world, "the end", async () => (await stateOf(request)) === "ended");
  await shows(world, request, "Closed early outside this bot");
  await soon(world, "the notice", () => told(request.id).length > 0);
  expect(told(request.id)).toEqual([expect.stringContaining("Ended early, outside this bot")]);
  expect(await stateOf(fresh)).toBe("open");
});

const stateOf = async ({ id }: { id: string }) => (await world.memory.request(id)).state;

it("raises the alarm where a door stays open past its end, and says when it is shut", async () => {
  const request = await granted(world, "db-02 22 1h");
  await shows(world, request, "Open until");
  for (const { door } of doorsOf("db-02")) door.endMs += 60 * 60_000;
  world.advance(61 * 60_000);
  await shows(world, request, "Azure still shows it open");
  const says = (what: string) => () => told(request.id).some((one) => one.includes(what));
  await until(world, "the alarm", says("Still open"), { stepMs: 4_000 });
  world.azure.elsewhere.close({ vm: "db-02", port: 22 });
  await until(world, "its end", says("Closed late"), { stepMs: 4_000 });
  expect(told(request.id).filter((one) => one.includes("Still open"))).toHaveLength(1);
});

const doorsOf = (vm: string) =>
  world.azure.world.doorsOfVm.get(findVm(world.azure.world, vm).id.toLowerCase()) ?? [];

it("tells nothing again where a replica is killed and another one starts", async () => {
  const [first] = bots;
  await first?.kill();
  // It may have been its turn.
  world.advance(61_000);
  bots = [...bots.slice(1), await world.startBot()];
  const before = told("Opened in Azure").length;
  openElsewhere("rg-prod-shop/web-01", 3389);
  await soon(world, "the new one", () => told("Opened in Azure").length > before);
  await turns(1);
  expect(told("Opened in Azure")).toHaveLength(before + 1);
});

describe("a subscription whose log is not to be read", () => {
  it("is said once in the log of a replica, harms no other, and is made up for", async () => {
    const lab = subscriptionOf("dev-01");
    const said = { error: { code: "AuthorizationFailed", message: "no" } };
    world.azure.faults.add({
      ...{ method: "GET", path: `${lab}/providers/Microsoft.Insights`, times: 999 },
      act: { status: 403, body: said },
    });
    openElsewhere("dev-01", 22);
    openElsewhere("rg-prod-shop/web-01", 22);
    await toldOnce("web-01");
    expect(told("dev-01")).toEqual([]);
    for (const bot of bots) {
      const lines = bot.output().split("the Activity Log can't be read").length - 1;
      expect(lines).toBeLessThanOrEqual(1);
    }
    expect(bots.map((bot) => bot.output()).join()).toContain("the Activity Log can't be read");
    world.azure.faults.clear();
    expect(await toldOnce("dev-01")).toContain("Opened in Azure, not by this bot");
  });
});
