// Bundles in the request form: which are offered, how many VMs they have for whom, and what can be chosen.

import { describe, expect, it } from "vitest";
import type { Policy } from "../../../src/domain/rules/policy.ts";
import { isRequester, type Members } from "../../../src/domain/rules/rule-match.ts";
import { indexing } from "../../../src/domain/rules/vm-search.ts";
import type { UserId } from "../../../src/domain/text/ids.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";
import type { JitVmPolicy, Vm } from "../../../src/domain/vm/vm.ts";
import {
  bundleCode,
  bundleForm,
  bundleOfCode,
  bundlesFound,
} from "../../../src/flows/forms/bundle-form.ts";
import { aPolicy, aPort, aRule, aVm, aVmPolicy, ERIN, OMAR, T0 } from "../../support/requests.ts";

const linux = (name: string) => aVm({ name, os: "linux" });
const windows = (name: string) => aVm({ name, os: "windows" });

const VMS = [windows("app-2"), linux("app-1"), linux("db-1"), linux("vault-1"), linux("bare-1")];
const ANYONE = aRule({
  name: "apps",
  match: { vms: ["app-*", "bare-*"] },
  requesters: "anyone",
});
const RULES = [
  ANYONE,
  aRule({ name: "dbs", match: { vms: ["db-*"] }, requesters: "anyone", maxDurationMs: 1_800_000 }),
  aRule({
    name: "vaults",
    match: { vms: ["vault-*"] },
    requesters: { users: [OMAR], groups: [] },
  }),
];
const BUNDLES = {
  all: { vms: ["*"] },
  apps: { vms: ["app-*"] },
  bare: { vms: ["bare-1"] },
  vault: { vms: ["vault-1"] },
};

function readerOf(user: UserId = ERIN, change: Partial<Policy> = {}) {
  const policy = aPolicy({ rules: RULES, bundles: BUNDLES, ...change });
  const byKey = new Map(VMS.map((vm) => [vm.key, vm]));
  const work = indexing(byKey, policy, undefined);
  let step = work.next();
  while (step.done !== true) step = work.next();
  const vmPolicies = new Map(
    VMS.filter(({ name }) => name !== "bare-1").map((vm): [Vm["key"], JitVmPolicy[]] => [
      vm.key,
      [aVmPolicy(vm, vm.os === "windows" ? [aPort(3389)] : [aPort(22), aPort(8443)])],
    ]),
  );
  const snapshot = { atMs: T0, vms: byKey, vmPolicies, unread: [] };
  const members: Members = new Map();
  return {
    listed: { snapshot, index: step.value },
    asker: { policy, user, members, nowMs: T0 },
    rules: new Set(policy.rules.filter((rule) => isRequester(rule, user, members))),
  };
}

const counted = (...given: Parameters<typeof readerOf>) =>
  bundlesFound(readerOf(...given), "").map(({ bundle, count, isTooMany }) =>
    isTooMany ? `${bundle} >${count}` : `${bundle} ${count}`,
  );

describe("bundles", () => {
  it("are offered with as many VMs as somebody can request now, and not without any", () => {
    expect(counted()).toEqual(["all 3", "apps 2"]);
    expect(counted(OMAR)).toEqual(["all 4", "apps 2", "vault 1"]);
    const closed = { ...ANYONE, match: { ...ANYONE.match, hours: [] } };
    expect(counted(ERIN, { rules: [closed] })).toEqual([]);
    const limits = { ...aPolicy().limits, vmsPerRequest: 2 };
    expect(counted(ERIN, { limits })).toEqual(["all >2", "apps 2"]);
  });

  it("are found in part where there are many", () => {
    const bundles = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [`b${n}`, { vms: ["app-*"] }]),
    );
    expect(counted(ERIN, { bundles })).toHaveLength(20);
  });

  it("have codes that no VM has", () => {
    expect(bundleOfCode(bundleCode("web.1_A-b"))).toBe("web.1_A-b");
    for (const code of ["abc-def", "", "bundle:", "bundle:a b", `bundle:${"n".repeat(64)}`]) {
      expect(bundleOfCode(code)).toBeUndefined();
    }
  });
});

describe("the form of a bundle", () => {
  const shown = (ports?: readonly number[], user: UserId = ERIN, name = "all") =>
    bundleForm(readerOf(user), name, { ports });
  const termsOf = (ports?: readonly number[]) => {
    const terms = shown(ports)?.choices?.terms;
    return terms === undefined || isRefusal(terms) ? terms && plain(terms.say) : terms.rule.name;
  };

  it("offers any port of any VM and needs none, and names every rule", () => {
    const form = shown();
    expect(form?.vm).toMatchObject({ code: "bundle:all", count: 3, isTooMany: false });
    expect(form?.choices).toMatchObject({ ports: [22, 3389, 8443], chosenPorts: [] });
    expect(form?.rules?.map(({ name }) => name)).toEqual(["apps", "dbs"]);
    expect(termsOf()).toBe("apps");
    expect(shown([])).toEqual(form);
  });

  it("offers for ports what holds for a VM that takes them all", () => {
    expect(shown([3389])?.choices?.chosenPorts).toEqual([3389]);
    expect(termsOf([3389])).toBe("apps");
    expect(termsOf([22, 8443])).toBe("apps");
    expect(termsOf([22, 3389])).toBe(
      "You can't request ports 22, 3389 together on any VM of this bundle: choose fewer ports, or none for each VM's usual one.",
    );
    expect(shown([22, 3389])?.choices?.chosenPorts).toEqual([22, 3389]);
    expect(shown([1])?.choices?.chosenPorts).toEqual([]);
  });

  it("is none for somebody who can request no VM of it, or where it isn't there", () => {
    expect(shown(undefined, ERIN, "vault")).toBeUndefined();
    expect(shown(undefined, ERIN, "bare")).toBeUndefined();
    expect(shown(undefined, ERIN, "nosuch")).toBeUndefined();
    expect(shown(undefined, OMAR, "vault")).toBeDefined();
  });
});
