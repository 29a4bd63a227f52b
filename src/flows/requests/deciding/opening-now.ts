// Open: what is ready is opened by its requester, if it could still be granted as things are now.

import type { PersonAct } from "../../../domain/request/acts/person-act.ts";
import { bareOpen, refusalOf } from "../../../domain/request/offers.ts";
import { refuseFrozen } from "../../../domain/rules/freeze.ts";
import { isRefusal, type Refusal } from "../../../domain/text/refusal.ts";
import type { StoredRequest } from "../../../ports/storage/requests.ts";
import type { Deps } from "../../deps.ts";
import { orCannotCheck } from "../../people/people.ts";
import { refuseUnproven, withPage } from "../../people/proven-still.ts";
import type { Actor } from "./intent.ts";
import { holdsNow } from "./still-holds.ts";

type Needs = Pick<
  Deps,
  "requests" | "absences" | "freezes" | "azure" | "chat" | "onCall" | "policy" | "page" | "random"
>;

export async function openingNow(
  deps: Needs,
  { who, roles, policy }: Pick<Actor, "who" | "roles" | "policy">,
  { request, nowMs }: Pick<StoredRequest, "request" | "nowMs">,
): Promise<PersonAct | Refusal> {
  const act = bareOpen({ ...who, roles }, policy.hash);
  // Someone who can't open it anyway costs Azure nothing and learns nothing.
  const refusal = refusalOf(request, act, nowMs);
  if (refusal !== undefined) return refusal;
  const freeze = await orCannotCheck(() => deps.freezes.now());
  if (isRefusal(freeze)) return freeze;
  if (freeze !== undefined) return refuseFrozen(freeze);
  const holds = await holdsNow(deps, request, nowMs);
  if (isRefusal(holds)) return holds;
  const unproven = await refuseUnproven(deps, request);
  if (unproven !== undefined) {
    return withPage(deps, request, { refusal: unproven, next: `open ${request.id}` });
  }
  const { rule, ...ready } = holds;
  const { expireAfterMs, approvers, channel } = rule;
  return { ...act, ...ready, waits: { expireAfterMs, approvers, channel } };
}
