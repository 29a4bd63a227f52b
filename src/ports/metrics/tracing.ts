// What follows a request through replicas and services, for those who run the bot. It is told of the bot's own names
// and of a request's id, never of anything that people typed. Nothing waits for it, and nothing goes by it.

import type { EffectName } from "../../domain/request/document/attempts.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import type { RefusalCode } from "../../domain/text/refusal.ts";

type PersonAct = {
  /** One of few, such as `command request` or `click approve`. */
  readonly name: string;
  /** What it is about, where that is known before anything is done. */
  readonly request?: RequestId | undefined;
};

export type Tracing = {
  /** Runs what a person asked for, and answers what it answers. */
  inbound<Done>(
    act: PersonAct,
    run: () => Promise<Done>,
    refusedOf?: (done: Done) => RefusalCode | undefined,
  ): Promise<Done>;
  /** Runs a worker's claim of a request that was last written as `version`. */
  claim<Done>(
    of: { readonly request: RequestId; readonly version: number },
    run: () => Promise<Done>,
  ): Promise<Done>;
  /** Runs one effect of the claim that it is called in. */
  effect<Done>(name: EffectName, run: () => Promise<Done>): Promise<Done>;
};

export const NO_TRACING: Tracing = {
  inbound: (_act, run) => run(),
  claim: (_of, run) => run(),
  effect: (_name, run) => run(),
};
