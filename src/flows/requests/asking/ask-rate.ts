// How often somebody may ask: counted over all replicas, before Slack is asked about them once more.

import type { UserId } from "../../../domain/text/ids.ts";
import { type Refusal, refuse } from "../../../domain/text/refusal.ts";
import type { Deps } from "../../deps.ts";
import { secondsOf } from "../../limits/person-limits.ts";

/** Counts an ask that could be granted; breaking the glass isn't held back by what was asked before. */
export async function refuseTooManyAsks(
  { rateLimits, policy }: Pick<Deps, "rateLimits" | "policy">,
  user: UserId,
  { breakGlass }: { readonly breakGlass: boolean },
): Promise<Refusal | undefined> {
  const most = policy().limits.asksPerMinute;
  const waitMs = await rateLimits.takeAsk(user, most, breakGlass ? "break-glass" : "usual");
  if (waitMs === 0) return undefined;
  const requests = most === 1 ? "1 request" : `${most} requests`;
  return refuse(
    "too-many-asks",
  )`You made ${requests} in the last minute, which is the limit: try again in ${secondsOf(waitMs)}.`;
}
