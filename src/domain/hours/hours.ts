// Hours of the week in a time zone: whether a moment lies within them, and when they begin next. Pure.

import { MINUTE_MS } from "../text/duration.ts";
import { atWall, type Wall, wallAt, weekdayOf } from "../text/moments.ts";

/** On each of `days`, from one time of the clock to another; at or past `to`, they are over. */
export type Hours = {
  /** Monday is 1, as ISO 8601 counts. Not empty; those on which they begin. */
  readonly days: readonly number[];
  /** Minutes since midnight; 0 to 1439. */
  readonly from: number;
  /** Up to 1440, the end of the day. Not after `from`: on the next day. */
  readonly to: number;
  /** IANA's name of the zone whose clocks count. */
  readonly zone: string;
};

/**
 * By what the clocks show. So an hour that they show twice counts twice, and one that they skip isn't missed:
 * hours that begin in it begin when they go on.
 */
export const isWithin = (all: readonly Hours[], atMs: number): boolean =>
  all.some((hours) => isInside(hours, wallAt(atMs, hours.zone)));

function isInside({ days, from, to }: Hours, wall: Wall): boolean {
  const minutes = wall.hour * 60 + wall.minute;
  const today = weekdayOf(wall);
  const before = ((today + 5) % 7) + 1;
  if (from < to) return days.includes(today) && from <= minutes && minutes < to;
  return (days.includes(today) && from <= minutes) || (days.includes(before) && minutes < to);
}

/** Two weeks and a day: what the clocks skip on one day begins a week later at the latest. */
const DAYS_AHEAD = 15;

/** When they begin next after `nowMs`, to the minute; `undefined`: not within two weeks. */
export function beginNextMs(all: readonly Hours[], nowMs: number): number | undefined {
  const ahead = all.flatMap((hours) => beginnings(hours, nowMs)).filter((atMs) => atMs > nowMs);
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}

function beginnings(hours: Hours, nowMs: number): readonly number[] {
  const { zone, from } = hours;
  const today = wallAt(nowMs, zone);
  const hour = Math.floor(from / 60);
  const minute = from % 60;
  return Array.from({ length: DAYS_AHEAD }, (_, days) =>
    atWall({ ...today, day: today.day + days, hour, minute }, zone),
  )
    .flatMap((atMs) => SHOWN_AGAIN_MS.map((laterMs) => firstOf(hours, atMs + laterMs)))
    .filter((atMs) => atMs !== undefined);
}

/** Clocks that are put back show a time once more after an hour, on Lord Howe Island after half of one. */
const SHOWN_AGAIN_MS = [0, 30 * MINUTE_MS, 60 * MINUTE_MS];
/** They are put forward by no more than that. */
const SKIPPED_MAX_MINUTES = 60;

/** The minute at which they begin there: where the clocks skip it, the one at which they go on. */
function firstOf(hours: Hours, atMs: number): number | undefined {
  const minutesAt = (ms: number) => {
    const { hour, minute } = wallAt(ms, hours.zone);
    return hour * 60 + minute;
  };
  if (minutesAt(atMs) < hours.from) return undefined;
  for (let back = 0; back < SKIPPED_MAX_MINUTES; back += 1) {
    const ms = atMs - back * MINUTE_MS;
    if (minutesAt(ms) === hours.from || minutesAt(ms - MINUTE_MS) < hours.from) {
      return isWithin([hours], ms) ? ms : undefined;
    }
  }
  return undefined;
}

const NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const dayName = (day: number): string => NAMES[day - 1] ?? "";

/** `mon-fri 08:00-18:00 Europe/Zurich`, as it is written in the policy file. */
export const hoursText = ({ days, from, to, zone }: Hours): string =>
  `${daysText(days)} ${clockText(from)}-${clockText(to)} ${zone}`;

/** What the clocks show: `sat 21:14 Europe/Zurich`. */
export function clockNow(zone: string, atMs: number): string {
  const wall = wallAt(atMs, zone);
  return `${dayName(weekdayOf(wall))} ${clockText(wall.hour * 60 + wall.minute)} ${zone}`;
}

const clockText = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

/** Three days and more in a row are written as a range. */
function daysText(days: readonly number[]): string {
  const sorted = [...days].sort((a, b) => a - b);
  if (sorted.length === NAMES.length) return "every day";
  const runs: number[][] = [];
  for (const day of sorted) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1) === day - 1) run.push(day);
    else runs.push([day]);
  }
  return runs
    .flatMap((run) => {
      const [first = 0] = run;
      return run.length > 2 ? [`${dayName(first)}-${dayName(run.at(-1) ?? 0)}`] : run.map(dayName);
    })
    .join(",");
}
