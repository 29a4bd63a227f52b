// Random cases: a rule file, who is in which group, and what happens one after another.

import fc from "fast-check";
import type { AllowedSource, People, Policy, Rule } from "../../src/domain/rules/policy.ts";
import { type GroupId, groupId, type UserId } from "../../src/domain/text/ids.ts";
import { aPolicy, aRule, HOUR, MINUTE } from "../support/requests.ts";
import {
  ADA,
  AUDREY,
  CHANNELS,
  EVERYBODY,
  GROUPS,
  INSIDERS,
  NETWORKS,
  SOURCES,
} from "./universe.ts";

type Group = readonly UserId[];

export type Case = {
  readonly policy: Policy;
  readonly groups: ReadonlyMap<GroupId, Group>;
  readonly steps: readonly Step[];
};

/** Numbers are taken modulo what there is to choose from when the step is taken. */
export type Step =
  | {
      readonly does: "ask" | "breakglass";
      readonly who: Who;
      readonly vm: number;
      readonly ports: number;
      readonly minutes: number;
      readonly source: number;
      readonly form: boolean;
    }
  | { readonly does: Press; readonly who: Who; readonly on: number; readonly how: How }
  | {
      readonly does: "change";
      readonly who: Who;
      readonly on: number;
      readonly minutes: number;
      readonly source: number;
    }
  | {
      readonly does: "extend";
      readonly who: Who;
      readonly on: number;
      readonly minutes: number;
      readonly how: How;
      readonly twice: boolean;
    }
  | { readonly does: "look"; readonly who: Who; readonly on: number; readonly what: number }
  | {
      readonly does: "members";
      readonly group: number;
      readonly user: number;
      readonly tell: boolean;
    }
  | {
      readonly does: "person";
      readonly user: number;
      readonly kind: number;
      readonly tell: boolean;
    }
  | { readonly does: "edit"; readonly rule: number; readonly edit: Edit; readonly people: People }
  | { readonly does: "azure"; readonly vm: number; readonly change: number }
  | { readonly does: "time"; readonly minutes: number }
  | { readonly does: "ousted"; readonly one: number }
  | { readonly does: "stays" }
  | { readonly does: "away"; readonly source: "slack" | "groups" | "azure" }
  | { readonly does: "settle"; readonly mood: number }
  | { readonly does: "replay" }
  | {
      readonly does: "during";
      readonly calls: number;
      readonly first: Step;
      readonly meanwhile: Step;
    };

export type Press = "approve" | "deny" | "take-back" | "cancel" | "end" | "retry" | "review";
/** By command, by the card's button, with a nonce that isn't the card's, or in another message. */
export type How = "command" | "button" | "forged" | "elsewhere" | "form";
export type Who = { readonly role: Role; readonly one: number };
type Role = "requester" | "approver" | "admin" | "any" | "outsider";
export type Edit = (typeof EDITS)[number];

const EDITS = [
  ...(["approvers", "requesters", "more approvals", "fewer approvals", "name", "gone"] as const),
  ...(["order", "networks", "duration", "escalate", "extend", "admins", "break-glass"] as const),
];

const number = fc.nat(255);
const user = fc.constantFrom(...INSIDERS, ...INSIDERS, ...EVERYBODY);

const people = (least: number): fc.Arbitrary<People> =>
  fc.record({
    users: fc.uniqueArray(user, { minLength: least, maxLength: 3, size: "max" }),
    groups: fc.uniqueArray(fc.constantFrom(...GROUPS), { maxLength: 2, size: "max" }),
  });

/** Each once, whatever it is called. */
const nameOf = (source: AllowedSource): string => JSON.stringify(source);

const MATCHES: readonly Rule["match"][] = [
  {},
  {},
  { tags: { env: ["prod"] } },
  { vms: ["web-*"] },
  { ports: [22] },
  { ports: [3389, 443] },
  { resourceGroups: ["rg-d*", "rg-web"] },
  { tags: { env: ["*"] }, ports: [22, 443] },
];

const rule: fc.Arbitrary<Omit<Rule, "name">> = fc
  .record({
    match: fc.constantFrom(...MATCHES),
    requesters: fc.oneof(
      { weight: 3, arbitrary: fc.constant("anyone" as const) },
      { weight: 2, arbitrary: people(2) },
    ),
    approvers: people(2),
    channel: fc.constantFrom(...CHANNELS),
    approvals: fc.constantFrom(0, 1, 1, 1, 2, 2, 3),
    maxDurationMs: fc.constantFrom(1 * HOUR, 2 * HOUR, 4 * HOUR),
    networks: fc
      .uniqueArray(fc.constantFrom(...SOURCES), { maxLength: 2, selector: nameOf })
      .map((more) => [...more, ...SOURCES.slice(0, 1)]),
    reason: fc.constantFrom("optional" as const, "required" as const),
    expireAfterMs: fc.constantFrom(1 * HOUR, 4 * HOUR),
    escalate: fc.option(
      people(1).map((to) => ({ afterMs: 30 * MINUTE, to })),
      { nil: undefined },
    ),
    extend: fc.option(
      fc.record({ max: fc.constantFrom(1, 2), approvals: fc.constantFrom(0, 1, 2) }),
      { nil: undefined },
    ),
    breakGlass: people(0),
  })
  .map((change) => aRule({ ...change, defaultDurationMs: 30 * MINUTE }));

/** Random rules over the people, groups and VMs of the random worlds. */
export const policies: fc.Arbitrary<Policy> = fc
  .record({
    rules: fc.array(rule, { minLength: 1, maxLength: 4, size: "max" }),
    admins: people(0).map(({ users, groups }) => ({ users: [ADA, ...users], groups })),
    endEarly: fc.constantFrom("initiate" as const, "initiate" as const, "off" as const),
  })
  .map(({ rules, ...rest }) =>
    aPolicy({
      ...rest,
      networks: NETWORKS,
      auditors: { users: [AUDREY], groups: [] },
      limits: { openPerPerson: 3, pendingPerPerson: 3, asksPerMinute: 1_000 },
      rules: rules.map((one, index) => ({ ...one, name: `rule ${index}` })),
    }),
  );

const who = (...roles: readonly Role[]): fc.Arbitrary<Who> =>
  fc.record({ role: fc.constantFrom(...roles), one: number });

const how = fc.constantFrom<How>(
  "command",
  "button",
  "button",
  "button",
  "button",
  "forged",
  "elsewhere",
);
const minutes = fc.constantFrom(5, 5, 10, 20, 30, 60, 60, 90, 300);

const press = (does: Press, ...roles: readonly Role[]): fc.Arbitrary<Step> =>
  fc.record({ does: fc.constant(does), who: who(...roles), on: number, how });

const ask: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom("ask", "ask", "ask", "breakglass"),
  who: who("any", "any", "any", "outsider"),
  ...{ vm: number, ports: number, minutes, source: number },
  form: fc.boolean(),
});

const APPROVERS: readonly Role[] = [
  "approver",
  "approver",
  "approver",
  "approver",
  "requester",
  "any",
];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 7, arbitrary: ask },
  { weight: 22, arbitrary: press("approve", ...APPROVERS, "outsider") },
  { weight: 1, arbitrary: press("deny", ...APPROVERS) },
  { weight: 5, arbitrary: press("take-back", "approver", "approver", "requester") },
  { weight: 1, arbitrary: press("cancel", "requester", "any", "admin") },
  { weight: 2, arbitrary: press("end", "requester", "any", "approver") },
  { weight: 2, arbitrary: press("retry", "requester", "any", "approver") },
  { weight: 3, arbitrary: press("review", "requester", "any", "approver", "admin") },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant("change" as const),
      who: who(...APPROVERS),
      ...{ on: number, minutes, source: number },
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant("extend" as const),
      who: who("requester", "requester", "requester", "any"),
      ...{ on: number, minutes, how },
      twice: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant("look" as const),
      who: who("any", "approver", "requester", "outsider"),
      ...{ on: number, what: number },
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant("members" as const),
      ...{ group: number, user: number, tell: fc.boolean() },
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant("person" as const),
      ...{ user: number, kind: number, tell: fc.boolean() },
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant("edit" as const),
      rule: number,
      edit: fc.constantFrom(...EDITS),
      people: people(1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant("azure" as const), vm: number, change: number }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant("time" as const),
      minutes: fc.constantFrom(1, 6, 31, 31, 130),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("away" as const),
      source: fc.constantFrom(
        "slack" as const,
        "slack" as const,
        "groups" as const,
        "azure" as const,
      ),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({ does: fc.constant("settle" as const), mood: number }),
  },
  { weight: 2, arbitrary: fc.constant({ does: "replay" as const }) },
);

/** Some things in a row that seldom come together by themselves. */
const scene: fc.Arbitrary<readonly Step[]> = fc
  .tuple(number, number, number, minutes)
  .chain(([on, one, other, shorter]) => {
    const role = "approver" as const;
    const press = (does: Press, by: number): Step => ({
      ...{ does, who: { role, one: by }, on: on * 5 + 1, how: "form" },
    });
    const cut = (by: number, length: number): Step => ({
      ...{ does: "change", who: { role, one: by }, on: on * 5 + 1, minutes: length, source: 0 },
    });
    const next = one + 1;
    const settle: Step = { does: "settle", mood: 0 };
    const edit = (what: Edit): Step => ({
      ...{ does: "edit", rule: other, edit: what, people: { users: [], groups: [] } },
    });
    const extend: Step = {
      ...{ does: "extend", who: { role: "requester", one }, on: 1, how: "form", twice: false },
      minutes: 60,
    };
    const all = [press("approve", one), press("approve", next), press("approve", next + 1)];
    return fc.constantFrom<readonly Step[]>(
      [cut(one, shorter), cut(next, 5), press("take-back", next), press("approve", next + 1)],
      [cut(one, shorter), press("approve", next), press("take-back", one), press("approve", one)],
      [{ does: "ousted", one: other }, { does: "stays" }],
      [press("approve", one), edit("more approvals"), press("approve", next), ...all],
      [
        ...[...all, settle, extend, { does: "time", minutes: 6 } as const],
        ...[edit("duration"), ...all],
      ],
    );
  });

const during: fc.Arbitrary<Step> = fc.record({
  does: fc.constant("during" as const),
  calls: fc.integer({ min: 1, max: 8 }),
  first: step,
  meanwhile: step,
});

export const cases: fc.Arbitrary<Case> = fc.record({
  policy: policies,
  groups: fc
    .tuple(...GROUPS.map(() => fc.uniqueArray(user, { maxLength: 3, size: "max" })))
    .map((lists) => new Map(lists.map((list, i) => [GROUPS[i] ?? groupId("S0ONE"), list]))),
  steps: fc
    .tuple(
      fc.array(ask, { minLength: 1, maxLength: 3, size: "max" }),
      fc.array(
        fc.oneof(
          { weight: 18, arbitrary: step.map((one) => [one]) },
          { weight: 2, arbitrary: during.map((one) => [one]) },
          { weight: 1, arbitrary: scene },
        ),
        { minLength: 16, maxLength: 36, size: "max" },
      ),
    )
    .map(([first, rest]) => [...first, { does: "settle", mood: 0 } as const, ...rest.flat()]),
});
