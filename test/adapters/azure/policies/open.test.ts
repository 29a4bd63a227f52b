// Asking Azure to open ports: exactly what is sent, what counts as accepted, and never twice.
// Of src/adapters/azure/policies/jit-policies.ts.

import { beforeEach, describe, expect, it } from "vitest";
import type { OpenPorts } from "../../../../src/ports/azure.ts";
import { buildWorld, findVm, policy, vm } from "../../../../src/sandbox/azure/world/parts.ts";
import { faultOf, HOUR_MS, START_MS, simulate } from "../bot.ts";

const simulated = await simulate();
const { azure, clock, sent } = simulated;

const asked = (): OpenPorts => ({
  jitPolicyId: [...azure.world.policies.values()][0]?.id ?? "",
  vmId: findVm(azure.world, "web").id,
  ports: [
    { number: 22, endsAtMs: START_MS + HOUR_MS, source: "203.0.113.7" },
    { number: 3389, endsAtMs: START_MS + 2 * HOUR_MS + 123, source: "*" },
  ],
  justification: 'JIT-ABC123 asked by Ada, approved by Grace: „Größe“ "x" <!channel>\n🚀',
  clientRequestId: "11111111-2222-4333-8444-555555555555",
});

const posts = () => sent("/initiate");

beforeEach(() =>
  simulated.reset(
    buildWorld(
      vm({ name: "web", resourceGroup: "rg (prod)" }),
      policy({ vms: ["web"], name: "Default-2" }),
    ),
  ),
);

describe("what is sent", () => {
  it("is the VM, its ports with end and source, and the justification, and no more", async () => {
    const ask = asked();
    await simulated.bot().bot.open(ask);
    expect(posts()).toHaveLength(1);
    expect(posts()[0]).toMatchObject({
      method: "POST",
      path: `${encodeURI(ask.jitPolicyId)}/initiate`,
      query: { "api-version": "2020-01-01" },
      answered: 202,
    });
    expect(posts()[0]?.body).toStrictEqual({
      virtualMachines: [
        {
          id: ask.vmId,
          ports: [
            {
              number: 22,
              endTimeUtc: "2026-11-22T11:00:00.000Z",
              allowedSourceAddressPrefix: "203.0.113.7",
            },
            {
              number: 3389,
              endTimeUtc: "2026-11-22T12:00:00.123Z",
              allowedSourceAddressPrefix: "*",
            },
          ],
        },
      ],
      justification: ask.justification,
    });
  });

  it("has several networks in the plural field, and never both fields", async () => {
    const ask = asked();
    const ports = [
      { number: 22, endsAtMs: START_MS + HOUR_MS, source: "192.0.2.0/25,203.0.113.7" },
    ];
    await simulated.bot().bot.open({ ...ask, ports });
    expect(posts()[0]?.body).toMatchObject({
      virtualMachines: [
        { ports: [{ number: 22, allowedSourceAddressPrefixes: ["192.0.2.0/25", "203.0.113.7"] }] },
      ],
    });
    expect(JSON.stringify(posts()[0]?.body)).not.toContain('allowedSourceAddressPrefix"');
  });

  it("carries our id of the call, by which the Activity Log knows it", async () => {
    await simulated.bot().bot.open(asked());
    expect(posts()[0]?.clientRequestId).toBe("11111111-2222-4333-8444-555555555555");
    expect(posts()[0]?.headers).toMatchObject({
      authorization: "present",
      "content-type": expect.stringMatching(/^application\/json\b/),
      "user-agent": expect.stringContaining("jit-bot"),
    });
  });
});

describe("accepted", () => {
  it.each([
    [202, {}],
    [200, {}],
    [204, undefined],
    [202, { virtualMachines: 7, startTimeUtc: "soon" }],
    [202, "<html>"],
    [200, "{"],
  ])("is any success: %i with %j", async (status, body) => {
    const headers = { "content-type": "application/json" };
    azure.faults.add({ method: "POST", act: { status, headers, body } });
    await expect(simulated.bot().bot.open(asked())).resolves.toBeUndefined();
    expect(posts()).toHaveLength(1);
  });

  it("isn't an answer that was cut off", async () => {
    const headers = { "content-length": "100" };
    azure.faults.add({ method: "POST", act: { status: 202, headers, body: "{" } });
    const fault = await faultOf(simulated.bot({ timeouts: { openMs: 250 } }).bot.open(asked()));
    expect(fault).toMatchObject({ retryable: true, ambiguous: true });
  });
});

describe("never asked twice", () => {
  it.each([
    ["500", { status: 500, body: {} }],
    ["503 with Retry-After", { status: 503, headers: { "retry-after": "0" }, body: {} }],
    ["429 with Retry-After", { status: 429, headers: { "retry-after": "0" }, body: {} }],
    ["408", { status: 408, body: {} }],
    ["409", { status: 409, body: {} }],
    ["401", { status: 401, headers: { "www-authenticate": 'Bearer error="x"' }, body: {} }],
    ["307", { status: 307, headers: { location: "/elsewhere" }, body: {} }],
    ["a reset", "reset"],
    ["no answer", "hang"],
  ] as const)("after %s", async (_, act) => {
    azure.faults.add({ method: "POST", act });
    const { bot } = simulated.bot(act === "hang" ? { timeouts: { openMs: 250 } } : {});
    await faultOf(bot.open(asked()));
    expect(posts()).toHaveLength(1);
    expect(azure.calls.filter(({ path }) => path === "/elsewhere")).toEqual([]);
    expect(clock.slept).toEqual([]);
  });
});

it("shows Azure's own words when it refuses", async () => {
  const [port] = asked().ports;
  const ports = port ? [{ ...port, number: 5985 }] : [];
  expect(await faultOf(simulated.bot().bot.open({ ...asked(), ports }))).toMatchObject({
    code: "BadRequest",
    message: expect.stringMatching(/^The given access request is not a subset of policy '/),
    retryable: false,
    ambiguous: false,
  });
});
