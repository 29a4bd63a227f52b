// Networks that are named in the file, and from which no rule lets anybody in.

import type { Policy } from "../rules/policy.ts";
import { allowsSource } from "../rules/requested-source.ts";
import { type Warning, warning } from "./policy-warning.ts";

/** A network can be typed wherever a rule allows its addresses, whether or not the rule names it. */
export function unusedNetworks(policy: Policy): readonly Warning[] {
  return Object.entries(policy.networks).flatMap(([name, cidrs]) => {
    const used = cidrs.some((cidr) => policy.rules.some((rule) => allowsSource(rule, cidr)));
    if (used) return [];
    return [warning(["networks", name], `No rule allows ${name}: name it in one, or remove it.`)];
  });
}
