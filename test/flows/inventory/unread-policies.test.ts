// What is said of a VM whose subscription couldn't be read: not that it is not configured.

import { describe, expect, it } from "vitest";
import { refuse } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";
import { isUnread, orUnread } from "../../../src/flows/inventory/unread-policies.ts";
import type { InventorySnapshot } from "../../../src/ports/azure.ts";
import { aPort, aVm, aVmPolicy, SUB } from "../../support/requests.ts";

const vm = aVm();
const known = new Map([[vm.key, [aVmPolicy(vm, [aPort(22)])]]]);
const snapshotWith = (change: Partial<InventorySnapshot>): InventorySnapshot => ({
  atMs: 1,
  vms: new Map([[vm.key, vm]]),
  vmPolicies: new Map(),
  unread: [],
  ...change,
});
const unread = [{ subscriptionId: SUB.toUpperCase(), fault: "AuthorizationFailed: No." }];
const notConfigured = refuse("not-configured")`it has no policy.`;

describe("a VM", () => {
  it.each([
    ["of a subscription that was read", snapshotWith({}), false],
    ["of one that was not, by whatever case of its id", snapshotWith({ unread }), true],
    ["whose policies are known from before", snapshotWith({ unread, vmPolicies: known }), false],
    [
      "beside one that was not read",
      snapshotWith({ unread: [{ subscriptionId: "another", fault: "" }] }),
      false,
    ],
  ])("%s is unknown or not", (_, snapshot, expected) => {
    expect(isUnread(snapshot, vm)).toBe(expected);
    const outcome = orUnread(snapshot, vm, notConfigured);
    expect(outcome.refused).toBe(expected ? "cannot-check" : "not-configured");
    if (expected) expect(plain(outcome.say)).toMatch(/couldn't be read.*\/jit doctor/);
  });

  it("is told of any other refusal, and of none, as ever", () => {
    const snapshot = snapshotWith({ unread });
    const other = refuse("no-rule")`no rule lets you.`;
    expect(orUnread(snapshot, vm, other)).toBe(other);
    expect(orUnread(snapshot, vm, 7)).toBe(7);
  });
});
