// Every row of the table of refusals, provoked over the wire and compared to the letter.

import { beforeEach, describe, expect, it } from "vitest";
import { REFUSALS, type RefusalName } from "../../../../src/sandbox/azure/refusals.ts";
import {
  add,
  buildWorld,
  policy,
  subscription,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { type Answer, MINUTE_MS, send, start } from "../started.ts";

const started = await start(buildWorld());
const { azure, call, clock, token } = started;
const sub = subscriptionId("Demo");
const rg = `/subscriptions/${sub}/resourceGroups/rg-demo`;
const jit = "providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies";
const at = `${rg}/${jit}/default`;
const version = "?api-version=2020-01-01";
const idOf = (name: string) => `${rg}/providers/Microsoft.Compute/virtualMachines/${name}`;

beforeEach(() => {
  const world = buildWorld(
    vm({ name: "web" }),
    vm({ name: "bare", nsg: "none" }),
    vm({ name: "gone" }),
    vm({ name: "guarded", needsWrite: true }),
    policy({
      vms: ["web", "bare", "gone", "guarded"],
      ports: [22, { number: 3389, max: "PT1H", sources: "203.0.113.0/24" }],
    }),
    vm({ name: "outside" }),
  );
  world.vms.delete(idOf("gone").toLowerCase());
  azure.reset(world);
});

type Change = { vm?: string; number?: number; minutes?: number; source?: string; path?: string };

const endAfter = (minutes: number) => new Date(clock.nowMs + minutes * MINUTE_MS).toISOString();

const initiate = (change: Change = {}) => {
  const { vm: name = "web", number = 22, minutes = 30, source = "203.0.113.7" } = change;
  const ports = [{ number, endTimeUtc: endAfter(minutes), allowedSourceAddressPrefix: source }];
  const path = change.path ?? `${at}/initiate${version}`;
  return call("POST", path, { virtualMachines: [{ id: idOf(name), ports }] });
};

const put = (port: Record<string, unknown>, name = "default") => {
  const whole = {
    number: 22,
    protocol: "*",
    allowedSourceAddressPrefix: "*",
    maxRequestAccessDuration: "PT3H",
    ...port,
  };
  const virtualMachines = [{ id: idOf("web"), ports: [whole] }];
  return call("PUT", `${rg}/${jit}/${name}${version}`, { properties: { virtualMachines } });
};

type Scenario = { answer: () => Promise<Answer>; facts?: Record<string, string> };

const beyond = { policy: at };

/** One way, or several, to meet each refusal; TypeScript sees to it that no row is left out. */
const SCENARIOS: Record<RefusalName, Scenario | Scenario[]> = {
  "subscription-malformed": {
    answer: () => call("GET", `/subscriptions/mine${version}`),
    facts: { subscription: "mine" },
  },
  "subscription-not-found": {
    answer: () =>
      initiate({ path: `${at.replace(sub, subscriptionId("other"))}/initiate${version}` }),
    facts: { subscription: subscriptionId("other") },
  },
  "group-not-found": {
    answer: () => initiate({ path: `${at.replace("rg-demo", "rg-none")}/initiate${version}` }),
    facts: { group: "rg-none" },
  },
  "resource-not-found": {
    answer: () => call("GET", `${at}x${version}`),
    facts: {
      resource: "Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/defaultx",
      group: "rg-demo",
    },
  },
  "not-authorized": [
    {
      answer: () => {
        azure.world.grants = [{ scope: "/", actions: ["*/read"], notActions: [] }];
        return initiate();
      },
      facts: {
        client: azure.world.bot.objectId,
        action: "Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action",
        scope: at,
      },
    },
    {
      // "Some VMs will require write action on the VM."
      answer: () => {
        const notActions = ["Microsoft.Compute/virtualMachines/write"];
        azure.world.grants = [{ scope: "/", actions: ["*"], notActions }];
        return initiate({ vm: "guarded" });
      },
      facts: {
        client: azure.world.bot.objectId,
        action: "Microsoft.Compute/virtualMachines/write",
        scope: idOf("guarded"),
      },
    },
  ],
  "api-version-missing": { answer: () => initiate({ path: `${at}/initiate` }) },
  "api-version-malformed": {
    answer: () => initiate({ path: `${at}/initiate?api-version=newest` }),
    facts: { version: "newest", supported: "2020-01-01" },
  },
  "api-version-unsupported": {
    answer: () => initiate({ path: `${at}/initiate?api-version=2019-01-01` }),
    facts: {
      version: "2019-01-01",
      supported: "2020-01-01",
      location: "westeurope",
      type: "Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action",
    },
  },
  "body-malformed": {
    answer: async () =>
      send(`${azure.url}${at}/initiate${version}`, "POST", { text: "{", token: await token() }),
  },
  "policy-not-found": {
    answer: () => initiate({ path: `${at}x/initiate${version}` }),
    facts: { policy: "defaultx" },
  },
  "body-incomplete": [
    {
      answer: () => call("POST", `${at}/initiate${version}`),
      facts: { fault: "there is no body" },
    },
    {
      answer: () => call("POST", `${at}/initiate${version}`, { virtualMachines: [] }),
      facts: { fault: "virtualMachines isn't a list of objects" },
    },
    {
      answer: () =>
        call("POST", `${at}/initiate${version}`, {
          virtualMachines: [{ id: idOf("web"), ports: [{ number: 22, endTimeUtc: "tomorrow" }] }],
        }),
      facts: { fault: "a port's endTimeUtc or duration is none" },
    },
    ...[{}, { endTimeUtc: endAfter(60), duration: "PT1H" }].map((end) => ({
      answer: () =>
        call("POST", `${at}/initiate${version}`, {
          virtualMachines: [{ id: idOf("web"), ports: [{ number: 22, ...end }] }],
        }),
      facts: { fault: "a port needs exactly one of endTimeUtc and duration" },
    })),
    {
      answer: () => {
        azure.switches.severalSources = "refuse";
        const several = { allowedSourceAddressPrefixes: ["192.0.2.1", "192.0.2.2"] };
        return call("POST", `${at}/initiate${version}`, {
          virtualMachines: [
            { id: idOf("web"), ports: [{ number: 22, duration: "PT1H", ...several }] },
          ],
        });
      },
      facts: { fault: "allowedSourceAddressPrefixes is not expected" },
    },
  ],
  "vm-not-in-policy": { answer: () => initiate({ vm: "outside" }), facts: beyond },
  "port-not-in-policy": [
    { answer: () => initiate({ number: 23 }), facts: beyond },
    { answer: () => initiate({ number: 70_000 }), facts: beyond },
  ],
  "source-outside": [
    { answer: () => initiate({ number: 3389, source: "198.51.100.1" }), facts: beyond },
    { answer: () => initiate({ number: 3389, source: "*" }), facts: beyond },
    { answer: () => initiate({ number: 3389, source: "203.0.112.0/23" }), facts: beyond },
  ],
  "source-narrower": {
    answer: () => {
      azure.switches.narrowerSource = "refuse";
      return initiate({ number: 3389 });
    },
    facts: beyond,
  },
  "too-long": [
    { answer: () => initiate({ minutes: 181 }), facts: beyond },
    { answer: () => initiate({ number: 3389, minutes: 61 }), facts: beyond },
  ],
  "source-ipv6": [
    { answer: () => initiate({ source: "2001:db8::1" }) },
    { answer: () => initiate({ source: "2001:db8::/32" }) },
  ],
  "source-malformed": { answer: () => initiate({ source: "vpn" }), facts: { source: "vpn" } },
  "end-in-the-past": {
    answer: () => initiate({ minutes: -1 }),
    facts: { end: endAfter(-1) },
  },
  "end-too-near": {
    answer: () => {
      azure.switches.leastWindowMs = 5 * MINUTE_MS;
      return initiate({ minutes: 4 });
    },
    facts: { end: endAfter(4) },
  },
  "vm-gone": { answer: () => initiate({ vm: "gone" }), facts: { vm: idOf("gone") } },
  "vm-unsupported": { answer: () => initiate({ vm: "bare" }), facts: { vm: idOf("bare") } },
  "plan-off": (["off", "P1"] as const).map((plan) => ({
    answer: () => {
      add(azure.world, subscription({ name: "Demo", plan }));
      return initiate();
    },
    facts: { subscription: sub },
  })),
  "action-unknown": {
    answer: () => initiate({ path: `${at}/open${version}` }),
    facts: { action: "open" },
  },
  "policy-incomplete": {
    answer: () => call("PUT", at + version, { virtualMachines: [] }),
    facts: { fault: "there are no properties" },
  },
  "policy-port": [
    { answer: () => put({ number: 65_536 }), facts: { port: "65536" } },
    { answer: () => put({ number: -1 }), facts: { port: "-1" } },
  ],
  "policy-protocol": { answer: () => put({ protocol: "ICMP" }), facts: { protocol: "ICMP" } },
  "policy-duration": ["PT4M59S", "PT24H1S", "P2D", "3h", "PT"].map((duration) => ({
    answer: () => put({ maxRequestAccessDuration: duration }),
    facts: { duration },
  })),
  "policy-sources": [
    { answer: () => put({ allowedSourceAddressPrefixes: ["10.0.0.0/8"] }) },
    { answer: () => put({ allowedSourceAddressPrefix: null }) },
  ],
  "policy-source": {
    answer: () => put({ allowedSourceAddressPrefix: "2001:db8::/32" }),
    facts: { source: "2001:db8::/32" },
  },
  "policy-name-long": {
    answer: () => put({}, "p".repeat(54)),
    facts: { policy: "p".repeat(54), vm: "web" },
  },
};

describe.each(Object.keys(REFUSALS) as RefusalName[])("%s", (name) => {
  it.each([SCENARIOS[name]].flat())("is refused in the table's words (%#)", async (scenario) => {
    const row = REFUSALS[name];
    const { status, body } = await scenario.answer();
    const message = row.message.replace(/\{(\w+)\}/g, (all, key) => scenario.facts?.[key] ?? all);
    expect([status, body.error.code]).toEqual([row.status, row.code]);
    // Of a body that is no JSON, the message ends in the parser's words.
    const [exact = ""] = message.split("{fault}");
    expect(body.error.message.slice(0, exact.length)).toBe(exact);
    if (!message.includes("{fault}")) expect(body.error.message).toBe(message);
    expect(azure.world.doorsOfVm.size).toBe(0);
  });
});
