// The roles that stand ready give what the doctor looks for, and nothing else; and the doctor names the right one.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  CLOSING,
  ENABLING,
  GROUPING,
  isAllowed,
  RIGHTS,
  rightsFor,
  WATCHING,
} from "../../../src/domain/doctor/azure-rights.ts";
import {
  builtInFor,
  ENABLING_FILE,
  ROLE_FILE,
  roleFileFor,
} from "../../../src/domain/doctor/azure-roles.ts";
import { priceOf } from "../../../src/domain/doctor/defender-prices.ts";
import { RIGHTS as SIMULATED } from "../../../src/sandbox/azure/world/parts.ts";
import { PAGES, WILDCARDS } from "./operations.ts";

const roleSchema = z.strictObject({
  Name: z.string(),
  IsCustom: z.literal(true),
  Description: z.string(),
  Actions: z.array(z.string()),
  NotActions: z.tuple([]),
  AssignableScopes: z.array(z.string()),
});
const actionsIn = (file: string) =>
  roleSchema.parse(JSON.parse(readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8")))
    .Actions;
const actionsOf = (...rights: (typeof RIGHTS)[]) => rights.flat().map(({ action }) => action);

describe("a role that stands ready", () => {
  it("gives what opening takes, whatever the policy file says, and no more", () => {
    expect(actionsIn(ROLE_FILE).sort()).toEqual(actionsOf(RIGHTS, WATCHING, GROUPING).sort());
  });

  it("gives what enabling takes, and no more", () => {
    expect(actionsIn(ENABLING_FILE).sort()).toEqual(actionsOf(ENABLING).sort());
  });

  it("is named for each right that it gives, and for no other", () => {
    for (const action of actionsOf(RIGHTS, WATCHING, GROUPING, ENABLING)) {
      expect(actionsIn(roleFileFor(action) ?? "")).toContain(action);
    }
    expect(actionsOf(CLOSING).map(roleFileFor)).toEqual([undefined]);
  });

  it("is enough for the simulated bot, which asks for nothing that the doctor does not know", () => {
    const known = actionsOf(RIGHTS, WATCHING, GROUPING, CLOSING, ENABLING);
    expect(Object.values(SIMULATED).flat().sort()).toEqual(known.sort());
  });
});

describe("an action that a role names", () => {
  const operations = PAGES.flatMap((page) => page.operations.map((one) => one.toLowerCase()));
  const named = [...actionsIn(ROLE_FILE), ...actionsIn(ENABLING_FILE), ...actionsOf(CLOSING)];

  it.each(named)("is one that Azure has: %s", (action) => {
    const isWildcard = WILDCARDS.some((one) => one.action === action);
    expect(isWildcard || operations.includes(action.toLowerCase())).toBe(true);
  });

  it("is none that somebody made up", () => {
    expect(named).not.toContain("Microsoft.Security/jitNetworkAccessPolicies/read");
    expect(operations.filter((one) => one.includes("jitnetwork"))).toHaveLength(4);
  });

  it("has a source and the day on which it was read", () => {
    for (const { page, readOn } of [...PAGES, ...WILDCARDS]) {
      expect(page).not.toBe("");
      expect(readOn).toMatch(/^20\d\d-\d\d-\d\d$/);
    }
  });
});

describe("a role of Azure's", () => {
  it.each([
    ["Microsoft.Security/locations/jitNetworkAccessPolicies/read", "Security Reader"],
    ["Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action", "Security Admin"],
    ["Microsoft.Security/locations/jitNetworkAccessPolicies/write", "Security Admin"],
    ["Microsoft.Compute/virtualMachines/read", "Reader"],
    ["Microsoft.Compute/virtualMachines/write", "Virtual Machine Contributor"],
    ["Microsoft.Insights/eventtypes/values/read", "Reader"],
    ["Microsoft.Management/managementGroups/read", "Management Group Reader"],
    ["Microsoft.Network/networkSecurityGroups/securityRules/delete", "Network Contributor"],
    ["Microsoft.Authorization/roleAssignments/write", undefined],
  ])("that gives %s is %s", (action, role) => {
    expect(builtInFor(action)).toBe(role);
  });

  it("gives every read, and Security Admin what is left of opening", () => {
    const permissions = [{ actions: ["*/read"], notActions: [] }];
    const left = actionsOf(RIGHTS).filter((action) => !isAllowed(permissions, action));
    expect(left.map(builtInFor)).toEqual(["Security Admin"]);
  });
});

describe("what is looked for", () => {
  const azure = { cloud: "public", subscriptions: [], managementGroups: [] } as const;
  const plain = { endEarly: "initiate", watch: undefined, azure } as const;

  it.each([
    ["nothing more", plain, []],
    ["the Activity Log", { ...plain, watch: { everyMs: 60_000 } }, WATCHING],
    ["management groups", { ...plain, azure: { ...azure, managementGroups: ["root"] } }, GROUPING],
    ["deleting rules", { ...plain, endEarly: "nsg-rule" as const }, CLOSING],
  ])("is %s where the policy file asks for it", (_, policy, more) => {
    expect(rightsFor(policy)).toEqual([...RIGHTS, ...more, ...ENABLING]);
  });
});

it("knows a price with its day and its source", () => {
  expect(priceOf("P2")).toMatchObject({
    dollars: expect.any(Number),
    onDay: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    source: expect.stringMatching(/./),
  });
});
