// What a person wants to do to a request, before it is known whether they may.

import type { PersonAct, Roles, Who } from "../../../domain/request/acts/person-act.ts";
import type { Policy } from "../../../domain/rules/policy.ts";
import type { Members } from "../../../domain/rules/rule-match.ts";

/** What somebody wants to do; `reason` is that of a denial, or what a review says. */
export type Intent = {
  readonly act: PersonAct["act"];
  readonly reason?: string;
  readonly verdict?: "ok" | "concern";
  readonly narrow?: { readonly duration: string; readonly source: string };
};

export type Actor = {
  readonly who: Who;
  readonly standing: Roles;
  readonly policy: Policy;
  readonly members: Members;
};
