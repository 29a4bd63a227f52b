// A VM whose JIT no longer protects: its deny rule is gone, or somebody's rule has a higher priority. Pure.

import { plain } from "../../text/words.ts";
import type { NetworkFindings } from "./exposure.ts";
import { findingWords } from "./exposure-words.ts";

/**
 * What of the findings is about JIT's deny rule. What JIT's own allow rules let in belongs to openings, and a VM
 * without a security group never had the rule. `undefined`: nothing.
 */
export function brokenJit(network: NetworkFindings | undefined): NetworkFindings | undefined {
  if (network === undefined) return undefined;
  const exposures = network.exposures.filter(
    ({ by }) => by.length > 0 && by.every(({ whose }) => whose !== "jit"),
  );
  const { denyMissing } = network;
  return exposures.length + denyMissing.length === 0
    ? undefined
    : { exposures, denyMissing, unseen: [] };
}

/** On one line, without the signs that lists begin with. */
export const brokenText = (broken: NetworkFindings): string =>
  findingWords(broken, { isBrief: true })
    .map((line) => plain(line).replace(/^\W+ /, ""))
    .join(" ");
