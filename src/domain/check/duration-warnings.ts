// Durations of rules that no JIT policy can grant.

import type { Policy } from "../rules/policy.ts";
import { DAY_MS, formatDuration } from "../text/duration.ts";
import { type Warning, warning } from "./policy-warning.ts";

/** The longest `maxRequestAccessDuration` that Azure takes in a JIT policy. */
const AZURE_MAX_MS = DAY_MS;

/** What is asked for is bounded by the VM's JIT policy, so it promises more than anybody gets. */
export const beyondAzure = (policy: Policy): readonly Warning[] =>
  policy.rules.flatMap(({ maxDurationMs }, index) => {
    if (maxDurationMs <= AZURE_MAX_MS) return [];
    const message = `${formatDuration(maxDurationMs)} is longer than 24h, Azure's maximum: write 24h or less.`;
    return [warning(["rules", index, "maxDuration"], message)];
  });
