// Calendars as they are in the world: repeated events, exceptions, time zones, nonsense.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calendarShifts } from "../../../src/adapters/on-call/calendar.ts";

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(text);

const ics = (...lines: readonly string[]) =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", ...lines, "END:VCALENDAR", ""].join("\r\n");
const event = (uid: string, ...lines: readonly string[]) => [
  "BEGIN:VEVENT",
  `UID:${uid}`,
  ...lines,
  "END:VEVENT",
];
const LEA = "ATTENDEE;CN=Lea:mailto:lea@example.com";

function shiftsAt(text: string, from: string, hours = 24): readonly string[] {
  const fromMs = at(from);
  const { shifts } = calendarShifts(text, { fromMs, untilMs: fromMs + hours * HOUR });
  return shifts.map(
    ({ address, fromMs: start, untilMs }) =>
      `${address.split("@")[0]} ${new Date(start).toISOString().slice(5, 16)} ${new Date(untilMs).toISOString().slice(5, 16)}`,
  );
}

const NIGHT = event(
  "night",
  "DTSTART;TZID=Europe/Zurich:20261001T220000",
  "DTEND;TZID=Europe/Zurich:20261002T060000",
  "RRULE:FREQ=DAILY",
  LEA,
);

describe("a calendar", () => {
  it("has its events, in UTC and in zones that it doesn't define", () => {
    const text = ics(
      ...event("a", "DTSTART:20261101T080000Z", "DTEND:20261101T160000Z", LEA),
      ...event(
        "b",
        "DTSTART;TZID=America/New_York:20261101T120000",
        "DURATION:PT2H",
        "SUMMARY:Omar@Example.com on call",
      ),
    );
    expect(shiftsAt(text, "2026-11-01T00:00:00Z")).toEqual([
      "lea 11-01T08:00 11-01T16:00",
      "omar 11-01T17:00 11-01T19:00",
    ]);
  });

  it("repeats them by the clock on the wall, and each lasts exactly as long", () => {
    expect(shiftsAt(ics(...NIGHT), "2026-10-24T12:00:00Z")).toEqual([
      "lea 10-24T20:00 10-25T04:00",
    ]);
    expect(shiftsAt(ics(...NIGHT), "2026-10-25T12:00:00Z")).toEqual([
      "lea 10-25T21:00 10-26T05:00",
    ]);
  });

  it("has days that last as long as a day does there", () => {
    const text = ics(
      "X-WR-TIMEZONE:Europe/Zurich",
      ...event("d", "DTSTART;VALUE=DATE:20261025", "DTEND;VALUE=DATE:20261026", LEA),
    );
    expect(shiftsAt(text, "2026-10-25T00:00:00Z")).toEqual(["lea 10-24T22:00 10-25T23:00"]);
  });

  it("leaves out what is excepted, and moves what is moved, from and to whenever", () => {
    const text = ics(
      ...NIGHT.slice(0, -1),
      "EXDATE;TZID=Europe/Zurich:20261103T220000",
      "END:VEVENT",
      ...event(
        "night",
        "RECURRENCE-ID;TZID=Europe/Zurich:20261104T220000",
        "DTSTART;TZID=Europe/Zurich:20261120T100000",
        "DTEND;TZID=Europe/Zurich:20261120T110000",
        "ATTENDEE:mailto:omar@example.com",
      ),
      ...event(
        "night",
        "RECURRENCE-ID:20261105T210000Z",
        "STATUS:CANCELLED",
        "DTSTART:20261105T210000Z",
        "DTEND:20261106T050000Z",
        LEA,
      ),
    );
    expect(shiftsAt(text, "2026-11-03T12:00:00Z", 71)).toEqual([]);
    expect(shiftsAt(text, "2026-11-06T12:00:00Z")).toEqual(["lea 11-06T21:00 11-07T05:00"]);
    expect(shiftsAt(text, "2026-11-20T00:00:00Z", 12)).toEqual([
      "lea 11-19T21:00 11-20T05:00",
      "omar 11-20T09:00 11-20T10:00",
    ]);
  });

  it("keeps exceptions of one series away from another that repeats at the same times", () => {
    const text = ics(
      ...NIGHT,
      ...event(
        "other",
        "DTSTART;TZID=Europe/Zurich:20261001T220000",
        "DTEND;TZID=Europe/Zurich:20261002T060000",
        "RRULE:FREQ=DAILY",
        "ATTENDEE:mailto:omar@example.com",
      ),
      ...event(
        "other",
        "RECURRENCE-ID;TZID=Europe/Zurich:20261104T220000",
        "STATUS:CANCELLED",
        "DTSTART;TZID=Europe/Zurich:20261104T220000",
        LEA,
      ),
    );
    expect(shiftsAt(text, "2026-11-04T12:00:00Z")).toEqual(["lea 11-04T21:00 11-05T05:00"]);
  });

  it("knows zones by the definitions beside it", () => {
    const text = ics(
      "BEGIN:VTIMEZONE",
      "TZID:Works Time",
      "BEGIN:STANDARD",
      "DTSTART:19700101T000000",
      "TZOFFSETFROM:+0300",
      "TZOFFSETTO:+0300",
      "END:STANDARD",
      "END:VTIMEZONE",
      ...event(
        "w",
        "DTSTART;TZID=Works Time:20261101T080000",
        "DTEND;TZID=Works Time:20261101T090000",
        LEA,
      ),
    );
    expect(shiftsAt(text, "2026-11-01T00:00:00Z")).toEqual(["lea 11-01T05:00 11-01T06:00"]);
  });

  it.each<[string, readonly string[]]>([
    ["without a zone anywhere", ["DTSTART:20261101T080000", "DTEND:20261101T160000", LEA]],
    [
      "in a zone that nobody knows",
      ["DTSTART;TZID=Nowhere/Land:20261101T080000", "DTEND;TZID=Nowhere/Land:20261101T160000", LEA],
    ],
    [
      "that names nobody by an address",
      ["DTSTART:20261101T080000Z", "DTEND:20261101T160000Z", "SUMMARY:Lea is on call"],
    ],
    [
      "whose end is of another kind than its start",
      ["DTSTART:20261101T080000Z", "DTEND;VALUE=DATE:20261102", LEA],
    ],
    [
      "that changes all that follow it",
      [
        "DTSTART:20261001T080000Z",
        "DTEND:20261001T160000Z",
        "RRULE:FREQ=DAILY",
        LEA,
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:x",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20261002T080000Z",
        "DTSTART:20261002T090000Z",
        "DTEND:20261002T160000Z",
        LEA,
      ],
    ],
  ])("makes nobody on call by an event %s, and says that there is one", (_, lines) => {
    const fromMs = at("2026-11-01T00:00:00Z");
    const read = calendarShifts(ics(...event("x", ...lines)), {
      fromMs,
      untilMs: fromMs + 24 * HOUR,
    });
    expect(read).toEqual({ shifts: [], unread: 1 });
  });

  it.each<[string, readonly string[]]>([
    ["was cancelled", ["STATUS:CANCELLED", LEA]],
    ["they declined", ["ATTENDEE;PARTSTAT=DECLINED:mailto:lea@example.com"]],
    ["they delegated", ["ATTENDEE;PARTSTAT=delegated:mailto:lea@example.com"]],
    ["they only hear of", ["ATTENDEE;ROLE=NON-PARTICIPANT:mailto:lea@example.com"]],
    ["has them in a role of its own", ["ATTENDEE;ROLE=X-OBSERVER:mailto:lea@example.com"]],
    ["has a group", ["ATTENDEE;CUTYPE=GROUP:mailto:lea@example.com"]],
    [
      "names them in the title beside others' invitations",
      ["SUMMARY:lea@example.com", "ATTENDEE;ROLE=NON-PARTICIPANT:mailto:omar@example.com"],
    ],
    ["ends as it begins", ["DTEND:20261101T080000Z", LEA]],
  ])("makes nobody on call by an event that %s", (_, lines) => {
    const fromMs = at("2026-11-01T00:00:00Z");
    const text = ics(...event("x", "DTSTART:20261101T080000Z", ...lines));
    expect(calendarShifts(text, { fromMs, untilMs: fromMs + 24 * HOUR })).toEqual({
      shifts: [],
      unread: 0,
    });
  });

  it.each([
    "",
    ";PARTSTAT=NEEDS-ACTION",
    ";PARTSTAT=TENTATIVE;ROLE=OPT-PARTICIPANT",
    ";ROLE=CHAIR",
  ])("makes those on call who are asked to attend (%s)", (how) => {
    const attendee = `ATTENDEE${how}:mailto:lea@example.com`;
    const text = ics(...event("x", "DTSTART:20261101T080000Z", "DURATION:PT1H", attendee));
    expect(shiftsAt(text, "2026-11-01T00:00:00Z")).toEqual(["lea 11-01T08:00 11-01T09:00"]);
  });

  it("takes the later revision of an event that is there twice", () => {
    const text = ics(
      ...event("a", "SEQUENCE:2", "DTSTART:20261101T080000Z", "DURATION:PT1H", LEA),
      ...event(
        "a",
        "SEQUENCE:1",
        "DTSTART:20261101T080000Z",
        "DURATION:PT9H",
        "ATTENDEE:mailto:omar@example.com",
      ),
    );
    expect(shiftsAt(text, "2026-11-01T00:00:00Z")).toEqual(["lea 11-01T08:00 11-01T09:00"]);
  });

  it.each([
    ["a page to sign in", "<html><body>Sign in</body></html>"],
    ["nothing", ""],
    ["half a calendar", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a"],
    ["two calendars", ics() + ics()],
    [
      "an event that repeats each second",
      ics(...event("s", "DTSTART:20200101T000000Z", "DURATION:PT1S", "RRULE:FREQ=SECONDLY", LEA)),
    ],
    ["more than can be read", ics(...event("s", `SUMMARY:${"x".repeat(3_000_000)}`))],
  ])("that is %s is a fault, within a moment", (_, text) => {
    const fromMs = at("2026-11-01T00:00:00Z");
    const began = performance.now();
    expect(() => calendarShifts(text, { fromMs, untilMs: fromMs + HOUR })).toThrow(
      expect.objectContaining({ name: "Fault", source: "rota", code: "nonsense" }),
    );
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  const ZONES = [
    "Europe/Zurich",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "Asia/Tokyo",
    "Europe/London",
    "America/St_Johns",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "UTC",
  ];
  const clocks = new Map(
    ZONES.map((timeZone) => [
      timeZone,
      new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" }),
    ]),
  );
  const STEP = 15 * 60_000;

  it("says, of rotas in twelve zones over two years, whom a clock that is read again and again finds", () => {
    const start = at("2026-01-01T00:00:00Z");
    const rota = fc.record({
      zone: fc.constantFrom(...ZONES),
      hour: fc.nat(23),
      hours: fc.integer({ min: 1, max: 24 }),
      nowMs: fc.nat(700 * 24 * 60).map((minute) => start + minute * 60_000),
      isExcepted: fc.boolean(),
    });
    fc.assert(
      fc.property(rota, ({ zone, hour, hours, nowMs, isExcepted }) => {
        const hh = String(hour).padStart(2, "0");
        const wall = (ms: number) => clocks.get(zone)?.format(ms) ?? "";
        const today = wall(nowMs).slice(0, 10).replaceAll("-", "");
        const except = isExcepted ? [`EXDATE;TZID=${zone}:${today}T${hh}0000`] : [];
        const first = `DTSTART;TZID=${zone}:20251225T${hh}0000`;
        const lines = [first, `DURATION:PT${hours}H`, "RRULE:FREQ=DAILY", LEA, ...except];
        const text = ics(...event("r", ...lines));
        const { shifts } = calendarShifts(text, { fromMs: nowMs, untilMs: nowMs + 60_000 });
        const isOn = shifts.some(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs);
        // Every moment at which the shift may have begun; offsets are whole quarters of an hour.
        const begins = Array.from(
          { length: hours * 4 },
          (_, n) => nowMs - (nowMs % STEP) - n * STEP,
        )
          .filter((ms) => ms > nowMs - hours * HOUR)
          .map((ms) => ({ ms, said: wall(ms) }))
          .filter(({ said }) => said.endsWith(` ${hh}:00`))
          // Shown twice where clocks are put back: the first time counts.
          .filter(({ ms, said }) => ![HOUR, HOUR / 2].some((back) => wall(ms - back) === said))
          .filter(({ said }) => !isExcepted || said.slice(0, 10).replaceAll("-", "") !== today);
        // Where the clocks skip the hour that day, no clock says when the shift begins.
        const days = new Set([wall(nowMs), wall(nowMs - 24 * HOUR)].map((one) => one.slice(0, 10)));
        const shown = new Set(
          Array.from({ length: 8 * 24 }, (_, n) =>
            wall(nowMs - (nowMs % STEP) + (n - 5 * 24) * 2 * STEP),
          ),
        );
        fc.pre([...days].every((day) => shown.has(`${day} ${hh}:00`)));
        expect(isOn).toBe(begins.length > 0);
      }),
      { numRuns: 150 },
    );
  });
});
