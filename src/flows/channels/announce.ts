// Tells something that is no request's: to the audit and in channels, once over all replicas until it changes.

import type { OnCommitted } from "../../ports/storage/commit-heard.ts";
import type { News, PolicyTopic, Store } from "../../ports/storage/store.ts";

export type Announcing = {
  readonly store: Pick<Store, "announce">;
  readonly onCommitted: OnCommitted;
};

/** "repeated": another replica has announced it, and nothing was written. */
export async function announce(
  { store, onCommitted }: Announcing,
  matter: PolicyTopic,
  news: News,
): Promise<"announced" | "repeated"> {
  const announced = await store.announce(matter, news);
  if (announced === "announced" && news.note !== undefined) onCommitted({ audit: [news.note] });
  return announced;
}
