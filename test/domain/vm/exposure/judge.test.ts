// What is told of a VM's ports, case by case: what stands open and must be told, and what does not and must not.

import { describe, expect, it } from "vitest";
import type { JudgedVm, LivePort } from "../../../../src/domain/vm/exposure/exposure.ts";
import { networkJudge } from "../../../../src/domain/vm/exposure/judge.ts";
import {
  ALL_PORTS,
  groupPeer,
  peerOf,
  type SecurityRule,
  securityGroup,
} from "../../../../src/domain/vm/exposure/security-group.ts";

type Change = Partial<Omit<SecurityRule, "sources" | "destinations" | "ports">> & {
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  readonly at?: readonly (number | readonly [number, number])[];
};

const HEX = "0123456789abcdef0123456789abcdef";
const JIT_DENY = `MicrosoftDefenderForCloud-JITRule_1_${HEX}`;
const JIT_ALLOW = `MicrosoftDefenderForCloud-JITRule-1-${HEX}`;
const ASG = "/subscriptions/s/resourceGroups/rg/providers/x/applicationSecurityGroups/";

const peer = (text: string) => (text.startsWith("/") ? groupPeer(text) : peerOf(text));

function rule({ from = ["*"], to = ["*"], at = [22], ...change }: Change): SecurityRule {
  return {
    name: "allow-ssh",
    priority: 300,
    access: "allow",
    protocol: "tcp",
    sourcePorts: [ALL_PORTS],
    ...change,
    sources: from.map(peer),
    destinations: to.map(peer),
    ports: at.map((one) =>
      typeof one === "number" ? { from: one, to: one } : { from: one[0], to: one[1] },
    ),
  };
}

const jitDeny = (change: Change = {}): SecurityRule =>
  rule({
    ...{ name: JIT_DENY, priority: 4096, access: "deny", protocol: "*" },
    ...{ to: ["10.0.0.2"], at: [22, 3389], ...change },
  });
const jitAllow = (change: Change = {}): SecurityRule =>
  rule({ name: JIT_ALLOW, priority: 100, from: ["203.0.113.7"], to: ["10.0.0.2"], ...change });

const group = (name: string, rules: readonly SecurityRule[]) =>
  securityGroup({ id: `/${name}`, name }, rules);

const MEMBERS = new Map([[`${ASG}admins`.toLowerCase(), [0xffff_0a00_0003n]]]);
const judge = networkJudge((id) => MEMBERS.get(id));

type Case = {
  readonly live?: readonly LivePort[];
  readonly protocol?: string;
  readonly address?: string;
  readonly groups?: readonly string[];
  readonly isBehindFirewall?: boolean;
};

/** A VM at 10.0.0.2 whose JIT policy names port 22, behind one list of rules or two. */
function judged(guards: readonly (readonly SecurityRule[])[], given: Case = {}) {
  const vm: JudgedVm = {
    addresses: [
      {
        address: given.address ?? "10.0.0.2",
        groups: given.groups ?? [],
        guards: guards.map((rules, nth) => group(["nic-nsg", "subnet-nsg"][nth] ?? "", rules)),
        unseen: [],
      },
    ],
    ports: [{ number: 22, protocol: given.protocol ?? "TCP" }],
    live: given.live ?? [],
    isBehindFirewall: given.isBehindFirewall ?? false,
  };
  return judge(vm);
}

const said = (guards: readonly (readonly SecurityRule[])[], given: Case = {}) =>
  (judged(guards, given)?.exposures ?? []).map(
    ({ ports, from, by }) =>
      `${ports} from ${from.join(", ")} by ${by.map((one) => one.rule).join(" and ")}`,
  );

const OPEN = "22 from * by allow-ssh";

describe("a port that stands open", () => {
  it.each<[string, readonly (readonly SecurityRule[])[], string, Case?]>([
    ["where JIT's deny is missing", [[rule({})]], OPEN],
    ["where JIT's deny is for other ports", [[rule({}), jitDeny({ at: [3389] })]], OPEN],
    ["where JIT's deny is for another VM", [[rule({}), jitDeny({ to: ["10.0.0.3"] })]], OPEN],
    ["by a rule for the VM's network", [[rule({ to: ["10.0.0.0/24"] }), jitDeny()]], OPEN],
    ["by a rule for a list", [[rule({ to: ["10.9.0.0/24", "10.0.0.0/30"] }), jitDeny()]], OPEN],
    [
      "by a rule for its ASG",
      [[rule({ to: [`${ASG}web`] }), jitDeny()]],
      OPEN,
      { groups: [`${ASG}web`.toLowerCase()] },
    ],
    ["by a rule for VirtualNetwork", [[rule({ to: ["VirtualNetwork"] }), jitDeny()]], OPEN],
    ["by a rule for a range of ports", [[rule({ at: [80, [20, 25]] }), jitDeny()]], OPEN],
    ["by a rule for every protocol", [[rule({ protocol: "*" }), jitDeny()]], OPEN],
    [
      "behind a deny for another VM",
      [
        [
          rule({ name: "no", access: "deny", priority: 200, to: ["10.0.0.3"] }),
          rule({}),
          jitDeny(),
        ],
      ],
      OPEN,
    ],
    [
      "behind a deny of single source ports",
      [
        [
          rule({ name: "no", access: "deny", priority: 200, sourcePorts: [{ from: 22, to: 22 }] }),
          rule({}),
          jitDeny(),
        ],
      ],
      OPEN,
    ],
    [
      "by a left-over rule of JIT's",
      [[jitAllow(), jitDeny()]],
      `22 from 203.0.113.7 by ${JIT_ALLOW}`,
    ],
    [
      "by a rule that borrows JIT's name",
      [[jitAllow({ from: ["*"], to: ["*"], at: [[0, 65_535]] }), jitDeny()]],
      `22 from VirtualNetwork, part of Internet by ${JIT_ALLOW}`,
      { live: [{ port: 22, source: "203.0.113.7" }] },
    ],
    [
      "to the network alone, by Azure's default",
      [[]],
      "22 from VirtualNetwork by AllowVnetInBound",
    ],
    [
      "from everywhere but one network",
      [[rule({ name: "no", access: "deny", priority: 200, from: ["Internet"] }), rule({})]],
      "22 from VirtualNetwork by allow-ssh",
    ],
    [
      "from a service tag",
      [[rule({ from: ["AzureCloud.westeurope"] }), jitDeny()]],
      "22 from AzureCloud.westeurope by allow-ssh",
    ],
    ["from an ASG", [[rule({ from: [`${ASG}admins`] }), jitDeny()]], "22 from admins by allow-ssh"],
    [
      "from an ASG of which no member is seen",
      [[rule({ from: [`${ASG}ghosts`] }), jitDeny()]],
      "22 from ghosts by allow-ssh",
    ],
    [
      "from many networks",
      [[rule({ from: ["8.8.8.8", "8.8.4.4", "9.9.9.9", "1.1.1.1", "1.0.0.1"] }), jitDeny()]],
      "22 from 8.8.8.8, 8.8.4.4, 9.9.9.9, 2 more by allow-ssh",
    ],
    [
      "through both groups, from where both let in",
      [
        [rule({ from: ["10.0.0.0/8"] })],
        [rule({ name: "subnet", from: ["10.1.0.0/16", "8.8.8.8"] })],
      ],
      "22 from 10.1.0.0/16 by allow-ssh and subnet",
    ],
    [
      "over IPv6, which JIT's deny does not name",
      [[rule({}), jitDeny({ priority: 100 })]],
      OPEN,
      { address: "fd00::4" },
    ],
  ])("%s is told", (_what, guards, told, given) => {
    expect(said(guards, given)).toContain(told);
  });

  it("is told with the protocol, where JIT guards both and one is open", () => {
    const guards = [[rule({ protocol: "udp" }), jitDeny()]];
    expect(judged(guards, { protocol: "*" })?.exposures).toMatchObject([{ protocol: "UDP" }]);
  });

  it("is told of an interface that no group guards, unless an Azure Firewall is JIT's", () => {
    expect(judged([])?.exposures).toMatchObject([{ by: [], address: "10.0.0.2" }]);
    expect(judged([], { isBehindFirewall: true })).toBeUndefined();
  });
});

describe("a port that does not stand open", () => {
  const deny = (change: Change = {}) =>
    rule({ name: "no", access: "deny", protocol: "*", priority: 200, ...change });
  it.each<[string, readonly (readonly SecurityRule[])[], Case?]>([
    ["an allow below an earlier deny of the port", [[deny(), rule({}), jitDeny()]]],
    ["an allow below JIT's deny", [[rule({}), jitDeny({ priority: 200 })]]],
    ["an allow for UDP where JIT guards TCP", [[rule({ protocol: "udp" }), jitDeny()]]],
    ["an allow of ICMP", [[rule({ protocol: "other", at: [[0, 65_535]] }), jitDeny()]]],
    ["an allow for another VM", [[rule({ to: ["10.0.0.3"] }), jitDeny()]]],
    [
      "an allow for its public address, which no packet has by then",
      [[rule({ to: ["198.51.100.4"] }), jitDeny()]],
    ],
    ["an allow for a group that it is not in", [[rule({ to: [`${ASG}web`] }), jitDeny()]]],
    [
      "an allow for the health probes",
      [[rule({ from: ["AzureLoadBalancer", "168.63.129.16"] }), jitDeny()]],
    ],
    ["an allow in one group, and the other closes", [[rule({})], [jitDeny()]]],
    [
      "two allows that have no source in common",
      [
        [rule({ from: ["VirtualNetwork"] }), jitDeny()],
        [rule({ from: ["Internet"] }), jitDeny()],
      ],
    ],
    [
      "an allow of addresses that are denied one by one",
      [[deny({ from: ["0.0.0.0/1", "128.0.0.0/1"] }), rule({ from: ["0.0.0.0/0"] }), jitDeny()]],
    ],
    [
      "an allow of a public address below a deny of the internet",
      [[deny({ from: ["Internet"] }), rule({ from: ["203.0.113.0/24"] }), jitDeny()]],
    ],
    [
      "an allow of a region below a deny of its whole tag",
      [[deny({ from: ["AzureCloud"] }), rule({ from: ["AzureCloud.westeurope"] }), jitDeny()]],
    ],
    [
      "an allow of a group below a deny of its members",
      [[deny({ from: ["10.0.0.0/24"] }), rule({ from: [`${ASG}admins`] }), jitDeny()]],
    ],
    [
      "JIT's allow for a live request",
      [[jitAllow(), jitDeny()]],
      { live: [{ port: 22, source: "203.0.113.7" }] },
    ],
    [
      "JIT's allow for a live request of its network",
      [[jitAllow(), jitDeny()]],
      { live: [{ port: 22, source: "203.0.113.0/24" }] },
    ],
    [
      "JIT's allow for a live request whose source Azure keeps to itself",
      [[jitAllow(), jitDeny()]],
      { live: [{ port: 22, source: "" }] },
    ],
  ])("%s is no exposure", (_what, guards, given) => {
    expect(said(guards, given)).toEqual([]);
  });

  it("hides nothing that stands open beside a live request", () => {
    const live = [{ port: 22, source: "203.0.113.7" }];
    expect(said([[jitAllow(), rule({}), jitDeny()]], { live })).toEqual([OPEN]);
    const wider = jitAllow({ from: ["203.0.113.7", "198.51.100.9"] });
    expect(said([[wider, jitDeny()]], { live })).toEqual([`22 from 198.51.100.9 by ${JIT_ALLOW}`]);
    expect(said([[jitAllow(), jitDeny()]], { live: [{ port: 3389, source: "*" }] })).toHaveLength(
      1,
    );
  });
});

describe("JIT's own deny rule", () => {
  it("is missed, whether the port is open or not", () => {
    const closed = rule({ name: "no", access: "deny", protocol: "*", priority: 4000 });
    expect(judged([[closed]])).toEqual({ exposures: [], denyMissing: [22], unseen: [] });
    expect(judged([[rule({})]])?.denyMissing).toEqual([22]);
  });

  it("is enough in one of the groups", () => {
    expect(judged([[], [jitDeny()]])).toBeUndefined();
  });

  it("is not one that allows, or that is for another address", () => {
    expect(judged([[jitDeny({ access: "allow" })]])?.denyMissing).toEqual([22]);
    expect(judged([[jitDeny({ to: ["10.0.0.9"] })]])?.denyMissing).toEqual([22]);
  });
});

describe("a group that can't be seen", () => {
  const unseen = (guards: readonly (readonly SecurityRule[])[]) =>
    judge({
      addresses: [
        {
          ...{ address: "10.0.0.2", groups: [], unseen: ["hub-nsg"] },
          guards: guards.map((rules) => group("seen", rules)),
        },
      ],
      ports: [{ number: 22, protocol: "TCP" }],
      live: [],
      isBehindFirewall: false,
    });

  it("is named where it depends on it, and only there", () => {
    const findings = { exposures: [], denyMissing: [], unseen: ["hub-nsg"] };
    expect(unseen([])).toEqual(findings);
    expect(unseen([[rule({}), jitDeny()]])).toEqual(findings);
    expect(unseen([[jitDeny()]])).toBeUndefined();
  });
});
