// The Defender plan of a subscription, remembered for a while: a hint beside a list of VMs, never waited for long.

import type { ServersPlan } from "../../../domain/doctor/defender-plan.ts";
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

type Known = { readonly untilMs: number; readonly plan: Promise<ServersPlan | undefined> };

/** Answers `undefined` where Azure does not tell, which is said once in the log. */
export function createPlans(world: {
  clients: Clients;
  calls: Calls;
  endpoint: string;
  clock: Pick<Clock, "monotonicMs">;
  troubles: FaultLog;
}): (subscriptionId: string) => Promise<ServersPlan | undefined> {
  const { clock, troubles } = world;
  const { planOf } = createSubscriptions(world);
  const known = new Map<string, Known>();

  async function asked(id: string): Promise<ServersPlan | undefined> {
    let fault: Fault | undefined;
    try {
      return await planOf({ id, timeoutMs: WITHIN_MS });
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown;
      fault = thrown;
      return undefined;
    } finally {
      troubles.note(`the Defender plan of ${id}`, fault);
    }
  }

  return (subscriptionId) => {
    const key = subscriptionId.toLowerCase();
    const nowMs = clock.monotonicMs();
    const before = known.get(key);
    if (before !== undefined && nowMs < before.untilMs) return before.plan;
    const plan = asked(subscriptionId);
    known.set(key, { untilMs: nowMs + ASKED_AGAIN_AFTER_MS, plan });
    void plan.then((told) => told && known.set(key, { untilMs: nowMs + KEPT_MS, plan }));
    return plan;
  };
}
