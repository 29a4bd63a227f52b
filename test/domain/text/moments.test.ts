// Moments as people name them, in the zones that they live in: what the clock shows then is what they said.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isZone,
  momentAt,
  type SpokenMoment,
  shownThere,
  spokenAt,
} from "../../../src/domain/text/moments.ts";
import { changesOfClocks, shownBy, ZONES } from "../../support/zones.ts";

/** A Monday, 14:30 in Paris. */
const NOW = Date.UTC(2026, 10, 30, 13, 30);

const shown = (ms: number, zone: string) =>
  new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone: zone, weekday: "short", year: "numeric", month: "2-digit", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  }).format(ms);

describe("a moment", () => {
  it.each<[SpokenMoment, string]>([
    [{ time: { hour: 23, minute: 0 } }, "Mon, 30/11/2026, 23:00"],
    // Past already today.
    [{ time: { hour: 9, minute: 15 } }, "Tue, 01/12/2026, 09:15"],
    [{ time: { hour: 14, minute: 30 } }, "Tue, 01/12/2026, 14:30"],
    [{ day: "today", time: { hour: 9, minute: 0 } }, "Mon, 30/11/2026, 09:00"],
    [{ day: "tomorrow" }, "Tue, 01/12/2026, 00:00"],
    [{ day: "tomorrow", time: { hour: 9, minute: 0 } }, "Tue, 01/12/2026, 09:00"],
    [{ day: { weekday: 5 } }, "Fri, 04/12/2026, 00:00"],
    // Today's name is next week's day.
    [{ day: { weekday: 1 } }, "Mon, 07/12/2026, 00:00"],
    [{ day: { weekday: 7 }, time: { hour: 18, minute: 0 } }, "Sun, 06/12/2026, 18:00"],
    [{ day: { year: 2026, month: 12, day: 24 } }, "Thu, 24/12/2026, 00:00"],
  ])("%j", (spoken, expected) => {
    expect(shown(momentAt(spoken, NOW, "Europe/Paris"), "Europe/Paris")).toBe(expected);
  });

  it("is told by the clocks of the zone, whichever day it is elsewhere", () => {
    const spoken = { day: "tomorrow" } as const;
    expect(shown(momentAt(spoken, NOW, "Pacific/Auckland"), "Pacific/Auckland")).toBe(
      "Wed, 02/12/2026, 00:00",
    );
    expect(shown(momentAt(spoken, NOW, "America/New_York"), "America/New_York")).toBe(
      "Tue, 01/12/2026, 00:00",
    );
  });

  it("that the clocks skip is as much later, and one that they show twice the first", () => {
    const night = (month: number, day: number): SpokenMoment => ({
      ...{ day: { year: 2026, month, day }, time: { hour: 2, minute: 30 } },
    });
    expect(momentAt(night(3, 29), NOW, "Europe/Paris")).toBe(Date.UTC(2026, 2, 29, 1, 30));
    expect(momentAt(night(10, 25), NOW, "Europe/Paris")).toBe(Date.UTC(2026, 9, 25, 0, 30));
  });

  it("shows what was said, in any zone and season", () => {
    const zones = [
      "Europe/Paris",
      "America/St_Johns",
      "Asia/Kathmandu",
      "Australia/Lord_Howe",
      "UTC",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2028, 0) }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 4, max: 23 }),
        fc.integer({ min: 0, max: 59 }),
        (zone, nowMs, weekday, hour, minute) => {
          const ms = momentAt({ day: { weekday }, time: { hour, minute } }, nowMs, zone);
          const names = ["", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
          const clock = `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
          expect(shown(ms, zone)).toMatch(new RegExp(`^${names[weekday]}, .*, ${clock}$`));
          expect(ms).toBeGreaterThan(nowMs - 60_000);
          expect(ms - nowMs).toBeLessThan(8.1 * 24 * 3_600_000);
        },
      ),
    );
  });

  it("needs a zone that there is", () => {
    expect(isZone("Europe/Paris")).toBe(true);
    expect(isZone("Mars/Olympus")).toBe(false);
    expect(isZone("")).toBe(false);
  });
});

// Against the clocks themselves, minute by minute: two years in twelve zones, with every change of the clocks.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const FROM = Date.UTC(2026, 0, 1);
const YEARS = 730;

const CLOCKS = ["00:00", "00:30", "01:30", "02:00", "02:15", "02:45", "03:00", "12:00", "23:45"];

const timeOf = (clock: string) => {
  const [hour = 0, minute = 0] = clock.split(":").map(Number);
  return { hour, minute };
};
const minutesOf = (clock: string) => timeOf(clock).hour * 60 + timeOf(clock).minute;

/** What the clocks show around a change, and when they show it. */
function watched(zone: string, changeMs: number) {
  const minutes = Array.from({ length: 100 * 60 }, (_, index) => {
    const atMs = changeMs - 40 * HOUR + index * MINUTE;
    return { atMs, ...shownBy(zone, atMs) };
  });
  const when = Map.groupBy(minutes, ({ date, clock }) => `${date} ${clock}`);
  /** The first time; where they skip it, what it would be by the clocks before. */
  const first = (date: string, clock: string): number => {
    const [shown] = when.get(`${date} ${clock}`) ?? [];
    if (shown !== undefined) return shown.atMs;
    const wanted = minutesOf(clock);
    const before = minutes.filter((one) => one.date === date && minutesOf(one.clock) < wanted);
    const last = before.at(-1);
    if (last !== undefined) return last.atMs + (wanted - minutesOf(last.clock)) * MINUTE;
    // The day itself begins later.
    const [begins] = minutes.filter((one) => one.date === date);
    const eve = minutes.findLast((one) => begins !== undefined && one.atMs < begins.atMs);
    return (eve?.atMs ?? 0) + (wanted + 24 * 60 - minutesOf(eve?.clock ?? "00:00")) * MINUTE;
  };
  const times = (date: string, clock: string) => when.get(`${date} ${clock}`)?.length ?? 0;
  return { first, times };
}

const nextDate = (date: string): string =>
  new Date(Date.parse(date) + DAY).toISOString().slice(0, 10);

describe.each(ZONES)("a moment in %s", (zone) => {
  const changes = changesOfClocks(zone, FROM, YEARS);

  it("is what the clocks show, on the days around each change of the clocks", () => {
    const wrong: unknown[] = [];
    for (const changeMs of changes) {
      const { first, times } = watched(zone, changeMs);
      for (const nowMs of [-14 * HOUR, -3 * HOUR, -20 * MINUTE, 20 * MINUTE, 90 * MINUTE]) {
        const at = changeMs + nowMs;
        const today = shownBy(zone, at).date;
        const tomorrow = nextDate(today);
        for (const clock of CLOCKS) {
          const time = timeOf(clock);
          const onToday = first(today, clock);
          const [year = 0, month = 0, day = 0] = tomorrow.split("-").map(Number);
          const cases = [
            [{ day: "today", time }, onToday, today],
            [{ day: "tomorrow", time }, first(tomorrow, clock), tomorrow],
            [{ day: { year, month, day }, time }, first(tomorrow, clock), tomorrow],
            [{ time }, onToday > at ? onToday : first(tomorrow, clock), undefined],
          ] as const;
          for (const [spoken, expected, date] of cases) {
            const said = momentAt(spoken, at, zone);
            if (said !== expected) wrong.push({ spoken, at, said, expected });
            if (date === undefined) continue;
            const often = ["never", "once", "first"][times(date, clock)];
            const told = shownThere(spoken, said, zone);
            if (told !== often) wrong.push({ spoken, at, told, often });
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it("is what the clocks show on every day of two years", () => {
    const wrong: unknown[] = [];
    for (let day = 0; day < YEARS; day += 1) {
      const nowMs = FROM + day * DAY + ((day * 7) % 24) * HOUR;
      const said = momentAt({ day: "tomorrow", time: { hour: 9, minute: 30 } }, nowMs, zone);
      const { date, clock } = shownBy(zone, said);
      const expected = nextDate(shownBy(zone, nowMs).date);
      if (date !== expected || clock !== "09:30") wrong.push({ nowMs, date, clock, expected });
    }
    expect(wrong).toEqual([]);
  });
});

describe("a moment that is known", () => {
  it("stays the same however the clocks show it, and says which of two it is", () => {
    const zone = "Europe/Zurich";
    const second = Date.UTC(2026, 9, 25, 1, 30);
    for (const [ms, told] of [
      [second - HOUR, "first"],
      [second, "second"],
      [second + HOUR, "once"],
    ] as const) {
      const spoken = spokenAt(ms, zone);
      expect(spoken).toMatchObject({ day: { year: 2026, month: 10, day: 25 } });
      expect(momentAt(spoken, NOW, zone)).toBe(ms);
      expect(momentAt(spoken, NOW, "Asia/Tokyo")).toBe(ms);
      expect(shownThere(spoken, ms, zone)).toBe(told);
    }
  });
});
