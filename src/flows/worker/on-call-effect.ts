// A shift is over, or people are about to be called: a waiting request's cards are to say who is on call now.

import type { Deps } from "../deps.ts";
import { onDutyOf } from "../requests/on-duty.ts";
import type { LeasedRequest } from "./leased-request.ts";

export async function onCallEffect(
  deps: Pick<Deps, "onCall" | "policy">,
  leased: LeasedRequest,
): Promise<void> {
  const request = leased.current();
  if (request.state !== "pending") return;
  await leased.news({ act: "on-call", onDuty: await onDutyOf(deps, deps.policy(), request) });
}
