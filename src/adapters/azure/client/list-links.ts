// The links from page to page of a list: one that was followed before leads in a circle.

import { Fault } from "../../../ports/fault.ts";

/** Answers the link to follow, or `undefined` at the end. Throws a `Fault` for one that it answered before. */
export function listLinks(): (link: unknown) => string | undefined {
  const followed = new Set<string>();
  return (link) => {
    if (typeof link !== "string" || link === "") return undefined;
    if (!followed.has(link)) {
      followed.add(link);
      return link;
    }
    throw new Fault({
      source: "azure",
      code: "RepeatedLink",
      message: `Azure's list leads in a circle: page ${followed.size} points back to an earlier one.`,
      retryable: true,
    });
  };
}
