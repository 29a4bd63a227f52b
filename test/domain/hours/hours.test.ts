// Hours of the week against the clocks themselves: over two years in twelve zones, every change of the clocks
// included. Of src/domain/hours/hours.ts.

import { describe, expect, it } from "vitest";
import { beginNextMs, type Hours, hoursText, isWithin } from "../../../src/domain/hours/hours.ts";
import { changesOfClocks, shownBy, ZONES } from "../../support/zones.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const FROM = Date.UTC(2026, 0, 1);
const YEARS = 730;

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** What the zone's clocks say, looked up day by day and minute by minute as a person would. */
function really(
  { days, from, to }: Hours,
  { weekday, clock }: ReturnType<typeof shownBy>,
): boolean {
  const text = (minutes: number) => new Date(minutes * MINUTE).toISOString().slice(11, 16);
  const end = to === 1440 ? "24:00" : text(to);
  const today = DAYS.indexOf(weekday);
  const named = (index: number) => days.includes(((index + 7) % 7) + 1);
  const isOverMidnight = !(text(from) < end);
  if (!isOverMidnight) return named(today) && clock >= text(from) && clock < end;
  return (named(today) && clock >= text(from)) || (named(today - 1) && clock < end);
}

const SHAPES: readonly Omit<Hours, "zone">[] = [
  { days: [1, 2, 3, 4, 5], from: 8 * 60, to: 18 * 60 },
  { days: [6, 7], from: 0, to: 1440 },
  // Over midnight and over every change of the clocks, which come at night and on weekends.
  { days: [5, 6, 7], from: 22 * 60 + 30, to: 6 * 60 },
  { days: [6, 7, 1], from: 2 * 60 + 15, to: 2 * 60 + 45 },
  { days: [7], from: 23 * 60 + 59, to: 1 },
];

/** Each minute of the days around a change of the clocks. */
const minutesAround = (changeMs: number): readonly number[] =>
  Array.from({ length: 10 * 60 }, (_, index) => changeMs - 5 * 60 * MINUTE + index * MINUTE);

describe.each(ZONES)("hours in %s", (zone) => {
  const all = SHAPES.map((shape) => ({ ...shape, zone }));
  const changes = changesOfClocks(zone, FROM, YEARS);

  const wrongAt = (moments: readonly number[]) =>
    moments.flatMap((atMs) => {
      const shown = shownBy(zone, atMs);
      return all
        .filter((hours) => isWithin([hours], atMs) !== really(hours, shown))
        .map((hours) => ({ hours, atMs }));
    });

  it("are what the clocks show, at every minute around each change of the clocks", () => {
    expect(wrongAt(changes.flatMap(minutesAround))).toEqual([]);
  });

  it("are what the clocks show on every day of two years", () => {
    // Of another minute at each look: in two years it meets them all.
    const looks = Math.floor((YEARS * DAY) / (397 * MINUTE));
    const moments = Array.from({ length: looks }, (_, index) => FROM + index * 397 * MINUTE);
    expect(wrongAt(moments)).toEqual([]);
  });

  it("begin next when the clocks say so, whatever is skipped or shown twice", () => {
    const around = changes.length > 0 ? changes : [Date.UTC(2026, 5, 1)];
    const wrong = around.flatMap((changeMs) => {
      const minutes = minutesAround(changeMs);
      const shown = minutes.map((atMs) => shownBy(zone, atMs));
      return all.flatMap((hours) => {
        const are = shown.map((one) => really(hours, one));
        const starts = minutes.filter((_, index) => index > 0 && are[index] && !are[index - 1]);
        const asked = minutes.filter((_, index) => index % 149 === 0);
        return asked.flatMap((nowMs) => {
          const next = starts.find((atMs) => atMs > nowMs);
          const said = beginNextMs([hours], nowMs);
          return next === undefined || said === next ? [] : [{ hours, nowMs, next, said }];
        });
      });
    });
    expect(wrong).toEqual([]);
  });
});

describe("hours", () => {
  it("of several, any will do, and the soonest begins next", () => {
    const zone = "UTC";
    const morning = { days: [1], from: 480, to: 540, zone };
    const evening = { days: [1], from: 1200, to: 1260, zone };
    const monday = Date.UTC(2026, 10, 30);
    const at = (hour: number) => monday + hour * 60 * MINUTE;
    expect([7, 8, 9, 20].map((hour) => isWithin([evening, morning], at(hour)))).toEqual([
      ...[false, true, false, true],
    ]);
    expect(beginNextMs([evening, morning], at(7))).toBe(at(8));
    expect(beginNextMs([evening, morning], at(8))).toBe(at(20));
    expect(beginNextMs([evening, morning], at(20))).toBe(at(7 * 24 + 8));
  });

  it.each<[Omit<Hours, "zone">, string]>([
    [{ days: [1, 2, 3, 4, 5], from: 480, to: 1080 }, "mon-fri 08:00-18:00 UTC"],
    [{ days: [7, 6], from: 0, to: 1440 }, "sat,sun 00:00-24:00 UTC"],
    [{ days: [1, 3, 5, 6, 7], from: 1, to: 0 }, "mon,wed,fri-sun 00:01-00:00 UTC"],
    [{ days: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 5 }, "every day 00:00-00:05 UTC"],
  ])("are written as in the file: %j", (hours, text) => {
    expect(hoursText({ ...hours, zone: "UTC" })).toBe(text);
  });
});
