// Keys that have another name by now: they still work, and the file had better be changed.

import type { Policy } from "../rules/policy.ts";
import { type Warning, warning } from "./policy-warning.ts";

export const oldNames = ({ rules }: Policy): readonly Warning[] =>
  rules.flatMap(({ usesLapseAfter }, index) =>
    usesLapseAfter === true
      ? [
          warning(
            ["rules", index, "lapseAfter"],
            "lapseAfter is now called expireAfter: rename it.",
          ),
        ]
      : [],
  );
