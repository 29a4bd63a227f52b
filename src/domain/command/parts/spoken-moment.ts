// Reads a moment within a command: `23:00`, `tomorrow 9:00`, `friday`, `2026-12-01 23:00`; and writes it again.

import type { Day, SpokenMoment } from "../../text/moments.ts";
import { isRefusal, type Refusal, refuse } from "../../text/refusal.ts";
import { typed } from "../../text/typed.ts";
import { listed } from "../../text/words.ts";
import { type Word, wordAt } from "../word-reader.ts";
import { withoutPunctuation } from "./duration-at.ts";

const WEEKDAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;

/** Three letters are enough for any of them. */
const SHORTEST = 3;

/** Answers the moment that begins with `word` and where it ends; a refusal where none does. */
export function spokenMomentAt(
  text: string,
  word: Word,
): { readonly moment: SpokenMoment; readonly end: number } | Refusal {
  const first = said(word);
  if (/\s/.test(first)) return quotedMoment(word);
  const exactMs = instantOf(first);
  if (exactMs !== undefined) return { moment: { exactMs }, end: word.end };
  const alone = timeOf(first);
  if (alone !== undefined) return { moment: { time: alone }, end: word.end };
  const day = dayOf(first);
  if (day === undefined) return unclear(word.text);
  const next = wordAt(text, word.end);
  const time = next && timeOf(said(next));
  return next === undefined || time === undefined
    ? { moment: { day }, end: word.end }
    : { moment: { day, time }, end: next.end };
}

/** A moment has no keywords, so quotes around it, or a part of it, change nothing. */
const said = ({ text }: Word): string => withoutPunctuation(text.trim().toLowerCase());

/** Several words in quotes, as one copies them from the bot's own examples: all of them are the moment. */
function quotedMoment({ text: inner, end }: Word): ReturnType<typeof spokenMomentAt> {
  const first = wordAt(inner, 0);
  const read = first === undefined || first.quoted ? unclear(inner) : spokenMomentAt(inner, first);
  if (isRefusal(read)) return unclear(inner);
  return wordAt(inner, read.end) === undefined ? { moment: read.moment, end } : unclear(inner);
}

function unclear(text: string): Refusal {
  const examples = ["23:00", "9am", "tomorrow 9:00", "friday 9:00", "2026-12-01 23:00"];
  return refuse("bad-time")`I can't read ${typed(text)} as a time: write for example ${listed(
    examples.map((code) => ({ code })),
    "or",
  )}.`;
}

/** `23:00`, `9:00`, `9am`, `9:30pm`; a bare number could be anything. */
function timeOf(word: string): SpokenMoment["time"] {
  const [all, hours, minutes, half] = /^(\d{1,2})(?::(\d\d))?(am|pm)?$/.exec(word) ?? [];
  if (all === undefined || (minutes === undefined && half === undefined)) return undefined;
  const minute = Number(minutes ?? 0);
  const said = Number(hours);
  if (minute > 59) return undefined;
  if (half === undefined) return said > 23 ? undefined : { hour: said, minute };
  if (said < 1 || said > 12) return undefined;
  return { hour: (said % 12) + (half === "pm" ? 12 : 0), minute };
}

function dayOf(word: string): Day | undefined {
  if (word === "today" || word === "tomorrow") return word;
  if (word.length >= SHORTEST) {
    const index = WEEKDAYS.findIndex((one) => one.startsWith(word));
    if (index >= 0) return { weekday: index + 1 };
  }
  const [all, ...parts] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(word) ?? [];
  if (all === undefined) return undefined;
  const [year = 0, month = 0, day = 0] = parts.map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? { year, month, day } : undefined;
}

/** `2026-12-01T22:00Z`, by whatever clocks somebody lives: what the bot itself writes into a button. */
function instantOf(word: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dt\d\d:\d\dz$/.test(word)) return undefined;
  const ms = Date.parse(word.toUpperCase());
  return Number.isFinite(ms) && formatInstant(ms).toLowerCase() === word ? ms : undefined;
}

const formatInstant = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16)}Z`;

export function formatMoment({ day, time, exactMs }: SpokenMoment): string {
  if (day === undefined && time === undefined && exactMs !== undefined) {
    return formatInstant(exactMs);
  }
  const said = day === undefined ? [] : [formatDay(day)];
  const clock = time === undefined ? [] : [`${time.hour}:${two(time.minute)}`];
  return [...said, ...clock].join(" ");
}

function formatDay(day: Day): string {
  if (typeof day === "string") return day;
  if ("weekday" in day) return WEEKDAYS[day.weekday - 1] ?? "";
  return `${String(day.year).padStart(4, "0")}-${two(day.month)}-${two(day.day)}`;
}

const two = (number: number): string => String(number).padStart(2, "0");
