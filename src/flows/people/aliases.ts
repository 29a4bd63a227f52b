// One person with several ids in Slack: in an Enterprise Grid each workspace may know them by one of its own.

import type { AccessRequest } from "../../domain/request/request.ts";
import type { UserId } from "../../domain/text/ids.ts";
import type { Deps } from "../deps.ts";

/** Which ids are one person's hardly ever changes, so it costs no call for each click. */
const IDENTITY_AGE_MS = 60 * 60_000;

/**
 * The ids of the requester and the approvers that are this person's, too. Throws a `Fault` where
 * Slack doesn't tell who one of them is.
 */
export async function aliasesOf(
  { chat }: Pick<Deps, "chat">,
  user: UserId,
  { ask, approvals }: Pick<AccessRequest, "ask" | "approvals">,
): Promise<readonly UserId[]> {
  const seats = approvals.flatMap((one) => (one.for === undefined ? [one.by] : [one.by, one.for]));
  const others = new Set([ask.requester, ...seats]);
  if (others.delete(user) && others.size === 0) return [];
  const identity = async (id: UserId) => (await chat.person(id, IDENTITY_AGE_MS))?.identity ?? id;
  const [own, ...all] = await Promise.all([user, ...others].map(identity));
  return [...others].filter((_, index) => all[index] === own);
}
