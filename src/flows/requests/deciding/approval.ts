// An approval: everything is checked afresh, and only what still holds is handed to the transition.

import { askedDuration } from "../../../domain/command/answer-fields.ts";
import type { PersonAct } from "../../../domain/request/acts/person-act.ts";
import { memberOf, shownTerms } from "../../../domain/request/members.ts";
import { bareApproval, refusalOf } from "../../../domain/request/offers.ts";
import type { Narrowed } from "../../../domain/request/request.ts";
import { type AccessRequest, inForce } from "../../../domain/request/request.ts";
import { heldForMs } from "../../../domain/rules/freeze.ts";
import type { Policy, Rule } from "../../../domain/rules/policy.ts";
import { chooseSource, type MyAddress } from "../../../domain/rules/requested-source.ts";
import { formatDuration } from "../../../domain/text/duration.ts";
import { isRefusal, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import type { StoredRequest } from "../../../ports/storage/requests.ts";
import type { Deps } from "../../deps.ts";
import { orCannotCheck } from "../../people/people.ts";
import { refuseUnproven } from "../../people/proven-still.ts";
import { heldUpBy } from "./held-up.ts";
import type { Actor, Intent } from "./intent.ts";
import { groundsNow, stillHolds } from "./still-holds.ts";

type Needs = Pick<
  Deps,
  "requests" | "absences" | "freezes" | "azure" | "chat" | "onCall" | "policy" | "page"
>;

export async function approval(
  deps: Needs,
  { who, roles, policy, members, intent }: Actor & { readonly intent: Intent },
  { request, nowMs }: Pick<StoredRequest, "request" | "nowMs">,
): Promise<PersonAct | Refusal> {
  // Someone who can't approve anyway costs Azure nothing and learns nothing.
  const refusal = refusalOf(request, bareApproval({ ...who, roles }, policy.hash), nowMs);
  if (refusal !== undefined) return refusal;
  if (intent.asShown !== undefined && intent.asShown !== shownTerms(memberOf(request))) {
    return refuse(
      "stale-card",
    )`${{ code: request.ask.vm.name }} has changed since you opened the form: it's ${formatDuration(inForce(request).durationMs)} now. Check the card, and approve again.`;
  }
  const grounds = await groundsNow(deps, { policy, nowMs }, request);
  if (isRefusal(grounds)) return grounds;
  // What its requester was proven at may be typed as what it is.
  const { proven, source } = request.ask;
  const mine = { address: proven === true ? source : undefined, provable: false };
  const cutDown = narrowing(request, { policy, rule: grounds.rule, mine }, intent.narrow);
  if (isRefusal(cutDown)) return cutDown;
  const narrow = isCut(request, cutDown) ? cutDown : undefined;
  const holds = await stillHolds(deps, { policy, request, members }, { grounds, narrow });
  if (isRefusal(holds)) return holds;
  const frozen = await frozenNow(deps, grounds.rule);
  if (isRefusal(frozen)) return frozen;
  // The approval counts either way: its requester can confirm the address, and only opening waits for that.
  const unproven = await refuseUnproven(deps, request);
  if (unproven !== undefined && unproven.refused !== "address-unproven") return unproven;
  return {
    act: "approve",
    ...who,
    roles,
    ...holds,
    policyHash: policy.hash,
    ...(frozen && { frozen }),
    ...(unproven && { heldUp: heldUpBy(unproven) }),
    ...(narrow && { narrow }),
    ...(intent.reason !== undefined && intent.reason !== "" && { note: intent.reason }),
  };
}

/** What is approved while access is frozen waits; whether it is, is looked at again when Azure would be asked. */
async function frozenNow({ freezes }: Needs, rule: Rule) {
  const freeze = await orCannotCheck(() => freezes.now());
  if (freeze === undefined || isRefusal(freeze)) return freeze;
  return { freeze, expireAfterMs: heldForMs(rule) };
}

/** What an approver typed, read as a request's own parts are. */
function narrowing(
  request: AccessRequest,
  { policy, rule, mine }: { policy: Policy; rule: Rule; mine: MyAddress },
  typed: Intent["narrow"],
): Pick<Narrowed, "durationMs" | "source" | "sourceName"> | undefined | Refusal {
  if (typed === undefined) return undefined;
  const now = inForce(request);
  const chosenMs = typed.duration === undefined ? now.durationMs : askedDuration(typed.duration);
  if (isRefusal(chosenMs)) return chosenMs;
  const durationMs = typed.isAtMost ? Math.min(chosenMs, now.durationMs) : chosenMs;
  if (typed.source === undefined) return { ...now, durationMs };
  const chosen = chooseSource(policy, rule, typed.source, mine);
  if (isRefusal(chosen)) return chosen;
  const { source, name } = chosen;
  return { durationMs, source, ...(name !== undefined && { sourceName: name }) };
}

/** The form sent as it was opened changes nothing, and nobody is told that it did. */
function isCut(request: AccessRequest, to: Pick<Narrowed, "durationMs" | "source"> | undefined) {
  const { durationMs, source } = inForce(request);
  return to !== undefined && (to.durationMs !== durationMs || to.source !== source);
}
