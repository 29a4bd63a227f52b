// Merging into a JIT policy as raw JSON: what is meant changes, and to the letter nothing else.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DesiredPolicy } from "../../../src/domain/policies/desired-policy.ts";
import {
  editJitPolicy,
  fingerprint,
  isAsWritten,
  isUnchanged,
  openAccesses,
  partOf,
} from "../../../src/domain/policies/merge-policy.ts";
import type { Json } from "../../../src/domain/vm/jit-policy-fields.ts";

const VM = (name: string) =>
  `/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/${name}`;

const desired = (
  verb: DesiredPolicy["verb"],
  more: Partial<DesiredPolicy> = {},
): DesiredPolicy => ({
  ...{ verb, ports: undefined, protocol: undefined, maxDurationMs: undefined, sources: undefined },
  ...more,
});

const edit = (name: string, ...changes: DesiredPolicy[]) => ({ vmId: VM(name), changes });

const SSH = {
  number: 22,
  protocol: "*",
  allowedSourceAddressPrefix: "*",
  maxRequestAccessDuration: "PT3H",
};

const policyOf = (virtualMachines: readonly unknown[], more: Json = {}): Json => ({
  kind: "Basic",
  properties: { virtualMachines, requests: [], provisioningState: "Succeeded", ...more },
  id: "/subscriptions/s/…/default",
  name: "default",
  type: "Microsoft.Security/locations/jitNetworkAccessPolicies",
  location: "westeurope",
});

const vmsOf = (policy: Json | undefined): readonly Json[] =>
  (policy?.properties as { virtualMachines: readonly Json[] } | undefined)?.virtualMachines ?? [];

describe("enabling", () => {
  it("makes a policy with the portal's proposal where there is none", () => {
    const made = editJitPolicy(undefined, [edit("a", desired("enable"))]);
    expect(made).toEqual({
      kind: "Basic",
      properties: {
        virtualMachines: [
          { id: VM("a"), ports: [22, 3389, 5985, 5986].map((number) => ({ ...SSH, number })) },
        ],
      },
    });
  });

  it("adds named ports to a VM that has others, and leaves those", () => {
    const before = policyOf([{ id: VM("A").toUpperCase(), ports: [{ ...SSH, note: 1 }] }]);
    const ports = [22, 8080];
    const [vm] = vmsOf(
      editJitPolicy(before, [edit("a", desired("enable", { ports, protocol: "TCP" }))]),
    );
    expect(vm?.id).toBe(VM("A").toUpperCase());
    expect(vm?.ports).toEqual([
      { ...SSH, note: 1 },
      { ...SSH, number: 8080, protocol: "TCP" },
    ]);
    expect(isUnchanged(before, [edit("a", desired("enable"))])).toBe(true);
  });
});

describe("changing", () => {
  it("changes only what was said, of the ports that were named", () => {
    const other = { ...SSH, number: 5432 };
    const before = policyOf([{ id: VM("a"), ports: [SSH, other] }]);
    const sources = ["10.0.0.0/8", "192.0.2.0/24"];
    const [vm] = vmsOf(
      editJitPolicy(before, [edit("a", desired("change", { ports: [22], sources }))]),
    );
    expect(vm?.ports).toEqual([
      {
        ...{ number: 22, protocol: "*", maxRequestAccessDuration: "PT3H" },
        allowedSourceAddressPrefixes: sources,
      },
      other,
    ]);
  });

  it("leaves what means the same as it is written, and what is not configured", () => {
    const before = policyOf([{ id: VM("a"), ports: [SSH] }]);
    const same = desired("change", { maxDurationMs: 3 * 3_600_000, sources: ["*"] });
    expect(isUnchanged(before, [edit("a", same), edit("b", same)])).toBe(true);
  });
});

describe("disabling", () => {
  const before = policyOf([
    { id: VM("a"), ports: [SSH, { ...SSH, number: 3389 }] },
    { id: VM("b"), ports: [SSH] },
  ]);

  it("takes ports, VMs, and with the last one the policy", () => {
    const [a, b] = vmsOf(editJitPolicy(before, [edit("a", desired("disable", { ports: [22] }))]));
    expect(a?.ports).toEqual([{ ...SSH, number: 3389 }]);
    expect(b).toEqual({ id: VM("b"), ports: [SSH] });
    expect(vmsOf(editJitPolicy(before, [edit("a", desired("disable"))]))).toHaveLength(1);
    const both = ["a", "b"].map((name) => edit(name, desired("disable")));
    expect(editJitPolicy(before, both)).toBeUndefined();
    const allPorts = edit("b", desired("disable", { ports: [22] }));
    expect(vmsOf(editJitPolicy(before, [allPorts]))).toHaveLength(1);
  });
});

describe("a number that is text", () => {
  const before = policyOf([{ id: VM("a"), ports: [{ ...SSH, number: "22" }, null] }]);
  const edited = (one: DesiredPolicy) => vmsOf(editJitPolicy(before, [edit("a", one)]))[0]?.ports;

  it("is the same port, whatever is asked of it", () => {
    expect(isUnchanged(before, [edit("a", desired("enable", { ports: [22] }))])).toBe(true);
    expect(edited(desired("change", { ports: [22], maxDurationMs: 3_600_000 }))).toEqual([
      { ...SSH, maxRequestAccessDuration: "PT1H" },
      null,
    ]);
    expect(edited(desired("disable", { ports: [22] }))).toEqual([null]);
    expect(isAsWritten(policyOf([{ id: VM("a"), ports: [SSH, null] }]), before)).toBe(true);
  });
});

describe("what can't be read", () => {
  const odd = { ...SSH, allowedSourceAddressPrefix: ["*"], maxRequestAccessDuration: "03:00:00" };
  const before = policyOf([{ id: VM("a"), ports: [odd] }]);

  it("is set right by a change that names it, and left by others", () => {
    const all = desired("change", { sources: ["*"], maxDurationMs: 3 * 3_600_000 });
    expect(vmsOf(editJitPolicy(before, [edit("a", all)]))[0]?.ports).toEqual([SSH]);
    const one = desired("change", { protocol: "TCP" });
    expect(vmsOf(editJitPolicy(before, [edit("a", one)]))[0]?.ports).toEqual([
      { ...odd, protocol: "TCP" },
    ]);
    expect(isUnchanged(before, [edit("a", desired("change", { protocol: "*" }))])).toBe(true);
  });

  it.each([null, undefined, {}])("as ports that are %j is replaced by enabling", (ports) => {
    const none = policyOf([{ id: VM("a"), ports }]);
    const [vm] = vmsOf(editJitPolicy(none, [edit("a", desired("enable", { ports: [22] }))]));
    expect(vm?.ports).toEqual([SSH]);
  });
});

const json = fc.jsonValue({ maxDepth: 2 });
const port = fc.record({
  number: fc.integer({ min: 1, max: 65_535 }),
  protocol: fc.constantFrom("TCP", "UDP", "*"),
  allowedSourceAddressPrefix: fc.constantFrom("*", "10.0.0.0/8"),
  maxRequestAccessDuration: fc.constantFrom("PT1H", "P1D"),
  unknown: json,
});
const vm = fc.record({
  id: fc.constantFrom("a", "b", "c", "d", "e").map(VM),
  ports: fc.array(port, { minLength: 1, maxLength: 3 }),
  publicIpAddress: fc.constantFrom("192.0.2.1"),
  unknown: json,
});
const policy = fc
  .record({
    vms: fc.uniqueArray(vm, { selector: ({ id }) => id, maxLength: 5 }),
    requests: fc.array(json, { maxLength: 3 }),
    more: json,
  })
  .map(({ vms, requests, more }) => policyOf(vms, { requests, more }));
const edits = fc.uniqueArray(
  fc.record({
    vmId: fc.constantFrom("a", "b", "x").map((name) => VM(name).toUpperCase()),
    changes: fc.array(
      fc.record({
        verb: fc.constantFrom("enable" as const, "change" as const, "disable" as const),
        ports: fc.option(fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1 }), {
          nil: undefined,
        }),
        protocol: fc.constantFrom(undefined, "TCP" as const),
        maxDurationMs: fc.constantFrom(undefined, 3_600_000),
        sources: fc.constantFrom(undefined, ["*"], ["10.0.0.0/8", "192.0.2.7"]),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  { selector: ({ vmId }) => vmId, maxLength: 3 },
);

describe("whatever is edited", () => {
  it("keeps other VMs and fields to the letter", () => {
    fc.assert(
      fc.property(policy, edits, (before, all) => {
        const after = editJitPolicy(before, all);
        const meant = new Set(all.map(({ vmId }) => vmId.toLowerCase()));
        const others = (one: Json | undefined) =>
          vmsOf(one).filter(({ id }) => !meant.has(String(id).toLowerCase()));
        expect(others(after)).toEqual(after === undefined ? [] : others(before));
        if (after === undefined) expect(others(before)).toEqual([]);
        const { virtualMachines: _, provisioningState: __, ...rest } = before.properties as Json;
        if (after !== undefined) expect(after.properties).toMatchObject(rest);
      }),
    );
  });

  it("is done when it is done: the same again changes nothing but what was taken", () => {
    fc.assert(
      fc.property(policy, edits, (before, all) => {
        const after = editJitPolicy(before, all);
        expect(isAsWritten(after, after)).toBe(true);
        const enabling = all.filter(({ changes }) =>
          changes.every(({ verb }) => verb === "enable"),
        );
        const enabled = editJitPolicy(before, enabling);
        if (enabling.length > 0) expect(isUnchanged(enabled, enabling)).toBe(true);
      }),
    );
  });
});

describe("reading back", () => {
  const written = policyOf([
    { id: VM("a"), ports: [SSH, { ...SSH, number: 80 }], own: { x: 1, y: 2 } },
    { id: VM("b"), ports: [{ ...SSH, allowedSourceAddressPrefix: "10.0.0.4/32" }] },
  ]);

  it("takes Azure's own order, spelling and firewall address for the same", () => {
    const read = policyOf([
      {
        id: VM("b").toUpperCase(),
        ports: [{ ...SSH, allowedSourceAddressPrefix: "10.0.0.4", protocol: "*" }],
        publicIpAddress: "192.0.2.1",
      },
      {
        own: { y: 2, x: 1 },
        id: VM("a"),
        ports: [{ ...SSH, number: 80, maxRequestAccessDuration: "PT180M" }, SSH],
      },
    ]);
    expect(isAsWritten(read, written)).toBe(true);
  });

  it.each([
    ["a VM is missing", vmsOf(written).slice(1)],
    ["a port is missing", vmsOf(written).map((one) => ({ ...one, ports: [SSH] }))],
    ["a source is another", [{ ...vmsOf(written)[0] }, { id: VM("b"), ports: [SSH] }]],
    ["a field is lost", [{ id: VM("a"), ports: [SSH] }, vmsOf(written)[1]]],
  ])("notices that %s", (_, vms) => {
    expect(isAsWritten(policyOf(vms), written)).toBe(false);
    expect(isAsWritten(undefined, written)).toBe(false);
  });

  it("tells whether these VMs changed, whatever became of others", () => {
    const print = (one: Json | undefined) => fingerprint(one, [VM("a")]);
    const [a, b] = vmsOf(written);
    expect(print(policyOf([a]))).toBe(print(policyOf([b, a])));
    expect(print(policyOf([{ ...a, ports: [SSH] }, b]))).not.toBe(print(written));
    expect(print(policyOf([b]))).toBe(print(undefined));
    expect(partOf(written, VM("A").toUpperCase())).toBe(a);
  });
});

describe("open accesses", () => {
  const at = Date.parse("2026-11-26T12:00:00Z");
  const request = (endTimeUtc: string, status: string) => ({
    virtualMachines: [{ id: VM("a"), ports: [{ number: 22, endTimeUtc, status }] }],
  });

  it("are those that have not ended and were not revoked", () => {
    const requests = [
      request("2026-11-26T13:00:00.1234567Z", "Initiated"),
      request("2026-11-26T13:00:00Z", "Initiating"),
      request("2026-11-26T13:00:00Z", "Revoked"),
      request("2026-11-26T11:00:00Z", "Initiated"),
      "nonsense",
    ];
    expect(openAccesses(policyOf([], { requests }), at)).toBe(2);
    expect(openAccesses(undefined, at)).toBe(0);
  });
});
