// Moments as people name them, in the zones that they live in: what the clock shows then is what they said.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isZone, momentAt, type SpokenMoment } from "../../../src/domain/text/moments.ts";

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
