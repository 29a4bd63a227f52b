// Azure says no: people read its own words, can try again up to the same end, and nothing is claimed open.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Policy } from "../../src/sandbox/azure/world/azure-estate.ts";
import {
  asked,
  cardTexts,
  click,
  direct,
  doors,
  type FaultWorld,
  fault,
  faultWorld,
  granted,
  INITIATE,
  initiates,
  MINUTE,
  notices,
  opened,
  refused,
  SECOND,
  shows,
  typed,
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
  Object.assign(world.azure.switches, { narrowerSource: "allow", leastWindowMs: 0 });
});

const answer = (status: number, code: string, message: string) => ({
  ...INITIATE,
  act: { status, body: { error: { code, message } } },
});

describe("a refusal of the opening", () => {
  it.each([
    ["vm-01", 403, "AuthorizationFailed", "The client does not have authorization for this."],
    ["web-02", 400, "BadRequest", "Something about it does not please me."],
  ] as const)("%s, %i: is shown to the letter, and Retry sends the same end", async (...given) => {
    const [vm, status, code, message] = given;
    fault(world.azure, answer(status, code, message));
    const request = await granted(world, `${vm} 22 1h`);
    const card = await shows(world, request, "Failed");
    expect(card).toContain(code);
    expect(card).toContain(message);
    await until(world, "the requester to be told", () => {
      const told = direct(world, request.id).join("\n");
      return told.includes(code) && told.includes(message);
    });
    await until(world, "the notice", () => notices(world, request.id).length > 0);
    expect(doors(world, vm)).toEqual([]);
    const endMs = await world.memory.endsAtMs(request.id);

    // As long as the fault lasts, Retry ends the same way.
    await click(world, request, { button: "retry" });
    await until(world, "the second attempt", () => initiates(world, request.id).length === 2);
    await shows(world, request, "Failed");
    world.azure.faults.clear();
    world.advance(10 * MINUTE);
    await click(world, request, { user: "U0ERIN", button: "retry" });
    await shows(world, request, "Open until");
    expect(initiates(world, request.id).map((one) => one.endMs)).toEqual([endMs, endMs, endMs]);
    expect(doors(world, vm)).toEqual([{ port: 22, endMs, source: "203.0.113.0/24" }]);
  });

  it("can't be tried again with less than a quarter of the time left", async () => {
    fault(world.azure, answer(403, "AuthorizationFailed", "No."));
    const request = await granted(world);
    await shows(world, request, "Failed");
    world.azure.faults.clear();
    await world.memory.atRest();
    world.advance(46 * MINUTE);
    expect(await refused(world, request, { button: "retry" })).toContain("too little time left");
    expect(await refused(world, request, { user: "U0SAM", button: "retry" })).toContain("Only the");
    expect(initiates(world, request.id)).toHaveLength(1);
    expect((await world.memory.request(request.id)).state).toBe("failed");
  });
});

function policyOf({ azure }: FaultWorld, vm: string): Policy {
  const found = [...azure.world.policies.values()].find((policy) =>
    policy.vms.some(({ id }) => id.toLowerCase().endsWith(`/${vm}`)),
  );
  if (found === undefined) throw new Error(`no policy of ${vm}`);
  return found;
}

describe("a refusal to end early", () => {
  it("is said, and the access stays open until its own end", async () => {
    const request = await opened(world, "win-02 22 1h");
    const endMs = await world.memory.endsAtMs(request.id);
    world.azure.switches.leastWindowMs = 5 * MINUTE;
    expect(await typed(world, "U0ERIN", `end ${request.id}`)).toContain("Ending");
    await until(world, "the requester to be told", () =>
      direct(world, request.id).some((text) => text.includes("Couldn't end it early")),
    );
    const told = direct(world, request.id).find((text) => text.includes("Couldn't end it early"));
    expect(told).toContain("is too near");
    await shows(world, request, "Open until");
    expect(doors(world, "win-02")).toEqual([{ port: 22, endMs, source: "203.0.113.0/24" }]);
    await world.memory.atRest();
    world.advance(endMs - world.nowMs() + SECOND);
    await shows(world, request, "Ended on time");
  });
});

describe("what was changed in Azure between asking and approving", () => {
  it.each<readonly [string, string, (policy: Policy) => void, string]>([
    [
      "jump-01",
      "a port that was removed",
      (policy) => {
        // Its own alone: what the bot sees of others meanwhile counts as fresh for some seconds.
        for (const vm of policy.vms.filter(({ id }) => id.endsWith("/jump-01"))) {
          vm.ports = vm.ports.filter(({ number }) => number !== 22);
        }
      },
      "22",
    ],
    [
      "rg-prod-shop/web-01",
      "a shorter maximum",
      (policy) => {
        for (const vm of policy.vms) {
          for (const port of vm.ports) port.maxRequestAccessDuration = "PT30M";
        }
      },
      "30m",
    ],
    [
      "web-02",
      "a source that is not allowed any more",
      (policy) => {
        for (const vm of policy.vms) {
          for (const port of vm.ports) {
            Object.assign(port, { allowedSourceAddressPrefix: "192.0.2.1" });
            delete port.allowedSourceAddressPrefixes;
          }
        }
      },
      "192.0.2.1",
    ],
    [
      "db-01",
      "a policy that is gone",
      (policy) => deletePolicy(policy),
      "is no longer in a JIT policy",
    ],
  ])("%s, %s: the approval is refused and nothing is asked", async (vm, _what, change, says) => {
    const request = await asked(world, `${vm} 22 1h`, { user: "U0SAM" });
    const policy = policyOf(world, vm.split("/").at(-1) ?? "");
    const before = structuredClone(policy.vms);
    change(policy);
    expect(await refused(world, request)).toContain(says);
    policy.vms = before;
    world.azure.world.policies.set(policy.id.toLowerCase(), policy);
    expect(initiates(world, request.id)).toEqual([]);
    expect(cardTexts(world, request)[0]).toContain("Pending");
    // Once it is as it was, it can be approved.
    await click(world, request);
    await shows(world, request, "Open until");
    expect(initiates(world, request.id)).toHaveLength(1);
  });

  const deletePolicy = (policy: Policy): void => {
    world.azure.world.policies.delete(policy.id.toLowerCase());
  };
});

describe("what can't be read after Azure accepted", () => {
  it("stays opening until its end, and is asked about at a bearable pace", async () => {
    const gone = { status: 403, body: { error: { code: "AuthorizationFailed", message: "No." } } };
    const request = await asked(world, "jump-01 3389 1h");
    // The approval has read it once Azure is asked to open. Other requests' policies stay readable.
    const own = { ...INITIATE, bodyIncludes: request.id };
    const asking = fault(world.azure, { ...own, act: "hold" });
    await click(world, request);
    await until(world, "Azure to be asked", () => asking.struck() > 0, { stepMs: 0 });
    const { id: policy } = policyOf(world, "jump-01");
    const unread = fault(world.azure, { method: "GET", path: `${policy}\\?`, act: gone });
    world.azure.faults.clear(asking.id);
    await until(world, "a few readings", () => unread.struck() >= 3);
    expect((await world.memory.request(request.id)).state).toBe("opening");
    const endMs = await world.memory.endsAtMs(request.id);
    await until(world, "the delay to be told", () =>
      direct(world, request.id).some((text) => text.includes("missing a permission")),
    );
    await world.memory.atRest();
    const before = unread.struck();
    world.advance(5 * MINUTE);
    await until(world, "another reading", () => unread.struck() > before);
    await world.memory.atRest();
    expect(unread.struck() - before).toBeLessThanOrEqual(3);
    expect(await world.memory.redis.hgetall(world.memory.keys.parked)).toEqual({});
    // It was open all the time: once it can be read again, that is said.
    world.azure.faults.clear();
    expect(await shows(world, request, "Open until", { stepMs: SECOND })).toBeTruthy();
    expect(initiates(world, request.id).map((one) => one.endMs)).toEqual([endMs]);
  });
});
