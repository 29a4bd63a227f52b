// Something that changes, with what it was before: whatever may be read old is asked for as old as it may be.

export type Past<Value> = {
  set(value: Value): void;
  now(): Value;
  /** What it was so long ago. */
  ago(ms: number): Value;
  /** Everything that it was since then, what it was then included. */
  within(ms: number): readonly Value[];
};

export function pastOf<Value>(first: Value, nowMs: () => number): Past<Value> {
  const all = [{ sinceMs: 0, value: first }];
  const last = () => all[all.length - 1] ?? { sinceMs: 0, value: first };
  const ago = (ms: number): Value =>
    (all.findLast((one) => one.sinceMs <= nowMs() - ms) ?? { value: first }).value;
  return {
    set: (value) => void all.push({ sinceMs: nowMs(), value }),
    now: () => last().value,
    // What was set at this very moment counts as now.
    ago: (ms) => (ms === 0 ? last().value : ago(ms)),
    within: (ms) => [
      ago(ms),
      ...all.filter((one) => one.sinceMs > nowMs() - ms).map(({ value }) => value),
    ],
  };
}
