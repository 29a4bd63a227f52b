// Rotas that are there in the file, and that no rule names.

import type { Policy, Rule } from "../rules/policy.ts";
import { type Warning, warning } from "./policy-warning.ts";

export function unusedRotas({ onCall = {}, rules }: Policy): readonly Warning[] {
  const named = new Set<string>(rules.flatMap(rotasIn));
  return Object.keys(onCall).flatMap((rota) =>
    named.has(rota)
      ? []
      : [warning(["onCall", rota], `No rule names ${rota}: name it in one, or remove it.`)],
  );
}

const rotasIn = ({ approvers, autoApprove, breakGlass, escalate }: Rule) =>
  [approvers, autoApprove, breakGlass, escalate?.to].flatMap((people) => people?.onCall ?? []);
