// What could go from each rule: ports, time, networks and approvers that nobody uses, and rules that match nothing. Pure.

import { unreached } from "../check/unreachable-rules.ts";
import type { Rule } from "../rules/policy.ts";
import { decidersOf, matches, rulesOnPort } from "../rules/rule-match.ts";
import { formatDuration, HOUR_MS, MINUTE_MS } from "../text/duration.ts";
import type { GroupId } from "../text/ids.ts";
import { type Evidence, type Finding, type Seen, seen, total, usesByRule } from "./finding.ts";
import { isFrom, isPlaced, nameOfSource } from "./network-use.ts";
import { heirOf } from "./overlap.ts";
import { type Tally, tallied, type Use } from "./usage.ts";

/** A rule, where it stands, and what was asked for and used under it. */
type Case = {
  readonly rule: Rule;
  readonly index: number;
  readonly asked: readonly Use[];
  readonly used: readonly Use[];
  readonly evidence: Evidence;
};

/** In the order of the file. */
export function ruleFindings(evidence: Evidence): readonly Finding[] {
  const { policy } = evidence;
  const byRule = usesByRule(evidence);
  const vms = vmsByRule(evidence);
  const dead = new Set(unreached(policy).map(({ index }) => index));
  return policy.rules.flatMap((rule, index) => {
    const asked = byRule.get(rule) ?? [];
    const used = asked.filter(({ wasUsed }) => wasUsed);
    const one = { rule, index, asked, used, evidence };
    if (dead.has(index)) return [matchesNothing(one, true)];
    if (used.length > 0) {
      return [ports(one), duration(one), networks(one), approvers(one)].flatMap((it) => it ?? []);
    }
    const count = vms.get(rule) ?? 0;
    if (count > 0) return [{ ...about(one, "rule-unused"), vms: count }];
    return evidence.isWhole && asked.length === 0 ? [matchesNothing(one, false)] : [];
  });
}

function vmsByRule({ policy, vms }: Evidence): ReadonlyMap<Rule, number> {
  const counts = new Map<Rule, number>();
  for (const vm of vms.values()) {
    for (const rule of decidersOf(policy, vm)) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  return counts;
}

const about = ({ rule, index }: Case, kind: Finding["kind"]): Finding => ({
  kind,
  about: rule.name,
  path: ["rules", index],
  unused: [],
  used: [],
  edits: [],
});

/** `isDead`: earlier rules take all that it could match. Else no VM of today's is its. */
function matchesNothing(one: Case, isDead: boolean): Finding {
  const finding = { ...about(one, "matches-nothing"), vms: 0 };
  const { policy } = one.evidence;
  // The file needs one rule.
  if (policy.rules.length === 1) return finding;
  const heir = isDead ? undefined : heirOf(policy, one.rule, one.rule.match.ports);
  return heir === undefined
    ? { ...finding, edits: [{ act: "remove", path: finding.path }] }
    : { ...finding, heir: heir.name };
}

/** Where the rule names no ports, those that its VMs' JIT policies have. */
function ports(one: Case): Finding | undefined {
  const { rule, used, evidence } = one;
  const { ports: written } = rule.match;
  const byPort = new Map<number, Tally>();
  for (const use of used) {
    for (const port of use.ports)
      byPort.set(port, tallied(byPort.get(port), use.lastAtMs, use.count));
  }
  const offered = written ?? offeredBy(one);
  const unused = offered.filter((port) => !byPort.has(port));
  const kept = offered.filter((port) => byPort.has(port));
  if (unused.length === 0 || kept.length === 0) return undefined;
  const path = [...about(one, "ports").path, "match", "ports"];
  const finding = {
    ...about(one, "ports"),
    path,
    unused: unused.map(String),
    used: kept.flatMap((port) =>
      seen(
        String(port),
        [byPort.get(port)].flatMap((it) => it ?? []),
      ),
    ),
  } as Finding;
  // What a rule stops deciding falls to a later one, which may be less strict.
  const heir = heirOf(evidence.policy, rule, written === undefined ? undefined : unused);
  if (heir !== undefined) return { ...finding, heir: heir.name };
  if (written === undefined) {
    // Beside the JIT policies' there may be others in use.
    const value = [...byPort.keys()].toSorted((a, b) => a - b);
    return { ...finding, edits: [{ act: "set", path, value }] };
  }
  const items = written.flatMap((port, at) => (byPort.has(port) ? [at] : []));
  return { ...finding, edits: [{ act: "keep", path, items }] };
}

/** The ports of the VMs about which the rule decides there, ascending. */
function offeredBy({ rule, evidence: { policy, vms, vmPolicies } }: Case): readonly number[] {
  const found = new Set<number>();
  for (const vm of vms.values()) {
    if (!matches(rule, vm)) continue;
    for (const { number } of (vmPolicies.get(vm.key) ?? []).flatMap((vmPolicy) => vmPolicy.ports)) {
      if (!found.has(number) && rulesOnPort(policy, vm, number).includes(rule)) found.add(number);
    }
  }
  return [...found].toSorted((a, b) => a - b);
}

function duration(one: Case): Finding | undefined {
  const { rule, index, used } = one;
  const longestMs = Math.max(...used.map((use) => use.longestMs));
  const advisedMs = roundedUp(longestMs);
  const allowedMs = rule.maxDurationMs;
  if (longestMs === 0 || advisedMs >= allowedMs) return undefined;
  const path = ["rules", index, "maxDuration"];
  const value = formatDuration(advisedMs);
  const defaultPath = ["rules", index, "defaultDuration"];
  const isDefaultLonger = rule.defaultDurationMs > advisedMs && rule.defaultDurationMs < allowedMs;
  return {
    ...about(one, "duration"),
    path,
    used: [seen(formatDuration(longestMs), used)].flatMap((it) => it ?? []),
    duration: { allowedMs, longestMs, advisedMs },
    edits: [
      { act: "set", path, value },
      ...(isDefaultLonger ? [{ act: "set" as const, path: defaultPath, value }] : []),
    ],
  };
}

/** To what a person would write: quarters of an hour, half hours from 2 hours on, hours from 8 on. */
export function roundedUp(durationMs: number): number {
  const stepMs = durationMs <= 2 * HOUR_MS ? 15 : durationMs <= 8 * HOUR_MS ? 30 : 60;
  return Math.ceil(durationMs / (stepMs * MINUTE_MS)) * stepMs * MINUTE_MS;
}

function networks(one: Case): Finding | undefined {
  const { rule, index, used } = one;
  const placed = used.filter(isPlaced);
  // Where the source of one was erased, nobody can tell which network it needs.
  if (placed.length < used.length) return undefined;
  const by = rule.networks.map((allowed) => ({
    what: nameOfSource(allowed),
    uses: placed.filter((use) => isFrom(allowed, use, rule.networks)),
  }));
  const unused = by.filter(({ uses }) => uses.length === 0);
  if (unused.length === 0 || unused.length === by.length) return undefined;
  const path = ["rules", index, "networks"];
  const items = by.flatMap(({ uses }, at) => (uses.length > 0 ? [at] : []));
  return {
    ...about(one, "networks"),
    path,
    unused: unused.map(({ what }) => what),
    used: by.flatMap(({ what, uses }) => seen(what, uses) ?? []),
    edits: [{ act: "keep", path, items }],
  };
}

/** Users, and groups whose members are known. Enough stay to approve what one of them asks for. */
function approvers(one: Case): Finding | undefined {
  const { rule, index, asked, evidence } = one;
  const decided = total(asked.flatMap(({ deciders }) => [...deciders.values()]));
  if (rule.approvals === 0 || decided === undefined) return undefined;
  const { users, groups } = rule.approvers;
  const by = (who: readonly string[]): readonly Tally[] =>
    asked.flatMap(({ deciders }) => who.flatMap((user) => deciders.get(user) ?? []));
  const membersOf = (group: GroupId) => evidence.members.get(group);
  const all = [
    ...users.map((user) => ({ what: user as string, users: [user], list: "users" as const })),
    ...groups.map((group) => ({ what: group, users: membersOf(group), list: "groups" as const })),
  ].map((each) => ({ ...each, seen: each.users && seen(each.what, by(each.users)) }));
  const idle = all.filter((each) => each.users !== undefined && each.seen === undefined);
  const kept = all.filter((each) => !idle.includes(each));
  // A group that nobody could look up may have anybody in it.
  const needed = rule.approvals + 1;
  const countOf = () => new Set(kept.flatMap((each) => each.users ?? [])).size;
  const isUnknown = kept.some((each) => each.users === undefined);
  while (!isUnknown && idle.length > 0 && countOf() < needed) kept.push(...idle.splice(0, 1));
  if (idle.length === 0 || kept.length === 0) return undefined;
  const edits = (["users", "groups"] as const).flatMap((list) => {
    const these = all.filter((each) => each.list === list);
    const items = these.flatMap((each, at) => (kept.includes(each) ? [at] : []));
    if (items.length === these.length) return [];
    return [{ act: "keep" as const, path: ["rules", index, "approvers", list], items }];
  });
  return {
    ...about(one, "approvers"),
    path: ["rules", index, "approvers"],
    unused: idle.map(({ what }) => what),
    used: all.flatMap((each): readonly Seen[] => (each.seen === undefined ? [] : [each.seen])),
    edits,
  };
}
