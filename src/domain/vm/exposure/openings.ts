// What stands open through the guards of an address, found once for all addresses that the same rules are about.

import { type AddressRange, addressRange, rangeContains } from "../../network/address-ranges.ts";
import type { Exposure, LivePort } from "./exposure.ts";
import { isJitAllowName } from "./jit-rule-names.ts";
import { catchesAll, type Passage, passages, tried } from "./passage.ts";
import type { Chain, MembersOf, Step } from "./reach.ts";
import type { PlacedRule, SecurityGroup, SecurityRule } from "./security-group.ts";

/** The rules of one guard that are about an address, a port and a protocol, in the order in which they are tried. */
export type GuardRules = { readonly group: SecurityGroup; readonly rules: readonly PlacedRule[] };

/** `any`: every source, or one that Azure doesn't say. */
export type Live = { readonly any: boolean; readonly ranges: readonly AddressRange[] };

export function liveOf(all: readonly LivePort[], port: number): Live {
  const sources = all.filter((one) => one.port === port).map(({ source }) => source);
  return {
    any: sources.some((source) => source === "*" || source === ""),
    ranges: sources.flatMap((source) => addressRange(source) ?? []),
  };
}

/** What a live request accounts for is no exposure, and is judged as if it weren't there. */
function stepOf(rule: SecurityRule, { any, ranges }: Live): readonly Step[] {
  if (rule.access !== "allow" || !isJitAllowName(rule.name)) return [{ rule }];
  if (any) return [];
  if (ranges.length === 0) return [{ rule }];
  const isAccountedFor = rule.sources.every(
    (peer) =>
      peer.is === "range" &&
      ranges.some((range) => rangeContains(range, peer.from) && rangeContains(range, peer.to)),
  );
  return isAccountedFor ? [] : [{ rule, without: ranges }];
}

type Opening = Pick<Exposure, "from" | "by">;

/** What gets through all of the guards, but what live requests account for. */
export type OpeningsOf = (
  lists: readonly GuardRules[],
  how: { readonly live: Live; readonly family: AddressRange },
) => readonly Opening[];

/** Thousands of VMs behind one group differ only in the rule by which JIT closes them. */
export function rememberedOpenings(membersOf: MembersOf): OpeningsOf {
  const known = new Map<string, readonly Opening[]>();
  const numbers = new Map<SecurityGroup, number>();
  const numberOf = (group: SecurityGroup): number => {
    const number = numbers.get(group) ?? numbers.size;
    numbers.set(group, number);
    return number;
  };
  return (lists, { live, family }) => {
    const chains = lists.map(({ rules }) => tried(rules.flatMap(({ rule }) => stepOf(rule, live))));
    if (chains.some((chain) => !chain.some(({ rule }) => rule.access === "allow"))) return [];
    const find = () => passages(chains, { family, membersOf }).map((one) => openingOf(one, lists));
    const isPlain = chains.every((chain) => chain.every(({ without }) => without === undefined));
    if (!isPlain) return find();
    const key = [
      String(family.from),
      ...lists.map((list, nth) => keyOf(list, chains[nth] ?? [], numberOf)),
    ].join("|");
    const before = known.get(key);
    if (before !== undefined) return before;
    const found = find();
    known.set(key, found);
    return found;
  };
}

function keyOf(
  { group, rules }: GuardRules,
  chain: Chain,
  numberOf: (group: SecurityGroup) => number,
): string {
  const nths = new Map(rules.map(({ rule, nth }) => [rule, nth]));
  const steps = chain.map((step) =>
    step.rule.access === "deny" && catchesAll(step) ? "" : nths.get(step.rule),
  );
  return `${numberOf(group)}:${steps.join()}`;
}

function openingOf({ rules, from }: Passage, lists: readonly GuardRules[]): Opening {
  const by = rules.map(({ name, isDefault }, nth) =>
    Object.freeze({
      rule: name,
      nsg: lists[nth]?.group.name ?? "",
      whose: isDefault
        ? ("default" as const)
        : isJitAllowName(name)
          ? ("jit" as const)
          : ("own" as const),
    }),
  );
  return { by: Object.freeze(by), from: Object.freeze([...from]) };
}
