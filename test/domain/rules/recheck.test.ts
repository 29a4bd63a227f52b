// Between asking and deciding everything may change: what a deciding click finds, and how it says so.
// Of src/domain/rules/check-ask.ts.

import { describe, expect, it } from "vitest";
import type { Ask } from "../../../src/domain/rules/ask.ts";
import { recheck } from "../../../src/domain/rules/check-ask.ts";
import type { Policy, Rule } from "../../../src/domain/rules/policy.ts";
import { plain } from "../../../src/domain/text/words.ts";
import type { JitPort, Vm } from "../../../src/domain/vm/vm.ts";
import {
  anAsk,
  aPolicy,
  aPort,
  aRule,
  aVm,
  aVmPolicy,
  ERIN,
  HOUR,
  LEA,
  OMAR,
  ONCALL,
} from "../../support/requests.ts";

const OFFICE = [{ days: [1, 2, 3, 4, 5], from: 480, to: 1080, zone: "UTC" }];
const monday = (hour: number) => Date.UTC(2026, 10, 30, hour);

type Now = {
  readonly ask?: Partial<Ask>;
  readonly rule?: Partial<Rule>;
  readonly rules?: Policy["rules"];
  readonly vm?: Partial<Vm>;
  /** `undefined`: the VM is not in the policy any more. */
  readonly ports?: readonly JitPort[] | undefined;
  readonly members?: readonly (typeof ERIN)[];
  readonly nowMs?: number;
};

function now(change: Now): string | undefined {
  const vm = aVm(change.vm);
  const ports = "ports" in change ? change.ports : [aPort(22), aPort(3389)];
  const refusal = recheck(anAsk(change.ask), {
    policy: aPolicy({ rules: change.rules ?? [aRule(change.rule)] }),
    vm,
    vmPolicy: ports && aVmPolicy(vm, ports),
    promisedRule: "production",
    nowMs: change.nowMs ?? 0,
    members: new Map([[ONCALL, change.members ?? []]]),
  });
  return refusal && `${refusal.refused}: ${plain(refusal.say)}`;
}

describe("a request may still be granted", () => {
  const vpn = (cidr: string) => [{ kind: "network", name: "vpn", cidrs: [cidr] }] as const;
  it.each<[string, Now]>([
    ["where nothing has changed", {}],
    [
      "at the very maximum of rule and port",
      { ask: { durationMs: 3 * HOUR }, rule: { maxDurationMs: 3 * HOUR } },
    ],
    ["in the rule's hours", { rule: { match: { hours: OFFICE } }, nowMs: monday(10) }],
    ["where the rule's default is another now", { rule: { defaultDurationMs: 4 * HOUR } }],
    ["where the maximum was raised", { rule: { maxDurationMs: 9 * HOUR } }],
    [
      "where the rule names the requester now",
      { rule: { requesters: { users: [ERIN], groups: [] } } },
    ],
    [
      "where the requester is in a group that may",
      { rule: { requesters: { users: [], groups: [ONCALL] } }, members: [ERIN] },
    ],
    [
      "where the network has another name",
      { rule: { networks: [{ kind: "cidr", cidr: "203.0.112.0/22" }] } },
    ],
    ["where the network was widened", { rule: { networks: vpn("203.0.0.0/16") } }],
    [
      "where the policy's sources are the very network",
      { ports: [aPort(3389, { sources: ["203.0.113.0/24"] })] },
    ],
    ["where a rule was added behind", { rules: [aRule(), aRule({ name: "later" })] }],
    [
      "where a rule was added before it that does not match",
      { rules: [aRule({ name: "db", match: { vms: ["db-*"] } }), aRule()] },
    ],
    ["where another port left the policy", { ports: [aPort(3389)] }],
    ["where a reason is required now", { ask: { reason: "" }, rule: { reason: "required" } }],
    [
      "from anywhere, where the rule still says any",
      { ask: { source: "*" }, rule: { networks: [{ kind: "any" }] } },
    ],
  ])("%s", (_, change) => {
    expect(now(change)).toBeUndefined();
  });
});

describe("a request may be granted no more", () => {
  it.each<[string, Now, string]>([
    [
      "where its rule was renamed",
      { rule: { name: "prod" } },
      "no-rule: The rules have changed: rule prod applies to vm-01 now, not production. It has to be requested again.",
    ],
    [
      "where another rule matches first",
      { rules: [aRule({ name: "strict", match: { tags: { env: ["prod"] } } }), aRule()] },
      "no-rule: The rules have changed: rule strict applies to vm-01 now, not production. It has to be requested again.",
    ],
    [
      "where the VM's tags lead to another rule",
      {
        vm: { tags: { env: "dev" } },
        rules: [aRule({ match: { tags: { env: ["prod"] } } }), aRule({ name: "rest" })],
      },
      "no-rule: vm-01 no longer falls under rule production: rule rest applies now. It has to be requested again.",
    ],
    [
      "where the VM's tags lead to another rule, out of the hours of its own",
      {
        vm: { tags: { env: "dev" } },
        rules: [
          aRule({ match: { tags: { env: ["prod"] }, hours: OFFICE } }),
          aRule({ name: "rest" }),
        ],
        nowMs: monday(19),
      },
      "no-rule: vm-01 no longer falls under rule production: rule rest applies now. It has to be requested again.",
    ],
    [
      "where the VM's tags lead to a rule before its own, which has hours",
      {
        vm: { tags: { env: "dev" } },
        rules: [
          aRule({ name: "first", match: { tags: { env: ["dev"] } } }),
          aRule({ match: { hours: OFFICE } }),
        ],
        nowMs: monday(19),
      },
      "no-rule: The rules have changed: rule first applies to vm-01 now, not production. It has to be requested again.",
    ],
    [
      "where no rule matches",
      { rule: { match: { vms: ["db-*"] } } },
      "no-rule: No rule lets anybody request vm-01 on port 3389: an admin can add one to the policy file.",
    ],
    [
      "where the rule lost the port",
      { rule: { match: { ports: [22] } } },
      "no-rule: No rule lets anybody request vm-01 on port 3389: an admin can add one to the policy file.",
    ],
    [
      "where the rule's hours are over",
      { rule: { match: { hours: OFFICE } }, nowMs: monday(18) },
      "outside-hours: Rule production allows port 3389 on vm-01 only in its hours (mon-fri 08:00-18:00 UTC), next from 2026-12-01T08:00:00Z: request it then.",
    ],
    [
      "where its hours are over, and another rule decides",
      { rules: [aRule({ match: { hours: OFFICE } }), aRule({ name: "night" })], nowMs: monday(19) },
      "outside-hours: Rule production allows port 3389 on vm-01 only in its hours (mon-fri 08:00-18:00 UTC), next from 2026-12-01T08:00:00Z: request it then.",
    ],
    [
      "where the hours of a rule before it have begun",
      { rules: [aRule({ name: "day", match: { hours: OFFICE } }), aRule()], nowMs: monday(9) },
      "no-rule: Rule day applies to vm-01 at this time, not production: request it again under that rule.",
    ],
    [
      "where its ports fall under two rules",
      {
        ask: { ports: [22, 3389] },
        rules: [aRule({ name: "ssh", match: { ports: [22] } }), aRule()],
      },
      "several-rules: These ports fall under different rules (port 22 under ssh and port 3389 under production): request them one by one.",
    ],
    [
      "where the requester was removed from the rule",
      { rule: { requesters: { users: [LEA], groups: [] } } },
      "not-a-requester: @U0ERIN can no longer request access under rule production.",
    ],
    [
      "where the requester left the group",
      { rule: { requesters: { users: [], groups: [ONCALL] } }, members: [OMAR] },
      "not-a-requester: @U0ERIN can no longer request access under rule production.",
    ],
    [
      "where the VM left the policy",
      { ports: undefined },
      "not-configured: vm-01 has no JIT policy (Not configured): an admin has to enable JIT on it first.",
    ],
    [
      "where the port left the policy",
      { ports: [aPort(22)] },
      "port-not-in-policy: The JIT policy of vm-01 doesn't cover port 3389: request 22.",
    ],
    [
      "where the port's maximum was shortened",
      { ports: [aPort(3389, { maxDurationMs: HOUR })] },
      "too-long: vm-01 allows at most 1h on 3389: request 1h or less.",
    ],
    [
      "where the rule's maximum was shortened",
      { rule: { maxDurationMs: HOUR } },
      "too-long: The rule production allows at most 1h: request 1h or less.",
    ],
    [
      "where the rule's network was narrowed",
      { rule: { networks: [{ kind: "network", name: "vpn", cidrs: ["203.0.113.0/25"] }] } },
      "source-not-allowed: Rule production no longer allows the source 203.0.113.0/24. It has to be requested again.",
    ],
    [
      "where the rule's network has moved",
      { rule: { networks: [{ kind: "network", name: "vpn", cidrs: ["10.0.0.0/8"] }] } },
      "source-not-allowed: Rule production no longer allows the source 203.0.113.0/24. It has to be requested again.",
    ],
    [
      "where the rule does not say any any more",
      { ask: { source: "*" } },
      "source-not-allowed: Rule production no longer allows the source *. It has to be requested again.",
    ],
    [
      "where only my-ip is left, for an address that was merely typed",
      { ask: { source: "203.0.113.7" }, rule: { networks: [{ kind: "my-ip" }] } },
      "source-not-allowed: Rule production no longer allows the source 203.0.113.7. It has to be requested again.",
    ],
    [
      "where the policy's sources were narrowed",
      { ports: [aPort(3389, { sources: ["203.0.113.0/25"] })] },
      "source-not-allowed: The JIT policy of vm-01 doesn't allow 203.0.113.0/24 on port 3389: use a source within 203.0.113.0/25.",
    ],
  ])("%s", (_, change, sentence) => {
    expect(now(change)).toBe(sentence);
  });
});
