// Durations: every spelling that people and Azure use, and the way back.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatDuration,
  isoDuration,
  parseDuration,
  parseIsoDuration,
  timeLeft,
} from "../../../src/domain/text/duration.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;

describe("a duration is read from", () => {
  it.each([
    ["2h", 2 * HOUR],
    ["2H", 2 * HOUR],
    [" 2h ", 2 * HOUR],
    ["90m", 90 * MINUTE],
    ["1h30m", 90 * MINUTE],
    ["1h 30m", 90 * MINUTE],
    ["1 h 30 m", 90 * MINUTE],
    ["1 hour 30 minutes", 90 * MINUTE],
    ["1.5h", 90 * MINUTE],
    ["0.25 hours", 15 * MINUTE],
    ["1hr", HOUR],
    ["2hrs", 2 * HOUR],
    ["2 Hours", 2 * HOUR],
    ["2\u00a0hours", 2 * HOUR],
    ["45 min", 45 * MINUTE],
    ["45mins", 45 * MINUTE],
    ["1 minute", MINUTE],
    ["5s", 5000],
    ["5 sec", 5000],
    ["5 secs", 5000],
    ["1 second", 1000],
    ["400d", 400 * 24 * HOUR],
    ["1 day 2 hours", 26 * HOUR],
    ["1w", 168 * HOUR],
    ["2 weeks", 336 * HOUR],
    ["PT2H", 2 * HOUR],
    ["pt2h", 2 * HOUR],
    ["PT1H30M", 90 * MINUTE],
    ["PT1.5H", 90 * MINUTE],
    ["PT90M", 90 * MINUTE],
    ["PT5S", 5000],
    ["P1D", 24 * HOUR],
    ["P1DT12H", 36 * HOUR],
    ["P1W", 168 * HOUR],
    ["0h", 0],
    ["0m", 0],
    ["PT0S", 0],
    ["0.333h", 1_199_000],
    ["36500d", 36_500 * 24 * HOUR],
  ])("%j", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });
});

describe("no duration is read from", () => {
  it.each([
    "",
    " ",
    "24",
    "h",
    "2 years",
    "2 months",
    "2y",
    "-1h",
    "+1h",
    "1h30",
    "30m1h",
    "2h1h",
    "1,5h",
    "22,2h",
    "1.h",
    ".5h",
    "1e3h",
    "2hh",
    "2hmin",
    "P",
    "PT",
    "P1DT",
    "P2H",
    "PT1D",
    "P1Y",
    "P1M",
    "-PT1H",
    "36501d",
    "9999999999h",
    "two hours",
    "２h",
    "9".repeat(100_000),
    `2${" ".repeat(100_000)}x`,
  ])("%j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

it("reads ISO 8601 only where Azure is read", () => {
  expect(parseIsoDuration("PT3H")).toBe(3 * HOUR);
  expect(parseIsoDuration("P1D")).toBe(24 * HOUR);
  expect(parseIsoDuration("3h")).toBeUndefined();
  expect(parseIsoDuration("")).toBeUndefined();
});

describe("a duration is written as", () => {
  it.each([
    [2 * HOUR, "2h", "PT2H"],
    [90 * MINUTE, "1h30m", "PT1H30M"],
    [45 * MINUTE, "45m", "PT45M"],
    [5000, "5s", "PT5S"],
    [HOUR + 5000, "1h5s", "PT1H5S"],
    [24 * HOUR, "24h", "PT24H"],
    [47 * HOUR, "47h", "PT47H"],
    [48 * HOUR, "2d", "PT48H"],
    [49 * HOUR, "2d1h", "PT49H"],
    [400 * 24 * HOUR, "400d", "PT9600H"],
    [0, "0s", "PT0S"],
    [-5, "0s", "PT0S"],
    [59_999, "1m", "PT1M"],
  ])("%d ms: %s, %s", (ms, short, iso) => {
    expect(formatDuration(ms)).toBe(short);
    expect(isoDuration(ms)).toBe(iso);
  });
});

it("reads back whatever it wrote", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 36_500 * 86_400 }), (seconds) => {
      expect(parseDuration(formatDuration(seconds * 1000))).toBe(seconds * 1000);
      expect(parseIsoDuration(isoDuration(seconds * 1000))).toBe(seconds * 1000);
    }),
  );
});

it("answers whole seconds within bounds, or nothing, for any text", () => {
  const pieces = fc.constantFrom("1", "2.5", "0", "h", "m", "s", "d", " ", "P", "T", "-", ",", "x");
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const ms = parseDuration(parts.join(""));
      if (ms === undefined) return;
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms % 1000).toBe(0);
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }),
  );
});

describe("the time that is left", () => {
  it.each([
    [7_259_999, "2h left"],
    [119_999, "1m left"],
    [60_000, "1m left"],
    [59_999, "less than a minute left"],
    [-1, "less than a minute left"],
  ])("of %i ms is never said to be more", (ms, said) => {
    expect(timeLeft(ms)).toBe(said);
  });
});
