// Which policies an enabling, changing or disabling touches, and which VMs can't be done.

import { describe, expect, it } from "vitest";
import { policyVerbs } from "../../../src/domain/command/verbs/policy-verb.ts";
import { planOf } from "../../../src/domain/policies/change-plan.ts";
import { desiredPolicyOf } from "../../../src/domain/policies/desired-policy.ts";
import { type VmKey, vmKey } from "../../../src/domain/text/ids.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import type { JitVmPolicy, Vm } from "../../../src/domain/vm/vm.ts";

const SUB = "11111111-1111-1111-1111-111111111111";

function vmOf(group: string, name: string, more: Partial<Vm> = {}): Vm {
  const id = `/subscriptions/${SUB}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/${name}`;
  return {
    ...{ key: vmKey(id), id, name, resourceGroup: group, subscriptionId: SUB },
    ...{ location: "westeurope", tags: {}, os: "linux", power: undefined },
    ...{ privateAddresses: [], publicAddresses: [], hasNsg: true },
    ...more,
  };
}

const policyAt = (group: string, name: string, location = "westeurope") =>
  `/subscriptions/${SUB}/resourceGroups/${group}/providers/Microsoft.Security/locations/${location}/jitNetworkAccessPolicies/${name}`;

const vmPolicyOf = (vm: Vm, policyId: string, ports: readonly number[]): JitVmPolicy => ({
  ...{ policyId, vm: vm.key, firewallAddress: undefined },
  ports: ports.map((number) => ({ number, protocol: "*", sources: ["*"], maxDurationMs: 1 })),
});

function plan(text: string, vms: readonly Vm[], vmPolicies: readonly JitVmPolicy[] = []) {
  const [verb = "", ...rest] = text.split(" ");
  const command = policyVerbs[verb as "enable"].read(rest.join(" "), 0);
  if (isRefusal(command)) throw new Error("unreadable");
  const desired = desiredPolicyOf(command, { networks: {} });
  if (isRefusal(desired)) throw new Error("no desired");
  const { policies, left, meant } = planOf([{ selector: command.selector, desired }], {
    vms: new Map(vms.map((vm) => [vm.key, vm])),
    vmPolicies: Map.groupBy(vmPolicies, ({ vm }) => vm) as ReadonlyMap<
      VmKey,
      readonly JitVmPolicy[]
    >,
  });
  return {
    meant: meant.length,
    left: left.map(({ vm, why }) => `${vm.name}: ${why}`),
    policies: policies.map(({ policyId, edits }) => ({
      policy: policyId.split("/").slice(-1)[0],
      at: policyId,
      vms: edits.map(({ vmId }) => vmId.split("/").at(-1)),
      ports: edits.flatMap(({ changes }) => changes.map(({ ports }) => ports)),
    })),
  };
}

describe("the policy of a VM that is not configured", () => {
  const a = vmOf("rg", "a");

  it("is a new one called default, in its own group and region", () => {
    const [only] = plan("enable a", [a]).policies;
    expect(only?.at).toBe(policyAt("rg", "default"));
  });

  it("is that one if it is there, and no other policy of its group and region", () => {
    const neighbour = vmOf("RG", "b");
    const vmPolicies = (...names: string[]) =>
      names.map((name) => vmPolicyOf(neighbour, policyAt("RG", name), [22]));
    const policy = (...names: string[]) =>
      plan("enable a", [a, neighbour], vmPolicies(...names)).policies[0]?.policy;
    expect(policy("zeta", "alpha")).toBe("default");
    expect(policy("alpha", "Default")).toBe("Default");
    const far = vmPolicyOf(neighbour, policyAt("rg", "alpha", "northeurope"), [22]);
    expect(plan("enable a", [a, neighbour], [far]).policies[0]?.policy).toBe("default");
  });
});

describe("a policy that is named", () => {
  const [a, b] = [vmOf("rg", "a"), vmOf("rg", "b")];

  it("takes what is new, as Azure spells it where it is there", () => {
    expect(plan("enable a in Mine", [a]).policies[0]?.at).toBe(policyAt("rg", "Mine"));
    const known = vmPolicyOf(b, policyAt("RG", "Mine"), [22]);
    expect(plan("enable a in mine", [a, b], [known]).policies[0]?.at).toBe(policyAt("RG", "Mine"));
  });

  it("is a second one for a VM that is in another, and no second for one that is in it", () => {
    const vmPolicies = [vmPolicyOf(a, policyAt("rg", "one"), [22])];
    expect(plan("enable a 80 in two", [a], vmPolicies).policies[0]?.policy).toBe("two");
    expect(plan("enable a 80 in ONE", [a], vmPolicies).policies[0]?.at).toBe(policyAt("rg", "one"));
  });

  it("leaves room for longer names of VMs", () => {
    const long = vmOf("rg", "y".repeat(50));
    expect(plan("enable rg:rg in jit", [long]).left).toEqual([]);
  });
});

describe("VMs that are gone", () => {
  const here = vmOf("rg", "here");
  const gone = vmPolicyOf(vmOf("rg", "gone"), policyAt("rg", "default"), [22]);

  it("are taken out with their group, and nothing else is done to them", () => {
    expect(plan("disable rg:rg", [here], [gone]).policies[0]?.vms).toEqual(["gone"]);
    expect(plan("disable gone", [here], [gone]).meant).toBe(1);
    for (const other of ["enable rg:rg", "change rg:rg max 1h"]) {
      expect(plan(other, [here], [gone]).meant).toBe(1);
    }
    expect(plan("disable tag:env=prod", [here], [gone]).meant).toBe(0);
  });
});

describe("what can't be done", () => {
  it("is said VM by VM: no network security group, names too long, not configured", () => {
    const vms = [
      vmOf("rg", "bare", { hasNsg: false }),
      vmOf("rg", "x".repeat(49)),
      vmOf("rg", "y".repeat(50)),
      vmOf("rg", "unknown", { hasNsg: undefined }),
    ];
    const enabled = plan("enable rg:RG", vms);
    expect(enabled.meant).toBe(4);
    expect(enabled.left).toEqual(["bare: unsupported", `${"y".repeat(50)}: name-too-long`]);
    expect(enabled.policies[0]?.vms).toEqual(["x".repeat(49), "unknown"]);
    expect(plan("change rg:rg max 2h", vms).left).toHaveLength(4);
    expect(plan("disable rg:rg", vms).policies).toEqual([]);
  });
});

describe("a VM in two policies", () => {
  const a = vmOf("rg", "a");
  const vmPolicies = [
    vmPolicyOf(a, policyAt("rg", "one"), [22]),
    vmPolicyOf(a, policyAt("rg", "two"), [3389]),
  ];

  it("is changed in each where it has the port, and gets new ports in the first", () => {
    expect(plan("change a 3389,8080 max 2h", [a], vmPolicies).policies).toMatchObject([
      { policy: "one", ports: [[8080]] },
      { policy: "two", ports: [[3389]] },
    ]);
    expect(plan("change a max 2h", [a], vmPolicies).policies).toMatchObject([
      { policy: "one", ports: [undefined] },
      { policy: "two", ports: [undefined] },
    ]);
    expect(plan("disable a", [a], vmPolicies).policies).toHaveLength(2);
    expect(plan("disable a 22", [a], vmPolicies).policies).toMatchObject([{ policy: "one" }]);
  });
});

describe("a selection", () => {
  it("takes group and tags in any case, and all of them together", () => {
    const vms = [
      vmOf("rg", "a", { tags: { Env: "Prod" } }),
      vmOf("rg", "b", { tags: { env: "test" } }),
      vmOf("other", "c", { tags: { env: "prod" } }),
    ];
    expect(plan("enable rg:rg tag:env=prod", vms).policies[0]?.vms).toEqual(["a"]);
    expect(plan("enable tag:ENV=prod", vms).meant).toBe(2);
    expect(plan("enable c,A", vms).meant).toBe(2);
    expect(plan("enable a,c rg:other", vms).policies[0]?.vms).toEqual(["c"]);
  });
});
