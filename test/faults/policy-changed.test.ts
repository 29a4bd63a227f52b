// Azure refuses what the JIT policy doesn't allow, or not any more: people read what would work, beside a Retry
// that may be refused again. A policy that was made again under another name is used.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Policy } from "../../src/sandbox/azure/world/azure-estate.ts";
import {
  type Asked,
  asked,
  click,
  direct,
  type FaultWorld,
  fault,
  faultWorld,
  granted,
  INITIATE,
  initiates,
  shows,
  until,
} from "./steps.ts";

let world: FaultWorld;
beforeAll(async () => {
  world = await faultWorld();
  await world.startBot();
});
afterAll(() => world?.close());
afterEach(async () => {
  world.azure.faults.clear();
  Object.assign(world.azure.switches, { narrowerSource: "allow" });
});

const answer = (status: number, code: string, message: string) => ({
  ...INITIATE,
  act: { status, body: { error: { code, message } } },
});

describe("a refusal of the opening", () => {
  it("of a source that is narrower than the policy's says what would work, beside a Retry", async () => {
    world.azure.switches.narrowerSource = "refuse";
    const request = await granted(world, "db-01 5432 1h from 203.0.113.7");
    const card = await shows(world, request, "Failed");
    expect(card).toContain("not a subset of policy");
    expect(card).toContain("request from 203.0.113.0/24");
    expect(card).toContain("Azure may refuse it again. To request it again: /jit request");
    expect(buttonsOf(world, request)).toContain("jit.retry");
    await until(world, "the requester to be told", () =>
      direct(world, request.id).some((text) => text.includes("request from 203.0.113.0/24")),
    );
    expect(initiates(world, request.id)).toHaveLength(1);
    // What would work does work.
    const other = await granted(world, "db-01 5432 1h from 203.0.113.0/24");
    await shows(world, other, "Open until");
  });

  it("with a code of its own leaves Retry, which may succeed", async () => {
    const refused = answer(400, "InvalidInitiateInput", "The input is invalid.");
    fault(world.azure, { ...refused, times: 1 });
    const request = await granted(world, "vm-01 22 1h");
    const card = await shows(world, request, "Failed");
    expect(card).toContain("InvalidInitiateInput");
    expect(card).not.toContain("from any");
    expect(buttonsOf(world, request)).toContain("jit.retry");
    await click(world, request, { button: "retry" });
    await shows(world, request, "Open until");
  });

  it("for a reason that nobody knows leaves Retry, which may help", async () => {
    fault(world.azure, answer(400, "BadRequest", "Something about it does not please me."));
    const request = await granted(world, "vm-01 3389 1h");
    await shows(world, request, "Failed");
    expect(buttonsOf(world, request)).toContain("jit.retry");
  });
});

describe("a JIT policy that was made again under another name", () => {
  const renamed = (vm: string, name: string): void => {
    const { policies, policiesOfVm } = world.azure.world;
    const policy = policyOf(world, vm);
    policies.delete(policy.id.toLowerCase());
    const id = `${policy.id.slice(0, policy.id.lastIndexOf("/"))}/${name}`;
    const made = { ...policy, id, name };
    policies.set(id.toLowerCase(), made);
    for (const { id: vmId } of made.vms) policiesOfVm.set(vmId.toLowerCase(), new Set([made]));
  };

  it("before the click is used by it", async () => {
    const request = await asked(world, "jump-01 22 1h", { user: "U0SAM" });
    renamed("jump-01", "made-again");
    await click(world, request);
    await shows(world, request, "Open until");
    expect(initiates(world, request.id)).toHaveLength(1);
    const calls = world.azure.calls.filter(({ path }) => path.endsWith("/made-again/initiate"));
    expect(calls).toHaveLength(1);
  });

  it("and after it is used by Retry", async () => {
    fault(world.azure, { ...answer(404, "PolicyNotFound", "Policy was not found."), times: 1 });
    const request = await granted(world, "win-02 22 1h");
    const card = await shows(world, request, "Failed");
    expect(card).toContain("the VM or its JIT policy has been deleted or moved");
    renamed("win-02", "again");
    await click(world, request, { button: "retry" });
    await shows(world, request, "Open until");
    expect(world.azure.calls.filter(({ path }) => path.endsWith("/again/initiate"))).toHaveLength(
      1,
    );
  });
});

function policyOf({ azure }: FaultWorld, vm: string): Policy {
  const found = [...azure.world.policies.values()].find((policy) =>
    policy.vms.some(({ id }) => id.toLowerCase().endsWith(`/${vm}`)),
  );
  if (found === undefined) throw new Error(`no policy of ${vm}`);
  return found;
}

/** The action ids on the request's card. */
function buttonsOf({ slack }: FaultWorld, { channel, ts }: Asked): string {
  return JSON.stringify(slack.messages(channel).find((one) => one.ts === ts)?.blocks);
}
