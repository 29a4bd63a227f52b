// How work grows with its input, as a ratio taken in one run: no clock of the wall, no speed of the machine.

const TRIES = 3;
/** The kernel counts in steps of some milliseconds: less than this is not told apart. */
const LEAST_MICROS = 20_000;

/**
 * The processor time of `work(4 * size)` over that of `work(size)`, each the least of a few tries: about 4
 * or less where the time is proportional, about 16 where it is the square.
 */
export function growth(work: (size: number) => void, size: number): number {
  const least = (of: number): number =>
    Math.min(...Array.from({ length: TRIES }, () => usedMicros(() => work(of))));
  least(size);
  return least(4 * size) / Math.max(LEAST_MICROS, least(size));
}

function usedMicros(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}
