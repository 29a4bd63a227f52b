// The rotas of the simulated providers: whose shift it is, by schedule.

export type SimulatedShift = {
  schedule: string;
  name: string;
  address: string;
  fromMs: number;
  untilMs: number;
};

export type RotaWorld = {
  shifts: SimulatedShift[];
  /** Schedules that no escalation policy has: PagerDuty reports nobody on call for them. */
  unused: Set<string>;
};

export const rotaWorld = (shifts: SimulatedShift[] = []): RotaWorld => ({
  shifts,
  unused: new Set(),
});

/** Those that touch the time, the earliest first. */
export const shiftsWithin = (
  { shifts }: RotaWorld,
  schedules: readonly string[],
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
): SimulatedShift[] =>
  shifts
    .filter((one) => schedules.includes(one.schedule))
    .filter((one) => one.untilMs > fromMs && one.fromMs < untilMs)
    .sort((one, other) => one.fromMs - other.fromMs || (one.address < other.address ? -1 : 1));

export const hasSchedule = ({ shifts, unused }: RotaWorld, schedule: string): boolean =>
  unused.has(schedule) || shifts.some((one) => one.schedule === schedule);
