// What a person can do about a request now, for the buttons of lists: asked of the very code that decides.

import type { Policy } from "../rules/policy.ts";
import type { UserId } from "../text/ids.ts";
import { isRefusal } from "../text/refusal.ts";
import type { PersonAct, Standing } from "./acts/person-act.ts";
import { mayRetry } from "./acts/retry-act.ts";
import { type AccessRequest, isOver } from "./request.ts";
import { transition } from "./transition.ts";

/** In the order in which they are shown. `decide`: on the card, where all that is asked for stands. */
export const OFFERS = [
  "decide",
  "extend",
  "end",
  "retry",
  "review-ok",
  "review-concern",
  "cancel",
  "requeue",
] as const;
export type Offer = (typeof OFFERS)[number];

export type OfferedTo = { readonly user: UserId; readonly standing: Standing };

/** Everything is checked again when it is pressed. */
export function offersTo(
  request: AccessRequest,
  { user, standing }: OfferedTo,
  now: { readonly policy: Pick<Policy, "endEarly" | "rules">; readonly nowMs: number },
): readonly Offer[] {
  const who = { by: user, standing };
  const isTaken = (act: PersonAct): boolean => !isRefusal(transition(request, act, now.nowMs));
  const may: Readonly<Record<Offer, boolean>> = {
    decide: isTaken({ ...who, act: "deny", reason: "" }),
    extend: mayBeExtended(request, user, now),
    end: now.policy.endEarly !== "off" && isTaken({ ...who, act: "end" }),
    retry: isTaken({ ...who, act: "retry", needed: 0, stillApprovers: [], policyHash: "" }),
    "review-ok": isTaken({ ...who, act: "review", verdict: "ok", text: "" }),
    "review-concern": isTaken({ ...who, act: "review", verdict: "concern", text: "…" }),
    cancel: isTaken({ ...who, act: "cancel" }),
    requeue: isTaken({ ...who, act: "requeue" }),
  };
  return OFFERS.filter((offer) => may[offer]);
}

/** Whether it still goes on: not over, and of the failed only what can be retried. */
export function goesOn(request: AccessRequest, nowMs: number): boolean {
  return request.state === "failed" ? mayRetry(request, nowMs) : !isOver(request);
}

/** As far as can be seen from here: how long a chain of extensions is, is counted when it is asked. */
function mayBeExtended(
  request: AccessRequest,
  user: UserId,
  { policy, nowMs }: { readonly policy: Pick<Policy, "rules">; readonly nowMs: number },
): boolean {
  const { ask, promised } = request;
  if (ask.requester !== user || request.state !== "open") return false;
  if (nowMs >= request.grant.endsAtMs) return false;
  const most = policy.rules.find((rule) => rule.name === promised.rule)?.extend?.max ?? 0;
  return most > (ask.extends === undefined ? 0 : 1);
}
