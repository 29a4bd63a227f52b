// Whether somebody may use a command here, and whether the request that it names is there for them.

import type { UserId } from "../request/ids.ts";
import { isRefusal, type Refusal } from "../request/refusal.ts";
import type { AccessRequest } from "../request/request.ts";
import { includes } from "../request/rules.ts";
import type { Deps } from "./deps.ts";
import type { Sender } from "./desk.ts";
import { approversInForce } from "./in-force.ts";
import {
  membersOf,
  orCannotCheck,
  refuseOutsiders,
  refuseSharedChannel,
  SHOWING_AGE_MS,
} from "./people.ts";

/** Refuses whoever may not use commands here: outsiders, and everybody where outsiders read along. */
export async function refuseCommand(deps: Deps, sender: Sender): Promise<Refusal | undefined> {
  return (
    (await refuseOutsiders(deps.chat, sender)) ??
    (await refuseSharedChannel(deps.chat, sender.channel))
  );
}

/**
 * Whether a request that was named by its id is there for this person: an id can be guessed, and nothing
 * is told to who guesses. Where Slack cannot tell what they see, the answer is the same for any id.
 */
export async function sees(
  deps: Deps,
  user: UserId,
  request: AccessRequest | undefined,
): Promise<boolean | Refusal> {
  if (request?.ask.requester === user) return true;
  const policy = deps.policy();
  const { admins, auditors, rules } = policy;
  const deciding = rules.flatMap(({ approvers, escalate }) => [
    ...approvers.groups,
    ...(escalate?.to.groups ?? []),
  ]);
  const groups = [...admins.groups, ...auditors.groups, ...deciding];
  const members = await orCannotCheck(() => membersOf(deps.chat, groups, SHOWING_AGE_MS));
  if (isRefusal(members)) return members;
  return (
    request !== undefined &&
    [admins, auditors, approversInForce(deps, policy, request)].some((people) =>
      includes(people, user, members),
    )
  );
}
