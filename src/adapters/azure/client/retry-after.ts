// How long Azure asks us to wait, in each of the ways that it says so.

type Header = (name: string) => string | undefined;

/** From `Retry-After` (seconds or a date) or Resource Graph's quota; `undefined`: it doesn't say. */
export function retryAfterMs(header: Header, nowMs: number): number | undefined {
  for (const name of ["retry-after-ms", "x-ms-retry-after-ms"]) {
    const ms = wholeNumber(header(name));
    if (ms !== undefined) return ms;
  }
  const asked = header("retry-after");
  if (asked !== undefined) {
    const seconds = wholeNumber(asked);
    if (seconds !== undefined) return seconds * 1_000;
    const untilMs = Date.parse(asked);
    // By Azure's own clock where it says the time: ours may be wrong.
    const sinceMs = Date.parse(header("date") ?? "") || nowMs;
    if (!Number.isNaN(untilMs)) return Math.max(0, untilMs - sinceMs);
  }
  return quotaResetsAfterMs(header);
}

/** `x-ms-user-quota-resets-after`, which is written as hours, minutes and seconds. */
export function quotaResetsAfterMs(header: Header): number | undefined {
  const match = /^(\d{1,2}):(\d\d):(\d\d)(?:\.\d+)?$/.exec(
    header("x-ms-user-quota-resets-after") ?? "",
  );
  if (match === null) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
}
