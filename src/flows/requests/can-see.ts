// Whether somebody may use a command here, and whether the request that it names is there for them.

import type { AccessRequest } from "../../domain/request/request.ts";
import type { UserId } from "../../domain/text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../domain/text/refusal.ts";
import type { Sender } from "../../ports/inbound.ts";
import type { Deps } from "../deps.ts";
import { refuseKnownOutsiders } from "../people/look-afresh.ts";
import { DECIDING_AGE_MS, refuseSharedChannel, SHOWING_AGE_MS } from "../people/people.ts";
import { adminOrNot, visibilityOf } from "./visibility.ts";

type Needs = Pick<
  Deps,
  "absences" | "requests" | "storeClock" | "chat" | "onCall" | "policy" | "limits"
>;

/**
 * Refuses people who can't use commands here: outsiders, and everybody where outsiders read along. Who
 * somebody is may have been known for a minute; where something comes of it, it is asked afresh.
 *
 * For a command that anybody of the workspace may use and that shows nothing of others. One that shows requests,
 * VMs or entries asks `refuseSharedChannel` and `visibilityFor`, one for admins `refuseNonAdmins`; `decide` asks
 * by itself. A button asks `refuseOutsiders`: where its card or list stands was asked when that was posted.
 */
export async function refuseCommand(deps: Needs, sender: Sender): Promise<Refusal | undefined> {
  return (
    (await refuseKnownOutsiders(deps, sender)) ??
    (await refuseSharedChannel(deps.chat, sender.channel))
  );
}

/**
 * Refuses everybody but admins, who are looked up as for a decision, and admins where outsiders read along. For what
 * only admins do, by command or button. `what`: "change JIT policies".
 */
export async function refuseNonAdmins(
  deps: Needs,
  sender: Sender,
  what: string,
): Promise<Refusal | undefined> {
  const shared = await refuseSharedChannel(deps.chat, sender.channel);
  if (shared !== undefined) return shared;
  const visibility = await adminOrNot(deps, sender, { personAgeMs: DECIDING_AGE_MS });
  if (isRefusal(visibility)) return visibility;
  return visibility.isAdmin ? undefined : refuse("not-yours")`Only admins can ${what}.`;
}

/**
 * Whether a request that was named by its id is there for this person: an id can be guessed, and nothing
 * is told to who guesses. Where Slack can't tell what they see, the answer is the same for any id.
 */
export async function canSeeRequest(
  deps: Needs,
  user: UserId,
  request: AccessRequest | undefined,
): Promise<boolean | Refusal> {
  if (request?.ask.requester === user) return true;
  // Who they are was asked before they were let in here.
  const who = { user, outsider: false };
  const visibility = await visibilityOf(deps, who, request, { personAgeMs: SHOWING_AGE_MS });
  return isRefusal(visibility) ? visibility : request !== undefined && visibility.canSee(request);
}
