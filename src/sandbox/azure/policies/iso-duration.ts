// Durations in ISO 8601, as policies carry them: PT3H, PT90M, P1D.

const PATTERN = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** `undefined` for anything else, months and weeks included. */
export function durationMs(text: string): number | undefined {
  const match = PATTERN.exec(text);
  if (!match || /^P$|T$/.test(text)) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((n) => Number(n ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
}
