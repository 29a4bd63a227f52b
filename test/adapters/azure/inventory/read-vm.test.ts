// One VM read afresh: its tags and its place as they are now, and nothing that could be another one's.

import { beforeEach, describe, expect, it } from "vitest";
import { vmKey } from "../../../../src/domain/text/ids.ts";
import { buildWorld, findVm, vm } from "../../../../src/sandbox/azure/world/parts.ts";
import { faultOf, simulate } from "../bot.ts";

const simulated = await simulate();
const { azure } = simulated;
const idOf = (name: string) => findVm(azure.world, name).id;

beforeEach(() =>
  simulated.reset(
    buildWorld(
      vm({ name: "web", os: "windows", tags: { Env: "prod", empty: "" }, resourceGroup: "RG-Web" }),
      vm({ name: "bare", tags: {} }),
    ),
  ),
);

describe("a VM that is read", () => {
  it("shows what rules match by, as it is now", async () => {
    const { bot } = simulated.bot();
    const id = idOf("web");
    expect(await bot.readVm(id)).toMatchObject({
      ...{ key: vmKey(id), id, name: "web", resourceGroup: "RG-Web", os: "windows" },
      tags: { Env: "prod", empty: "" },
    });
    findVm(azure.world, "web").tags = { Env: "dev" };
    expect((await bot.readVm(id.toUpperCase()))?.tags).toEqual({ Env: "dev" });
    findVm(azure.world, "web").tags = undefined;
    expect((await bot.readVm(id))?.tags).toEqual({});
  });

  it("shows whether it runs, as it is now", async () => {
    const { bot } = simulated.bot();
    for (const power of ["running", "stopped", "deallocated"] as const) {
      findVm(azure.world, "web").power = power;
      expect((await bot.readVm(idOf("web")))?.power).toBe(`PowerState/${power}`);
    }
  });

  it("is undefined when it is gone, or its group is", async () => {
    const { bot } = simulated.bot();
    const id = idOf("web");
    expect(await bot.readVm(id.replace("/web", "/gone"))).toBeUndefined();
    expect(await bot.readVm(id.replace("RG-Web", "rg-gone"))).toBeUndefined();
  });

  it.each([
    ["SubscriptionNotFound", { error: { code: "SubscriptionNotFound", message: "no" } }],
    ["InvalidResourceType", { error: { code: "InvalidResourceType", message: "no" } }],
    ["NotFound", { error: { code: "NotFound", message: "no" } }],
    ["NotFound", ""],
  ])("is a fault, and not gone, where Azure says 404 with %s", async (code, answer) => {
    azure.faults.add({ method: "GET", path: "/web", act: { status: 404, body: answer } });
    const fault = await faultOf(simulated.bot().bot.readVm(idOf("web")));
    expect(fault).toMatchObject({ code, retryable: false });
  });

  it("that may not be read is a fault, and not gone", async () => {
    azure.world.withheld.push({
      scope: "/",
      action: "Microsoft.Compute/virtualMachines/read",
    });
    const fault = await faultOf(simulated.bot().bot.readVm(idOf("web")));
    expect(fault).toMatchObject({ code: "AuthorizationFailed", retryable: false });
  });

  it.each<[string, (id: string) => unknown]>([
    ["another VM", (id) => ({ ...body(id), id: id.replace("/web", "/bare") })],
    ["no VM", () => ({ value: [] })],
    ["tags that are no texts", (id) => ({ ...body(id), tags: { env: ["prod"] } })],
    ["tags that are no object", (id) => ({ ...body(id), tags: "env=prod" })],
    ["nothing", () => ""],
  ])("is a fault where the answer is %s", async (_, answer) => {
    const id = idOf("web");
    const act = { status: 200, body: answer(id) };
    azure.faults.add({ method: "GET", path: "/web", act });
    expect((await faultOf(simulated.bot().bot.readVm(id))).retryable).toBe(true);
  });

  it("is known without an operating system, and with a tag that is null", async () => {
    const id = idOf("web");
    const act = { status: 200, body: { ...body(id), tags: { env: null }, properties: {} } };
    azure.faults.add({ method: "GET", path: "/web", act });
    expect(await simulated.bot().bot.readVm(id)).toMatchObject({
      os: undefined,
      tags: { env: "" },
    });
  });

  it.each(["", "web", "/subscriptions/a/resourceGroups/../x", "%s/../.."])(
    "has an id, unlike %j",
    async (template) => {
      const fault = await faultOf(simulated.bot().bot.readVm(template.replace("%s", idOf("web"))));
      expect(fault).toMatchObject({ code: "InvalidResourceId", retryable: false });
      expect(azure.calls.filter(({ server }) => server === "arm")).toEqual([]);
    },
  );
});

const body = (id: string) => ({
  ...{ id, name: "web", location: "westeurope", tags: { env: "prod" } },
  properties: { storageProfile: { osDisk: { osType: "Linux" } } },
});
