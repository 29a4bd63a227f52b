// Lengths of time: read as people and Azure write them, written as short as they can be read again.

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;

/** Far beyond every setting, near enough that a moment plus a duration is still a valid date. */
const DURATION_MAX_MS = 36_500 * DAY_MS;

/** Longer texts are no durations; it keeps the matching below cheap whatever is typed. */
const TEXT_CHARACTERS_MAX = 64;

// Units run from long to short and each occurs once, so `30m 1h` and `2h 1h` aren't durations.
const SPOKEN = new RegExp(
  `^${[
    "(?:#(?:w|weeks?))?",
    "(?:#(?:d|days?))?",
    "(?:#(?:h|hrs?|hours?))?",
    "(?:#(?:m|mins?|minutes?))?",
    "(?:#(?:s|secs?|seconds?))?",
  ]
    .join("\\s*")
    .replaceAll("#", "(\\d{1,9}(?:\\.\\d{1,6})?)\\s*")}$`,
  "i",
);

const ISO = new RegExp(
  "^P(?:#W)?(?:#D)?(?:T(?=\\d)(?:#H)?(?:#M)?(?:#S)?)?$".replaceAll(
    "#",
    "(\\d{1,9}(?:\\.\\d{1,6})?)",
  ),
  "i",
);

const UNITS_MS = [WEEK_MS, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS];

/**
 * Reads `2h`, `90m`, `1h30m`, `1.5h`, `2 hours`, `45 min`, `5s`, `400d`, `PT2H`, `P1D`, in any
 * case. Answers milliseconds, always whole seconds (`0.333h` is rounded), or `undefined` for
 * anything else: a number without a unit, months and years, negatives, and a comma within a number,
 * because `22,2h` is more often a port and a duration than a fraction. `0h` is 0, for the caller to
 * refuse in words.
 */
export function parseDuration(text: string): number | undefined {
  if (text.length > TEXT_CHARACTERS_MAX) return undefined;
  // Runs of spaces would make the many `\s*` of the pattern try every way to share them out.
  return sum(SPOKEN.exec(text.trim().replace(/\s+/g, " "))) ?? parseIsoDuration(text);
}

/** Reads a duration as Azure writes it: `PT3H`, `P1D`, `P1DT12H`. Answers milliseconds. */
export function parseIsoDuration(text: string): number | undefined {
  return text.length > TEXT_CHARACTERS_MAX ? undefined : sum(ISO.exec(text.trim()));
}

function sum(match: RegExpExecArray | null): number | undefined {
  const amounts = match?.slice(1);
  if (!amounts?.some((amount) => amount !== undefined)) return undefined;
  const totalMs = amounts.reduce(
    (ms, amount, index) => ms + Number(amount ?? 0) * (UNITS_MS[index] ?? 0),
    0,
  );
  return totalMs > DURATION_MAX_MS ? undefined : wholeSeconds(totalMs) * SECOND_MS;
}

/** Writes `2h`, `1h30m`, `45m`, `5s`; days from two on (`24h`, but `2d`). Below a second: `0s`. */
export function formatDuration(durationMs: number): string {
  const seconds = wholeSeconds(durationMs);
  const days = seconds < 2 * 86_400 ? 0 : Math.floor(seconds / 86_400);
  return clockParts(seconds - days * 86_400, ["h", "m", "s"], days > 0 ? `${days}d` : "") || "0s";
}

/** Writes `PT2H`, `PT1H30M`, `PT24H`: hours and less, which every reader of ISO 8601 knows. */
export function isoDuration(durationMs: number): string {
  return `PT${clockParts(wholeSeconds(durationMs), ["H", "M", "S"], "") || "0S"}`;
}

function clockParts(seconds: number, units: readonly string[], before: string): string {
  const amounts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return amounts.reduce(
    (text, amount, index) => (amount > 0 ? `${text}${amount}${units[index] ?? ""}` : text),
    before,
  );
}

const wholeSeconds = (durationMs: number): number =>
  Math.max(0, Math.round(durationMs / SECOND_MS));

/** `10m left`: whole minutes, rounded down so as never to promise more. */
export const timeLeft = (leftMs: number): string =>
  leftMs < MINUTE_MS
    ? "less than a minute left"
    : `${formatDuration(Math.floor(leftMs / MINUTE_MS) * MINUTE_MS)} left`;
