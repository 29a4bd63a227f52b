// Access from the request to its end, as the policy tells of it while time goes by.

import { beforeEach, describe, expect, it } from "vitest";
import {
  add,
  buildWorld,
  policy,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { HOUR_MS, MINUTE_MS, START_MS, securityCenter, start } from "../started.ts";

const started = await start(buildWorld());
const { azure, call, clock, inMinutes } = started;
const sub = subscriptionId("Demo");
const group = `/subscriptions/${sub}/resourceGroups/rg-demo`;
const location = `${group}/providers/Microsoft.Security/locations/westeurope`;
const at = `${location}/jitNetworkAccessPolicies/default`;
const idOf = (name: string) => `${group}/providers/Microsoft.Compute/virtualMachines/${name}`;
const client = securityCenter(started, sub).jitNetworkAccessPolicies;

beforeEach(() => {
  clock.nowMs = START_MS;
  const world = buildWorld(vm({ name: "web" }), policy({ vms: ["web"] }));
  azure.reset(world);
});

type Port = { number: number; endTimeUtc: Date; allowedSourceAddressPrefix?: string };

const ask = (ports: Port[], more: { vm?: string; justification?: string } = {}) =>
  client.initiate("rg-demo", "westeurope", "default", {
    virtualMachines: [{ id: idOf(more.vm ?? "web"), ports }],
    ...(more.justification !== undefined && { justification: more.justification }),
  });

const port = (number: number, minutes: number, source = "203.0.113.7"): Port => ({
  number,
  endTimeUtc: inMinutes(minutes),
  allowedSourceAddressPrefix: source,
});

/** `port source status/reason` of every port of every request, the oldest first. */
const doors = async () => {
  const read = await client.get("rg-demo", "westeurope", "default");
  return (read.requests ?? []).flatMap(({ virtualMachines }) =>
    virtualMachines.flatMap(({ ports }) =>
      ports.map(
        (one) =>
          `${one.number} ${one.allowedSourceAddressPrefix} ${one.status}/${one.statusReason}`,
      ),
    ),
  );
};

describe("an accepted request", () => {
  it("is answered 202 with the shape of the published specification, field for field", async () => {
    const { status, body } = await call("POST", `${at}/initiate?api-version=2020-01-01`, {
      virtualMachines: [
        {
          id: idOf("web").toUpperCase(),
          ports: [
            {
              number: 3389,
              endTimeUtc: "2026-11-22T11:00:00.1234567Z",
              allowedSourceAddressPrefix: "192.127.0.2",
            },
          ],
        },
      ],
      justification: "testing a new version",
    });
    expect(status).toBe(202);
    expect(body).toEqual({
      virtualMachines: [
        {
          id: idOf("web"),
          ports: [
            {
              number: 3389,
              allowedSourceAddressPrefix: "192.127.0.2",
              endTimeUtc: "2026-11-22T11:00:00.1230000Z",
              status: "Initiating",
              statusReason: "UserRequested",
            },
          ],
        },
      ],
      startTimeUtc: "2026-11-22T10:00:00.0000000Z",
      requestor: azure.world.bot.objectId,
      justification: "testing a new version",
    });
  });

  it("is Initiating, then Initiated, then Revoked because it expired", async () => {
    const answer = await ask([port(22, 60)], { justification: "JIT-ABC123 why" });
    expect(answer.requestor).toBe(azure.world.bot.objectId);
    expect(await doors()).toEqual(["22 203.0.113.7 Initiating/UserRequested"]);
    clock.nowMs += 2_000;
    expect(await doors()).toEqual(["22 203.0.113.7 Initiated/UserRequested"]);
    clock.nowMs = START_MS + HOUR_MS - 1;
    expect(await doors()).toEqual(["22 203.0.113.7 Initiated/UserRequested"]);
    clock.nowMs += azure.switches.closesAfterMs;
    expect(await doors()).toEqual(["22 203.0.113.7 Initiated/UserRequested"]);
    clock.nowMs += 1;
    expect(await doors()).toEqual(["22 203.0.113.7 Revoked/Expired"]);
  });

  it("keeps justification and all ports in the policy", async () => {
    await ask([port(22, 30), port(3389, 60)], { justification: "two ports" });
    const read = await client.get("rg-demo", "westeurope", "default");
    expect(read.requests).toMatchObject([
      { justification: "two ports", startTimeUtc: new Date(START_MS) },
    ]);
    expect(read.requests?.[0]?.virtualMachines[0]?.ports).toHaveLength(2);
  });

  it("is for the caller's address if it names none", async () => {
    await ask([{ number: 22, endTimeUtc: inMinutes(60) }]);
    expect(await doors()).toEqual(["22 127.0.0.1 Initiating/UserRequested"]);
    expect(azure.calls.at(-2)?.callerAddress).toBe("127.0.0.1");
  });

  it("takes several sources in the plural field, as the portal sends them", async () => {
    const allowedSourceAddressPrefixes = ["203.0.113.7", "198.51.100.0/24"];
    const ports = [{ number: 22, endTimeUtc: inMinutes(60), allowedSourceAddressPrefixes }];
    const virtualMachines = [{ id: idOf("web"), ports }];
    const { body } = await call("POST", `${at}/initiate?api-version=2020-01-01`, {
      virtualMachines,
    });
    const [answered] = body.virtualMachines[0].ports;
    expect(answered.allowedSourceAddressPrefixes).toEqual(allowedSourceAddressPrefixes);
    expect(answered).not.toHaveProperty("allowedSourceAddressPrefix");
  });

  it("ignores them where the switch says so, and then is for the caller's address", async () => {
    azure.switches.severalSources = "ignore";
    const ports = [
      { number: 22, endTimeUtc: inMinutes(60), allowedSourceAddressPrefixes: ["203.0.113.7"] },
    ];
    await call("POST", `${at}/initiate?api-version=2020-01-01`, {
      virtualMachines: [{ id: idOf("web"), ports }],
    });
    expect(await doors()).toEqual(["22 127.0.0.1 Initiating/UserRequested"]);
  });

  it("may say for how long instead of until when", async () => {
    const port = { number: 22, duration: "PT1H", allowedSourceAddressPrefix: "203.0.113.7" };
    const { body } = await call("POST", `${at}/initiate?api-version=2020-01-01`, {
      virtualMachines: [{ id: idOf("web"), ports: [port] }],
    });
    expect(body.virtualMachines[0].ports[0].endTimeUtc).toBe("2026-11-22T11:00:00.0000000Z");
  });
});

describe("opening", () => {
  it("can be late", async () => {
    azure.switches.opensAfterMs = 10 * MINUTE_MS;
    await ask([port(22, 60)]);
    clock.nowMs += 10 * MINUTE_MS - 1;
    expect(await doors()).toEqual(["22 203.0.113.7 Initiating/UserRequested"]);
    clock.nowMs += 1;
    expect(await doors()).toEqual(["22 203.0.113.7 Initiated/UserRequested"]);
  });

  it("can fail to come at all, until the end", async () => {
    azure.switches.opensAfterMs = "never";
    await ask([port(22, 60)]);
    clock.nowMs += HOUR_MS - 1;
    expect(await doors()).toEqual(["22 203.0.113.7 Initiating/UserRequested"]);
    clock.nowMs += 1;
    expect(await doors()).toEqual(["22 203.0.113.7 Revoked/Expired"]);
  });

  it("can differ from VM to VM and from port to port", async () => {
    const opensAfterMs = { 22: 0, 3389: "never" } as const;
    add(azure.world, vm({ name: "odd", opensAfterMs }), policy({ vms: ["odd"] }));
    await ask([port(22, 60), port(3389, 60)], { vm: "odd" });
    expect(await doors()).toEqual([
      "22 203.0.113.7 Initiated/UserRequested",
      "3389 203.0.113.7 Initiating/UserRequested",
    ]);
  });
});

describe("a later request", () => {
  const askTwice = async (source: string) => {
    await ask([port(22, 60)]);
    clock.nowMs += 5_000;
    await ask([port(22, 30, source), port(3389, 30, source)]);
    clock.nowMs += 5_000;
    return (await doors())[0];
  };
  const open = "22 203.0.113.7 Initiated/UserRequested";
  const superseded = "22 203.0.113.7 Revoked/NewerRequestInitiated";

  it.each([
    { supersedes: "vm-port", source: "203.0.113.7", first: superseded },
    { supersedes: "vm-port", source: "203.0.113.8", first: superseded },
    { supersedes: "vm-port-source", source: "203.0.113.7", first: superseded },
    { supersedes: "vm-port-source", source: "203.0.113.8", first: open },
    { supersedes: "nothing", source: "203.0.113.7", first: open },
  ] as const)("with $supersedes, from $source, leaves: $first", async (row) => {
    azure.switches.supersedes = row.supersedes;
    expect(await askTwice(row.source)).toBe(row.first);
  });

  it("does not touch other ports, other VMs, or what has ended", async () => {
    add(azure.world, vm({ name: "db" }), policy({ vms: ["web", "db"] }));
    await ask([port(3389, 60)]);
    await ask([port(22, 60)], { vm: "db" });
    await ask([port(22, 5)]);
    clock.nowMs += 5 * MINUTE_MS + azure.switches.closesAfterMs;
    await ask([port(22, 60)]);
    expect(await doors()).toEqual([
      "3389 203.0.113.7 Initiated/UserRequested",
      "22 203.0.113.7 Initiated/UserRequested",
      "22 203.0.113.7 Revoked/Expired",
      "22 203.0.113.7 Initiating/UserRequested",
    ]);
  });

  it("of somebody else supersedes just as well, in that person's name", async () => {
    await ask([port(22, 60)]);
    const by = "barbara@contoso.com";
    const act = { vm: "web", ports: [22], source: "198.51.100.1", minutes: 30, by };
    expect(azure.elsewhere.open(act).status).toBe(202);
    expect(await doors()).toEqual([
      "22 203.0.113.7 Revoked/NewerRequestInitiated",
      "22 198.51.100.1 Initiating/UserRequested",
    ]);
    const read = await client.get("rg-demo", "westeurope", "default");
    expect(read.requests?.[1]?.requestor).toBe(by);
  });
});

it("ends with the policy, if somebody deletes that", async () => {
  await ask([port(22, 60)]);
  const act = { method: "DELETE", path: at } as const;
  expect(azure.elsewhere.act("barbara@contoso.com", act).status).toBe(200);
  expect(azure.world.doorsOfVm.size).toBe(0);
  expect(azure.world.events.at(-1)?.body.caller).toBe("barbara@contoso.com");
});

it("gives a VM behind a firewall a mapped port that stays the same", async () => {
  add(azure.world, vm({ name: "inner", firewall: true, nsg: "none" }), policy({ vms: ["inner"] }));
  await ask([port(22, 30)], { vm: "inner" });
  await ask([port(22, 60)], { vm: "inner" });
  const read = await client.get("rg-demo", "westeurope", "default");
  const mapped = (read.requests ?? []).map((one) => one.virtualMachines[0]?.ports[0]?.mappedPort);
  expect(mapped[0]).toBeGreaterThanOrEqual(50_000);
  expect(mapped[1]).toBe(mapped[0]);
  expect(read.virtualMachines[0]?.publicIpAddress).toMatch(/^198\.18\./);
});
