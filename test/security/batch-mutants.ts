// Small faults to put into how several VMs are requested and decided: test/security/batches.test.ts notices each.

import type { Mutant } from "./mutants.ts";

const TOGETHER = "flows/requests/deciding/together.ts";
const SEVERAL = "flows/requests/asking/submit-several.ts";
const BATCH = "flows/requests/asking/create-batch.ts";

/** Each makes something laxer than it would be for one VM. */
export const OF_SEVERAL: readonly Mutant[] = [
  {
    name: "all VMs fall under the first one's rule",
    patches: [
      {
        file: SEVERAL,
        from: "asks.push({ ...now, notes",
        to: "asks.push({ ...now, rule: asks[0]?.rule ?? now.rule, notes",
      },
    ],
  },
  {
    name: "those of different rules share a card",
    patches: [{ file: SEVERAL, from: "({ rule }) => rule.name)", to: '() => "one")' }],
  },
  {
    name: "each lasts as long as the first",
    patches: [
      {
        file: BATCH,
        from: "made: born(checked, {",
        to: "made: born({ ...checked, ask: { ...checked.ask, durationMs: first.ask.durationMs } }, {",
      },
    ],
  },
  {
    name: "what was changed is changed of the first alone",
    patches: [{ file: TOGETHER, from: "{ ...alone, ...form, id }", to: "{ ...alone, id }" }],
  },
  {
    name: "what breaks the glass for one breaks it for all",
    patches: [
      {
        file: SEVERAL,
        from: "{ ...rest, vm: ref }",
        to: '{ ...rest, verb: tried.size > 0 ? "breakglass" : rest.verb, vm: ref }',
      },
    ],
  },
];
