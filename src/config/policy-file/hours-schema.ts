// The hours of a rule as they are written: days of the week, times of the clock, a zone.

import { z } from "zod";
import { isZone } from "../../domain/text/moments.ts";
import { nearest } from "../../domain/text/nearest-names.ts";
import { shown } from "../config-fault.ts";
import { anyCase } from "./patterns.ts";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const EVERY_DAY: readonly number[] = DAYS.map((_, index) => index + 1);

const DAY = `(?:${DAYS.map((day) => `${anyCase(day.slice(0, 3))}(?:${anyCase(day.slice(3))})?`).join("|")})`;
const SPAN = `\\s*${DAY}\\s*(?:-\\s*${DAY}\\s*)?`;
/** `mon`, `mon-fri`, `mon, wed, fri-sun`; whole names, too. */
const DAYS_PATTERN = `^${SPAN}(?:,${SPAN})*$`;
const SPAN_PATTERN = `^${SPAN}$`;

const numberOf = (name: string): number =>
  DAYS.findIndex((day) => day.startsWith(name.trim().toLowerCase().slice(0, 3))) + 1;

/** `fri-mon` is four days. */
function daysOf(text: string): readonly number[] {
  return text.split(",").flatMap((span) => {
    const [first = "", last = first] = span.split("-");
    const from = numberOf(first);
    const count = ((numberOf(last) - from + DAYS.length) % DAYS.length) + 1;
    return Array.from({ length: count }, (_, index) => ((from + index - 1) % DAYS.length) + 1);
  });
}

const daysText = (pattern: string) =>
  z
    .string()
    .meta({ pattern, examples: ["mon-fri"] })
    .transform((text, context) => {
      if (new RegExp(pattern, "u").test(text)) return daysOf(text);
      context.addIssue(`${shown(text)} isn't a day of the week: write it like mon, or mon-fri.`);
      return [];
    });

const Days = z
  .union([
    daysText(DAYS_PATTERN),
    z
      .array(daysText(SPAN_PATTERN))
      .min(1, "This list is empty: name a day, or remove the key for every day.")
      .transform((lists) => lists.flat()),
  ])
  .transform((days) => [...new Set(days)].sort((a, b) => a - b));

const CLOCK = "(?:[01]?\\d|2[0-3]):[0-5]\\d";

const clock = (pattern: string, example: string) =>
  z
    .string({ error: ({ input }) => (input === undefined ? undefined : clockFault(input)) })
    .meta({ pattern, examples: [example] })
    .transform((text, context) => {
      if (!new RegExp(pattern, "u").test(text)) context.addIssue(clockFault(text));
      const [hours = 0, minutes = 0] = text.split(":").map(Number);
      return hours * 60 + minutes;
    });

const clockFault = (input: unknown): string =>
  `${shown(input)} isn't a time of day: write it like "08:00", in quotes.`;

const Zone = z
  .string()
  .meta({ minLength: 1, examples: ["Europe/Zurich"] })
  .superRefine((text, context) => {
    if (isZone(text)) return;
    const [meant] = nearest(text, Intl.supportedValuesOf("timeZone"), 1);
    const fix = meant === undefined ? "one such as Europe/Zurich or UTC" : meant;
    context.addIssue(`${shown(text)} isn't a time zone: write ${fix}.`);
  });

export const HoursFile = z
  .strictObject({
    days: Days.optional().describe("Days on which the hours begin. Default: every day."),
    from: clock(`^${CLOCK}$`, "08:00"),
    to: clock(`^(?:${CLOCK}|24:00)$`, "18:00").describe(
      "If it's before from, the next day is meant.",
    ),
    zone: Zone.describe(
      "IANA time zone, such as Europe/Zurich; daylight saving is taken into account.",
    ),
  })
  .superRefine(({ from, to }, context) => {
    if (from !== to) return;
    const message = 'This is the same as from: write from "00:00" to "24:00" for the whole day.';
    context.addIssue({ code: "custom", message, path: ["to"] });
  })
  .transform(({ days = EVERY_DAY, ...times }) => ({ days, ...times }))
  .meta({ examples: [{ days: "mon-fri", from: "08:00", to: "18:00", zone: "Europe/Zurich" }] });
