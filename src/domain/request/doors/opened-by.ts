// Which entries of a policy an opening in the Activity Log made: the log says who and when, the policy what. Pure.

import { MINUTE_MS } from "../../text/duration.ts";
import type { Activity } from "../../vm/activity-log/activity-events.ts";
import type { JitEntry } from "../../vm/vm.ts";
import { idInJustification } from "./doors.ts";

/** Azure writes the entry within this of taking the call. */
const WRITTEN_WITHIN_MS = 2 * MINUTE_MS;

/**
 * The entries of one request: of those that began about then, preferably by that caller and not with the
 * justification of the bot's own, the nearest. `taken`: those that others made. Empty: the policy doesn't
 * show it (any more).
 */
export function openedBy(
  { caller, atMs }: Pick<Activity, "caller" | "atMs">,
  entries: readonly JitEntry[],
  taken: ReadonlySet<JitEntry> = new Set(),
): readonly JitEntry[] {
  const near = entries.filter(
    (entry) => offMs(entry, atMs) <= WRITTEN_WITHIN_MS && !taken.has(entry),
  );
  const requests = [...Map.groupBy(near, requestOf).values()];
  const rank = ([entry]: readonly JitEntry[]): number => {
    if (entry === undefined) return Infinity;
    const isByCaller = entry.requestor.toLowerCase() === caller.toLowerCase();
    // Anybody can write such a justification, and the bot is no person.
    const isTheirs = isByCaller && caller.includes("@");
    const isOurs = !isTheirs && idInJustification(entry.justification) !== undefined;
    // Whole minutes apart from each other: first whose, then when.
    return (isByCaller ? 0 : 4 * MINUTE_MS) + (isOurs ? 8 * MINUTE_MS : 0) + offMs(entry, atMs);
  };
  return requests.toSorted((one, other) => rank(one) - rank(other))[0] ?? [];
}

const offMs = ({ startedAtMs }: JitEntry, atMs: number): number => Math.abs(startedAtMs - atMs);

const requestOf = ({ nth, startedAtMs, requestor, justification }: JitEntry): string =>
  [nth, startedAtMs, requestor, justification].join("\n");
