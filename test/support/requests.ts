// Requests, VMs and rules for the tests: complete, ordinary, and changed where a test cares.

import { type Birth, born } from "../../src/domain/request/birth/birth.ts";
import type { State } from "../../src/domain/request/document/phase.ts";
import type { Grant } from "../../src/domain/request/grant.ts";
import type { Moved } from "../../src/domain/request/moved.ts";
import type { ClaimedOpening } from "../../src/domain/request/recovered.ts";
import type { AccessRequest, Common } from "../../src/domain/request/request.ts";
import type { Ask } from "../../src/domain/rules/ask.ts";
import type { Checked } from "../../src/domain/rules/check-ask.ts";
import type { Policy, Rule } from "../../src/domain/rules/policy.ts";
import { channelId, groupId, type RequestId, userId, vmKey } from "../../src/domain/text/ids.ts";
import type { JitPort, JitVmPolicy, Vm } from "../../src/domain/vm/vm.ts";

export const T0 = Date.UTC(2026, 10, 1, 12, 0, 0);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export const ERIN = userId("U0ERIN");
export const LEA = userId("U0LEAD");
export const OMAR = userId("U0OMAR");
export const SAM = userId("U0SAM");
export const ADA = userId("U0ADMIN");
export const ONCALL = groupId("S0ONCALL");
export const PROD = channelId("C0PROD");
export const NOTICES = channelId("C0NOTICES");

export const SUB = "11111111-1111-1111-1111-111111111111";
export const vmId = (name: string, group = "rg-web"): string =>
  `/subscriptions/${SUB}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/${name}`;
export const jitPolicyId = (group = "rg-web", name = "default"): string =>
  `/subscriptions/${SUB}/resourceGroups/${group}/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/${name}`;

export function aVm(change: Partial<Vm> = {}): Vm {
  const name = change.name ?? "vm-01";
  const resourceGroup = change.resourceGroup ?? "rg-web";
  const id = change.id ?? vmId(name, resourceGroup);
  return {
    key: vmKey(id),
    id,
    name,
    resourceGroup,
    subscriptionId: SUB,
    location: "westeurope",
    tags: { env: "prod" },
    os: "windows",
    power: "PowerState/running",
    privateAddresses: ["10.0.0.4"],
    publicAddresses: ["198.51.100.4"],
    hasNsg: true,
    ...change,
  };
}

export const aPort = (number: number, change: Partial<JitPort> = {}): JitPort => ({
  number,
  protocol: "*",
  sources: ["*"],
  maxDurationMs: 3 * HOUR,
  ...change,
});

export const aVmPolicy = (vm: Vm, ports: readonly JitPort[], id = jitPolicyId()): JitVmPolicy => ({
  policyId: id,
  vm: vm.key,
  ports,
  firewallAddress: undefined,
});

export const aRule = (change: Partial<Rule> = {}): Rule => ({
  name: "production",
  match: {},
  requesters: "anyone",
  approvers: { users: [LEA, OMAR], groups: [] },
  channel: PROD,
  approvals: 1,
  defaultDurationMs: HOUR,
  maxDurationMs: 4 * HOUR,
  networks: [{ kind: "network", name: "vpn", cidrs: ["203.0.113.0/24"] }],
  reason: "optional",
  expireAfterMs: 4 * HOUR,
  remindAfterMs: undefined,
  escalate: undefined,
  warnBeforeMs: 10 * MINUTE,
  extend: undefined,
  breakGlass: { users: [], groups: [] },
  ...change,
});

export const aPolicy = (change: Partial<Policy> = {}): Policy => ({
  hash: "a".repeat(64),
  azure: { cloud: "public", subscriptions: [], managementGroups: [] },
  channels: { notices: NOTICES },
  admins: { users: [ADA], groups: [] },
  auditors: { users: [], groups: [] },
  networks: { vpn: ["203.0.113.0/24"] },
  endEarly: "initiate",
  limits: { openPerPerson: 10, pendingPerPerson: 10, asksPerMinute: 1_000 },
  myIp: { trustedProxies: [], header: "x-forwarded-for", rememberForMs: 12 * HOUR },
  privacy: { hideOnCard: [] },
  audit: { keepForMs: 400 * 24 * HOUR, stream: [] },
  watch: { everyMs: MINUTE },
  rules: [aRule()],
  ...change,
});

export const anAsk = (change: Partial<Ask> = {}): Ask => ({
  requester: ERIN,
  vm: { key: vmKey(vmId("vm-01")), id: vmId("vm-01"), name: "vm-01", os: "windows" },
  jitPolicyId: jitPolicyId(),
  ports: [3389],
  durationMs: 2 * HOUR,
  source: "203.0.113.0/24",
  sourceName: "vpn",
  reason: "restarting the print spooler",
  askedAtMs: T0,
  ...change,
});

export const aCommon = (change: Partial<Common> = {}): Common => ({
  id: "JIT-4K7QWD" as RequestId,
  revision: 1,
  ask: anAsk(),
  promised: {
    rule: "production",
    policyHash: "a".repeat(64),
    approvals: 1,
    approvers: { users: [LEA, OMAR], groups: [] },
    warnBeforeMs: 10 * MINUTE,
  },
  approvals: [],
  nonce: "bm9uY2Vub25j",
  cards: [{ to: PROD, channel: PROD, ts: "1700000000.000100", shown: 1 }],
  steps: [],
  toldUpTo: { thread: 1, requester: 1, last: 1 },
  attempts: {},
  ...change,
});

export const aGrant = (change: Partial<Grant> = {}): Grant => ({
  startsAtMs: T0,
  endsAtMs: T0 + 2 * HOUR,
  approvedBy: [LEA],
  policyHash: "a".repeat(64),
  azure: { sent: 0, answer: "unsent", reads: 0, seenPorts: [] },
  ...change,
});

/** What is asked for under `aRule`, as it was born. */
export const aBirth = (change: Partial<Checked> = {}, more: Partial<Birth> = {}): Moved =>
  born(
    { ask: anAsk(), rule: aRule(), longestMs: 3 * HOUR, approvals: 1, notes: [], ...change },
    {
      id: "JIT-4K7QWD" as RequestId,
      nonce: "bm9uY2Vub25j",
      nowMs: T0,
      policyHash: "a".repeat(64),
      askedIn: undefined,
      deciders: [LEA],
      named: { approvers: { users: [LEA, OMAR], groups: [] } },
      ...more,
    },
  );

export const FREEZE = { by: ADA, atMs: T0, reason: "a leaked key" } as const;

/** A request in any state, as it ordinarily comes to it. */
export function inState(state: State, change: Partial<Common> = {}): AccessRequest {
  const common = aCommon(change);
  const accepted = { sent: 1, answer: "accepted", reads: 1, seenPorts: [3389] } as const;
  const open = aGrant({
    azure: accepted,
    openedAtMs: T0 + 5_000,
    wayIn: { address: "198.51.100.4", mappedPorts: {} },
  });
  switch (state) {
    case "pending":
      return { ...common, state, expiresAtMs: T0 + 4 * HOUR };
    case "ready":
      return {
        ...common,
        state,
        approvals: [{ by: LEA, atMs: T0 }],
        readyAtMs: T0,
        expiresAtMs: T0 + 4 * HOUR,
        frozen: FREEZE,
      };
    case "opening":
      return { ...common, state, grant: aGrant() };
    case "open":
      return { ...common, state, grant: open };
    case "ending":
      return { ...common, state, grant: open, endedBy: ERIN, closeSent: 0 };
    case "ended":
      return {
        ...common,
        state,
        grant: open,
        how: "expired",
        endedAtMs: T0 + 2 * HOUR,
        closing: "unknown",
      };
    case "failed":
      return {
        ...common,
        state,
        grant: aGrant(),
        fault: { code: "AuthorizationFailed", message: "The client may not do that." },
      };
    case "denied":
      return { ...common, state, deniedBy: LEA, denial: "not now", deniedAtMs: T0 };
    case "cancelled":
      return { ...common, state, cancelledBy: ERIN, cancelledAtMs: T0 };
    case "lapsed":
      return { ...common, state, expiredAtMs: T0 + 4 * HOUR };
  }
}

export const STATES: readonly State[] = [
  "pending",
  "ready",
  "opening",
  "open",
  "ending",
  "ended",
  "failed",
  "denied",
  "cancelled",
  "lapsed",
];

/** The door of every request here, open until after its end. */
export const FOUND: ClaimedOpening = {
  id: inState("open").id,
  jitPolicyId: inState("open").ask.jitPolicyId,
  vm: inState("open").ask.vm.key,
  ports: inState("open").ask.ports,
  source: inState("open").ask.source,
  startedAtMs: T0,
  endsAtMs: T0 + 6 * HOUR,
  requestor: "0b9d1c9a-0000-4000-8000-000000000001",
  justification: "",
};
