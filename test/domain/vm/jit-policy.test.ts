// Reading JIT policies of odd shape: what can't be read allows nothing, is named, and harms nothing beside it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contains } from "../../../src/domain/network/source.ts";
import { jitPolicyFor } from "../../../src/domain/rules/check-ask.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";
import { readJitPolicy, readJitVmPolicies } from "../../../src/domain/vm/jit-policy.ts";
import { jitStateOf } from "../../../src/domain/vm/jit-state.ts";
import { aVm, jitPolicyId } from "../../support/requests.ts";

const vm = aVm();
const SSH = {
  number: 22,
  protocol: "TCP",
  allowedSourceAddressPrefix: "203.0.113.0/24",
  maxRequestAccessDuration: "PT3H",
};

const policyOf = (virtualMachines: unknown, requests: unknown = []) => ({
  id: jitPolicyId("rg-web", "default"),
  properties: { virtualMachines, requests },
});

function read(virtualMachines: unknown, requests?: unknown) {
  const unreadable: string[] = [];
  const policy = readJitPolicy(policyOf(virtualMachines, requests), { askedId: "asked" }, (what) =>
    unreadable.push(what),
  );
  return { vmPolicies: policy?.vmPolicies ?? [], entries: policy?.entries ?? [], unreadable };
}

const withPort = (port: unknown) => read([{ id: vm.id, ports: [port] }]);

/** Any JSON that is no text. */
const noText = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.array(fc.string(), { maxLength: 2 }),
  fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }),
);

describe("a source of odd shape", () => {
  it.each([
    ["a list in the singular field", { allowedSourceAddressPrefix: ["203.0.113.0/24"] }],
    ["an empty list there", { allowedSourceAddressPrefix: [] }],
    ["a number", { allowedSourceAddressPrefix: 0 }],
    ["an object", { allowedSourceAddressPrefix: { cidr: "*" } }],
    ["a truth", { allowedSourceAddressPrefix: true }],
    ["an empty text", { allowedSourceAddressPrefix: "" }],
    ["a text in the plural field", { allowedSourceAddressPrefixes: "203.0.113.0/24" }],
    ["an object there", { allowedSourceAddressPrefixes: { 0: "*" } }],
    ["numbers in its list", { allowedSourceAddressPrefixes: [0, 1] }],
    ["a list in its list", { allowedSourceAddressPrefixes: [["*"]] }],
  ])("allows nothing, and is named: %s", (_, source) => {
    const { allowedSourceAddressPrefix: __, ...rest } = SSH;
    const { vmPolicies, unreadable } = withPort({ ...rest, ...source });
    expect(vmPolicies[0]?.ports).toMatchObject([{ number: 22, sources: [] }]);
    expect(unreadable.join()).toMatch(/^the source .* of port 22 in the entry of /);
    const refused = jitPolicyFor(vm, vmPolicies, [22]);
    expect(isRefusal(refused) && plain(refused.say)).toMatch(
      /^I can't read what the JIT policy of \S+ allows on port 22: the source .*\. An admin can fix it with \/jit change \S+ 22 from 203\.0\.113\.0\/24\.$/,
    );
  });

  it("never lets anybody in, whatever it is", () => {
    fc.assert(
      fc.property(noText, (odd) => {
        const port = { ...SSH, allowedSourceAddressPrefix: odd };
        const ports = withPort(port).vmPolicies.flatMap((vmPolicy) => vmPolicy.ports);
        expect(ports.flatMap(({ sources }) => sources)).toEqual([]);
      }),
    );
  });

  it("leaves the sources beside it as they are", () => {
    const { allowedSourceAddressPrefix: _, ...rest } = SSH;
    const several = ["198.51.100.0/25", 7, null, "203.0.113.9/24"];
    const { vmPolicies, unreadable } = withPort({ ...rest, allowedSourceAddressPrefixes: several });
    expect(vmPolicies[0]?.ports[0]?.sources).toEqual(["198.51.100.0/25", "203.0.113.0/24"]);
    expect(unreadable).toHaveLength(2);
    expect(isRefusal(jitPolicyFor(vm, vmPolicies, [22]))).toBe(false);
  });

  it("is none of those that mean any address", () => {
    const { allowedSourceAddressPrefix: _, ...rest } = SSH;
    for (const none of [
      {},
      { allowedSourceAddressPrefix: null, allowedSourceAddressPrefixes: [] },
    ]) {
      expect(withPort({ ...rest, ...none }).vmPolicies[0]?.ports[0]?.sources).toEqual(["*"]);
    }
  });
});

describe("the rest of a port", () => {
  it.each([
    ["maxRequestAccessDuration", "03:00:00", 'the maximum "03:00:00"'],
    ["maxRequestAccessDuration", 3, "the maximum 3"],
    ["maxRequestAccessDuration", "PT0S", 'the maximum "PT0S"'],
    ["maxRequestAccessDuration", undefined, "the maximum (missing)"],
    ["protocol", ["TCP"], 'the protocol ["TCP"]'],
    ["protocol", 6, "the protocol 6"],
  ])("with %s %j can't be asked for, and the answer names the fix", (field, value, what) => {
    const { vmPolicies } = withPort({ ...SSH, [field]: value });
    const refused = jitPolicyFor(vm, vmPolicies, [22]);
    const say = isRefusal(refused) ? plain(refused.say) : "";
    expect(say).toContain(`allows on port 22: ${what}. `);
    expect(say).toMatch(/\/jit change \S+ 22 (max 3h|tcp from 203\.0\.113\.0\/24)\.$/);
  });

  it.each(["22", 22])("has its number as %j", (number) => {
    expect(withPort({ ...SSH, number }).vmPolicies[0]?.ports).toMatchObject([{ number: 22 }]);
  });

  it.each(["", "22x", " 22", "0x16", "2.2e1", "65536", "-1", 22.5, null, [22]])(
    "is no port with the number %j, and is named",
    (number) => {
      const { vmPolicies, unreadable } = read([{ id: vm.id, ports: [{ ...SSH, number }, SSH] }]);
      expect(vmPolicies[0]?.ports).toHaveLength(1);
      expect(unreadable).toHaveLength(1);
    },
  );
});

describe("a VM whose ports can't be read", () => {
  it.each([null, undefined, {}, "22", [null], [7]])("as in %j is said to be so", (ports) => {
    const { vmPolicies } = read([{ id: vm.id, ports }]);
    expect(jitStateOf(vm, vmPolicies)).toBe("configured");
    const refused = jitPolicyFor(vm, vmPolicies, [22]);
    expect(isRefusal(refused) && plain(refused.say)).toMatch(
      /^I can't read the JIT policy of \S+: .*\. An admin can fix it with \/jit enable \S+\.$/,
    );
  });

  it("is not configured where it has none at all", () => {
    const { vmPolicies } = read([{ id: vm.id, ports: [] }]);
    expect(jitStateOf(vm, vmPolicies)).toBe("not-configured");
    expect(jitPolicyFor(vm, vmPolicies, [22])).toMatchObject({ refused: "not-configured" });
  });

  it("leaves the VM beside it as it is, and so does what is no VM", () => {
    for (const odd of [null, 7, {}, { id: 9, ports: [SSH] }, { id: "", ports: [] }]) {
      const { vmPolicies, unreadable } = read([odd, { id: vm.id, ports: [SSH] }]);
      expect(vmPolicies).toMatchObject([{ vm: vm.key, ports: [{ number: 22 }] }]);
      expect(unreadable).toHaveLength(1);
    }
  });
});

describe("an entry of requests[] that can't be read", () => {
  const OURS = {
    virtualMachines: [
      {
        id: vm.id,
        ports: [
          {
            number: 22,
            allowedSourceAddressPrefix: "203.0.113.7",
            endTimeUtc: "2026-11-22T11:00:00.0000000Z",
            status: "Initiated",
          },
        ],
      },
    ],
    startTimeUtc: "2026-11-22T10:00:00Z",
    justification: "JIT-ABC123 …",
  };
  it.each([
    null,
    7,
    [],
    {},
    { virtualMachines: null },
    { virtualMachines: {} },
    { virtualMachines: [null] },
    { virtualMachines: [{ id: vm.id }] },
    { virtualMachines: [{ id: vm.id, ports: null }] },
    { virtualMachines: [{ id: vm.id, ports: [null, { number: 22 }] }] },
    { virtualMachines: [{ id: vm.id, ports: [{ number: 22, endTimeUtc: {} }] }] },
  ])("such as %j blocks no other", (odd) => {
    const { entries, unreadable, vmPolicies } = read([{ id: vm.id, ports: [SSH] }], [odd, OURS]);
    expect(vmPolicies).toHaveLength(1);
    expect(entries).toMatchObject([
      { nth: 1, port: 22, source: "203.0.113.7", status: "Initiated" },
    ]);
    expect(unreadable.length).toBeGreaterThan(0);
  });
});

it("never throws, and never allows more than the texts in it say", () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  const port = fc.record(
    {
      number: fc.oneof(fc.constant(22), json),
      protocol: fc.oneof(fc.constant("*"), json),
      allowedSourceAddressPrefix: fc.oneof(fc.constant("10.0.0.0/8"), json),
      allowedSourceAddressPrefixes: json,
      maxRequestAccessDuration: fc.oneof(fc.constant("PT1H"), json),
    },
    { requiredKeys: ["allowedSourceAddressPrefix"] },
  );
  const ports = fc.oneof(fc.array(fc.oneof(port, json)), json);
  fc.assert(
    fc.property(ports, json, (some, requests) => {
      const policy = policyOf([{ id: vm.id, ports: some }], requests);
      readJitPolicy(policy, { askedId: "asked" }, () => {});
      const texts = JSON.stringify(some);
      for (const one of readJitVmPolicies(policy, () => {}).flatMap((vmPolicy) => vmPolicy.ports)) {
        const isAny =
          texts.includes('"*"') || texts.includes("0.0.0.0/0") || texts.includes("null");
        if (one.maxDurationMs > 0 && one.sources.some((source) => contains(source, "*"))) {
          expect(isAny).toBe(true);
        }
      }
    }),
  );
});

it("read for one VM says of it what the whole says, whatever stands there", () => {
  const mine = aVm({ name: "web-01" });
  const id = fc.oneof(
    fc.constantFrom(mine.id, mine.id.toUpperCase(), aVm({ name: "web-02" }).id),
    fc.jsonValue(),
  );
  const port = fc.record(
    {
      number: fc.oneof(fc.constant(22), fc.jsonValue()),
      endTimeUtc: fc.oneof(fc.constant("2026-11-25T14:18:00.0000000Z"), fc.jsonValue()),
      status: fc.constantFrom("Initiated", "Revoked"),
    },
    { requiredKeys: ["number"] },
  );
  const vms = fc.array(fc.record({ id, ports: fc.oneof(fc.array(port), fc.jsonValue()) }));
  const requests = fc.array(fc.record({ virtualMachines: vms, justification: fc.string() }));
  let found = 0;
  fc.assert(
    fc.property(vms, requests, (covered, asked) => {
      const body = policyOf(covered, asked);
      const whole = readJitPolicy(body, { askedId: "asked" }, () => {});
      const part = readJitPolicy(body, { askedId: "asked", vm: mine.key }, () => {});
      expect(part).toEqual({
        id: whole?.id,
        vmPolicies: whole?.vmPolicies.filter((one) => one.vm === mine.key),
        entries: whole?.entries.filter((one) => one.vm === mine.key),
      });
      found += part?.entries.length ?? 0;
    }),
  );
  expect(found).toBeGreaterThan(0);
});

it("reads the words that Azure says of an opening in any case, and leaves others as they are", () => {
  const words = (status: string, statusReason: string) => {
    const port = { number: 22, endTimeUtc: "2026-12-01T10:00:00Z", status, statusReason };
    const { entries } = read([], [{ virtualMachines: [{ id: vm.id, ports: [port] }] }]);
    return entries.map((entry) => [entry.status, entry.statusReason]);
  };
  expect(words("initiated", "USERREQUESTED")).toEqual([["Initiated", "USERREQUESTED"]]);
  expect(words("REVOKED", "newerRequestInitiated")).toEqual([["Revoked", "NewerRequestInitiated"]]);
  expect(words("Paused", "")).toEqual([["Paused", ""]]);
});
