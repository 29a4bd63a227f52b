// Whether two rules could match one VM, whatever VMs there are: where they can't, neither stands in for the other. Pure.

import type { Match, Policy, Rule } from "../rules/policy.ts";

/** `false` only where no VM can match both. */
export function canMeet(one: Match, other: Match): boolean {
  const tagsOf = ({ tags = {} }: Match) =>
    new Map(Object.entries(tags).map(([name, values]) => [name.toLowerCase(), values]));
  const others = tagsOf(other);
  return (
    meet(one.vms, other.vms) &&
    meet(one.resourceGroups, other.resourceGroups) &&
    meet(one.subscriptions, other.subscriptions) &&
    [...tagsOf(one)].every(([name, values]) => meet(values, others.get(name)))
  );
}

const meet = (ones: readonly string[] | undefined, others: readonly string[] | undefined) =>
  ones === undefined ||
  others === undefined ||
  ones.some((one) => others.some((other) => patternsMeet(one, other)));

/** Whether some text fits both patterns, which are as in `glob.ts`. */
export function patternsMeet(one: string, other: string): boolean {
  const first = Array.from(one.toLowerCase());
  const second = Array.from(other.toLowerCase());
  /** Whether what is left of the first, and of the second from each place on, can meet. */
  let below: boolean[] = [];
  for (let i = first.length; i >= 0; i--) {
    const row: boolean[] = [];
    for (let j = second.length; j >= 0; j--) {
      const a = first[i];
      const b = second[j];
      if (a === undefined && b === undefined) row[j] = true;
      else if (a === "*") row[j] = below[j] === true || (b !== undefined && row[j + 1] === true);
      else if (b === "*") row[j] = row[j + 1] === true || (a !== undefined && below[j] === true);
      else row[j] = a !== undefined && b !== undefined && fits(a, b) && below[j + 1] === true;
    }
    below = row;
  }
  return below[0] === true;
}

const fits = (a: string, b: string): boolean => a === b || a === "?" || b === "?";

/** The first later rule that could decide about what this one stops deciding: about these ports, or about any. */
export function heirOf(
  { rules }: Pick<Policy, "rules">,
  rule: Rule,
  ports?: readonly number[],
): Rule | undefined {
  return rules
    .slice(rules.indexOf(rule) + 1)
    .find(
      ({ match }) =>
        canMeet(rule.match, match) &&
        (ports === undefined ||
          match.ports === undefined ||
          match.ports.some((port) => ports.includes(port))),
    );
}
