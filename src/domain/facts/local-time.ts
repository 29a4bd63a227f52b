// What the clock on the wall says in somebody's time zone. Pure.

export type WallClock = {
  /** Since midnight. */
  readonly minutes: number;
  /** `2026-11`. */
  readonly month: string;
};

/** Making one takes as long as rendering a card; there are some four hundred zones, and as many spellings as one likes. */
const made = new Map<string, Intl.DateTimeFormat>();
const MADE_MAX = 500;

/** Answers what tells the time in a zone; `undefined` where nobody knows such a zone. */
export function wallClock(zone: string): ((atMs: number) => WallClock) | undefined {
  const format = made.get(zone) ?? formatIn(zone);
  if (format === undefined) return undefined;
  if (made.size < MADE_MAX) made.set(zone, format);
  return (atMs) => {
    const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    return {
      minutes: Number(parts.get("hour")) * 60 + Number(parts.get("minute")),
      month: `${parts.get("year")}-${parts.get("month")}`,
    };
  };
}

function formatIn(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-GB", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    return undefined;
  }
}
