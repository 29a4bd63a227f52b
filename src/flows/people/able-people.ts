// Which of the people that a rule names could decide: full members whom Slack knows, and never the requester.

import type { People } from "../../domain/rules/policy.ts";
import type { UserId } from "../../domain/text/ids.ts";
import type { Chat, Person } from "../../ports/chat.ts";
import { isFault } from "../../ports/fault.ts";
import { SHOWING_AGE_MS } from "./people.ts";

/** A private card for each of at most this many people: a group of hundreds isn't woken. */
export const PRIVATE_CARDS_MAX = 60;

/** Looked up side by side; who is full hardly ever changes, so most answers come from memory. */
const AT_ONCE = 20;

type Needs = { readonly chat: Pick<Chat, "person"> };

/**
 * Those of `users` who could decide about what `requester` asked, at most `most`, in their order. Whom Slack
 * doesn't tell about now counts as able: nobody is passed over because of a fault.
 */
export async function ableOf(
  deps: Needs,
  { users, requester }: { readonly users: readonly UserId[]; readonly requester: UserId },
  most = Number.POSITIVE_INFINITY,
): Promise<readonly UserId[]> {
  const own = (await known(deps, requester))?.identity ?? requester;
  const isAble = async (user: UserId): Promise<boolean> => {
    if (user === requester) return false;
    const person = await known(deps, user);
    return person === UNTOLD || (person?.kind === "full" && person.identity !== own);
  };
  const able: UserId[] = [];
  for (let from = 0; from < users.length && able.length < most; from += AT_ONCE) {
    const some = users.slice(from, from + AT_ONCE);
    const answers = await Promise.all(some.map(isAble));
    able.push(...some.filter((_, index) => answers[index]));
  }
  return able.slice(0, most);
}

/** The people without those who are named by themselves and couldn't decide; groups stay as they are. */
export async function withoutUnable(
  deps: Needs,
  people: People,
  requester: UserId,
): Promise<People> {
  // That the requester decides nothing is said where the people are shown.
  const others = people.users.filter((user) => user !== requester);
  const able = new Set(await ableOf(deps, { users: others, requester }));
  return { ...people, users: people.users.filter((user) => user === requester || able.has(user)) };
}

/** Slack didn't tell. */
const UNTOLD = { kind: "untold", identity: undefined } as const;

async function known({ chat }: Needs, user: UserId): Promise<Person | typeof UNTOLD | undefined> {
  try {
    return await chat.person(user, SHOWING_AGE_MS);
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return UNTOLD;
  }
}
