// The dead letters as an admin is shown them: requests with what can be done about each, and whatever else is parked.

import { parseRequestId } from "../../domain/text/ids.ts";
import { isFault } from "../../ports/fault.ts";
import type { Entry, Parked } from "../../ports/screens.ts";
import type { Aside } from "../../ports/storage/dead-letters.ts";
import type { Deps } from "../deps.ts";
import type { Visibility } from "../requests/visibility.ts";

export async function parkedFor(
  { store }: Pick<Deps, "store">,
  sight: Visibility,
  most: number,
): Promise<Parked> {
  const { count, some } = await store.listAside(most);
  const looked = await Promise.all(some.map((aside) => entryOf(store, sight, aside)));
  return {
    count,
    requests: looked.filter((one): one is Entry => "request" in one),
    others: looked.filter((one): one is Aside => "member" in one),
  };
}

/** What cannot be read, or says nothing of being parked, is shown as it is listed. */
async function entryOf(
  store: Deps["store"],
  sight: Visibility,
  aside: Aside,
): Promise<Entry | Aside> {
  const id = parseRequestId(aside.member);
  if (id === undefined) return aside;
  try {
    const kept = await store.read(id);
    return kept?.request.deadLetter === undefined ? aside : sight.entryOf(kept.request);
  } catch (thrown) {
    if (isFault(thrown) && thrown.code === "Unreadable") return aside;
    throw thrown;
  }
}
