// What is said of a VM whose subscription couldn't be read: not that it is not configured.

import { describe, expect, it } from "vitest";
import { refuse } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";
import { isUnread, orUnread } from "../../../src/flows/inventory/unread-policies.ts";
import type { InventorySnapshot } from "../../../src/ports/azure.ts";
import { aCover, aPort, aVm, SUB } from "../../support/requests.ts";

const vm = aVm();
const known = new Map([[vm.key, [aCover(vm, [aPort(22)])]]]);
const pictured = (change: Partial<InventorySnapshot>): InventorySnapshot => ({
  atMs: 1,
  vms: new Map([[vm.key, vm]]),
  covers: new Map(),
  unread: [],
  ...change,
});
const unread = [{ subscriptionId: SUB.toUpperCase(), fault: "AuthorizationFailed: No." }];
const notConfigured = refuse("not-configured")`it has no policy.`;

describe("a VM", () => {
  it.each([
    ["of a subscription that was read", pictured({}), false],
    ["of one that was not, by whatever case of its id", pictured({ unread }), true],
    ["whose policies are known from before", pictured({ unread, covers: known }), false],
    [
      "beside one that was not read",
      pictured({ unread: [{ subscriptionId: "another", fault: "" }] }),
      false,
    ],
  ])("%s is unknown or not", (_, picture, expected) => {
    expect(isUnread(picture, vm)).toBe(expected);
    const outcome = orUnread(picture, vm, notConfigured);
    expect(outcome.refused).toBe(expected ? "cannot-check" : "not-configured");
    if (expected) expect(plain(outcome.say)).toMatch(/couldn't be read.*\/jit doctor/);
  });

  it("is told of any other refusal, and of none, as ever", () => {
    const picture = pictured({ unread });
    const other = refuse("no-rule")`no rule lets you.`;
    expect(orUnread(picture, vm, other)).toBe(other);
    expect(orUnread(picture, vm, 7)).toBe(7);
  });
});
