// The stretch of time that an audit looks at: `24h`, `7d`, `2026-11-01..2026-11-08`.

import { DAY_MS, formatDuration } from "../../text/duration.ts";
import { isRefusal, type Refusal, refuse } from "../../text/refusal.ts";
import { typed } from "../../text/typed.ts";
import { askedDuration } from "../answer-fields.ts";
import type { Word } from "../word-reader.ts";
import { durationAt, misspelledDurationAt } from "./duration-at.ts";

export type Period =
  /** Up to now. */
  | { readonly lastMs: number }
  /** Whole days in UTC, the last one included; `untilMs` is the first moment after it. */
  | { readonly fromMs: number; readonly untilMs: number };

/** Answers the period that begins with `word` and where it ends, `undefined` where none begins. */
export function periodAt(
  text: string,
  word: Word,
): { readonly period: Period; readonly end: number } | undefined | Refusal {
  const duration = durationAt(text, word.start);
  const misspelled = misspelledDurationAt(text, word.start, true);
  const spelled = duration?.spelled ?? misspelled;
  if (spelled !== undefined) {
    const lastMs = askedDuration(spelled);
    return isRefusal(lastMs) ? lastMs : { period: { lastMs }, end: duration?.end ?? word.end };
  }
  if (!/^\d/.test(word.text)) return undefined;
  const period = days(word.text.replace(/,$/, ""));
  return isRefusal(period) ? period : { period, end: word.end };
}

export const formatPeriod = (period: Period): string =>
  "lastMs" in period ? formatDuration(period.lastMs) : formatDays(period.fromMs, period.untilMs);

const formatDays = (fromMs: number, untilMs: number): string =>
  [fromMs, untilMs - DAY_MS].map((ms) => new Date(ms).toISOString().slice(0, 10)).join("..");

// Phones make one character of three full stops.
const DAYS = /^(\d{4}-\d\d-\d\d)(?:(?:\.{2,3}|…)(\d{4}-\d\d-\d\d))?$/;

function days(spelled: string): Period | Refusal {
  const [, first = "", last = first] = DAYS.exec(spelled) ?? [];
  const fromMs = startOfDay(first);
  const lastMs = startOfDay(last);
  if (fromMs === undefined || lastMs === undefined) {
    const one = { code: "7d" };
    const other = { code: "2026-11-01..2026-11-08" };
    return refuse(
      "bad-duration",
    )`${typed(spelled)} isn't a period I understand: write for example ${one} or ${other}.`;
  }
  if (lastMs >= fromMs) return { fromMs, untilMs: lastMs + DAY_MS };
  const swapped = typed(`${last}..${first}`);
  return refuse("bad-duration")`${typed(spelled)} ends before it begins: write ${swapped}.`;
}

/** Midnight in UTC; `undefined` for a day that no calendar has. */
function startOfDay(day: string): number | undefined {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return new Date(ms || 0).toISOString().startsWith(day) && day !== "" ? ms : undefined;
}
