// Whether a person may act on a request: worked out afresh at every click, from the rules in force.

import type { Kept } from "../ports/store.ts";
import type { UserId } from "../request/ids.ts";
import type { PersonAct, Standing } from "../request/person-act.ts";
import { isRefusal, type Refusal, refuse } from "../request/refusal.ts";
import { includes } from "../request/rules.ts";
import { approval } from "./approval.ts";
import type { Deps } from "./deps.ts";
import { approversInForce } from "./in-force.ts";
import { DECIDING_AGE_MS, membersOf, orCannotCheck } from "./people.ts";
import { retrying } from "./retrying.ts";

/** What somebody wants to do; `reason` is that of a denial, or what a review says. */
export type Intent = {
  readonly act: PersonAct["act"];
  readonly reason?: string;
  readonly verdict?: "ok" | "concern";
  readonly narrow?: { readonly duration: string; readonly source: string };
};

type Case = { readonly kept: Kept; readonly intent: Intent };

/** Works out what the person is to the request, and for an approval whether everything still holds. */
export async function authorise(
  deps: Deps,
  user: UserId,
  { kept, intent }: Case,
): Promise<PersonAct | Refusal> {
  const { request } = kept;
  const policy = deps.policy();
  const approvers = approversInForce(policy, request);
  const groups = [...approvers.groups, ...policy.admins.groups];
  const members = await orCannotCheck(() => membersOf(deps.chat, groups, DECIDING_AGE_MS));
  if (isRefusal(members)) return members;
  const standing: Standing = {
    isApprover: includes(approvers, user, members),
    isAdmin: includes(policy.admins, user, members),
  };
  switch (intent.act) {
    case "approve":
      return approval(deps, { user, standing, policy, members, intent }, request);
    case "deny":
      return { act: "deny", by: user, standing, reason: intent.reason ?? "" };
    case "retry":
      return retrying(deps, { user, standing, policy, members }, kept);
    case "end":
      return policy.endEarly === "off"
        ? refuse(
            "switched-off",
          )`Ending early is switched off in the policy file: ${request.id} ends by itself at its time.`
        : { act: "end", by: user, standing };
    case "review": {
      const { verdict = "ok", reason = "" } = intent;
      return { act: "review", by: user, standing, verdict, text: reason };
    }
    default:
      return { act: intent.act, by: user, standing };
  }
}
