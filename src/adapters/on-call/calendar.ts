// Shifts of an iCalendar feed or file (RFC 5545): its events around a moment, recurring ones and their exceptions.

import ICAL from "ical.js";
import type { Shift } from "../../domain/on-call/rota.ts";
import { DAY_MS } from "../../domain/text/duration.ts";
import { isZone } from "../../domain/text/moments.ts";
import type { RotaReading, RotaWindow } from "../../ports/rotas.ts";
import { instantOf, learnZones } from "./calendar-zones.ts";
import { nonsense } from "./rota-http.ts";

/** Reading more would keep the bot from everything else for too long. */
const CHARACTERS_MAX = 2 * 1024 * 1024;
const EVENTS_MAX = 20_000;

/** How often recurring events are stepped through, all together: each step takes a tenth of a millisecond. */
const STEPS_MAX = 5_000;

/** Throws a `Fault` where the text is no calendar, or more of one than can be read. */
export function calendarShifts(text: string, window: RotaWindow): RotaReading {
  if (text.length > CHARACTERS_MAX) throw nonsense("The calendar is longer than 2 MiB");
  learnZones(text);
  const calendar = parsed(text);
  const usual = calendarZone(calendar);
  const events = calendar.getAllSubcomponents("vevent");
  if (events.length > EVENTS_MAX) throw nonsense(`The calendar has over ${EVENTS_MAX} events`);
  const steps = { left: STEPS_MAX };
  const shifts: Shift[] = [];
  let unread = 0;
  for (const its of byUid(events)) {
    const read = shiftsOf(its, { usual, window, steps });
    if (read === undefined) unread += 1;
    else shifts.push(...read);
  }
  return { shifts, unread };
}

function parsed(text: string): ICAL.Component {
  try {
    const calendar = new ICAL.Component(ICAL.parse(text));
    if (calendar.name === "vcalendar") return calendar;
  } catch (thrown) {
    throw nonsense("The answer isn't an iCalendar", thrown);
  }
  throw nonsense("The answer isn't one iCalendar");
}

/** Of times that name none. Google and Outlook write it, though no standard has it. */
function calendarZone(calendar: ICAL.Component): string | undefined {
  const named = calendar.getFirstPropertyValue("x-wr-timezone");
  return typeof named === "string" && isZone(named) ? named : undefined;
}

type Series = { readonly base: ICAL.Component | undefined; readonly changed: ICAL.Component[] };

/** An event and its exceptions have one uid. Of two that say otherwise, the later revision counts. */
function byUid(events: readonly ICAL.Component[]): Iterable<Series> {
  const all = new Map<string, { base: ICAL.Component | undefined; changed: ICAL.Component[] }>();
  for (const [index, event] of events.entries()) {
    const uid = String(event.getFirstPropertyValue("uid") ?? `without ${index}`);
    const its = all.get(uid) ?? { base: undefined, changed: [] };
    if (event.hasProperty("recurrence-id")) its.changed.push(event);
    else if (its.base === undefined || sequence(event) >= sequence(its.base)) its.base = event;
    all.set(uid, its);
  }
  return all.values();
}

const sequence = (event: ICAL.Component): number => {
  const number = Number(event.getFirstPropertyValue("sequence") ?? 0);
  return Number.isFinite(number) ? number : 0;
};

type Around = {
  readonly usual: string | undefined;
  readonly window: RotaWindow;
  readonly steps: { left: number };
};

/** `undefined`: something of it can't be read, and then nothing of it counts. */
function shiftsOf({ base, changed }: Series, around: Around): readonly Shift[] | undefined {
  try {
    const moved = changed.map((event) => single(event, around));
    const usual = base === undefined ? [] : repeated(base, changed, around);
    if (usual === undefined || moved.some((one) => one === undefined)) return undefined;
    return [...usual, ...moved.flatMap((one) => one ?? [])];
  } catch (thrown) {
    // The library's own errors are about the text; ours about the whole calendar.
    if (thrown instanceof Error && thrown.name === "Fault") throw thrown;
    return undefined;
  }
}

/** An event as it stands, without its repetitions. */
function single(event: ICAL.Component, { usual, window }: Around): readonly Shift[] | undefined {
  if (isCancelled(event)) return [];
  const start = timeOf(event, "dtstart");
  if (start === undefined) return undefined;
  return shiftAt(event, start.time, { usual, window });
}

/** A series without what its exceptions take the place of. */
function repeated(
  base: ICAL.Component,
  changed: readonly ICAL.Component[],
  around: Around,
): readonly Shift[] | undefined {
  if (isCancelled(base)) return [];
  // Every recurrence-id of a series as its instant: each takes the place of what would be then.
  const instead = new Set<number>();
  for (const event of changed) {
    const id = timeOf(event, "recurrence-id");
    const atMs = id && instantOf(id.time, id.tzid, around.usual);
    // One that changes all that follows is beyond what can be told here.
    if (atMs === undefined || id?.isRange === true) return undefined;
    instead.add(atMs);
  }
  const isRepeated = base.hasProperty("rrule") || base.hasProperty("rdate");
  return isRepeated ? stepped(base, instead, around) : single(base, around);
}

function stepped(
  base: ICAL.Component,
  instead: ReadonlySet<number>,
  { usual, window, steps }: Around,
): readonly Shift[] | undefined {
  const start = timeOf(base, "dtstart");
  if (start === undefined) return undefined;
  const near = nearStart(base, start, { usual, window, steps });
  const iterator = new ICAL.Event(base, { exceptions: [] }).iterator(near);
  const shifts: Shift[] = [];
  for (let time = iterator.next(); time !== undefined && time !== null; time = iterator.next()) {
    steps.left -= 1;
    if (steps.left < 0) throw nonsense("The calendar's events repeat too often to be read");
    const fromMs = instantOf(time, start.tzid, usual);
    if (fromMs === undefined) return undefined;
    if (fromMs >= window.untilMs) break;
    if (instead.has(fromMs)) continue;
    const its = shiftAt(base, time, { usual, window });
    if (its === undefined) return undefined;
    shifts.push(...its);
  }
  return shifts;
}

/**
 * A later beginning that leads to the same repetitions around the window: whole days or weeks after the first one,
 * so that years of them aren't stepped through. `undefined`: it has to be stepped through from the first.
 */
function nearStart(
  base: ICAL.Component,
  { time, tzid }: Stated,
  { usual, window }: Around,
): ICAL.Time | undefined {
  const rules = base.getAllProperties("rrule").map((one) => one.getFirstValue());
  const [rule] = rules;
  const isPlain = rules.length === 1 && !base.hasProperty("rdate");
  if (!isPlain || !(rule instanceof ICAL.Recur) || rule.isByCount()) return undefined;
  const days = { DAILY: 1, WEEKLY: 7 }[String(rule.freq)];
  const firstMs = instantOf(time, tzid, usual);
  const endsMs = firstMs && endOf(base, { time, fromMs: firstMs, usual });
  if (days === undefined || firstMs === undefined || endsMs === undefined) return undefined;
  const stepMs = days * rule.interval * DAY_MS;
  const aheadMs = window.fromMs - (endsMs - firstMs) - 2 * DAY_MS - firstMs;
  const steps = Math.floor(aheadMs / stepMs) - 1;
  if (!(steps > 0)) return undefined;
  const near = time.clone();
  near.adjust(steps * days * rule.interval, 0, 0, 0);
  return near;
}

/** A shift for each person of the event that begins then; none where it doesn't touch the window. */
function shiftAt(
  event: ICAL.Component,
  time: ICAL.Time,
  { usual, window }: Pick<Around, "usual" | "window">,
): readonly Shift[] | undefined {
  const start = timeOf(event, "dtstart");
  const fromMs = instantOf(time, start?.tzid, usual);
  const untilMs = fromMs === undefined ? undefined : endOf(event, { time, fromMs, usual });
  if (fromMs === undefined || untilMs === undefined) return undefined;
  if (untilMs <= window.fromMs || fromMs >= window.untilMs || untilMs <= fromMs) return [];
  const addresses = addressesOf(event);
  if (addresses === undefined) return undefined;
  return addresses.map((address) => ({ address, fromMs, untilMs }));
}

/**
 * What ends at a time lasts exactly as long each time it repeats; what lasts for days ends at the same time of
 * the day, whatever the clocks do (RFC 5545, 3.8.5.3 and 3.3.6).
 */
function endOf(
  event: ICAL.Component,
  { time, fromMs, usual }: { time: ICAL.Time; fromMs: number; usual: string | undefined },
): number | undefined {
  const start = timeOf(event, "dtstart");
  const end = timeOf(event, "dtend");
  const inDays = (days: number): number | undefined => {
    const later = time.clone();
    later.adjust(days, 0, 0, 0);
    return instantOf(later, start?.tzid, usual);
  };
  if (start === undefined) return undefined;
  if (end !== undefined) {
    if (start.time.isDate !== end.time.isDate) return undefined;
    if (start.time.isDate) return inDays(daysBetween(start.time, end.time));
    const firstMs = instantOf(start.time, start.tzid, usual);
    const lastMs = instantOf(end.time, end.tzid, usual);
    return firstMs === undefined || lastMs === undefined ? undefined : fromMs + lastMs - firstMs;
  }
  const lasts = event.getFirstPropertyValue("duration");
  if (lasts instanceof ICAL.Duration) {
    if (lasts.isNegative) return undefined;
    const laterMs = inDays(lasts.weeks * 7 + lasts.days);
    const exactMs = ((lasts.hours * 60 + lasts.minutes) * 60 + lasts.seconds) * 1_000;
    return laterMs === undefined ? undefined : laterMs + exactMs;
  }
  return start.time.isDate ? inDays(1) : fromMs;
}

const dayOf = ({ year, month, day }: ICAL.Time): number => Date.UTC(year, month - 1, day);
const daysBetween = (from: ICAL.Time, to: ICAL.Time): number =>
  Math.round((dayOf(to) - dayOf(from)) / DAY_MS);

type Stated = {
  readonly time: ICAL.Time;
  readonly tzid: string | undefined;
  readonly isRange: boolean;
};

function timeOf(event: ICAL.Component, name: string): Stated | undefined {
  const property = event.getFirstProperty(name);
  const time = property?.getFirstValue();
  if (property === null || !(time instanceof ICAL.Time)) return undefined;
  const tzid = property.getFirstParameter("tzid");
  return {
    time,
    tzid: tzid === "" || tzid === undefined ? undefined : tzid,
    isRange: property.getFirstParameter("range") !== undefined,
  };
}

const isCancelled = (event: ICAL.Component): boolean =>
  String(event.getFirstPropertyValue("status") ?? "").toUpperCase() === "CANCELLED";

const ADDRESS = /[^\s@<>()[\]",;:]{1,64}@[^\s@<>()[\]",;:]{1,255}[^\s@<>()[\]",;:.]/g;

/** Those who attend; where nobody is asked to, the addresses in its title. */
function addressesOf(event: ICAL.Component): readonly string[] | undefined {
  const attendees = event.getAllProperties("attendee");
  const found =
    attendees.length > 0
      ? attendees.filter(attends).flatMap((one) => mailAddress(one) ?? [])
      : (String(event.getFirstPropertyValue("summary") ?? "").match(ADDRESS) ?? []);
  const addresses = [...new Set(found.map((one) => one.toLowerCase()))];
  return addresses.length === 0 && !attendees.some((one) => !attends(one)) ? undefined : addresses;
}

/** RFC 5545, sections 3.2.12, 3.2.3 and 3.2.16; what is left out there means yes. Anything else isn't on call. */
const ATTENDS: Readonly<Record<string, readonly string[]>> = {
  partstat: ["", "NEEDS-ACTION", "ACCEPTED", "TENTATIVE"],
  cutype: ["", "INDIVIDUAL", "UNKNOWN"],
  role: ["", "CHAIR", "REQ-PARTICIPANT", "OPT-PARTICIPANT"],
};

const attends = (attendee: ICAL.Property): boolean =>
  Object.entries(ATTENDS).every(([name, yes]) =>
    yes.includes(String(attendee.getFirstParameter(name) ?? "").toUpperCase()),
  );

const mailAddress = (attendee: ICAL.Property): string | undefined =>
  /^mailto:([^?]+@[^?]+)$/i.exec(String(attendee.getFirstValue() ?? ""))?.[1];
