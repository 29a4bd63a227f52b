// Renders the dates in Slack's markup for one reader's time zone, in Slack's English wording.

const DAY_MS = 86_400_000;

export type DateReader = { tz: string; nowMs: number };

/** The format with its tokens filled in; `undefined` where Slack would show the fallback. */
export function renderDate(unix: number, format: string, reader: DateReader): string | undefined {
  if (!Number.isFinite(unix) || !/\{\w+\}/.test(format)) return undefined;
  const atMs = unix * 1000;
  let known = true;
  const text = format.replace(/\{(\w+)\}/g, (token, name: string) => {
    const rendered = renderToken(name, atMs, reader);
    if (rendered === undefined) known = false;
    return rendered ?? token;
  });
  return known ? text : undefined;
}

function renderToken(name: string, atMs: number, reader: DateReader): string | undefined {
  const { tz } = reader;
  const pretty = name.replace(/_pretty$/, "");
  if (pretty !== name) {
    return relativeDay(atMs, reader) ?? renderToken(pretty, atMs, reader);
  }
  switch (name) {
    case "date_num":
      return formatter("en-CA", NUMERIC, tz).format(atMs);
    case "date_slash":
      return formatter("en-US", NUMERIC, tz).format(atMs);
    case "date":
      return withOrdinal(atMs, { month: "long", day: "numeric", year: "numeric" }, tz);
    case "date_long":
      return withOrdinal(
        atMs,
        { weekday: "long", month: "long", day: "numeric", year: "numeric" },
        tz,
      );
    case "date_short":
      return inEnglish({ month: "short", day: "numeric", year: "numeric" }, tz, atMs);
    case "time":
      return inEnglish({ hour: "numeric", minute: "2-digit" }, tz, atMs);
    case "time_secs":
      return inEnglish({ hour: "numeric", minute: "2-digit", second: "2-digit" }, tz, atMs);
    case "ago":
      return ago(atMs, reader.nowMs);
    default:
      return undefined;
  }
}

const NUMERIC = { year: "numeric", month: "2-digit", day: "2-digit" } as const;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** To make one takes a thousand times longer than to use it, and every look at a message needs several. */
function formatter(
  language: string,
  options: Intl.DateTimeFormatOptions,
  timeZone: string,
): Intl.DateTimeFormat {
  const key = `${language} ${timeZone} ${JSON.stringify(options)}`;
  const made = formatters.get(key) ?? new Intl.DateTimeFormat(language, { ...options, timeZone });
  formatters.set(key, made);
  return made;
}

function inEnglish(options: Intl.DateTimeFormatOptions, tz: string, atMs: number): string {
  const text = formatter("en-US", options, tz).format(atMs);
  // Newer engines put a narrow no-break space before AM and PM.
  return text.replaceAll("\u202f", " ");
}

function withOrdinal(atMs: number, options: Intl.DateTimeFormatOptions, tz: string): string {
  return inEnglish(options, tz, atMs).replace(/\b(\d{1,2}),/, (_, day) => `${ordinal(+day)},`);
}

function ordinal(day: number): string {
  if (day >= 11 && day <= 13) return `${day}th`;
  return `${day}${["th", "st", "nd", "rd"][day % 10] ?? "th"}`;
}

function relativeDay(atMs: number, { tz, nowMs }: DateReader): string | undefined {
  const day = (ms: number) => Date.parse(formatter("en-CA", NUMERIC, tz).format(ms));
  const apart = Math.round((day(atMs) - day(nowMs)) / DAY_MS);
  return { "-1": "Yesterday", "0": "Today", "1": "Tomorrow" }[String(apart)];
}

const SPANS: [unit: string, seconds: number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

function ago(atMs: number, nowMs: number): string {
  const seconds = Math.round(Math.abs(nowMs - atMs) / 1000);
  const [unit, size] = SPANS.find(([, span]) => seconds >= span) ?? ["second", 1];
  const count = Math.floor(seconds / size);
  const span = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return atMs > nowMs ? `in ${span}` : `${span} ago`;
}
