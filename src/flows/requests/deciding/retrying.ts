// Retry: what failed is opened again, if it could still be granted as things are now.

import type { PersonAct } from "../../../domain/request/acts/person-act.ts";
import type { Grant } from "../../../domain/request/grant.ts";
import { bareRetry, refusalOf } from "../../../domain/request/offers.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import { isHeldByFreeze, refuseFrozen } from "../../../domain/rules/freeze.ts";
import { formatDuration } from "../../../domain/text/duration.ts";
import { isRefusal, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import type { Deps } from "../../deps.ts";
import { orCannotCheck } from "../../people/people.ts";
import { refuseUnproven, withPage } from "../../people/proven-still.ts";
import type { Actor } from "./intent.ts";
import { groundsNow, stillHolds } from "./still-holds.ts";

type Needs = Pick<
  Deps,
  "requests" | "absences" | "freezes" | "azure" | "chat" | "onCall" | "policy" | "page" | "random"
>;

export async function retrying(
  deps: Needs,
  { who, roles, policy, members }: Actor,
  { request, nowMs }: { readonly request: AccessRequest; readonly nowMs: number },
): Promise<PersonAct | Refusal> {
  const act = bareRetry({ ...who, roles }, policy.hash);
  // Someone who can't retry it anyway costs Azure nothing and learns nothing.
  const refusal = refusalOf(request, act, nowMs);
  if (refusal !== undefined) return refusal;
  if (request.state !== "failed") throw new Error("only what failed is retried");
  const freeze = await orCannotCheck(() => deps.freezes.now());
  if (isRefusal(freeze)) return freeze;
  if (freeze !== undefined && isHeldByFreeze(request)) return refuseFrozen(freeze);
  const grounds = await groundsNow(deps, { policy, nowMs }, request);
  if (isRefusal(grounds)) return grounds;
  const holds = await stillHolds(deps, { policy, request, members }, { grounds });
  if (isRefusal(holds)) return holds;
  const unproven = await refuseUnproven(deps, request);
  if (unproven !== undefined) {
    return who.by === request.ask.requester
      ? withPage(deps, request, { refusal: unproven, next: `retry ${request.id}` })
      : unproven;
  }
  const tooLong = refuseTooLong(request.grant, { ...holds, id: request.id, nowMs });
  if (tooLong !== undefined) return tooLong;
  const { expireAfterMs, approvers, channel } = grounds.rule;
  return {
    ...act,
    needed: request.ask.breakGlass === true ? 0 : holds.needed,
    stillApprovers: holds.stillApprovers,
    ...(holds.jitPolicyId !== undefined && { jitPolicyId: holds.jitPolicyId }),
    waits: { expireAfterMs, approvers, channel },
  };
}

/** The end doesn't move, so it must still be near enough. */
function refuseTooLong(
  { endsAtMs }: Grant,
  { longestMs, id, nowMs }: { longestMs: number; id: string; nowMs: number },
): Refusal | undefined {
  if (endsAtMs - nowMs <= longestMs) return undefined;
  return refuse(
    "too-long",
  )`Azure allows at most ${formatDuration(longestMs)} from now, and the end of ${id} doesn't move: request it again.`;
}
