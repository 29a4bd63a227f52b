// Whose an e-mail address of Azure's is: by the policy file's `people.map`, and by what Slack confirmed.

import type { UserId } from "../../domain/text/ids.ts";
import type { Person } from "../../ports/chat.ts";
import type { Deps } from "../deps.ts";
import { KNOWN_AGE_MS, SHOWING_AGE_MS } from "./people.ts";

type Needs = Pick<Deps, "chat" | "policy">;

const mapped = ({ policy }: Needs): ReadonlyMap<string, UserId> =>
  new Map(Object.entries(policy().people?.map ?? {}));

/** A person, and not an app of Azure's, which has no address. */
export const isAddress = (requestor: string): boolean => requestor.includes("@");

/** The full member with that address; `undefined`: nobody, as far as is known. Throws a `Fault` of Slack's. */
export async function memberAt(deps: Needs, address: string): Promise<UserId | undefined> {
  const person = await personAt(deps, address.toLowerCase());
  return person?.kind === "full" ? person.id : undefined;
}

async function personAt(deps: Needs, address: string): Promise<Person | undefined> {
  const user = mapped(deps).get(address);
  if (user !== undefined) return deps.chat.person(user, SHOWING_AGE_MS);
  const person = await deps.chat.personByAddress(address, SHOWING_AGE_MS);
  // Slack finds people by addresses that they never confirmed, too.
  return person?.email === undefined ? undefined : person;
}

/**
 * Whether the address is this person's; `unknown`: none of theirs is known to compare it with. Throws a
 * `Fault` of Slack's.
 */
export async function isTheirs(
  deps: Needs,
  user: UserId,
  requestor: string,
): Promise<boolean | "unknown"> {
  const address = requestor.toLowerCase();
  const { chat } = deps;
  const person = await chat.person(user, KNOWN_AGE_MS);
  const identity = person?.identity ?? user;
  const map = mapped(deps);
  const named = map.get(address);
  if (named === user) return true;
  if (named !== undefined) {
    const other = await chat.person(named, KNOWN_AGE_MS);
    if ((other?.identity ?? named) === identity) return true;
  }
  if (person?.email?.toLowerCase() === address) return true;
  const isKnown = named !== undefined || person?.email !== undefined;
  return isKnown || [...map.values()].includes(user) ? false : "unknown";
}
