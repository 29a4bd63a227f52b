// What the Activity Log tells of JIT: its events put together by what was done, and whose doing each was. Pure.

import type { OwnCall } from "./audit/call-id.ts";
import { MINUTE_MS } from "./duration.ts";

/** Access was opened through a policy, a policy was written (made or changed), or deleted. */
export type ActivityKind = "opened" | "written" | "deleted";

/** One event as Azure tells it; the same call makes several. What is not told is empty. */
export type ActivityEvent = {
  readonly atMs: number;
  readonly kind: ActivityKind;
  /** The policy's resource id as Azure spells it here. */
  readonly policyId: string;
  readonly correlationId: string;
  /** Whoever called: a person's name, or the id of an application. */
  readonly caller: string;
  /** What the caller sent as `x-ms-client-request-id`. */
  readonly clientRequestId: string;
  /** `Started`, `Accepted`, `Succeeded`, `Failed`, or whatever else Azure says. */
  readonly status: string;
};

/** One thing that was done. */
export type Activity = {
  /** Tells it from all others, for good. */
  readonly mark: string;
  readonly kind: ActivityKind;
  readonly policyId: string;
  readonly correlationId: string;
  readonly caller: string;
  /** When it began. */
  readonly atMs: number;
  /** The furthest that was heard of it. */
  readonly status: string;
  /** `undefined`: not the bot's own. */
  readonly own: OwnCall | undefined;
};

/** Azure's accepting comes before its result, and an event without an id beside one that has it: if soon. */
const REST_WITHIN_MS = MINUTE_MS;

/**
 * What the events tell, in the order in which it happened: the bot's own calls, whatever became of them,
 * and what others did, not what they failed to do. What cannot be judged yet is left for a later reading.
 */
export function activitiesIn(
  events: readonly ActivityEvent[],
  { nowMs, ownCall }: { nowMs: number; ownCall: (clientRequestId: string) => OwnCall | undefined },
): readonly Activity[] {
  const together = Map.groupBy(events, markOf);
  return [...together]
    .flatMap(([mark, its]) => activityOf(mark, its, { nowMs, ownCall }))
    .sort((one, other) => one.atMs - other.atMs);
}

const markOf = ({ correlationId, kind, policyId }: ActivityEvent): string =>
  [correlationId, kind, policyId].join("|").toLowerCase();

function activityOf(
  mark: string,
  events: readonly ActivityEvent[],
  { nowMs, ownCall }: Parameters<typeof activitiesIn>[1],
): readonly Activity[] {
  const [first, ...later] = events.toSorted((one, other) => one.atMs - other.atMs);
  if (first === undefined) return [];
  const all = [first, ...later];
  const ids = all.map((one) => one.clientRequestId).filter((id) => id !== "");
  const own = ids.map(ownCall).find((one) => one !== undefined);
  const isFresh = nowMs - first.atMs < REST_WITHIN_MS;
  const status = STATUSES.find((known) => all.some((one) => isSaid(one, known)));
  const caller = all.find((one) => one.caller !== "")?.caller ?? "";
  // The bot is no person, and a person is not waited for: whether it was the bot, only an id tells.
  const isUnknown = ids.length === 0 && isFresh && !caller.includes("@");
  const isDone = own === undefined ? status !== "Failed" : status !== "Accepted" || !isFresh;
  if (status === undefined || isUnknown || !isDone) return [];
  const { kind, policyId, correlationId, atMs } = first;
  return [{ mark, kind, policyId, correlationId, caller, atMs, status, own }];
}

/** From the furthest; one that has only started may still come to nothing. */
const STATUSES = ["Succeeded", "Failed", "Accepted"] as const;

const isSaid = ({ status }: ActivityEvent, known: string): boolean =>
  status.toLowerCase() === known.toLowerCase();
