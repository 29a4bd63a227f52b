// Another policy is in force: what waits for a decision is told who decides now, so that its cards say so.

import { isFault } from "../../ports/fault.ts";
import { repeating, type Service } from "../../ports/service.ts";
import { followPolicy } from "../requests/revoke-for-leavers.ts";

/** Cards follow within seconds. */
const LOOK_EVERY_MS = 1_000;

/**
 * Every replica does it, with the file that it holds: the one that gets a change last has the last word, and what was
 * told already isn't told twice. The file may have changed while none of them ran. Where the store is away, it's done
 * when it is back.
 */
export function policyFollower(deps: Parameters<typeof followPolicy>[0]): Service {
  const { clock, log, policy } = deps;
  let followed: string | undefined;
  const look = async (): Promise<number> => {
    const { hash } = policy();
    if (hash !== followed) await followPolicy(deps);
    followed = hash;
    return LOOK_EVERY_MS;
  };
  const failed = (thrown: unknown): number => {
    if (!isFault(thrown)) log.error({ err: thrown }, "what waits couldn't be told of the policy");
    else log.debug({ code: thrown.code }, "what waits has to wait for news of the policy");
    return LOOK_EVERY_MS;
  };
  return repeating(look, { clock, failed });
}
