// A VM is tagged otherwise at Azure, or is gone, before Resource Graph shows it: the bot asks the VM itself.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findVm } from "../../src/sandbox/azure/world/parts.ts";
import { POLICY } from "../support/world.ts";
import {
  asked,
  click,
  type FaultWorld,
  fault,
  faultWorld,
  INITIATE,
  initiates,
  MINUTE,
  refused,
  SECOND,
  shows,
  soon,
  typed,
  until,
} from "./steps.ts";

/** What is tagged `dev` opens at once. */
const AT_ONCE = POLICY.replace("networks: [vpn, any]", "networks: [vpn, any]\n    approvals: 0");
const GET_VM = { method: "GET", path: "Microsoft.Compute/virtualMachines/[^/?]+\\?" } as const;

const THROTTLED = { status: 429, headers: { "retry-after": "20" } };

let world: FaultWorld;
beforeAll(async () => {
  world = await faultWorld();
  // Whoever reads only its list of VMs sees nothing of what happens here.
  await world.startBot({ policy: AT_ONCE });
  expect(await typed(world, "U0ERIN", "vms")).toContain("dev-01");
  fault(world.azure, { path: "Microsoft.ResourceGraph", act: { status: 503 } });
});
afterAll(() => world?.close());

const retag = (vm: string, tags: Record<string, string>): void => {
  findVm(world.azure.world, vm).tags = tags;
};

describe("a VM that was tagged otherwise a moment ago", () => {
  it("does not open at once under the rule of before", async () => {
    retag("dev-01", { env: "prod" });
    const request = await asked(world, "dev-01 22 1h");
    expect(await shows(world, request, "Pending")).toContain("production");
    expect(initiates(world, request.id)).toEqual([]);
  });

  it("out of every rule, is not granted by a click", async () => {
    const request = await asked(world, "web-02 22 1h");
    retag("web-02", { env: "none" });
    expect(await refused(world, request)).toContain("No rule");
    expect(initiates(world, request.id)).toEqual([]);
    retag("web-02", { env: "prod" });
    await click(world, request);
    await shows(world, request, "Open until");
  });

  it("that can't be read, is refused and can be tried again", async () => {
    const request = await asked(world, "jump-01 22 1h");
    const { id } = fault(world.azure, { ...GET_VM, act: { status: 503 } });
    expect(await refused(world, request)).toMatch(/doesn't answer.*try again/);
    expect(await typed(world, "U0ERIN", "request dev-02 22 1h")).toMatch(/try again/);
    world.azure.faults.clear(id);
    expect(initiates(world, request.id)).toEqual([]);
    await click(world, request);
    await shows(world, request, "Open until");
  });

  it("that is gone, is not opened", async () => {
    const request = await asked(world, "db-02 22 1h");
    const { id } = findVm(world.azure.world, "db-02");
    world.azure.world.vms.delete(id.toLowerCase());
    expect(await refused(world, request)).toContain("no longer exists in Azure");
  });
});

describe("what Azure kept waiting", () => {
  it("is not opened under a rule that does not decide any more", async () => {
    const request = await asked(world, "db-01 22 2h");
    const { id, struck } = fault(world.azure, { ...INITIATE, act: THROTTLED });
    await click(world, request);
    await soon(world, "Azure to be asked", () => struck() > 0);
    retag("db-01", {});
    world.azure.faults.clear(id);
    world.advance(MINUTE);
    expect(await shows(world, request, "Failed")).toContain("No rule");
    expect(initiates(world, request.id).filter(({ handled }) => handled === 202)).toEqual([]);
    // The tag is put back: Retry opens it after all.
    retag("db-01", { env: "prod" });
    await click(world, request, { user: "U0ERIN", button: "retry" });
    await shows(world, request, "Open until");
  });

  it("is opened once Azure lets it, where all still holds", async () => {
    const request = await asked(world, "vm-01 3389 2h");
    const { id, struck } = fault(world.azure, { ...INITIATE, act: THROTTLED });
    await click(world, request);
    await soon(world, "Azure to be asked", () => struck() > 0);
    world.azure.faults.clear(id);
    world.advance(40 * SECOND);
    await until(world, "it to be opened", () =>
      initiates(world, request.id).some(({ handled }) => handled === 202),
    );
    await shows(world, request, "Open until");
  });
});
