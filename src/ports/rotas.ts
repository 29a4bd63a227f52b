// What the bot needs from those that keep rotas: the shifts of one source, and who is on call by them.

import type { OnDuty, RotaSource, Shift } from "../domain/on-call/rota.ts";
import type { RotaName } from "../domain/text/ids.ts";

export type RotaReading = {
  /** Those that touch the time that was asked for; a shift on another day may be missing. */
  readonly shifts: readonly Shift[];
  /** How many entries name nobody by an address, or no time that can be known. */
  readonly unread: number;
};

export type RotaWindow = { readonly fromMs: number; readonly untilMs: number };

/**
 * Reads the source now, and takes seconds at most. Throws a `Fault` from `rota` where it can't be read, or
 * answers what can't be understood.
 */
export type Rotas = (source: RotaSource, window: RotaWindow) => Promise<RotaReading>;

/**
 * Who is on call by each of the rotas, each once, read at most `maxAgeMs` ago and never over a minute. A rota that
 * can't be read has nobody, and says why.
 */
export type OnCall = (rotas: readonly RotaName[], maxAgeMs: number) => Promise<readonly OnDuty[]>;
