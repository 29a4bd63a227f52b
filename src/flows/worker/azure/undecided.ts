// The end of the time to decide: that nothing was opened is said only after a look at Azure.

import { waiting } from "../../../domain/request/effects.ts";
import { isWaiting } from "../../../domain/request/request.ts";
import { MINUTE_MS } from "../../../domain/text/duration.ts";
import { isFault } from "../../../ports/fault.ts";
import type { Deps } from "../../deps.ts";
import { openAllTheSame } from "../../requests/recover.ts";
import type { LeasedRequest } from "../leased-request.ts";

type Needs = Pick<Deps, "azure" | "log">;

/** How long to wait for Azure before an undecided request expires unchecked. */
const LOOKED_FOR_MS = 2 * MINUTE_MS;
const LOOK_AGAIN_MS = 5_000;

/** Nobody decided in time, by the record: where Azure has it open, the decision was lost. */
export async function expireUndecided(deps: Needs, leased: LeasedRequest): Promise<void> {
  const request = leased.current();
  if (!isWaiting(request)) return;
  try {
    const found = await openAllTheSame(deps, request, leased.nowMs());
    return await leased.news(found === undefined ? { act: "expire" } : { act: "recovered", found });
  } catch (thrown) {
    if (!isFault(thrown) || thrown.source !== "azure") throw thrown;
    deps.log.warn({ request: request.id, code: thrown.code }, "Azure couldn't be checked");
    const isLong = leased.nowMs() > request.expiresAtMs + LOOKED_FOR_MS;
    if (isLong || !thrown.retryable) return leased.news({ act: "expire", unread: true });
    const nextAtMs = leased.nowMs() + LOOK_AGAIN_MS;
    await leased.record((now) => waiting(now, "lapse", nextAtMs));
  }
}
