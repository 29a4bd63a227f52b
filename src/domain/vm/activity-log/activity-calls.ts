// Puts the Activity Log's events together by the call that each is about. Azure shows several of a call, and
// a caller can give many calls the same correlation id and the same client request id: so each event is
// told by its own id, and of two that can't be of one call, such as two beginnings, there were two calls. Pure.

import { MINUTE_MS } from "../../text/duration.ts";
import type { ActivityEvent } from "./activity-event.ts";

/** How an event was told in an earlier reading: as the one that stands for its call, or as another of a call. */
export type ReportedAs = (event: ActivityEvent) => "call" | "part" | undefined;

/** Whether an event has a client request id of the bot's own, and that is for it. */
type IsOwn = (event: ActivityEvent) => boolean;

type Known = { readonly reportedAs: ReportedAs; readonly isOwn: IsOwn };

export type LoggedCall = {
  /** In the order in which they happened. */
  readonly events: readonly [ActivityEvent, ...ActivityEvent[]];
  readonly isReported: boolean;
};

/** From the first event of a call to its last. */
const CALL_WITHIN_MS = 10 * MINUTE_MS;

/** What a call goes through, in this order and once; other statuses say nothing of how many calls there were. */
const PHASES: Readonly<Record<string, number>> = {
  started: 0,
  accepted: 1,
  succeeded: 2,
  failed: 2,
};

const phaseOf = ({ status }: ActivityEvent): number | undefined => PHASES[status.toLowerCase()];

/**
 * In the order in which they began. There are as many as there were beginnings, or acceptances, or results,
 * whichever are the most: what was told is counted, and never grows by what comes after it.
 */
export function callsIn(events: readonly ActivityEvent[], known: Known): readonly LoggedCall[] {
  const distinct = [...new Map(events.map((event) => [event.eventId, event])).values()];
  const sessions = Map.groupBy(distinct, sessionOf);
  return [...sessions.values()]
    .flatMap((its) => callsOf(its.toSorted(inOrder), known))
    .sort((one, other) => inOrder(one.events[0], other.events[0]));
}

const sessionOf = ({ correlationId, kind, policyId }: ActivityEvent): string =>
  [correlationId, kind, policyId].join("|").toLowerCase();

function inOrder(one: ActivityEvent, other: ActivityEvent): number {
  const byTime = one.atMs - other.atMs || (phaseOf(one) ?? 1) - (phaseOf(other) ?? 1);
  return byTime || (one.eventId < other.eventId ? -1 : 1);
}

type Call = { readonly events: [ActivityEvent, ...ActivityEvent[]]; readonly isReported: boolean };

function callsOf(
  events: readonly ActivityEvent[],
  { reportedAs, isOwn }: Known,
): readonly LoggedCall[] {
  const calls: Call[] = [];
  const choose = chooser(isOwn);
  const by = Map.groupBy(events, reportedAs);
  for (const event of by.get("call") ?? []) calls.push({ events: [event], isReported: true });
  // Where the one that stands for their call is read no more, neither are they.
  for (const event of by.get("part") ?? []) choose(calls, event)?.events.push(event);
  for (const event of by.get(undefined) ?? []) {
    const call = choose(calls, event);
    if (call === undefined) calls.push({ events: [event], isReported: false });
    else call.events.push(event);
  }
  return calls.map(({ events: [first, ...more], isReported }) => {
    const [earliest = first, ...later] = [first, ...more].sort(inOrder);
    return { events: [earliest, ...later], isReported };
  });
}

/** Finds the nearest call that lacks an event, preferably one of the same client request id. */
function chooser(isOwn: IsOwn) {
  return (calls: readonly Call[], event: ActivityEvent): Call | undefined => {
    const offMs = ({ events: [first] }: Call) => Math.abs(first.atMs - event.atMs);
    const fitting = calls
      .filter(({ events }) => fits(event, { events, isOwn }))
      .toSorted((one, other) => offMs(one) - offMs(other));
    return fitting.find(({ events: [first] }) => isAlike(first, event)) ?? fitting[0];
  };
}

const isAlike = (one: ActivityEvent, other: ActivityEvent): boolean =>
  one.clientRequestId.toLowerCase() === other.clientRequestId.toLowerCase();

/** Ids of others tell nothing: how many calls there were is counted. One of the bot's own is its call's alone. */
function fits(
  event: ActivityEvent,
  { events, isOwn }: { readonly events: Call["events"]; readonly isOwn: IsOwn },
): boolean {
  const all = [...events, event];
  return (
    events.every((one) => isOfOneCall(one, event)) &&
    isSaidOnce(all.map(({ caller }) => caller)) &&
    (!all.some(isOwn) || isSaidOnce(all.map(({ clientRequestId }) => clientRequestId)))
  );
}

/** Whichever came first: the clocks of the machines that they come from differ. */
const isOfOneCall = (one: ActivityEvent, other: ActivityEvent): boolean =>
  Math.abs(other.atMs - one.atMs) <= CALL_WITHIN_MS &&
  (phaseOf(one) === undefined || phaseOf(one) !== phaseOf(other));

/** What an event doesn't say may be what the others do. */
const isSaidOnce = (said: readonly string[]): boolean =>
  new Set(said.filter((one) => one !== "").map((one) => one.toLowerCase())).size <= 1;
