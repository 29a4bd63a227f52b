// Search as one types: what is found, in which order, by whom; and the codes that stand for VMs.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Policy, Rule } from "../../../src/domain/rules/policy.ts";
import { isRequester, mayAskFor, ruleOnPort } from "../../../src/domain/rules/rule-match.ts";
import {
  anyUnder,
  bundleVms,
  indexing,
  type SearchOptions,
  searchBundles,
  searchVms,
  type VmIndex,
  vmCode,
  vmOfCode,
} from "../../../src/domain/rules/vm-search.ts";
import { vmKey } from "../../../src/domain/text/ids.ts";
import type { Vm } from "../../../src/domain/vm/vm.ts";
import { aPolicy, aRule, aVm, ERIN, OMAR, ONCALL, SAM, vmId } from "../../support/requests.ts";

function indexOf(vms: readonly Vm[], policy: Policy = aPolicy(), before?: VmIndex): VmIndex {
  const work = indexing(new Map(vms.map((vm) => [vm.key, vm])), policy, before);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

const all = (index: VmIndex): ReadonlySet<Rule> => new Set(index.policy.rules);

const VMS = [
  aVm({
    name: "db-web",
    resourceGroup: "rg-data",
    privateAddresses: ["10.1.0.9"],
    publicAddresses: [],
    tags: { Team: "Platform Ops" },
  }),
  aVm({
    name: "WEB-01",
    resourceGroup: "rg-shop",
    privateAddresses: ["10.0.0.4"],
    publicAddresses: ["198.51.100.4"],
    tags: { env: "prod" },
  }),
  aVm({
    name: "web-01",
    resourceGroup: "rg-lab",
    privateAddresses: [],
    publicAddresses: [],
    tags: {},
  }),
];

const found = (text: string, most = 100): readonly string[] => {
  const index = indexOf(VMS);
  return searchVms(index, text, { rules: all(index), most }).map(
    (vm) => `${vm.resourceGroup}/${vm.name}`,
  );
};

describe("the order of a search", () => {
  const keysOf = (...at: readonly number[]) => at.flatMap((one) => VMS[one]?.key ?? []);
  const ordered = (text: string, options: Partial<SearchOptions>) => {
    const index = indexOf(VMS);
    const found = searchVms(index, text, { rules: all(index), most: 9, ...options });
    return found.map((vm) => `${vm.resourceGroup}/${vm.name}`);
  };
  const isOpenable = ({ resourceGroup }: Vm) => resourceGroup !== "rg-data";

  it.each<[string, Partial<SearchOptions>, readonly string[]]>([
    ["", { recent: keysOf(2, 1) }, ["rg-lab/web-01", "rg-shop/WEB-01", "rg-data/db-web"]],
    ["web", { recent: keysOf(0) }, ["rg-data/db-web", "rg-shop/WEB-01", "rg-lab/web-01"]],
    ["rg-lab", { recent: keysOf(0, 1) }, ["rg-lab/web-01"]],
    ["", { isOpenable }, ["rg-shop/WEB-01", "rg-lab/web-01", "rg-data/db-web"]],
    [
      "",
      { isOpenable, recent: keysOf(0, 2) },
      ["rg-lab/web-01", "rg-shop/WEB-01", "rg-data/db-web"],
    ],
    ["", { recent: keysOf(2, 2), most: 1 }, ["rg-lab/web-01"]],
    ["", { isOpenable, most: 2 }, ["rg-shop/WEB-01", "rg-lab/web-01"]],
    ["", { recent: keysOf(1), rules: new Set() }, []],
  ])(
    "of %j with %j puts recent ones first, and last what can't be opened",
    (text, options, names) => {
      expect(ordered(text, options)).toEqual(names);
    },
  );
});

describe("a search", () => {
  it.each<[string, readonly string[]]>([
    ["", ["rg-data/db-web", "rg-shop/WEB-01", "rg-lab/web-01"]],
    ["  ", ["rg-data/db-web", "rg-shop/WEB-01", "rg-lab/web-01"]],
    ["web", ["rg-shop/WEB-01", "rg-lab/web-01", "rg-data/db-web"]],
    ["Web-01", ["rg-shop/WEB-01", "rg-lab/web-01"]],
    ["rg-lab", ["rg-lab/web-01"]],
    ["rg-shop/web", ["rg-shop/WEB-01"]],
    ["web rg-shop", ["rg-shop/WEB-01"]],
    ["198.51", ["rg-shop/WEB-01"]],
    ["10.1.0.9", ["rg-data/db-web"]],
    ["env=prod", ["rg-shop/WEB-01"]],
    ["platform ops", ["rg-data/db-web"]],
    ["team=platform", ["rg-data/db-web"]],
    ["web-01\nrg-lab", ["rg-lab/web-01"]],
    ["webrg", []],
    [".*", []],
  ])("for %j finds %j", (text, names) => expect(found(text)).toEqual(names));

  it("keeps to the most, and the names that begin with the text", () => {
    expect(found("web", 2)).toEqual(["rg-shop/WEB-01", "rg-lab/web-01"]);
    expect(found("web", 0)).toEqual([]);
  });
});

describe("an index", () => {
  const change = (vm: Vm, by: Partial<Vm>): Vm => ({ ...vm, ...by });

  it("made after another knows what has changed since, and keeps the VMs of the new snapshot", () => {
    const before = indexOf(VMS);
    const [first, second, third] = VMS as [Vm, Vm, Vm];
    const stopped = change(first, { power: "PowerState/stopped" });
    const moved = change(second, { privateAddresses: ["10.9.9.9"] });
    const tagged = change(third, { tags: { env: "new" } });
    const index = indexOf([stopped, moved, tagged], before.policy, before);
    expect(searchVms(index, "10.9.9.9", { rules: all(index), most: 9 })).toEqual([moved]);
    expect(searchVms(index, "10.0.0.4", { rules: all(index), most: 9 })).toEqual([]);
    expect(searchVms(index, "env=new", { rules: all(index), most: 9 })).toEqual([tagged]);
    expect(searchVms(index, "db-web", { rules: all(index), most: 9 })[0]).toBe(stopped);
  });

  it("made under another policy goes by that one's rules", () => {
    const before = indexOf(VMS);
    const policy = aPolicy({ rules: [aRule({ match: { vms: ["db-*"] } })] });
    const index = indexOf(VMS, policy, before);
    expect(searchVms(index, "", { rules: all(index), most: 9 })).toHaveLength(1);
    expect(searchVms(index, "", { rules: all(before), most: 9 })).toEqual([]);
  });

  it("is made in portions", () => {
    const many = new Map(
      Array.from({ length: 2_500 }, (_, n) => aVm({ name: `vm-${n}` })).map((vm) => [vm.key, vm]),
    );
    expect([...indexing(many, aPolicy(), undefined)]).toHaveLength(2);
  });
});

describe("a code", () => {
  it("stands for one VM, fits an option, and is the same for any spelling of the id", () => {
    const index = indexOf(VMS);
    for (const vm of VMS) {
      expect(vmOfCode(index, vmCode(vm.key))).toBe(vm);
      expect(vmCode(vm.key)).toMatch(/^[\da-z]{1,7}-[\da-z]{1,7}$/);
      expect(vmCode(vmKey(vm.id.toUpperCase()))).toBe(vmCode(vm.key));
    }
    expect(vmOfCode(index, vmCode(vmKey(vmId("gone"))))).toBeUndefined();
    expect(vmOfCode(index, "")).toBeUndefined();
  });

  it("differs for 50,000 VMs", () => {
    const codes = Array.from({ length: 50_000 }, (_, n) =>
      vmCode(vmKey(vmId(`vm-${n}`, `rg-${n % 700}`))),
    );
    expect(new Set(codes).size).toBe(codes.length);
  });

  it("that two VMs share stands for neither", () => {
    const [one, other] = VMS as [Vm, Vm];
    const index = indexOf([one, other]);
    const shared = new Map([...index.byCode].map(([code]) => [code, undefined]));
    expect(vmOfCode({ ...index, byCode: shared }, vmCode(one.key))).toBeUndefined();
  });
});

describe("nobody finds anything but what some rule lets them ask for", () => {
  const name = fc.constantFrom("web-01", "web-02", "db-01", "db-02");
  const group = fc.constantFrom("rg-a", "rg-b");
  const vm = fc
    .record({
      name,
      resourceGroup: group,
      tags: fc.constantFrom({ env: "prod" }, { env: "dev" }, {}),
    })
    .map((one) => aVm(one));
  const vms = fc.uniqueArray(vm, { selector: (one) => one.key, maxLength: 8 });
  const match = fc.record(
    {
      vms: fc.subarray(["web-*", "db-01", "*-02"], { minLength: 1 }),
      resourceGroups: fc.subarray(["rg-a", "RG-B"], { minLength: 1 }),
      tags: fc.constantFrom({ env: ["prod"] }, { ENV: ["d*"] }),
      ports: fc.subarray([22, 3389], { minLength: 1 }),
    },
    { requiredKeys: [] },
  );
  const people = { users: fc.subarray([ERIN, SAM]), groups: fc.subarray([ONCALL]) };
  const requesters = fc.oneof(fc.constant("anyone" as const), fc.record(people));
  const rules = fc
    .array(fc.record({ match, requesters }), { minLength: 1, maxLength: 4 })
    .map((all) => all.map((one, n) => aRule({ name: `rule ${n}`, ...one })));
  const members = new Map([[ONCALL, [OMAR]]]);

  it("for any VMs, rules and person", () => {
    fc.assert(
      fc.property(vms, rules, fc.constantFrom(ERIN, SAM, OMAR), (all, asked, user) => {
        const policy = aPolicy({ rules: asked });
        const index = indexOf(all, policy);
        const own = new Set(policy.rules.filter((rule) => isRequester(rule, user, members)));
        const names = searchVms(index, "", { rules: own, most: 100 }).map((one) => one.key);
        // Any port may be in a VM's JIT policy: one of each rule's, and one that no rule names.
        const may = all.filter((one) =>
          [22, 3389, 8080].some((port) => {
            const rule = ruleOnPort(policy, one, { port, nowMs: 0 });
            return rule !== undefined && isRequester(rule, user, members);
          }),
        );
        expect(new Set(names)).toEqual(new Set(may.map((one) => one.key)));
        expect(new Set(names)).toEqual(
          new Set(
            all.filter((one) => mayAskFor(policy, one, { user, members })).map((one) => one.key),
          ),
        );
        expect(anyUnder(index, own)).toBe(may.length > 0);
      }),
      { numRuns: 500 },
    );
  });
});

describe("bundles", () => {
  const bundles = {
    web: { vms: ["web-*"] },
    Data: { resourceGroups: ["rg-data"] },
    all: { vms: ["*"] },
    none: { vms: ["nosuch-*"] },
  };
  const policy = aPolicy({
    rules: [aRule({ match: { resourceGroups: ["rg-shop", "rg-data"] } })],
    bundles,
  });
  const index = indexOf(VMS, policy);
  const vmsOf = (name: string, of = index) =>
    bundleVms(of, name, all(of)).map((vm) => `${vm.resourceGroup}/${vm.name}`);

  it.each<[string, readonly string[]]>([
    ["", ["all", "Data", "web"]],
    ["WE", ["web"]],
    ["bundle:", ["all", "Data", "web"]],
    ["bundle:da", ["Data"]],
    ["bundle web", ["web"]],
    ["none", []],
    ["10.0.0.4", []],
  ])("are found by %s", (text, names) => {
    expect(searchBundles(index, text)).toEqual(names);
  });

  it("have only VMs about which a rule of the reader's decides, by name", () => {
    expect(vmsOf("web")).toEqual(["rg-shop/WEB-01"]);
    expect(vmsOf("all")).toEqual(["rg-data/db-web", "rg-shop/WEB-01"]);
    expect(bundleVms(index, "all", new Set())).toEqual([]);
    expect(vmsOf("nosuch")).toEqual([]);
  });

  it("are those of the policy file in force, whatever was known before", () => {
    const renamed = { ...policy, bundles: { shop: bundles.web } };
    const again = indexOf(VMS, renamed, index);
    expect(searchBundles(again, "")).toEqual(["shop"]);
    expect(vmsOf("shop", again)).toEqual(["rg-shop/WEB-01"]);
    expect(indexOf(VMS, policy, index).bundles).toEqual(index.bundles);
  });
});
