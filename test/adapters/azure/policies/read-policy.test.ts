// One policy read afresh: who was let in, however much of the answer is missing or odd.
// Of src/adapters/azure/policies/jit-policies.ts.

import { beforeEach, describe, expect, it } from "vitest";
import { vmKey } from "../../../../src/domain/text/ids.ts";
import { buildWorld, findVm, policy, vm } from "../../../../src/sandbox/azure/world/parts.ts";
import { faultOf, HOUR_MS, MINUTE_MS, START_MS, simulate } from "../bot.ts";

const simulated = await simulate();
const { azure, clock } = simulated;

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

describe("a policy that is read", () => {
  const read = (body: unknown) => {
    azure.faults.add({ method: "GET", path: "/default", act: { status: 200, body } });
    return simulated.bot().bot.readPolicy(policyIds()[0] ?? "");
  };
  const request = (port: object) => ({
    properties: { requests: [{ virtualMachines: [{ id: keyOf("web"), ports: [port] }] }] },
  });

  it("shows who was let in, afresh", async () => {
    const { bot } = simulated.bot();
    const [id = ""] = policyIds();
    const ask = {
      jitPolicyId: id,
      vmId: findVm(azure.world, "web").id,
      ports: [
        { number: 22, endsAtMs: START_MS + HOUR_MS, source: "203.0.113.7" },
        { number: 3389, endsAtMs: START_MS + HOUR_MS, source: "10.1.0.0/16" },
      ],
      justification: "JIT-ABC123 asked by Ada: patching",
      clientRequestId: "11111111-2222-4333-8444-555555555555",
    };
    await bot.open(ask);
    const common = {
      nth: 0,
      vm: keyOf("web"),
      endsAtMs: START_MS + HOUR_MS,
      startedAtMs: START_MS,
      statusReason: expect.any(String),
      requestor: azure.world.bot.objectId,
      justification: ask.justification,
      mappedPort: undefined,
    };
    const entries = (status: string) => [
      { ...common, port: 22, source: "203.0.113.7", status },
      { ...common, port: 3389, source: "10.1.0.0/16", status },
    ];
    const before = await bot.readPolicy(id);
    expect(before).toMatchObject({ id, vmPolicies: [{ vm: keyOf("web") }] });
    expect(before?.entries).toEqual(entries("Initiating"));
    clock.setMs(START_MS + MINUTE_MS);
    expect((await bot.readPolicy(id))?.entries).toEqual(entries("Initiated"));
  });

  it("shows the port to connect to on a firewall", async () => {
    simulated.reset(buildWorld(vm({ name: "web", firewall: true }), policy({ vms: ["web"] })));
    const [jitPolicyId = ""] = policyIds();
    const { bot } = simulated.bot();
    await bot.open({
      jitPolicyId,
      vmId: keyOf("web"),
      ports: [{ number: 22, endsAtMs: START_MS + HOUR_MS, source: "*" }],
      justification: "JIT-ABC123",
      clientRequestId: "one",
    });
    clock.setMs(START_MS + MINUTE_MS);
    const [entry] = (await bot.readPolicy(jitPolicyId))?.entries ?? [];
    expect(entry).toMatchObject({ port: 22, source: "*", status: "Initiated" });
    expect(entry?.mappedPort).toBeGreaterThan(1_023);
  });

  it("is understood as Azure's own example has it, to seven digits", async () => {
    const policy = await read({
      kind: "Basic",
      properties: {
        virtualMachines: [],
        requests: [
          {
            virtualMachines: [
              {
                id: "/subscriptions/A/resourceGroups/b/providers/Microsoft.Compute/virtualMachines/C",
                ports: [
                  {
                    number: 3389,
                    allowedSourceAddressPrefix: "192.127.0.2/32",
                    endTimeUtc: "2018-05-17T09:06:45.5691611Z",
                    status: "Initiated",
                    statusReason: "UserRequested",
                  },
                ],
              },
            ],
            startTimeUtc: "2018-05-17T08:06:45.5691611Z",
            requestor: "barbara@contoso.com",
            justification: "testing a new version of the product",
          },
        ],
      },
    });
    expect(policy).toEqual({
      id: policyIds()[0],
      vmPolicies: [],
      entries: [
        {
          nth: 0,
          vm: "/subscriptions/a/resourcegroups/b/providers/microsoft.compute/virtualmachines/c",
          port: 3389,
          source: "192.127.0.2",
          endsAtMs: Date.parse("2018-05-17T09:06:45.569Z"),
          startedAtMs: Date.parse("2018-05-17T08:06:45.569Z"),
          status: "Initiated",
          statusReason: "UserRequested",
          requestor: "barbara@contoso.com",
          justification: "testing a new version of the product",
          mappedPort: undefined,
        },
      ],
    });
  });

  it("tolerates whatever is missing beside VM, port and end", async () => {
    const policy = await read(request({ number: 22, endTimeUtc: "2026-11-22T11:00:00Z" }));
    expect(policy?.entries).toEqual([
      {
        nth: 0,
        vm: keyOf("web"),
        port: 22,
        source: "",
        endsAtMs: START_MS + HOUR_MS,
        startedAtMs: 0,
        status: "",
        statusReason: "",
        requestor: "",
        justification: "",
        mappedPort: undefined,
      },
    ]);
  });

  it.each([
    { endTimeUtc: "2026-11-22T11:00:00Z" },
    { number: 22 },
    { number: 22, endTimeUtc: "soon" },
    null,
  ])("leaves out an entry like %j", async (port) => {
    expect((await read(request(port ?? {})))?.entries).toEqual([]);
  });

  it("makes an entry of each source, where there are several", async () => {
    const end = { number: 22, endTimeUtc: "2026-11-22T11:00:00Z", status: "Later" };
    const sources = ["10.0.0.1/32", "10.2.3.4/16", "0.0.0.0/0", null];
    const policy = await read(request({ ...end, allowedSourceAddressPrefixes: sources }));
    expect(policy?.entries.map(({ source, status }) => [source, status])).toEqual([
      ["10.0.0.1", "Later"],
      ["10.2.0.0/16", "Later"],
      ["*", "Later"],
    ]);
  });

  it("is undefined when there is none, and when its group is gone", async () => {
    const [id = ""] = policyIds();
    const { bot } = simulated.bot();
    expect(await bot.readPolicy(id.replace("/default", "/gone"))).toBeUndefined();
    expect(await bot.readPolicy(id.replace("rg-demo", "rg-gone"))).toBeUndefined();
  });

  it.each([
    ["SubscriptionNotFound", { error: { code: "SubscriptionNotFound", message: "no" } }],
    ["SubscriptionNotFound", { code: "SubscriptionNotFound", message: "no" }],
    ["NotFound", ""],
  ])("is a fault, and not gone, where Azure says 404 with %s", async (code, answer) => {
    const { bot } = simulated.bot();
    const [id = ""] = policyIds();
    azure.faults.add({ path: "/default", act: { status: 404, body: answer } });
    for (const reading of [
      () => bot.readPolicy(id),
      () => bot.readRawPolicy(id),
      () => bot.deletePolicy({ jitPolicyId: id, clientRequestId: "x" }),
    ]) {
      expect(await faultOf(reading())).toMatchObject({ code, retryable: false });
    }
  });

  it("and written is gone with the code of JIT, or its group's", async () => {
    const { bot } = simulated.bot();
    const [id = ""] = policyIds();
    for (const code of ["PolicyNotFound", "ResourceNotFound", "ResourceGroupNotFound"]) {
      const act = { status: 404, body: { error: { code, message: "no" } } };
      azure.faults.clear();
      azure.faults.add({ path: "/default", act });
      expect(await bot.readPolicy(id)).toBeUndefined();
      expect(await bot.readRawPolicy(id)).toBeUndefined();
      await bot.deletePolicy({ jitPolicyId: id, clientRequestId: "x" });
    }
  });

  it("is found by its own id, however odd its name and its case", async () => {
    simulated.reset(
      buildWorld(vm({ name: "web" }), policy({ vms: ["web"], name: "Mein Plan (alt)" })),
    );
    const [id = ""] = policyIds();
    const { bot } = simulated.bot();
    expect(await bot.readPolicy(id.toUpperCase())).toMatchObject({ id });
  });

  it.each(["", "default", "/subscriptions/a/resourceGroups/../x", "%s/../.."])(
    "has an id, unlike %j",
    async (template) => {
      const id = template.replace("%s", policyIds()[0] ?? "");
      const fault = await faultOf(simulated.bot().bot.readPolicy(id));
      expect(fault).toMatchObject({ code: "InvalidPolicyId", retryable: false });
      expect(azure.calls).toEqual([]);
    },
  );

  it("is asked for again when that may help, within its time", async () => {
    const [id = ""] = policyIds();
    azure.faults.add({ path: "/default", times: 2, act: { status: 503, body: {} } });
    expect(await simulated.bot().bot.readPolicy(id)).toMatchObject({ id });
    expect(clock.slept).toEqual([250, 500]);

    azure.faults.add({ path: "/default", act: { status: 503, headers: { "retry-after": "1" } } });
    const { bot } = simulated.bot({ timeouts: { readPolicyMs: 900 } });
    expect(await faultOf(bot.readPolicy(id))).toMatchObject({
      code: "ServiceUnavailable",
      retryAfterMs: 1_000,
    });
    expect(clock.slept).toEqual([250, 500]);
  });
});
