// A moment as people name it (`friday`, `tomorrow 9:00`, `2026-12-01 23:00`), and when that is in a time zone.

import { DAY_MS, MINUTE_MS } from "./duration.ts";

/** Monday is 1, as ISO 8601 counts. */
export type Day =
  | "today"
  | "tomorrow"
  | { readonly weekday: number }
  | { readonly year: number; readonly month: number; readonly day: number };

/** Without a day: the next time that the clock shows it. Without a time: the beginning of the day. */
export type SpokenMoment = {
  readonly day?: Day | undefined;
  readonly time?: { readonly hour: number; readonly minute: number } | undefined;
  /** The very moment, where it is known: its day and time don't tell it where clocks are put back. */
  readonly exactMs?: number | undefined;
  /** When it was said, where it is read later: `23:00` stays the one that was meant. */
  readonly saidAtMs?: number | undefined;
};

export type Wall = { year: number; month: number; day: number; hour: number; minute: number };

/** Whether the zone's name is one that can be reckoned with. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** When the moment comes next, in milliseconds; it may be past where its day is named. */
export function momentAt(
  { day, time, exactMs, saidAtMs }: SpokenMoment,
  readAtMs: number,
  zone: string,
): number {
  if (exactMs !== undefined) return exactMs;
  const nowMs = saidAtMs ?? readAtMs;
  const now = wallAt(nowMs, zone);
  const { hour, minute } = time ?? { hour: 0, minute: 0 };
  const on = (days: number) => atWall({ ...now, day: now.day + days, hour, minute }, zone);
  if (day === undefined) {
    const today = on(0);
    return today > nowMs ? today : on(1);
  }
  if (day === "today") return on(0);
  if (day === "tomorrow") return on(1);
  if ("year" in day) return atWall({ ...day, hour, minute }, zone);
  const today = weekdayOf(now);
  return on(((day.weekday - today + 6) % 7) + 1);
}

/** A moment as it can be named by the clocks of the zone, and which one that is. */
export function spokenAt(exactMs: number, zone: string): SpokenMoment {
  const { hour, minute, ...day } = wallAt(exactMs, zone);
  return { day, time: { hour, minute }, exactMs };
}

/** The same time of day, whatever the day. */
export function sameTimeOfDay(atMs: number, zone: string): SpokenMoment {
  const { hour, minute } = wallAt(atMs, zone);
  return { time: { hour, minute } };
}

/** What the clocks of the zone do with a time that was named: they show it once, never, or twice (`atMs` first, or second). */
export function shownThere(
  { day, time, exactMs }: SpokenMoment,
  atMs: number,
  zone: string,
): "once" | "never" | "first" | "second" {
  const isExact = exactMs !== undefined && day === undefined && time === undefined;
  if (isExact) return "once";
  const { hour: hourSaid, minute: minuteSaid } = time ?? { hour: 0, minute: 0 };
  const isShown = (ms: number) => {
    const { hour, minute } = wallAt(ms, zone);
    return hour === hourSaid && minute === minuteSaid;
  };
  if (!isShown(atMs)) return "never";
  if (PUT_BACK_MS.some((ms) => isShown(atMs + ms))) return "first";
  return PUT_BACK_MS.some((ms) => isShown(atMs - ms)) ? "second" : "once";
}

/** By an hour, or on Lord Howe Island by half of one. */
const PUT_BACK_MS = [30 * MINUTE_MS, 60 * MINUTE_MS];

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Making one takes as long as a hundred readings of it; there are few zones. */
function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  clocks.set(zone, made);
  return made;
}

/** `11/30/2026, 14:05` */
const SHOWN = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+)$/;

/** What the clocks of the zone show. Reading it off the text takes less than half as long as asking for the parts. */
export function wallAt(ms: number, zone: string): Wall {
  const [, month = "", day = "", year = "", hour = "", minute = ""] =
    SHOWN.exec(clockOf(zone).format(ms)) ?? [];
  return {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
  };
}

/**
 * When the clocks of the zone show that. Where they are put back and show it twice, the first time; where they
 * are put forward and never do, as much later as they skip.
 */
export function atWall(wall: Wall, zone: string): number {
  const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
  const offsetAt = (ms: number) => {
    const { year, month, day, hour, minute } = wallAt(ms, zone);
    return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(ms / MINUTE_MS) * MINUTE_MS;
  };
  // The offsets of the day before and after: between them lies every change of the clocks that matters.
  const candidates = [offsetAt(asUtc - DAY_MS), offsetAt(asUtc + DAY_MS)].map(
    (offset) => asUtc - offset,
  );
  const shown = candidates.filter((ms) => ms + offsetAt(ms) === asUtc);
  return shown.length > 0 ? Math.min(...shown) : Math.max(...candidates);
}

/** Monday is 1. */
export const weekdayOf = ({ year, month, day }: Wall): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7;
