// What a command of the command line needs of the process: two ways to speak, and an exit code to answer.

import { isFault } from "../ports/fault.ts";
import type { Log } from "../ports/log.ts";

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

type Complains = Pick<Terminal, "complain">;

/** Says why it can't be done as it was asked for. */
export function wrongUse({ complain }: Complains, ...why: readonly string[]): ExitCode {
  for (const line of why) complain(line);
  return WRONG_USE;
}

/** Does the work; a fault of the world outside is said in one sentence, never with a stack trace. */
export async function orFault(
  { complain }: Complains,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await work();
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    complain(`${thrown.message} (${thrown.code})`);
    return thrown.retryable ? FINDINGS : WRONG_USE;
  }
}

/** Of a log only what keeps the answer from being whole. */
export const complainingLog = ({ complain }: Complains): Log => ({
  debug: () => {},
  info: () => {},
  warn: (_, text) => complain(`Warning: ${text}`),
  error: (_, text) => complain(text),
});

/** Where what is wrong is said once, as a sentence. */
export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
