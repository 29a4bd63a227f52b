// What could go from the networks that the file names: ranges that nobody comes from, and names that no rule is left for. Pure.

import type { Policy } from "../rules/policy.ts";
import { allowsSource } from "../rules/requested-source.ts";
import { type Evidence, type Finding, seen, usesByRule } from "./finding.ts";
import { isPlaced, touches } from "./network-use.ts";

/** Ranges of a network that every rule with it could do without. */
export function rangeFindings(evidence: Evidence): readonly Finding[] {
  const { policy } = evidence;
  const byRule = usesByRule(evidence);
  return Object.entries(policy.networks).flatMap(([name, cidrs]) => {
    const rules = policy.rules.filter(({ networks }) =>
      networks.some((one) => one.kind === "network" && one.name === name),
    );
    const used = rules.map((rule) => (byRule.get(rule) ?? []).filter(({ wasUsed }) => wasUsed));
    const isJudged = used.length > 0 && used.every((its) => its.length > 0 && its.every(isPlaced));
    if (cidrs.length < 2 || !isJudged) return [];
    const uses = used.flat().filter(isPlaced);
    const by = cidrs.map((what) => ({
      what,
      uses: uses.filter(({ source }) => touches(what, source)),
    }));
    const unused = by.filter((range) => range.uses.length === 0);
    if (unused.length === 0 || unused.length === by.length) return [];
    const path = ["networks", name];
    const items = by.flatMap((range, at) => (range.uses.length > 0 ? [at] : []));
    return [
      {
        kind: "ranges" as const,
        about: name,
        path,
        unused: unused.map(({ what }) => what),
        used: by.flatMap(({ what, uses: its }) => seen(what, its) ?? []),
        edits: [{ act: "keep" as const, path, items }],
      },
    ];
  });
}

/** Networks from which no rule lets anybody in. `policy`: as it would be after all other advice. */
export const uselessNetworks = ({ networks, rules }: Policy): readonly Finding[] =>
  Object.entries(networks).flatMap(([name, cidrs]) => {
    if (cidrs.some((cidr) => rules.some((rule) => allowsSource(rule, cidr)))) return [];
    const path = ["networks", name];
    return [
      {
        kind: "network-unused" as const,
        about: name,
        path,
        unused: [name],
        used: [],
        edits: [{ act: "remove" as const, path }],
      },
    ];
  });
