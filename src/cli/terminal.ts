// What a command of the command line needs of the process: two ways to speak, and an exit code to answer.

export type Terminal = {
  /** A line on standard output. */
  say(line: string): void;
  /** A line on standard error. */
  complain(line: string): void;
};

export const FINE = 0;
export const FINDINGS = 1;
export const WRONG_USE = 2;

export type ExitCode = typeof FINE | typeof FINDINGS | typeof WRONG_USE;
