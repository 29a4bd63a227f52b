// What JIT policies allow, in the snapshot: subscription by subscription, page by page.
// Of src/adapters/azure/inventory/read-inventory.ts.

import { beforeEach, describe, expect, it } from "vitest";
import { vmKey } from "../../../src/domain/text/ids.ts";
import { startAzure } from "../../../src/sandbox/azure/azure-server.ts";
import {
  buildWorld,
  findVm,
  grant,
  grantAt,
  policy,
  RIGHTS,
  subscriptionId,
  vm,
} from "../../../src/sandbox/azure/world/parts.ts";
import { HOUR_MS, simulate } from "./bot.ts";

const simulated = await simulate();
const { azure, clock, sent } = simulated;
const LIST = "/providers/Microsoft.Security/jitNetworkAccessPolicies";

const policyIds = () => [...azure.world.policies.values()].map(({ id }) => id);
const keyOf = (name: string) => vmKey(findVm(azure.world, name).id);

beforeEach(() =>
  simulated.reset(
    buildWorld(
      vm({ name: "web" }),
      policy({
        vms: ["web"],
        ports: [{ number: 22, protocol: "TCP", max: "P1D", sources: "*" }, 3389],
        sources: ["10.0.0.9/8", "192.0.2.1/32", "VirtualNetwork"],
      }),
    ),
  ),
);

describe("what a policy allows", () => {
  it("is in the snapshot, with sources written as we write them", async () => {
    const { vmPolicies } = await simulated.bot().bot.refresh();
    expect([...vmPolicies]).toEqual([
      [
        keyOf("web"),
        [
          {
            policyId: policyIds()[0],
            vm: keyOf("web"),
            ports: [
              { number: 22, protocol: "TCP", sources: ["*"], maxDurationMs: 24 * HOUR_MS },
              {
                number: 3389,
                protocol: "*",
                sources: ["10.0.0.0/8", "192.0.2.1", "VirtualNetwork"],
                maxDurationMs: 3 * HOUR_MS,
              },
            ],
            firewallAddress: undefined,
          },
        ],
      ],
    ]);
  });

  it("names the firewall to connect to", async () => {
    simulated.reset(
      buildWorld(vm({ name: "web", firewall: "198.18.7.7" }), policy({ vms: ["web"] })),
    );
    const { vmPolicies } = await simulated.bot().bot.refresh();
    expect(vmPolicies.get(keyOf("web"))).toMatchObject([{ firewallAddress: "198.18.7.7" }]);
  });

  it("comes from policies of any name, in the order of their ids, in any case", async () => {
    simulated.reset(
      buildWorld(
        vm({ name: "web", resourceGroup: "RG-Web" }),
        policy({ vms: ["web"], name: "zebra", ports: [22] }),
        policy({ vms: ["web"], name: "Default.2", ports: [3389] }),
        policy({ vms: ["web"], name: "default", ports: [5985], resourceGroup: "rg-else" }),
      ),
    );
    const one = [...azure.world.policies.values()].find(({ name }) => name === "zebra");
    for (const entry of one?.vms ?? []) entry.id = entry.id.toUpperCase();
    const { vmPolicies } = await simulated.bot().bot.refresh();
    const ids = vmPolicies.get(keyOf("web"))?.map(({ policyId }) => policyId) ?? [];
    expect(
      ids.map((id) =>
        id
          .split("/")
          .slice(4, 5)
          .concat(id.split("/").at(-1) ?? ""),
      ),
    ).toEqual([
      ["rg-else", "default"],
      ["RG-Web", "Default.2"],
      ["RG-Web", "zebra"],
    ]);
  });

  it("is read to the last page", async () => {
    const names = Array.from({ length: 7 }, (_, i) => `policy-${i}`);
    simulated.reset(
      buildWorld(vm({ name: "web" }), ...names.map((name) => policy({ vms: ["web"], name }))),
    );
    azure.switches.policyPageSize = 2;
    const { vmPolicies } = await simulated.bot().bot.refresh();
    expect(vmPolicies.get(keyOf("web"))).toHaveLength(7);
    expect(sent(LIST)).toHaveLength(4);
  });

  it("keeps what can be read, and names what can't be", async () => {
    const id = policyIds()[0];
    const good = { number: 22, maxRequestAccessDuration: "PT3H" };
    const ports = [good, { number: 70_000 }, { number: 1, maxRequestAccessDuration: "3 h" }, null];
    const value = [
      { id, properties: { virtualMachines: [{ id: keyOf("web"), ports }, {}, null] } },
      { id, properties: { virtualMachines: null } },
      { id },
      { properties: { virtualMachines: [] } },
      null,
    ];
    azure.faults.add({ path: LIST, act: { status: 200, body: { value } } });
    const { bot, lines } = simulated.bot();
    const { vmPolicies, unread } = await bot.refresh();
    expect(vmPolicies.get(keyOf("web"))).toMatchObject([
      {
        ports: [
          { number: 22, protocol: "*", sources: ["*"], maxDurationMs: 3 * HOUR_MS },
          { number: 1, maxDurationMs: 0, unreadable: ['the maximum "3 h"'] },
        ],
      },
    ]);
    expect(unread).toEqual([]);
    expect(lines).toMatchObject([
      {
        level: "warn",
        facts: {
          said: expect.stringMatching(/^9 parts can't be read, so they allow nothing: .*"3 h"/),
        },
      },
    ]);
  });
});

describe("a subscription that can't be read", () => {
  const [prod, test] = [subscriptionId("Prod"), subscriptionId("Test")];
  const world = () =>
    buildWorld(
      vm({ name: "web", subscription: "Prod" }),
      vm({ name: "db", subscription: "Test" }),
      policy({ vms: ["web"] }),
      policy({ vms: ["db"] }),
      grant(...RIGHTS.request.filter((right) => !right.includes("jitNetwork"))),
      grantAt(`/subscriptions/${prod}`, ...RIGHTS.request),
    );
  const passing = (status: number) =>
    azure.faults.add({ path: `${prod}${LIST}`, act: { status, body: {} } });

  beforeEach(() => simulated.reset(world()));

  it("is named with Azure's words, and the others stay usable", async () => {
    const { vms, vmPolicies, unread } = await simulated.bot().bot.refresh();
    expect(vms.size).toBe(2);
    expect([...vmPolicies.keys()]).toEqual([keyOf("web")]);
    expect(unread).toEqual([
      {
        subscriptionId: test,
        fault: expect.stringMatching(/^AuthorizationFailed: The client .* does not have auth/),
      },
    ]);
  });

  it("is said in the log when it begins and when it is over, not every minute", async () => {
    const { bot, lines } = simulated.bot();
    await bot.refresh();
    await bot.refresh();
    expect(lines.map(({ level }) => level)).toEqual(["warn"]);
    azure.world.grants.push({ scope: "/", actions: ["*"], notActions: [] });
    const { unread, vmPolicies } = await bot.refresh();
    expect(unread).toEqual([]);
    expect(vmPolicies.size).toBe(2);
    expect(lines.map(({ level }) => level)).toEqual(["warn", "info"]);
  });

  it("is asked about if it is configured, though no VM of it is seen", async () => {
    const gone = "00000000-0000-4000-8000-000000000000";
    const { bot } = simulated.bot({ subscriptions: [prod.toUpperCase(), gone] });
    const { unread } = await bot.refresh();
    expect(unread).toEqual([
      { subscriptionId: gone, fault: expect.stringMatching(/^SubscriptionNotFound: /) },
    ]);
    expect(sent(LIST)).toHaveLength(2);
  });

  it("keeps its last known policies where that may pass, and is named all the same", async () => {
    const { bot } = simulated.bot();
    await bot.refresh();
    const rule = passing(503);
    const { vmPolicies, unread } = await bot.refresh();
    expect(vmPolicies.get(keyOf("web"))).toHaveLength(1);
    expect(unread.map((one) => one.subscriptionId).sort()).toEqual([prod, test].sort());
    azure.faults.clear(rule);
    expect((await bot.refresh()).unread).toHaveLength(1);
  });

  it("keeps them as long as its VMs are seen where it is refused, and is named all the same", async () => {
    const { bot } = simulated.bot();
    await bot.refresh();
    azure.faults.add({ path: `${prod}/providers/Microsoft.Security`, act: { status: 403 } });
    for (let n = 0; n < 3; n++) {
      clock.setMs(clock.nowMs() + HOUR_MS);
      const { vmPolicies, unread } = await bot.refresh();
      expect(vmPolicies.get(keyOf("web"))).toHaveLength(1);
      expect(unread.map((one) => one.subscriptionId)).toContain(prod);
    }
  });

  it("is listed region by region where the identity may not list it whole", async () => {
    simulated.reset(
      buildWorld(
        vm({ name: "web", location: "westeurope" }),
        vm({ name: "db", location: "northeurope" }),
        ...[policy({ vms: ["web"] }), policy({ vms: ["db"] })],
      ),
    );
    azure.switches.listingAtOnce = "wildcard";
    const { vmPolicies, unread } = await simulated.bot().bot.refresh();
    expect([...vmPolicies.keys()].sort()).toEqual([keyOf("db"), keyOf("web")]);
    expect(unread).toEqual([]);
    expect(sent("/locations/").map(({ path }) => path.split("/").at(-2))).toEqual([
      ...["northeurope", "westeurope"],
    ]);
  });

  it("is asked again a little before that", async () => {
    azure.faults.add({ path: `${prod}${LIST}`, times: 2, act: "reset" });
    const { unread } = await simulated.bot().bot.refresh();
    expect(unread.map((one) => one.subscriptionId)).toEqual([test]);
    expect(clock.slept).toEqual([250, 500]);
  });
});

describe("a link to the next page that leads in a circle", () => {
  it.each([
    ["to its own page", { a: "a" }],
    ["by way of another page", { a: "b", b: "a" }],
  ])("%s is followed once, and told", async (_, links) => {
    const answers = (next: string) => ({
      status: 200,
      body: { value: [], nextLink: `${azure.url}/subscriptions/x${LIST}?page=${next}` },
    });
    for (const [page, next] of Object.entries(links)) {
      azure.faults.add({ path: `${LIST}\\?page=${page}`, act: answers(next) });
    }
    azure.faults.add({ path: LIST, act: answers("a") });
    const before = sent(LIST).length;
    const { unread } = await simulated.bot().bot.refresh();
    expect(unread).toEqual([
      {
        subscriptionId: subscriptionId("Demo"),
        fault: expect.stringMatching(/^RepeatedLink: Azure's list leads in a circle: /),
      },
    ]);
    expect(sent(LIST).length - before).toBeLessThan(20);
  });
});

describe("a link to the next page that leads elsewhere", () => {
  it.each(["https://localhost", "http://127.0.0.1"])("to %s is not followed", async (host) => {
    const elsewhere = await startAzure({ world: buildWorld(), nowMs: clock.nowMs });
    const nextLink = `${elsewhere.url.replace("https://127.0.0.1", host)}/steal?api-version=1`;
    azure.faults.add({ path: LIST, act: { status: 200, body: { value: [], nextLink } } });
    const { bot } = simulated.bot();
    const { unread } = await bot.refresh();
    expect(unread).toEqual([
      {
        subscriptionId: subscriptionId("Demo"),
        fault: expect.stringMatching(/^ForeignHost: Azure's answer pointed to /),
      },
    ]);
    expect(elsewhere.calls).toEqual([]);
    await elsewhere.close();
  });

  it("by a redirect is not followed", async () => {
    const elsewhere = await startAzure({ world: buildWorld(), nowMs: clock.nowMs });
    const headers = { location: `${elsewhere.url}/steal` };
    azure.faults.add({ path: LIST, act: { status: 307, headers, body: {} } });
    const { unread } = await simulated.bot().bot.refresh();
    expect(unread[0]?.fault).toMatch(/^TemporaryRedirect: /);
    expect(elsewhere.calls).toEqual([]);
    await elsewhere.close();
  });
});
