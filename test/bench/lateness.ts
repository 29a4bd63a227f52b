// Timers whose times are fixed beforehand, and how late each of them is when its work begins.

/** The nth of them is due at `firstAtMs + n * everyMs`. */
export type Spread = {
  readonly firstAtMs: number;
  readonly count: number;
  readonly everyMs: number;
};

/** 667 a second: one process has to work for all of half a minute. */
export const MANY = { count: 20_000, everyMs: 1_000 / 667 } as const;

/** So few that a worker sleeps before each. Of these some are stored only when they are nearly due. */
export const FEW = { count: 400, everyMs: 50 } as const;
const STORED_BEFORE_MS = 200;

/** Every second one of a few is stored beforehand: the worker has to sleep until then. */
export const isKnownBefore = (n: number): boolean => n % 2 === 0;

export const dueOf = (n: number, { firstAtMs, everyMs }: Spread): number =>
  firstAtMs + Math.round(n * everyMs);

export type Lateness = {
  readonly meanMs: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  /** Processor time of one timer. */
  readonly usedMs: number;
};

export type Watch = {
  /** The work of a timer that was due at `dueAtMs` begins now. */
  note(dueAtMs: number): void;
  /** Resolves when all have been noted. */
  readonly done: Promise<Lateness>;
};

export function watchLateness(count: number): Watch {
  const lateMs: number[] = [];
  const before = process.cpuUsage();
  let finish: (found: Lateness) => void = () => undefined;
  const done = new Promise<Lateness>((resolve) => {
    finish = resolve;
  });
  const summed = (): Lateness => {
    const { user, system } = process.cpuUsage(before);
    const sorted = lateMs.toSorted((a, b) => a - b);
    return {
      meanMs: lateMs.reduce((sum, one) => sum + one, 0) / count,
      p99Ms: sorted[Math.floor(count * 0.99)] ?? Number.NaN,
      mostMs: sorted.at(-1) ?? Number.NaN,
      usedMs: (user + system) / 1_000 / count,
    };
  };
  return {
    done,
    note: (dueAtMs) => {
      lateMs.push(Date.now() - dueAtMs);
      if (lateMs.length === count) finish(summed());
    },
  };
}

/** Stores one after the other, each so long before it is due. */
export async function trickle(
  spread: Spread,
  store: (n: number, dueAtMs: number) => Promise<unknown>,
): Promise<void> {
  for (let n = 0; n < spread.count; n++) {
    if (isKnownBefore(n)) continue;
    const dueAtMs = dueOf(n, spread);
    const inMs = dueAtMs - STORED_BEFORE_MS - Date.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, inMs)));
    await store(n, dueAtMs);
  }
}

export const numbers = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, n) => n);

/** Stores them, this many together. */
export async function inPortions(
  all: readonly number[],
  together: number,
  store: (some: readonly number[]) => Promise<unknown>,
): Promise<void> {
  for (let at = 0; at < all.length; at += together) await store(all.slice(at, at + together));
}
