// Makes entries findable that were written before there were trails, or after somebody deleted them; and sweeps.

import { KEPT_FINDABLE_MS } from "../../domain/facts/facts-of.ts";
import { isFault } from "../../ports/fault.ts";
import { repeating, type Service } from "../../ports/service.ts";
import type { History } from "../../ports/storage/people/history.ts";
import type { Deps } from "../deps.ts";

/** A page after the other, and Redis has time for others between them. */
const PAGE_EVERY_MS = 100;
const LOOK_EVERY_MS = 60_000;

export function historyKeeper({
  history,
  storeClock,
  clock,
  log,
}: Pick<Deps, "storeClock" | "clock" | "log"> & { readonly history: History }): Service {
  const look = async (): Promise<number> => {
    const isMore = await history.catchUp((await storeClock.nowMs()) - KEPT_FINDABLE_MS);
    return isMore ? PAGE_EVERY_MS : LOOK_EVERY_MS;
  };
  const failed = (thrown: unknown): number => {
    if (!isFault(thrown)) log.error({ err: thrown }, "the audit's trails couldn't be laid");
    return LOOK_EVERY_MS;
  };
  return repeating(look, { clock, failed });
}
