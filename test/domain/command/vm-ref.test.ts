// The ways to point at a VM, and what they match.

import { describe, expect, it } from "vitest";
import { parseVmRef, vmRefMatches } from "../../../src/domain/command/vm-ref.ts";

const SUBSCRIPTION = "00000000-0000-0000-0000-00000000000a";
const ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/RG-Prod/providers/Microsoft.Compute/virtualMachines/VM-01`;
const VM = { name: "VM-01", resourceGroup: "RG-Prod", subscriptionId: SUBSCRIPTION, id: ID };

describe("a VM is pointed at by", () => {
  it.each([
    ["vm-01", { name: "vm-01" }, true],
    ["VM-01", { name: "VM-01" }, true],
    ["vm-02", { name: "vm-02" }, false],
    ["rg-prod/vm-01", { name: "vm-01", resourceGroup: "rg-prod" }, true],
    ["rg-test/vm-01", { name: "vm-01", resourceGroup: "rg-test" }, false],
    [
      `${SUBSCRIPTION.toUpperCase()}/rg-prod/vm-01`,
      { name: "vm-01", resourceGroup: "rg-prod", subscription: SUBSCRIPTION.toUpperCase() },
      true,
    ],
    [
      "other/rg-prod/vm-01",
      { name: "vm-01", resourceGroup: "rg-prod", subscription: "other" },
      false,
    ],
    [ID, { name: "VM-01", resourceGroup: "RG-Prod", subscription: SUBSCRIPTION, id: ID }, true],
    [
      `${ID.slice(1).toLowerCase()}/`,
      {
        name: "vm-01",
        resourceGroup: "rg-prod",
        subscription: SUBSCRIPTION,
        id: ID.toLowerCase(),
      },
      true,
    ],
    ["für_die.größe", { name: "für_die.größe" }, false],
  ])("%s", (typed, ref, matches) => {
    const read = parseVmRef(typed);
    expect(read).toEqual({ typed, ...ref });
    expect(read !== undefined && vmRefMatches(read, VM)).toBe(matches);
  });
});

describe("no VM is pointed at by", () => {
  it.each(
    [
      "",
      " ",
      "/",
      "/vm-01",
      "rg/",
      "rg//vm-01",
      "a/b/c/d",
      "vm-01,vm-02",
      'vm"01',
      "<vm>",
      "vm\u0000",
      "vm\ud800",
      ID.replace("virtualMachines", "disks"),
      ID.replace("Microsoft.Compute", "Microsoft.ClassicCompute"),
      `${ID}/extensions/x`,
      "x".repeat(401),
      "/".repeat(100_000),
    ].map((typed) => [JSON.stringify(typed).slice(0, 60), typed]),
  )("%s", (_, typed = "") => {
    expect(parseVmRef(typed)).toBeUndefined();
  });
});

it("goes by the whole resource id where one was typed", () => {
  const ref = parseVmRef(ID);
  const twin = { ...VM, id: ID.replace("VM-01", "VM-02") };
  expect(ref !== undefined && vmRefMatches(ref, twin)).toBe(false);
});
