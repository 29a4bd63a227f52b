// What only admins may do to everybody's access, looked up as for a decision.

import { isRefusal, type Refusal, refuse } from "../../domain/text/refusal.ts";
import type { Sender } from "../../ports/inbound.ts";
import type { Deps } from "../deps.ts";
import { DECIDING_AGE_MS, refuseSharedChannel } from "../people/people.ts";
import { visibilityFor } from "../requests/visibility.ts";

type Needs = Pick<Deps, "requests" | "absences" | "storeClock" | "chat" | "onCall" | "policy">;

export async function refuseNonAdmins(
  deps: Needs,
  sender: Sender,
  what: string,
): Promise<Refusal | undefined> {
  const shared = await refuseSharedChannel(deps.chat, sender.channel);
  if (shared !== undefined) return shared;
  const sight = await visibilityFor(deps, sender, { personAgeMs: DECIDING_AGE_MS });
  if (isRefusal(sight)) return sight;
  return sight.isAdmin ? undefined : refuse("not-yours")`Only admins can ${what}.`;
}
