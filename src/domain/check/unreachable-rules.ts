// Rules that can never decide, because earlier ones take everything that they could match.

import type { Match, Policy, Rule } from "../rules/policy.ts";
import { takeAllOf } from "./pattern-cover.ts";

/** A rule that can never decide, and the earlier ones that together take all that it could match. */
export type Unreached = { readonly index: number; readonly takers: readonly Rule[] };

/**
 * Sound, though not complete: a rule that is named here decides about no VM whatever. `takesAll` compares
 * patterns, which is where the time goes.
 */
export function unreached(policy: Policy, takesAll: Takes = takeAllOf): readonly Unreached[] {
  const takes = rememberingTakes(takesAll);
  const earlier: { rule: Rule; wants: readonly Constraint[] }[] = [];
  return policy.rules.flatMap((rule, index) => {
    const wants = constraints(rule.match);
    const takers = takersOf(rule, wants, { earlier, takes });
    // Out of its hours, it takes nothing.
    if (rule.match.hours === undefined) earlier.push({ rule, wants });
    return takers === undefined ? [] : [{ index, takers }];
  });
}

/** What a rule wants of one property of a VM: that it has it, and that one of the patterns fits. */
type Constraint = { readonly of: string; readonly patterns: readonly string[] };

/** Azure compares tag names without regard to case. A name in front of `:` is that of no other key. */
const TAG = "tag:";

function constraints(match: Match): readonly Constraint[] {
  const { vms, resourceGroups, subscriptions, tags = {} } = match;
  const own = Object.entries({ vms, resourceGroups, subscriptions }).flatMap(([of, patterns]) =>
    patterns === undefined ? [] : [{ of, patterns }],
  );
  const tagged = Object.entries(tags).map(([name, patterns]) => ({
    of: `${TAG}${name.toLowerCase()}`,
    patterns,
  }));
  return [...own, ...tagged];
}

type Takes = (patterns: readonly string[], pattern: string) => boolean;

/** The same few patterns stand in many rules. */
function rememberingTakes(takesAll: Takes): Takes {
  const known = new Map<string, boolean>();
  return (patterns, pattern) => {
    const key = JSON.stringify([patterns, pattern]);
    const answer = known.get(key) ?? takesAll(patterns, pattern);
    known.set(key, answer);
    return answer;
  };
}

type Before = {
  readonly earlier: readonly { readonly rule: Rule; readonly wants: readonly Constraint[] }[];
  readonly takes: Takes;
};

/** `undefined`: something is left for the rule. */
function takersOf(
  rule: Rule,
  wants: readonly Constraint[],
  { earlier, takes }: Before,
): readonly Rule[] | undefined {
  const near = earlier.filter((one) => mayTake(one.wants, wants));
  if (near.length === 0) return undefined;
  const used = new Set<Rule>();
  for (const part of partsOf(wants)) {
    const wide = near.filter((one) => takesPart(one.wants, part, takes)).map((one) => one.rule);
    const takers = takersOfPorts(rule, wide);
    if (takers === undefined) return undefined;
    for (const taker of takers) used.add(taker);
  }
  return [...used];
}

/** Cheap, and false for most of a thousand rules: what asks for a tag takes nothing that need not have it. */
const mayTake = (theirs: readonly Constraint[], ours: readonly Constraint[]): boolean =>
  theirs.every(({ of }) => !of.startsWith(TAG) || ours.some((our) => our.of === of));

/** More parts than this are looked at as one, which finds less and is never wrong. */
const PARTS_MAX = 500;

/**
 * What a rule matches, cut into parts with one pattern for each property: two rules may take `prod`
 * and `test` of a third one that matches both.
 */
function partsOf(wants: readonly Constraint[]): readonly (readonly Constraint[])[] {
  const count = wants.reduce((product, { patterns }) => product * patterns.length, 1);
  if (count > PARTS_MAX) return [wants];
  return wants.reduce<readonly (readonly Constraint[])[]>(
    (parts, { of, patterns }) =>
      parts.flatMap((part) => patterns.map((one) => [...part, { of, patterns: [one] }])),
    [[]],
  );
}

function takesPart(
  theirs: readonly Constraint[],
  part: readonly Constraint[],
  takes: Takes,
): boolean {
  return theirs.every(({ of, patterns }) => {
    const own = part.filter((one) => one.of === of);
    if (own.some((one) => one.patterns.every((pattern) => takes(patterns, pattern)))) return true;
    // Every VM has a name, a group and a subscription; not every one has a tag.
    return !of.startsWith(TAG) && takes(patterns, "*");
  });
}

const ALL_PORTS = 65_535;

/** The first of `wide` that together take every port of the rule. */
function takersOfPorts({ match }: Rule, wide: readonly Rule[]): readonly Rule[] | undefined {
  const alone = wide.find(({ match: { ports } }) => takesPorts(ports, match.ports));
  if (alone !== undefined) return [alone];
  const taken = new Set<number>();
  const takers: Rule[] = [];
  for (const rule of wide) {
    const { ports = [] } = rule.match;
    const adds = ports.filter((port) => !taken.has(port) && wanted(match.ports, port));
    if (adds.length > 0) takers.push(rule);
    for (const port of adds) taken.add(port);
  }
  const needed = match.ports === undefined ? ALL_PORTS : new Set(match.ports).size;
  return taken.size >= needed ? takers : undefined;
}

const takesPorts = (theirs: Match["ports"], ours: Match["ports"]): boolean =>
  theirs === undefined || (ours?.every((port) => theirs.includes(port)) ?? false);

const wanted = (ours: Match["ports"], port: number): boolean => ours?.includes(port) ?? true;
