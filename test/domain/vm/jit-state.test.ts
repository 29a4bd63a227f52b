// How a VM stands with JIT, and what a list of VMs is narrowed by.

import { describe, expect, it } from "vitest";
import { jitStateOf } from "../../../src/domain/vm/jit-state.ts";
import { fitsVm, vmsFilter } from "../../../src/domain/vm/search/vms-filter.ts";
import { aPort, aVm, aVmPolicy } from "../../support/requests.ts";

const vm = aVm();
const covered = [aVmPolicy(vm, [aPort(3389), aPort(22)])];

describe("the state of a VM", () => {
  it.each([
    ["configured", "a policy covers it", aVm(), covered],
    ["configured", "a policy covers it through a firewall", aVm({ hasNsg: false }), covered],
    ["not-configured", "a policy names it without a port", aVm(), [aVmPolicy(vm, [])]],
    ["not-configured", "nothing covers it", aVm(), []],
    ["not-configured", "its network couldn't be read", aVm({ hasNsg: undefined }), []],
    ["unsupported", "nothing stands before it", aVm({ hasNsg: false }), []],
    [
      ...(["unsupported", "its firewall has a policy's rules"] as const),
      ...[aVm({ hasNsg: false, firewall: "policy" }), []],
    ],
    [
      ...(["not-configured", "its firewall has classic rules"] as const),
      ...[aVm({ hasNsg: false, firewall: "classic-rules" }), []],
    ],
    ["unsupported", "it is a Uniform scale set", aVm({ hasNsg: undefined, uniform: true }), []],
    ["unsupported", "it is a classic VM", aVm({ hasNsg: undefined, classic: true }), []],
  ] as const)("is %s where %s", (state, _why, one, vmPolicies) => {
    expect(jitStateOf(one, vmPolicies)).toBe(state);
  });
});

describe("a list of VMs", () => {
  const NOTHING = {
    ...{ state: undefined, exposed: false, open: false, resourceGroup: undefined },
    ...{ tags: [], words: [] },
  };

  it.each([
    ["", {}],
    ["Web 10.0", { words: ["web", "10.0"] }],
    ["Configured", { state: "configured" }],
    ["not configured", { state: "not-configured" }],
    ["unconfigured web", { state: "not-configured", words: ["web"] }],
    ["unsupported rg:RG-Prod", { state: "unsupported", resourceGroup: "rg-prod" }],
    ["exposed open", { exposed: true, open: true }],
    ["unprotected", { exposed: true }],
    [
      "tag:env=prod tag:a=b",
      {
        tags: [
          { name: "env", value: "prod" },
          { name: "a", value: "b" },
        ],
      },
    ],
    ['tag:team="data platform"', { tags: [{ name: "team", value: "data platform" }] }],
    ["tag:env", { words: ["tag:env"] }],
  ])("is narrowed by %j", (text, filter) => {
    expect(vmsFilter(text)).toEqual({ ...NOTHING, ...filter });
  });

  it("compares groups and tags in any case", () => {
    const one = aVm({ resourceGroup: "RG-Prod", tags: { Env: "Prod" } });
    expect(fitsVm(vmsFilter("rg:rg-prod tag:env=prod"), one)).toBe(true);
    expect(fitsVm(vmsFilter("rg:rg-test"), one)).toBe(false);
    expect(fitsVm(vmsFilter("tag:env=dev"), one)).toBe(false);
  });
});
