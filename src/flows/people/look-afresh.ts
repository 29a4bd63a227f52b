// A no by what was known for a while is looked at afresh before it is said: somebody may have been added to a
// group, or let back in, since it was read. Even a flood of those who may not costs Slack little.

import type { UserId } from "../../domain/text/ids.ts";
import { isRefusal, type Refusal } from "../../domain/text/refusal.ts";
import type { Chat } from "../../ports/chat.ts";
import type { Sender } from "../../ports/inbound.ts";
import type { PersonLimits } from "../limits/person-limits.ts";
import { DECIDING_AGE_MS, KNOWN_AGE_MS, refuseOutsiders, SEEING_AGE_MS } from "./people.ts";

type Limited = {
  /** Left out: what is known counts. */
  readonly limits?: PersonLimits | undefined;
};

type Known<Answer> = {
  readonly user: UserId;
  /** Answers by what is known, or by what is read now. */
  readonly check: (as: "known" | "now") => Promise<Answer>;
  readonly isNo: (answer: Answer) => boolean;
};

/** What `check` answers, and never a no that is old, unless this person had too many looks lately. */
export async function lookingAfresh<Answer>(
  { limits }: Limited,
  { user, check, isNo }: Known<Answer>,
): Promise<Answer> {
  const known = await check("known");
  if (!isNo(known) || limits === undefined) return known;
  if (limits.take(user, "no") !== undefined) return known;
  const now = await check("now");
  // The no that is known stands where Slack can't tell: that is no yes.
  return isRefusal(now) && now.refused === "cannot-check" ? known : now;
}

/** How old what says no may be, where it's looked at a second time anyway. */
export const freshNoAgeMs = ({ limits }: Limited, user: UserId): number =>
  limits === undefined || limits.take(user, "no") !== undefined ? SEEING_AGE_MS : DECIDING_AGE_MS;

/** Refusals that a change of somebody's account takes away. */
const ABOUT_PERSON: ReadonlySet<string> = new Set(["not-a-full-member", "other-workspace"]);

/** Refuses outsiders by what is known of them. Where something comes of it, a yes is asked afresh. */
export const refuseKnownOutsiders = (
  deps: Limited & { readonly chat: Pick<Chat, "person"> },
  sender: Pick<Sender, "user" | "outsider">,
  maxAgeMs = KNOWN_AGE_MS,
): Promise<Refusal | undefined> =>
  lookingAfresh(deps, {
    user: sender.user,
    check: (as) => refuseOutsiders(deps.chat, sender, as === "known" ? maxAgeMs : DECIDING_AGE_MS),
    isNo: (no) => !sender.outsider && no !== undefined && ABOUT_PERSON.has(no.refused),
  });
