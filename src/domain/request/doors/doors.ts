// Doors: a door is one port of one VM, open for one source. Two grants can share one, and Azure lets a
// later opening supersede an earlier one, so nobody's end may be sent without looking at the others'.

import { sourceParts } from "../../network/source.ts";
import { parseRequestId, type RequestId, type VmKey } from "../../text/ids.ts";
import { type JitEntry, NO_SOURCE } from "../../vm/vm.ts";
import { type AccessRequest, grantOf, inForce } from "../request.ts";

export type Door = { readonly vm: VmKey; readonly port: number; readonly source: string };

/** A live grant that needs a door, and until when. */
export type Holder = { readonly id: RequestId; readonly untilMs: number };

/**
 * The doors that a request holds now: while it is open, and from when Azure may have been asked to open it. One that
 * Azure was never asked for holds none: nobody's end may be stretched to its end, or closing be left to it.
 */
export function doorsOf(request: AccessRequest): readonly Door[] {
  switch (request.state) {
    case "open":
      return doorsAsked(request);
    case "opening": {
      const { answer, doubted } = request.grant.azure;
      return answer === "unsent" && doubted !== true ? [] : doorsAsked(request);
    }
    default:
      return [];
  }
}

/** The doors that a request is about, whatever its state. */
export function doorsAsked(request: AccessRequest): readonly Door[] {
  const { vm, ports } = request.ask;
  const { source } = inForce(request);
  return ports.map((port) => ({ vm: vm.key, port, source }));
}

/**
 * The end to send to Azure for a door: the latest that any live grant on it needs, as far as the policy lets it be
 * asked for. Another one's time may be longer than the policy allows by now, or may stand in another policy.
 */
export function doorEndsAtMs(
  ownEndsAtMs: number,
  holders: readonly Holder[],
  mostMs = Number.POSITIVE_INFINITY,
): number {
  const neededMs = Math.max(...holders.map(({ untilMs }) => untilMs));
  return Math.max(ownEndsAtMs, Math.min(neededMs, mostMs));
}

/** The holders whose time isn't over; one that is late to be ended needs nothing any more. */
export const living = (holders: readonly Holder[] | undefined, nowMs: number): readonly Holder[] =>
  (holders ?? []).filter((holder) => holder.untilMs > nowMs);

/** The request id at the start of a justification, which the bot writes there; else `undefined`. */
export const idInJustification = (justification: string): string | undefined =>
  /^JIT-[0-9A-HJKMNP-TV-Z]{6}\b/.exec(justification)?.[0];

/** Azure rounds and reformats times: ends this close are the same end. */
const SAME_END_MS = 2_000;

export type DoorSeen = {
  /** `none`: no entry of ours, which proves nothing by itself. */
  readonly seen: "open" | "coming" | "revoked" | "none";
  readonly reason: string | undefined;
  readonly mappedPort: number | undefined;
};

/**
 * What a policy's entries say about one door of request `id`. An entry counts when its justification
 * begins with the request's id, or with that of another live holder; where ours was superseded, also the
 * bot's own that took over, whosever it is. In each case it has to last at least until `untilMs`.
 */
export function seeDoor(
  door: Door,
  want: { id: RequestId; untilMs: number; holders: readonly Holder[] },
  entries: readonly JitEntry[],
): DoorSeen {
  const ids = new Set<string>([want.id, ...want.holders.map((holder) => holder.id)]);
  const ours = entriesOf(door, ids, entries).filter(
    (entry) => entry.endsAtMs >= want.untilMs - SAME_END_MS,
  );
  const initiated = ours.find((entry) => entry.status === "Initiated");
  if (initiated !== undefined) {
    return { seen: "open", reason: undefined, mappedPort: initiated.mappedPort };
  }
  if (ours.some(isStanding)) {
    return { seen: "coming", reason: undefined, mappedPort: undefined };
  }
  const revoked = ours.at(-1);
  return revoked === undefined
    ? { seen: "none", reason: undefined, mappedPort: undefined }
    : { seen: "revoked", reason: revoked.statusReason, mappedPort: undefined };
}

/** The bot's entries for `ids` on a door; all of its entries there, where one of theirs was superseded. */
function entriesOf(door: Door, ids: ReadonlySet<string>, entries: readonly JitEntry[]) {
  const all = wholeOnly(door, entries).flatMap((entry) => {
    const id = idInJustification(entry.justification);
    if (id === undefined) return [];
    // Its id says whose it is, and each has one source only.
    const isTheirs = ids.has(id) && entry.source === NO_SOURCE;
    return isAt(door, isTheirs ? { ...entry, source: door.source } : entry) ? [{ id, entry }] : [];
  });
  const theirs = all.filter(({ id }) => ids.has(id));
  const gaveWay = theirs.some(({ entry }) => entry.statusReason === SUPERSEDED);
  return (gaveWay ? all : theirs).map(({ entry }) => entry);
}

/** Of a door for several networks at once, the entries of requests that have all of them. */
function wholeOnly(door: Door, entries: readonly JitEntry[]): readonly JitEntry[] {
  const parts = sourceParts(door.source);
  if (parts.length < 2) return entries;
  const requests = Map.groupBy(entries, ({ nth, vm, port }) => `${nth} ${vm} ${port}`);
  return [...requests.values()].flatMap((ofOne) => {
    const sources = new Set(ofOne.map(({ source }) => source));
    const isWhole = sources.has(NO_SOURCE) || parts.every((part) => sources.has(part));
    return isWhole ? ofOne.slice(0, 1).map((entry) => ({ ...entry, source: door.source })) : [];
  });
}

/** Every status but this one may let people in, whatever Azure calls it. */
const isStanding = (entry: JitEntry): boolean => entry.status !== "Revoked";

/** What Azure says of an entry that gave way to a later one for the same door. */
const SUPERSEDED = "NewerRequestInitiated";

/**
 * The bot's own request that took the ports over, whatever source it is for: Azure may keep one opening for a port.
 * `undefined`: not all of them were closed for that.
 */
export function newerThan(
  request: AccessRequest,
  entries: readonly JitEntry[],
): RequestId | undefined {
  const newer = doorsOf(request).map((door) => newerAt(door, request.id, entries));
  return newer.includes(undefined) ? undefined : newer[0];
}

function newerAt(door: Door, id: RequestId, entries: readonly JitEntry[]): RequestId | undefined {
  const here = entries
    .filter((entry) => entry.vm === door.vm && entry.port === door.port)
    .toSorted((one, other) => one.startedAtMs - other.startedAtMs)
    .map((entry) => ({ entry, of: idInJustification(entry.justification) }));
  const sinceMs = here.findLast(({ of }) => of === id)?.entry.startedAtMs ?? 0;
  const later = here.filter(({ entry }) => entry.startedAtMs >= sinceMs);
  const gaveWay = later.some(({ entry, of }) => of === id && entry.statusReason === SUPERSEDED);
  const newer = later.findLast(
    ({ entry, of }) => of !== undefined && of !== id && isStanding(entry),
  );
  return gaveWay ? parseRequestId(newer?.of ?? "") : undefined;
}

/** Whether Azure may have opened one of the ports of `request` for `newer`: others can write any id into an opening. */
export const mayHaveTaken = (newer: AccessRequest, request: AccessRequest): boolean =>
  grantOf(newer) !== undefined &&
  newer.ask.vm.key === request.ask.vm.key &&
  newer.ask.ports.some((port) => request.ask.ports.includes(port));

/**
 * An entry that keeps the door open on account of `ids`, whatever end it claims: one of theirs, or where
 * theirs was superseded, a later one of the bot's own. Such a one may belong to a request that is long
 * over: it was opened up to the latest end that anybody needed.
 */
export function stillOpen(
  door: Door,
  ids: ReadonlySet<string>,
  entries: readonly JitEntry[],
): JitEntry | undefined {
  return latest(entriesOf(door, ids, entries).filter(isStanding));
}

/** Whether somebody opened this very door without the bot: what shuts it would shut theirs. */
export const isOpenForOthers = (door: Door, entries: readonly JitEntry[]): boolean =>
  entries.some(
    (entry) =>
      // One whose source can't be read may be for this one.
      isAt(door, entry.source === NO_SOURCE ? { ...entry, source: door.source } : entry) &&
      isStanding(entry) &&
      idInJustification(entry.justification) === undefined,
  );

/** Whether any entry but those of request `id` is about the door's port, for whatever source. */
export const isAnyOther = (
  { vm, port }: Door,
  id: RequestId,
  entries: readonly JitEntry[],
): boolean =>
  entries.some(
    (entry) =>
      entry.vm === vm && entry.port === port && idInJustification(entry.justification) !== id,
  );

const isAt = (door: Door, entry: JitEntry): boolean =>
  entry.vm === door.vm &&
  entry.port === door.port &&
  (entry.source === door.source || sourceParts(door.source).includes(entry.source));

const latest = (entries: readonly JitEntry[]): JitEntry | undefined =>
  entries.reduce<JitEntry | undefined>(
    (found, entry) => (found === undefined || entry.endsAtMs > found.endsAtMs ? entry : found),
    undefined,
  );
