// Resource Graph page by page: its quota, its throttling, and the scopes that it is asked about.
// Of src/adapters/azure/inventory/resource-graph.ts.

import { beforeEach, describe, expect, it } from "vitest";
import { QUERIES } from "../../../../src/adapters/azure/inventory/graph-queries.ts";
import {
  buildWorld,
  subscription,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { faultOf, MINUTE_MS, START_MS, simulate } from "../bot.ts";

const simulated = await simulate();
const { azure, clock, sent } = simulated;
const GRAPH = "Microsoft.ResourceGraph";

const many = (count: number) =>
  Array.from({ length: count }, (_, i) => vm({ name: `vm-${String(i).padStart(4, "0")}` }));

type Asked = { query: string; options: { $skipToken?: string }; [more: string]: unknown };
const queriesSent = () => sent(GRAPH).map(({ body }) => body as Asked);
const vmQueriesSent = () => queriesSent().filter(({ query }) => query === QUERIES.vms);

const DEMO = subscriptionId("Demo");
const ROW_ID = `/subscriptions/${DEMO}/resourceGroups/RG/providers/Microsoft.Compute/virtualMachines/Odd-01`;

/** The quota is counted by Azure's clock, which each reset sets back to the same moment. */
let begun = 0;
const freshQuota = () => {
  begun += 1;
  clock.setMs(START_MS + begun * MINUTE_MS);
};

beforeEach(() => simulated.reset(buildWorld(vm({ name: "web" }))));

describe("pages", () => {
  it("are turned until there is none, with the same query", async () => {
    simulated.reset(buildWorld(...many(2_005)));
    const { vms } = await simulated.bot().bot.refresh();
    expect(vms.size).toBe(2_005);
    expect([...vms.values()].every((one) => one.privateAddresses.length === 1)).toBe(true);
    const asked = vmQueriesSent();
    expect(asked.map(({ options }) => Object.hasOwn(options, "$skipToken"))).toEqual([
      false,
      true,
      true,
    ]);
    expect(new Set(queriesSent().map(({ query }) => query))).toEqual(
      new Set(Object.values(QUERIES)),
    );
  });

  it("that are cut short without a way on are said in the log", async () => {
    const body = { data: [{ id: ROW_ID }], resultTruncated: "true" };
    azure.faults.add({
      bodyIncludes: "microsoft.compute/virtualmachines",
      act: { status: 200, body },
    });
    const { bot, lines } = simulated.bot();
    await bot.refresh();
    expect(lines).toMatchObject([{ level: "warn", text: "rows are missing" }]);
  });

  it("wait for the quota, so that nobody is throttled", async () => {
    simulated.reset(buildWorld(...many(4_100)));
    freshQuota();
    const { vms } = await simulated.bot().bot.refresh();
    expect(vms.size).toBe(4_100);
    expect(clock.slept.length).toBeGreaterThan(0);
    const throttled = sent(GRAPH).filter(({ answered }) => answered === 429);
    // What was under way when the quota came to its end may still hit it.
    expect(throttled.length).toBeLessThan(Object.keys(QUERIES).length);
  });
});

describe("throttling", () => {
  const throttle = (times: number | undefined, headers: Record<string, string>) =>
    azure.faults.add({
      bodyIncludes: "microsoft.compute/virtualmachines",
      ...(times !== undefined && { times }),
      act: { status: 429, headers, body: { error: { code: "RateLimiting", message: "Slower." } } },
    });

  it("is waited out as long as Azure says", async () => {
    throttle(2, { "retry-after": "3" });
    const { vms } = await simulated.bot().bot.refresh();
    expect(vms.size).toBe(1);
    expect(clock.slept).toEqual([3_000, 3_000]);
  });

  it("is waited out by the quota's own header", async () => {
    throttle(1, { "x-ms-user-quota-resets-after": "00:00:04" });
    await simulated.bot().bot.refresh();
    expect(clock.slept).toEqual([4_000]);
  });

  it("is waited out longer each time, where Azure does not say", async () => {
    throttle(3, {});
    await simulated.bot().bot.refresh();
    expect(clock.slept).toEqual([1_000, 2_000, 4_000]);
  });

  it("that does not end is given up", async () => {
    throttle(undefined, { "retry-after": "5" });
    expect(await faultOf(simulated.bot().bot.refresh())).toMatchObject({
      code: "RateLimiting",
      message: "Slower.",
      retryable: true,
      retryAfterMs: 5_000,
    });
    expect(vmQueriesSent()).toHaveLength(5);
  });

  it("for longer than is reasonable is not waited out", async () => {
    throttle(undefined, { "retry-after": "3600" });
    await faultOf(simulated.bot().bot.refresh());
    expect(vmQueriesSent()).toHaveLength(1);
    expect(clock.slept).toEqual([]);
  });
});

describe("scopes", () => {
  const scopesSent = () =>
    vmQueriesSent().map(({ subscriptions, managementGroups }) => ({
      subscriptions,
      managementGroups,
    }));

  beforeEach(() => {
    simulated.reset(
      buildWorld(
        subscription({ name: "Prod", managementGroups: ["root", "corp"] }),
        vm({ name: "web", subscription: "Prod" }),
        vm({ name: "db", subscription: "Test" }),
      ),
    );
    freshQuota();
  });

  it("are left out where none are set: everything that can be read", async () => {
    const { vms } = await simulated.bot().bot.refresh();
    expect(vms.size).toBe(2);
    expect(scopesSent()).toEqual([{}]);
    expect(vmQueriesSent()[0]).not.toHaveProperty("subscriptions");
  });

  it("are the subscriptions that are set", async () => {
    const subscriptions = [subscriptionId("Test")];
    const { vms } = await simulated.bot({ subscriptions }).bot.refresh();
    expect([...vms.values()].map(({ name }) => name)).toEqual(["db"]);
    expect(scopesSent()).toEqual([{ subscriptions }]);
  });

  it("of both kinds are asked about apart, and put together", async () => {
    const subscriptions = [subscriptionId("Test")];
    const managementGroups = ["corp"];
    const { bot } = simulated.bot({ subscriptions, managementGroups });
    expect((await bot.refresh()).vms.size).toBe(2);
    expect(scopesSent()).toEqual([{ subscriptions }, { managementGroups }]);
  });

  it("that are too many for one query are asked about in parts", async () => {
    const managementGroups = Array.from({ length: 11 }, (_, i) => `group-${i}`);
    azure.faults.add({ path: GRAPH, act: { status: 200, body: { data: [] } } });
    await simulated.bot({ managementGroups }).bot.refresh();
    expect(vmQueriesSent().map((one) => one.managementGroups)).toEqual([
      managementGroups.slice(0, 10),
      managementGroups.slice(10),
    ]);
  });
});
