// Reads the file of policy tests that stands beside a policy file: people, VMs, asks, what is expected.

import { z } from "zod";
import type { PolicyTest } from "../domain/check/policy-test.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../domain/text/duration.ts";
import { rotaName, vmKey } from "../domain/text/ids.ts";
import { nearest } from "../domain/text/nearest-names.ts";
import type { RefusalCode } from "../domain/text/refusal.ts";
import type { JitPort } from "../domain/vm/vm.ts";
import { type ConfigFault, inOrder, keyText, type Path, shown } from "./config-fault.ts";
import { faultsOf, sentence } from "./policy-file/schema-issues.ts";
import {
  duration,
  GroupIdText,
  NameText,
  RotaNameText,
  UserIdText,
} from "./policy-file/schema-parts.ts";
import { readYaml, type Where, type YamlFile } from "./policy-file/yaml-positions.ts";

/** A test, and where it is in the file. */
export type PlacedTest = PolicyTest & { readonly where: Where };

/** Reads a file of policy tests. Answers the tests, or every fault of the file at once. */
export function readPolicyTests(
  text: string,
): { readonly tests: readonly PlacedTest[] } | { readonly faults: readonly ConfigFault[] } {
  const { file, faults: written } = readYaml(text, "tests");
  if (file === undefined) return { faults: inOrder(written) };
  const parsed = TestsFile.safeParse(file.value, { error: sentence });
  const faults = [...written, ...faultsOf(parsed.error?.issues ?? [], file)];
  if (!parsed.success || faults.length > 0) return { faults: inOrder(faults) };
  const vms = new Map(Object.entries(parsed.data.vms));
  const tests: PlacedTest[] = [];
  for (const [index, test] of parsed.data.tests.entries()) {
    const vm = typeof test.vm === "string" ? vms.get(test.vm) : test.vm;
    if (vm === undefined) faults.push(unknownVm(`${test.vm}`, [...vms.keys()], index, file));
    else tests.push({ ...testOf({ ...test, vm }), where: file.whereValue(["tests", index]) });
  }
  return faults.length > 0 ? { faults: inOrder(faults) } : { tests };
}

function unknownVm(
  named: string,
  vms: readonly string[],
  index: number,
  file: YamlFile,
): ConfigFault {
  const path: Path = ["tests", index, "vm"];
  const [meant] = nearest(named, vms.slice(0, NAMED_VMS_MAX), 1);
  const fix = meant === undefined ? "add it there, or write the VM here" : `write ${meant}`;
  const message = `${shown(named)} isn't among the vms: ${fix}.`;
  return { ...file.whereValue(path), key: keyText(path), message };
}

const TESTS_MAX = 10_000;
const NAMED_VMS_MAX = 200;

const Port = z.int().min(1).max(65_535);
const length = { atLeastMs: MINUTE_MS, atMostMs: DAY_MS };

/** What the portal offers: https://learn.microsoft.com/azure/defender-for-cloud/just-in-time-access-usage */
const PORTAL_PORTS = [22, 3389, 5985, 5986];
const PORTAL_MAX_MS = 3 * HOUR_MS;
const ANY = "*";

const JitPorts = z
  .union([
    z.literal("none"),
    z.array(
      z.strictObject({
        port: Port,
        max: duration("The longest time for which this port opens.", "3h", {
          atLeastMs: MINUTE_MS,
          atMostMs: DAY_MS,
        }).prefault("3h"),
        from: z.array(z.string()).min(1).default([ANY]),
      }),
    ),
  ])
  .meta({ examples: ["none", [{ port: 22, max: "3h" }]] });

const TestVm = z
  .strictObject({
    name: z.string().min(1),
    resourceGroup: z.string().min(1).default("rg-test"),
    subscription: z.string().min(1).default("00000000-0000-0000-0000-000000000000"),
    tags: z.record(z.string(), z.string()).default({}),
    os: z.enum(["linux", "windows"]).optional(),
    jit: JitPorts.optional(),
  })
  .meta({ examples: [{ name: "vm-01", tags: { env: "prod" }, os: "windows" }] });

const Person = z
  .union([
    UserIdText,
    z.strictObject({
      id: UserIdText,
      groups: z.array(GroupIdText).default([]),
      onCall: z.array(RotaNameText).default([]),
    }),
  ])
  .meta({ examples: ["U0ERIN", { id: "U0ERIN", groups: ["S0DEVS"] }] });

/** The refusals that rules and JIT policies can lead to. */
const REFUSALS = [
  "ambiguous",
  "bad-source",
  "incomplete",
  "no-rule",
  "not-a-requester",
  "not-configured",
  "port-not-in-policy",
  "reason-required",
  "several-rules",
  "source-not-allowed",
  "switched-off",
  "too-long",
  "two-policies",
  "outside-hours",
] as const satisfies readonly RefusalCode[];

const Expect = z
  .strictObject({
    outcome: z.enum(["asked", "opens", ...REFUSALS]),
    rule: z.string().optional(),
    approvals: z.int().min(0).optional(),
    approvers: z.array(z.union([UserIdText, GroupIdText, RotaNameText])).optional(),
    duration: duration("What the request would be for.", "1h", length).optional(),
    source: z.string().optional(),
  })
  .meta({ examples: [{ outcome: "asked", rule: "production" }] });

/** Offset and all: a test says the same wherever it runs. */
const Moment = z
  .string()
  .meta({ examples: ["2026-12-01T09:30+01:00"] })
  .transform((text, context) => {
    const isWhole = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text);
    const atMs = isWhole ? Date.parse(text.replace(" ", "T")) : Number.NaN;
    if (Number.isNaN(atMs)) {
      const fix = "write it with its offset, like 2026-12-01T09:30+01:00";
      context.addIssue(`${shown(text)} isn't a time: ${fix}.`);
    }
    return atMs;
  });

const Test = z.strictObject({
  name: NameText,
  person: Person,
  vm: z.union([z.string().min(1), TestVm]).meta({ examples: ["shop", { name: "vm-01" }] }),
  ports: z.array(Port).min(1).optional(),
  duration: duration("Left out: as in a command.", "1h", length).optional(),
  from: z.string().min(1).optional(),
  reason: z.string().default("a policy test"),
  breakGlass: z.boolean().default(false),
  at: Moment.optional(),
  expect: Expect,
});

const TestsFile = z.strictObject({
  /** VMs that several tests are about, by a name that stands for them. */
  vms: z.record(NameText, TestVm).default({}),
  tests: z
    .array(Test)
    .min(1)
    .max(TESTS_MAX)
    .meta({
      examples: [
        [
          {
            name: "erin asks",
            person: "U0ERIN",
            vm: { name: "vm-01" },
            expect: { outcome: "asked" },
          },
        ],
      ],
    }),
});

type Resolved = Omit<z.output<typeof Test>, "vm"> & { readonly vm: z.output<typeof TestVm> };

function testOf(test: Resolved): PolicyTest {
  const { name, person, ports, from, reason, breakGlass, at, expect } = test;
  const { duration: expectedMs, ...expected } = expect;
  return {
    name,
    person:
      typeof person === "string"
        ? { id: person, groups: [], onCall: [] }
        : { ...person, onCall: person.onCall.map(rotaName) },
    ...vmOf(test.vm),
    wanted: {
      ports: ports === undefined ? undefined : [...new Set(ports)].sort((a, b) => a - b),
      durationMs: test.duration,
      source: from,
      reason,
    },
    breakGlass,
    ...(at !== undefined && { atMs: at }),
    expect: { ...expected, durationMs: expectedMs },
  };
}

function vmOf(written: z.output<typeof TestVm>): Pick<PolicyTest, "vm" | "vmPolicies"> {
  const { name, resourceGroup, subscription, tags, os, jit } = written;
  const group = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}`;
  const id = `${group}/providers/Microsoft.Compute/virtualMachines/${name}`;
  const vm: PolicyTest["vm"] = {
    key: vmKey(id),
    id,
    name,
    resourceGroup,
    subscriptionId: subscription,
    location: "westeurope",
    tags,
    os,
    power: undefined,
    privateAddresses: [],
    publicAddresses: [],
    hasNsg: true,
  };
  if (jit === "none") return { vm, vmPolicies: [] };
  const policyId = `${group}/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default`;
  const ports = (jit ?? PORTAL_PORTS.map(asInPortal)).map(({ port, max, from }): JitPort => {
    return { number: port, protocol: "*", sources: from, maxDurationMs: max };
  });
  return { vm, vmPolicies: [{ policyId, vm: vm.key, ports, firewallAddress: undefined }] };
}

const asInPortal = (port: number) => ({ port, max: PORTAL_MAX_MS, from: [ANY] });
