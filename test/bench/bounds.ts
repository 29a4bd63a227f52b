// What the benchmark has to reach, in one place: it exits with 1 where a row misses its bound.

export type Bound = {
  /** Of the bot's own figure, or of that by the other's. */
  readonly of: "figure" | "ratio";
  readonly is: "at least" | "at most";
  readonly value: number;
};

const ratioAtLeast = (value: number): Bound => ({ of: "ratio", is: "at least", value });
const ratioAtMost = (value: number): Bound => ({ of: "ratio", is: "at most", value });
const atMost = (value: number): Bound => ({ of: "figure", is: "at most", value });

/** By the name of the row. */
export const BOUNDS: Readonly<Record<string, Bound>> = {
  "`/jit help`: acknowledged": ratioAtLeast(0.8),
  "`/jit help`: p99": ratioAtMost(1.5),
  "refused request: acknowledged": ratioAtLeast(0.8),
  "refused request: p99": ratioAtMost(1.5),
  "accepted request: acknowledged": ratioAtLeast(0.6),
  "accepted request: p99": ratioAtMost(2),
  "one life: processor time": ratioAtMost(1.5),
  "start to ready": ratioAtMost(1.5),
  "one life with traces: processor time": ratioAtMost(1.1),
  "20 VMs in one request: calls to Slack": ratioAtMost(1.5),
  "20 VMs in one request: processor time of one": ratioAtMost(1),
  "20,000 timers at 667 a second: lateness, mean": ratioAtMost(0.1),
  "a timer: Redis memory": ratioAtMost(0.333),
  "20 timers a second: lateness, p99": atMost(50),
  "another replica carries on after SIGKILL, slowest of five": atMost(5_000),
  "another replica carries on after SIGTERM, slowest of five": atMost(1_000),
  "one life: Redis commands": atMost(40),
  "open grant: document and indexes": atMost(2_304),
};

export const keeps = (value: number, { is, value: bound }: Bound): boolean =>
  is === "at least" ? value >= bound : value <= bound;
