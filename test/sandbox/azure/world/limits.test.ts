// What is just within the limits, and what only a switch lets through, is accepted.

import { beforeEach, describe, expect, it } from "vitest";
import {
  add,
  buildWorld,
  policy,
  subscription,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { MINUTE_MS, start } from "../started.ts";

const started = await start(buildWorld());
const { azure, call, clock } = started;
const sub = subscriptionId("Demo");
const rg = `/subscriptions/${sub}/resourceGroups/rg-demo`;
const jit = "providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies";
const at = `${rg}/${jit}/default`;
const version = "?api-version=2020-01-01";
const idOf = (name: string) => `${rg}/providers/Microsoft.Compute/virtualMachines/${name}`;

beforeEach(() => {
  azure.reset(
    buildWorld(
      vm({ name: "web" }),
      vm({ name: "bare", nsg: "none" }),
      policy({
        vms: ["web", "bare"],
        ports: [22, { number: 3389, max: "PT1H", sources: "203.0.113.0/24" }],
      }),
    ),
  );
});

type Change = { vm?: string; number?: number; minutes?: number; source?: string };

const endAfter = (minutes: number) => new Date(clock.nowMs + minutes * MINUTE_MS).toISOString();

const initiate = (change: Change = {}) => {
  const { vm: name = "web", number = 22, minutes = 30, source = "203.0.113.7" } = change;
  const ports = [{ number, endTimeUtc: endAfter(minutes), allowedSourceAddressPrefix: source }];
  return call("POST", `${at}/initiate${version}`, { virtualMachines: [{ id: idOf(name), ports }] });
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

describe("what is not refused", () => {
  it.each([
    { what: "the longest time", change: { minutes: 180 } },
    { what: "the shortest time, without a least one", change: { minutes: 1 / 60 } },
    { what: "a source within the policy's range", change: { number: 3389 } },
    { what: "the policy's own range", change: { number: 3389, source: "203.0.113.0/24" } },
    { what: "any source where the policy says any", change: { source: "*" } },
  ])("is $what", async ({ change }) => {
    expect((await initiate(change)).status).toBe(202);
  });

  it("is the policy's own range, even if narrower ones are", async () => {
    azure.switches.narrowerSource = "refuse";
    const same = await initiate({ number: 3389, source: "203.0.113.0/24" });
    // Everything lies within "any": no doubt is known about that.
    const any = await initiate({ source: "198.51.100.1" });
    expect([same.status, any.status]).toEqual([202, 202]);
  });

  it("is a VM without NSG or a plan without JIT, if so switched; it never opens", async () => {
    azure.switches.unsupportedVm = "accept";
    azure.switches.planOff = "accept";
    add(azure.world, subscription({ name: "Demo", plan: "off" }));
    expect((await initiate({ vm: "bare" })).status).toBe(202);
    clock.nowMs += 10 * MINUTE_MS;
    const { body } = await call("GET", at + version);
    const [request] = body.properties.requests;
    expect(request.virtualMachines[0].ports[0].status).toBe("Initiating");
  });

  it.each(["PT5M", "PT1H30M", "PT24H", "P1D"])("is a policy's maximum of %s", async (duration) => {
    expect((await put({ maxRequestAccessDuration: duration })).status).toBe(200);
  });

  it("is a name that just fits: 56 characters with the VM's", async () => {
    expect((await put({}, "p".repeat(53))).status).toBe(200);
  });
});
