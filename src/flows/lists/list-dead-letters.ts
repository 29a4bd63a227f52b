// The dead letters as an admin is shown them: requests with what can be done about each, and whatever else is parked.

import { parseRequestId } from "../../domain/text/ids.ts";
import { isFault } from "../../ports/fault.ts";
import type { Entry, Parked } from "../../ports/screens/screens.ts";
import type { ParkedWork } from "../../ports/storage/dead-letters.ts";
import type { Requests } from "../../ports/storage/requests.ts";
import type { Deps } from "../deps.ts";
import type { Visibility } from "../requests/visibility.ts";

export async function parkedFor(
  { deadLetters, requests }: Pick<Deps, "deadLetters" | "requests">,
  visibility: Visibility,
  most: number,
): Promise<Parked> {
  const { count, some } = await deadLetters.list(most);
  const looked = await Promise.all(some.map((parked) => entryOf(requests, visibility, parked)));
  return {
    count,
    requests: looked.filter((one): one is Entry => "request" in one),
    others: looked.filter((one): one is ParkedWork => "member" in one),
  };
}

/** What can't be read, or says nothing of being parked, is shown as it is listed. */
async function entryOf(
  requests: Requests,
  visibility: Visibility,
  parked: ParkedWork,
): Promise<Entry | ParkedWork> {
  const id = parseRequestId(parked.member);
  if (id === undefined) return parked;
  try {
    const stored = await requests.read(id);
    return stored?.request.deadLetter === undefined ? parked : visibility.entryOf(stored.request);
  } catch (thrown) {
    if (isFault(thrown) && thrown.code === "Unreadable") return parked;
    throw thrown;
  }
}
