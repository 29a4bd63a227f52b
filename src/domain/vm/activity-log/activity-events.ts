// What the Activity Log tells of JIT: its events put together by what was done, and whose doing each was. Pure.

import { MINUTE_MS } from "../../text/duration.ts";
import { callsIn, type LoggedCall, type ReportedAs } from "./activity-calls.ts";
import type { ActivityEvent, ActivityKind } from "./activity-event.ts";
import type { OwnCall } from "./own-call-id.ts";

/** One thing that was done. */
export type Activity = {
  /** Of each of its events, and of the bot's own call: tell it from all others, for good. */
  readonly marks: readonly string[];
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

/** Whether an event shows a call of the bot's own, as its client request id, policy, kind and time say. */
export type OwnCallOf = (event: ActivityEvent) => OwnCall | undefined;

/** Azure's accepting comes before its result, and an event without an id beside one that has it: if soon. */
const REST_WITHIN_MS = MINUTE_MS;

/** One event of each call stands for it, so that what was told can be counted; the others are its parts. */
const callMark = ({ eventId }: ActivityEvent): string => `event|${eventId}`.toLowerCase();
const partMark = ({ eventId }: ActivityEvent): string => `part|${eventId}`.toLowerCase();
const ownMark = (clientRequestId: string): string =>
  `own|${clientRequestId.toLowerCase().replace(/[{}-]/g, "")}`;

/** Everything by which something of these events may have been told before. */
export const marksIn = (events: readonly ActivityEvent[]): readonly string[] => [
  ...new Set(
    events.flatMap((event) => [
      callMark(event),
      partMark(event),
      ...(event.clientRequestId === "" ? [] : [ownMark(event.clientRequestId)]),
    ]),
  ),
];

export type ReportedBefore = {
  readonly nowMs: number;
  readonly ownCall: OwnCallOf;
  /** By its mark, whether it was told in an earlier reading. */
  readonly isReported: (mark: string) => boolean;
};

export type Unreported = {
  /** In the order in which they happened. */
  readonly activities: readonly Activity[];
  /** Of events that came after what they are about was told: to be remembered with the rest. */
  readonly late: readonly { readonly mark: string; readonly atMs: number }[];
};

/**
 * What the events tell that wasn't told before: the bot's own calls, whatever became of them, and what
 * others did, not what they failed to do. What can't be judged yet is left for a later reading. An id of
 * the bot's own is good for one call, the first: a second use is somebody else's.
 */
export function unreportedIn(events: readonly ActivityEvent[], before: ReportedBefore): Unreported {
  const { isReported, ownCall, nowMs } = before;
  const reportedAs: ReportedAs = (event) =>
    isReported(callMark(event)) ? "call" : isReported(partMark(event)) ? "part" : undefined;
  const claimed = new Set<string>();
  const activities: Activity[] = [];
  const late: { mark: string; atMs: number }[] = [];
  const isOwn = (event: ActivityEvent) =>
    event.clientRequestId !== "" && ownCall(event) !== undefined;
  for (const call of callsIn(events, { reportedAs, isOwn })) {
    const own = ownOf(call, ownCall);
    const isTaken =
      own !== undefined && (claimed.has(own.mark) || (!call.isReported && isReported(own.mark)));
    if (own !== undefined) claimed.add(own.mark);
    if (call.isReported) {
      const parts = call.events.filter((event) => reportedAs(event) === undefined);
      late.push(...parts.map((event) => ({ mark: partMark(event), atMs: event.atMs })));
      continue;
    }
    const activity = activityOf(call, isTaken ? undefined : own, nowMs);
    if (activity !== undefined) activities.push(activity);
  }
  return { activities, late };
}

type Own = { readonly call: OwnCall; readonly mark: string };

function ownOf(call: LoggedCall, ownCall: OwnCallOf): Own | undefined {
  for (const event of call.events) {
    const own = event.clientRequestId === "" ? undefined : ownCall(event);
    if (own !== undefined) return { call: own, mark: ownMark(event.clientRequestId) };
  }
  return undefined;
}

function activityOf(
  { events }: LoggedCall,
  own: Own | undefined,
  nowMs: number,
): Activity | undefined {
  const [{ kind, policyId, correlationId, atMs }] = events;
  const isFresh = nowMs - atMs < REST_WITHIN_MS;
  const furthest = STATUSES.map((status) => events.find((one) => isSaid(one, status))).find(
    Boolean,
  );
  const status = STATUSES.find((known) => furthest !== undefined && isSaid(furthest, known));
  const caller = events.find((one) => one.caller !== "")?.caller ?? "";
  const hasId = events.some((one) => one.clientRequestId !== "");
  // The bot is no person, and a person isn't waited for: whether it was the bot, only an id tells.
  const isUnknown = !hasId && isFresh && !caller.includes("@");
  const isDone = own === undefined ? status !== "Failed" : status !== "Accepted" || !isFresh;
  if (status === undefined || isUnknown || !isDone) return undefined;
  const marks = [
    ...events.map((event) => (event === furthest ? callMark(event) : partMark(event))),
    ...(own === undefined ? [] : [own.mark]),
  ];
  return { marks, kind, policyId, correlationId, caller, atMs, status, own: own?.call };
}

/** From the furthest; one that has only started may still come to nothing. */
const STATUSES = ["Succeeded", "Failed", "Accepted"] as const;

const isSaid = ({ status }: ActivityEvent, known: string): boolean =>
  status.toLowerCase() === known.toLowerCase();
