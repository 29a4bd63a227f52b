// Lets each visitor come so often in a minute, and remembers no more of them than it has room for.

const MINUTE_MS = 60_000;
/** Beyond this many visitors in a minute nobody is held back: better that than to be made to forget on purpose. */
const VISITORS_MAX = 20_000;

/** Answers whether a visitor may come once more now. */
export function perMinute(most: number, nowMs: () => number): (visitor: string) => boolean {
  let counts = new Map<string, number>();
  let sinceMs = Number.NEGATIVE_INFINITY;
  return (visitor) => {
    if (nowMs() - sinceMs >= MINUTE_MS) {
      counts = new Map();
      sinceMs = nowMs();
    }
    const count = (counts.get(visitor) ?? 0) + 1;
    if (counts.size < VISITORS_MAX || counts.has(visitor)) counts.set(visitor, count);
    return count <= most;
  };
}
