// Twelve time zones of every kind, and what their clocks show, for tests that hold the product's reckoning
// against it.

/** With and without daylight saving, of both hemispheres; half and quarter hours; a change of half an hour. */
export const ZONES = [
  "UTC",
  "Europe/Zurich",
  "Europe/London",
  "America/New_York",
  "America/St_Johns",
  "America/Santiago",
  "Africa/Casablanca",
  "Asia/Kathmandu",
  "Asia/Tokyo",
  "Australia/Lord_Howe",
  "Pacific/Chatham",
  "Pacific/Auckland",
] as const;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone, weekday: "short", year: "numeric", month: "2-digit", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  });
  formats.set(timeZone, made);
  return made;
}

/** `Mon`, `2026-11-30`, `09:05`. */
export function shownBy(
  zone: string,
  atMs: number,
): { readonly weekday: string; readonly date: string; readonly clock: string } {
  const said = formatIn(zone).format(atMs);
  const [, weekday = "", day, month, year, clock = ""] =
    /^(\w{3}), (\d\d)\/(\d\d)\/(\d{4}), (\d\d:\d\d)$/.exec(said) ?? [];
  return { weekday, date: `${year}-${month}-${day}`, clock };
}

const HOUR = 60 * 60_000;
const MINUTE = 60_000;

/** How far the clocks are ahead of UTC, read off what they show. */
function aheadMs(zone: string, atMs: number): number {
  const { date, clock } = shownBy(zone, atMs);
  return Date.parse(`${date}T${clock}Z`) - atMs;
}

/** The minutes from which the clocks run otherwise, found by looking. */
export function changesOfClocks(zone: string, fromMs: number, days: number): readonly number[] {
  const found: number[] = [];
  let before = aheadMs(zone, fromMs);
  for (let hour = 0; hour < days * 24; hour += 1) {
    const atMs = fromMs + hour * HOUR;
    const after = aheadMs(zone, atMs + HOUR);
    if (after === before) continue;
    let changeMs = atMs;
    while (aheadMs(zone, changeMs) === before) changeMs += MINUTE;
    found.push(changeMs);
    before = after;
  }
  return found;
}
