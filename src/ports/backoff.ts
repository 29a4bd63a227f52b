// The backoff of everything that is tried again: how long to wait after this many failures.

export type Backoff = {
  /** After the first failure; each doubles the last, */
  readonly firstMs: number;
  /** up to this. */
  readonly mostMs: number;
  /** A service that asks for more patience than this is asked again anyway; left out: it gets what it asks. */
  readonly askedMostMs?: number;
};

/** `failures`: in a row, at least one. What the service asked for comes first where it is longer. */
export function backoffMs(
  failures: number,
  { firstMs, mostMs, askedMostMs = Number.POSITIVE_INFINITY }: Backoff,
  asked: { readonly retryAfterMs?: number | undefined } = {},
): number {
  const ownMs = Math.min(mostMs, firstMs * 2 ** (failures - 1));
  return Math.max(ownMs, Math.min(asked.retryAfterMs ?? 0, askedMostMs));
}
