// What a person wants to do to a request, before it is known whether they may.

import type { PersonAct, Roles, Who } from "../../../domain/request/acts/person-act.ts";
import type { Policy } from "../../../domain/rules/policy.ts";
import type { Members } from "../../../domain/rules/rule-match.ts";

/** What somebody wants to do, and what they typed with it. */
export type Intent = {
  readonly act: PersonAct["act"];
  /** The reason of a denial; what a review, a question, an answer or the note of an approval says. */
  readonly reason?: string;
  /** The number of the question that is answered. */
  readonly question?: number;
  readonly verdict?: "ok" | "concern";
  /** What is approved less of; what is left out stays as it is. */
  readonly narrow?: {
    readonly duration?: string | undefined;
    readonly source?: string | undefined;
    /** The duration is for several: one that was requested for less keeps that. */
    readonly isAtMost?: true;
  };
  /** What would be approved, as a form about several showed it (`shownTerms`). */
  readonly asShown?: string;
};

export type Actor = {
  readonly who: Who;
  readonly roles: Roles;
  readonly policy: Policy;
  readonly members: Members;
};
