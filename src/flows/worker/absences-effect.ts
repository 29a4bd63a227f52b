// Somebody who was away is back: a waiting request's cards are to say who is away now.

import { waiting } from "../../domain/request/effects.ts";
import { isFault } from "../../ports/fault.ts";
import type { Deps } from "../deps.ts";
import { absentOf } from "../requests/approver-absences.ts";
import type { LeasedRequest } from "./leased-request.ts";

/** Nothing depends on it but what the cards say. */
const LOOK_AGAIN_MS = 30_000;

export async function absencesEffect(
  deps: Pick<Deps, "absences" | "chat" | "onCall" | "policy">,
  leased: LeasedRequest,
): Promise<void> {
  const request = leased.current();
  if (request.state !== "pending") return;
  try {
    const absent = await absentOf(deps, deps.policy(), request);
    return await leased.news({ act: "absences", absent });
  } catch (thrown) {
    if (!isFault(thrown) || thrown.source !== "slack") throw thrown;
    const nextAtMs = leased.nowMs() + LOOK_AGAIN_MS;
    await leased.record((now) => waiting(now, "absences", nextAtMs));
  }
}
