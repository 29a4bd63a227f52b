// What is worth a second look in a policy file, and what is not.

import { describe, expect, it } from "vitest";
import { warningsOf } from "../../../src/domain/check/policy-warnings.ts";
import type { Policy, Rule } from "../../../src/domain/rules/policy.ts";
import { userId } from "../../../src/domain/text/ids.ts";
import { aPolicy, aRule, ERIN, HOUR, LEA, OMAR, ONCALL } from "../../support/requests.ts";

const vpn = { kind: "network", name: "vpn", cidrs: ["203.0.113.0/24"] } as const;
const any = { kind: "any" } as const;
const myIp = { kind: "my-ip" } as const;
const people = (...users: readonly string[]) => ({ users: users.map(userId), groups: [] });

/** All VMs of one request can wait. */
const WIDE = {
  limits: { openPerPerson: 10, asksPerMinute: 10, pendingPerPerson: 20, vmsPerRequest: 20 },
};

/** `rules.0.approvers: …` for each warning. */
const said = (change: Partial<Policy>, weight = "warning"): readonly string[] =>
  warningsOf(aPolicy({ ...WIDE, ...change }))
    .filter((one) => one.weight === weight)
    .map(({ path, message }) => `${path.join(".")}: ${message}`);

const rules = (...changes: readonly Partial<Rule>[]): Pick<Policy, "rules"> => ({
  rules: changes.map((change, n) => aRule({ name: `rule ${n}`, ...change })),
});

const three = { approvers: people(LEA, OMAR, "U0ADMIN") };
const prod = { match: { tags: { env: ["prod"] } } };

describe("a policy with nothing to warn of", () => {
  it("has no warnings", () => {
    expect(said(WIDE)).toEqual([]);
    expect(said(WIDE, "hint")).toEqual([]);
  });
});

describe("a request that can have more VMs than may wait", () => {
  const limits = (pendingPerPerson: number, vmsPerRequest?: number): Pick<Policy, "limits"> => ({
    limits: {
      openPerPerson: 10,
      asksPerMinute: 10,
      pendingPerPerson,
      ...(vmsPerRequest && { vmsPerRequest }),
    },
  });

  it("is hinted at with what to set, by default, too", () => {
    expect(said(limits(10), "hint")).toEqual([
      "limits.pendingPerPerson: One request can have 20 VMs (limits.vmsPerRequest), but one person can have only 10 waiting: set limits.pendingPerPerson to 20, or limits.vmsPerRequest to 10.",
    ]);
    expect(said(limits(4, 5), "hint").join()).toContain("set limits.pendingPerPerson to 5,");
  });

  it("isn't hinted at where there is room for all, or nothing ever waits", () => {
    expect([...said(limits(20), "hint"), ...said(limits(5, 5), "hint")]).toEqual([]);
    expect(said({ ...limits(10), ...rules({ approvals: 0 }) }, "hint")).toEqual([]);
  });
});

describe("a cloud", () => {
  const on = (cloud: Policy["azure"]["cloud"]) =>
    said({ azure: { cloud, subscriptions: [], managementGroups: [] } });

  it("that has no just-in-time access any more is said to be so, and others are not", () => {
    expect(on("china")).toEqual([
      expect.stringMatching(/^azure\.cloud: Microsoft retired Defender for Cloud.* in Azure China/),
    ]);
    expect([...on("public"), ...on("usgov")]).toEqual([]);
  });
});

describe("a key that has another name now", () => {
  it("is named where it stands, and nowhere else", () => {
    expect(said(rules({}, { usesLapseAfter: true, match: { ports: [22] } }))).toContainEqual(
      "rules.1.lapseAfter: lapseAfter is now called expireAfter: rename it.",
    );
    expect(said(rules({})).join()).not.toContain("lapseAfter");
  });
});

describe("a rule that can never match", () => {
  it("names the rules before it", () => {
    expect(said(rules({}, prod))).toEqual([
      'rules.1: This rule can never match: "rule 0" before it takes all that it could. Move it up, or remove it.',
    ]);
    const parts = [22, 23, 24, 25, 26, 27].map((port) => ({ match: { ports: [port] } }));
    const whole = { match: { ports: [22, 23, 24, 25, 26, 27] } };
    expect(said(rules(...parts, whole))).toEqual([
      'rules.6: This rule can never match: "rule 0", "rule 1", "rule 2", "rule 3", "rule 4" and 1 more before it together take all that it could. Move it up, or remove it.',
    ]);
  });
});

describe("a rule that promises more than Azure gives", () => {
  it("is warned of, from the first minute too many", () => {
    expect(said(rules({ maxDurationMs: 24 * HOUR }))).toEqual([]);
    expect(said(rules({ maxDurationMs: 30 * HOUR }))).toEqual([
      "rules.0.maxDuration: 30h is longer than 24h, Azure's maximum: write 24h or less.",
    ]);
  });
});

describe("a VM that lacks a tag", () => {
  const laxer: readonly (readonly [string, Partial<Rule>, Partial<Rule>])[] = [
    ["no approval instead of 1", {}, { approvals: 0 }],
    ["1 to approve instead of 2", { ...three, approvals: 2 }, {}],
    ["up to 8h instead of 4h", {}, { maxDurationMs: 8 * HOUR }],
    ["also from any", {}, { networks: [vpn, any] }],
    ["also from my-ip", {}, { networks: [myIp] }],
    ["also from 203.0.112.0/23", {}, { networks: [{ kind: "cidr", cidr: "203.0.112.0/23" }] }],
    ["anyone can request access", { requesters: people("U0ERIN") }, {}],
    [
      "no approval instead of 1, anyone can request access",
      { requesters: people("U0SAM") },
      { approvals: 0 },
    ],
  ];

  it.each(laxer)("falls to a rule that is laxer: %s", (ways, own, other) => {
    expect(said(rules({ ...prod, ...own }, other))).toEqual([
      `rules.0.match.tags.env: A VM that this rule matches falls to "rule 1" when it lacks the tag env, which is less strict: ${ways}. Put a rule for such VMs before it, or make it as strict.`,
    ]);
  });

  const free = { approvals: 0 };
  const fine: readonly (readonly [string, readonly Partial<Rule>[]])[] = [
    ["no rule", [prod]],
    ["a rule that is as strict", [prod, {}]],
    ["a stricter rule", [prod, { ...three, approvals: 2, maxDurationMs: HOUR }]],
    [
      "a stricter rule before a laxer one",
      [{ match: { ...prod.match, vms: ["web-1"] } }, { match: { vms: ["web-*"] } }, free],
    ],
    [
      "a laxer rule that wants the tag as well",
      [prod, { match: { tags: { env: ["test"] } }, ...free }],
    ],
    [
      "a laxer rule for other ports",
      [{ match: { ...prod.match, ports: [22] } }, { match: { ports: [80] }, ...free }],
    ],
    [
      "a laxer rule for other VMs",
      [{ match: { ...prod.match, vms: ["web-*"] } }, { match: { vms: ["build-*"] }, ...free }],
    ],
    [
      "a rule of narrower networks",
      [prod, { networks: [{ kind: "cidr", cidr: "203.0.113.0/28" }] }],
    ],
    [
      "a laxer rule where any source was allowed before",
      [{ ...prod, networks: [any] }, { networks: [myIp, vpn] }],
    ],
  ];

  it.each(fine)("may fall to %s", (_, changes) => {
    expect(said(rules(...changes))).toEqual([]);
  });

  it("is told of for each tag, and each rule that it may fall to", () => {
    const both = { match: { tags: { env: ["prod"], team: ["web-?"] }, ports: [22, 3389] } };
    const found = said(
      rules(both, { match: { tags: { ENV: ["prod"] }, ports: [22] }, ...free }, free),
    );
    expect(found.map((one) => one.replace(/ when.*/, ""))).toEqual([
      'rules.0.match.tags.env: A VM that this rule matches falls to "rule 2"',
      'rules.0.match.tags.team: A VM that this rule matches falls to "rule 1"',
      'rules.0.match.tags.team: A VM that this rule matches falls to "rule 2"',
    ]);
  });
});

describe("too few approvers", () => {
  const own = { approvers: people("U0LEAD") };

  it("is said of the only one, who may ask", () => {
    const alone =
      "rules.0.approvers: U0LEAD is the only approver and can also request access: nobody could approve what U0LEAD asks for. Name one more approver.";
    expect(said(rules(own))).toEqual([alone]);
    expect(said(rules({ ...own, requesters: people("U0ERIN", "U0LEAD") }))).toEqual([alone]);
    expect(said(rules({ ...own, escalate: { afterMs: HOUR, to: own.approvers } }))).toEqual([
      alone,
    ]);
  });

  it("is said where one of several is missing when they ask", () => {
    expect(said(rules({ approvals: 2 }))).toEqual([
      `rules.0.approvers: When one of ${LEA}, ${OMAR} asks, 2 must approve and only 1 could: name more approvers.`,
    ]);
    const extend = { max: 1, approvals: 2 };
    expect(said(rules({ extend, requesters: people(LEA, ERIN) }))).toEqual([
      `rules.0.approvers: When ${LEA} asks, 2 must approve and only 1 could: name more approvers.`,
    ]);
  });

  it("is not said of what the file does not show, or of who may not ask", () => {
    const group = { users: [LEA], groups: [ONCALL] };
    const quiet: readonly Partial<Rule>[] = [
      { approvers: group },
      { ...own, requesters: people("U0ERIN") },
      { ...own, requesters: { users: [], groups: [ONCALL] } },
      { ...own, escalate: { afterMs: HOUR, to: people("U0OMAR") } },
      { ...own, escalate: { afterMs: HOUR, to: group } },
      { approvers: people(), approvals: 0 },
    ];
    for (const change of quiet) expect(said(rules(change))).toEqual([]);
  });
});

describe("networks", () => {
  it("are named where no rule allows them, under any name", () => {
    const networks = {
      vpn: ["203.0.113.0/24"],
      part: ["203.0.113.128/25"],
      both: ["198.51.100.0/24", "203.0.113.0/28"],
      spare: ["198.51.100.0/24"],
    };
    expect(said({ networks })).toEqual([
      "networks.spare: No rule allows spare: name it in one, or remove it.",
    ]);
    expect(said({ networks, ...rules({ networks: [any] }) })).toEqual([]);
  });
});

describe("user groups that approve", () => {
  it("are hinted at once each, where they first do", () => {
    const group = { users: [], groups: [ONCALL] };
    const escalate = { afterMs: HOUR, to: group };
    const found = said(rules({ escalate, ...prod }, { approvers: group }), "hint");
    expect(found).toEqual([
      `rules.0.escalate.to.groups.0: Anyone who can edit the user group ${ONCALL} decides who approves; that's every member unless the workspace's settings say otherwise.`,
    ]);
  });
});
