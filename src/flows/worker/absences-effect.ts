// Somebody who was away is back: a waiting request's cards are to say who is away now.

import { waiting } from "../../domain/request/effects.ts";
import { isFault } from "../../ports/fault.ts";
import type { Deps } from "../deps.ts";
import { absentOf } from "../requests/approver-absences.ts";
import type { LeasedRequest } from "./leased-request.ts";

/** Nothing depends on it but what the cards say. */
const LOOK_AGAIN_MS = 30_000;

export async function absencesEffect(
  deps: Pick<Deps, "absences" | "chat" | "policy">,
  held: LeasedRequest,
): Promise<void> {
  const request = held.current();
  if (request.state !== "pending") return;
  try {
    const absent = await absentOf(deps, deps.policy(), request);
    return await held.news({ act: "absences", absent });
  } catch (thrown) {
    if (!isFault(thrown) || thrown.world !== "slack") throw thrown;
    const nextAtMs = held.nowMs() + LOOK_AGAIN_MS;
    await held.record((now) => waiting(now, "absences", nextAtMs));
  }
}
