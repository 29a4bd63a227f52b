// Rules that let in from above the one by which JIT shuts: found over the wire, and no others.

import { describe, expect, it } from "vitest";
import { vmKey } from "../../../src/request/ids.ts";
import { bypassesOf } from "../../../src/request/jit-state.ts";
import { buildWorld, findVm, policy, vm } from "../../../src/sandbox/azure/parts.ts";
import { simulate } from "./bot.ts";

const simulated = await simulate();

const rule = (change: object = {}) => ({
  ...{ name: "allow-it", priority: 300, access: "Allow" as const, ports: ["22"] },
  ...{ source: "*", destination: "*" },
  ...change,
});

/** What stands open past JIT on a VM whose policy names 22 and 3389. */
async function found(
  change: object,
  {
    nsg = "nic",
    denyPriority = 4096,
  }: { nsg?: "nic" | "subnet" | "both"; denyPriority?: 4096 | 1000 } = {},
) {
  simulated.reset(
    buildWorld(
      vm({ name: "web", privateIp: "10.9.0.4", nsg, nsgRules: [rule(change)] }),
      policy({ vms: ["web"], ports: [22, 3389] }),
    ),
  );
  simulated.azure.switches.denyPriority = denyPriority;
  const { vms, covers } = await simulated.bot().bot.refresh();
  const key = vmKey(findVm(simulated.azure.world, "web").id);
  const one = vms.get(key);
  return one === undefined ? [] : bypassesOf(one, covers.get(key) ?? []);
}

describe("a rule of somebody's own", () => {
  it.each(["nic", "subnet", "both"] as const)("is seen on the %s", async (nsg) => {
    const [one, ...more] = await found({}, { nsg });
    expect(one).toMatchObject({ port: 22, rule: "allow-it" });
    expect(more).toEqual([]);
  });

  it.each([
    ["a range", { ports: ["20-25", "3000-4000"] }, [22, 3389]],
    ["every port", { ports: ["*"] }, [22, 3389]],
    ["this address alone", { destination: "10.9.0.4" }, [22]],
    ["another address", { destination: "10.9.0.5" }, []],
    ["another port", { ports: ["443"] }, []],
    ["nobody, for it denies", { access: "Deny" }, []],
  ])("is understood where it lets in to %s", async (_what, change, ports) => {
    expect((await found(change)).map(({ port }) => port)).toEqual(ports);
  });

  it("does no harm below JIT's own", async () => {
    expect(await found({ priority: 2_000 }, { denyPriority: 1_000 })).toEqual([]);
    expect(await found({ priority: 2_000 })).toHaveLength(1);
  });
});
