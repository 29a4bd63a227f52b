// Tells something that is no request's: to the audit and in channels, once over all replicas until it changes.

import type { OnCommitted } from "../../ports/commit-heard.ts";
import type { Announcements, News, Topic } from "../../ports/storage/announcements.ts";

export type Announcing = {
  readonly announcements: Announcements;
  readonly onCommitted: OnCommitted;
};

/** "repeated": another replica has announced it, and nothing was written. */
export async function announce(
  { announcements, onCommitted }: Announcing,
  topic: Topic,
  news: News,
): Promise<"announced" | "repeated"> {
  const announced = await announcements.announce(topic, news);
  if (announced === "announced" && news.note !== undefined) onCommitted({ audit: [news.note] });
  return announced;
}
