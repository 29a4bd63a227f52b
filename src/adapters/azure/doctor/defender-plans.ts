// The Defender plan of a subscription, remembered for a while: a hint beside a list of VMs, never waited for long.

import type { ServersPlan } from "../../../domain/doctor/defender-plan.ts";
import { cachedReads } from "../../../ports/cached-reads.ts";
import type { Clock } from "../../../ports/clock.ts";
import { type Fault, isFault } from "../../../ports/fault.ts";
import type { Calls } from "../client/calls.ts";
import type { Clients } from "../client/clients.ts";
import type { FaultLog } from "../client/fault-log.ts";
import { createSubscriptions } from "./subscriptions.ts";

/** Somebody waits for the list. */
const WITHIN_MS = 2_000;
/** Plans are switched by hand, and rarely. */
const KEPT_MS = 10 * 60_000;
const ASKED_AGAIN_AFTER_MS = 60_000;

/** Answers `undefined` where Azure doesn't tell, which is said once in the log. */
export function createPlans(needs: {
  clients: Clients;
  calls: Calls;
  endpoint: string;
  clock: Pick<Clock, "monotonicMs">;
  faultLog: FaultLog;
}): (subscriptionId: string) => Promise<ServersPlan | undefined> {
  const { clock, faultLog } = needs;
  const { planOf } = createSubscriptions(needs);

  async function asked(id: string): Promise<ServersPlan | undefined> {
    let fault: Fault | undefined;
    try {
      return await planOf({ id, timeoutMs: WITHIN_MS });
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown;
      fault = thrown;
      return undefined;
    } finally {
      faultLog.note(`the Defender plan of ${id}`, fault);
    }
  }

  const plans = cachedReads((_: string, id: string) => asked(id), clock);
  return async (id) => {
    const key = id.toLowerCase();
    return (await plans(key, KEPT_MS, id)) ?? plans(key, ASKED_AGAIN_AFTER_MS, id);
  };
}
