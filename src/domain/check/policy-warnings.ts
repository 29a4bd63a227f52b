// Everything that is worth a second look in a policy file that has no fault.

import type { Policy } from "../rules/policy.ts";
import { groupsThatApprove, tooFewApprovers } from "./approver-warnings.ts";
import { beyondAzure } from "./duration-warnings.ts";
import { laxerWithoutTag } from "./laxer-rules.ts";
import { limitsAtOdds } from "./limits-at-odds.ts";
import { oldNames } from "./old-names.ts";
import { type Warning, warning } from "./policy-warning.ts";
import { retiredClouds } from "./retired-clouds.ts";
import { unreached } from "./unreachable-rules.ts";
import { unusedNetworks } from "./unused-networks.ts";
import { unusedRotas } from "./unused-rotas.ts";

/** Facts about the file, never guesses about what its names mean. */
export const warningsOf = (policy: Policy): readonly Warning[] => [
  ...retiredClouds(policy),
  ...oldNames(policy),
  ...unusedNetworks(policy),
  ...unusedRotas(policy),
  ...neverMatching(policy),
  ...beyondAzure(policy),
  ...laxerWithoutTag(policy),
  ...tooFewApprovers(policy),
  ...groupsThatApprove(policy),
  ...limitsAtOdds(policy),
];

const TAKERS_NAMED_MAX = 5;

function neverMatching(policy: Policy): readonly Warning[] {
  return unreached(policy).map(({ index, takers }) => {
    const named = takers.slice(0, TAKERS_NAMED_MAX).map(({ name }) => `"${name}"`);
    if (takers.length > named.length) named.push(`${takers.length - named.length} more`);
    const last = named.pop() ?? "";
    const who = named.length === 0 ? last : `${named.join(", ")} and ${last}`;
    const take = takers.length === 1 ? "takes" : "together take";
    const message = `This rule can never match: ${who} before it ${take} all that it could. Move it up, or remove it.`;
    return warning(["rules", index], message);
  });
}
