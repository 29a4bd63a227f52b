// Which rights an identity lacks, by permissions as Azure lists them.

import { describe, expect, it } from "vitest";
import { isAllowed, missing, RIGHTS } from "../../../src/domain/doctor/azure-rights.ts";
import { together } from "../../../src/domain/doctor/finding.ts";

const all = RIGHTS.map(({ action }) => action);
const permission = (actions: readonly string[], notActions: readonly string[] = []) => ({
  actions,
  notActions,
});

describe("an action", () => {
  const READ = "Microsoft.Compute/virtualMachines/read";

  it.each([
    [true, [permission(["*"])]],
    [true, [permission(["*/read"])]],
    [true, [permission(["microsoft.compute/VIRTUALMACHINES/read"])]],
    [true, [permission(["Microsoft.Compute/*"])]],
    [false, [permission(["Microsoft.Compute/virtualMachines/write"])]],
    [false, [permission(["*"], ["Microsoft.Compute/*"])]],
    // What one role takes back, another can give.
    [true, [permission(["*"], ["Microsoft.Compute/*"]), permission(["*/read"])]],
    [false, []],
    [false, [permission(["Microsoft.Compute/virtualMachines.read"])]],
  ])("is allowed: %s, by %j", (allowed, permissions) => {
    expect(isAllowed(permissions, READ)).toBe(allowed);
  });
});

describe("the rights that are missing", () => {
  it.each(all)("are %s alone where that alone was removed", (action) => {
    const others = all.filter((one) => one !== action);
    expect(missing([permission(others)], RIGHTS).map((one) => one.action)).toEqual([action]);
  });

  it("are none with all of them", () => {
    expect(missing([permission(all)], RIGHTS)).toEqual([]);
  });
});

it("says once what is so of many subscriptions", () => {
  const fine = { level: "fine", says: "all is well." } as const;
  const found = [
    ...Array.from({ length: 200 }, (_, n) => ({ subscription: { id: `sub-${n}` }, ...fine })),
    { subscription: { id: "odd", name: "Lab" }, level: "warning" as const, says: "no plan." },
  ];
  expect(together(found)).toEqual([
    { ...fine, about: "Azure", says: "200 subscriptions (sub-0, sub-1, sub-2, …): all is well." },
    { level: "warning", about: "Azure", says: "subscription Lab (odd): no plan." },
  ]);
});
