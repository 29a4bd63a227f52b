// Moments that people name against the clocks themselves, minute by minute: two years in twelve zones, with every
// change of the clocks. Of src/domain/text/moments.ts.

import { describe, expect, it } from "vitest";
import { momentAt, shownThere } from "../../../src/domain/text/moments.ts";
import { changesOfClocks, shownBy, ZONES } from "../../support/zones.ts";

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
            const often = ["never", "once", "twice"][times(date, clock)];
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
