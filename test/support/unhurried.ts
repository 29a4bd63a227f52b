// For tests that do in a second what people do in an hour: nobody is too fast.

import type { PersonLimitRates } from "../../src/flows/limits/person-limits.ts";

export const UNHURRIED: PersonLimitRates = {
  usual: { atOnce: 1_000_000, everyMs: 1 },
  reserved: { atOnce: 1_000_000, everyMs: 1 },
  typing: { atOnce: 1_000_000, everyMs: 1 },
  home: { atOnce: 1_000_000, everyMs: 1 },
  yes: { atOnce: 1_000_000, everyMs: 1 },
  no: { atOnce: 1_000_000, everyMs: 1 },
  azure: { atOnce: 1_000_000, everyMs: 1 },
};

/** The same of how often they ask, unless the policy file is about that. */
export function unhurried(policy: string): string {
  if (/asksPerMinute/.test(policy)) return policy;
  return /^limits: \{/m.test(policy)
    ? policy.replace(/^limits: \{/m, "limits: { asksPerMinute: 1000,")
    : `${policy}\nlimits: { asksPerMinute: 1000 }\n`;
}
