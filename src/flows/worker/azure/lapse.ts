// The end of the time to decide: that nothing was opened is said only after a look at Azure.

import { waiting } from "../../../domain/request/effects.ts";
import { MINUTE_MS } from "../../../domain/text/duration.ts";
import { isFault } from "../../../ports/fault.ts";
import type { Deps } from "../../deps.ts";
import { openAllTheSame } from "../../requests/recover.ts";
import type { LeasedRequest } from "../leased-request.ts";

type Needs = Pick<Deps, "azure" | "log">;

/** Azure is waited for so long before an undecided request expires without a look. */
const LOOKED_FOR_MS = 2 * MINUTE_MS;
const LOOK_AGAIN_MS = 5_000;

/** Nobody decided in time, by the record: where Azure has it open, the decision was lost. */
export async function lapseEffect(deps: Needs, held: LeasedRequest): Promise<void> {
  const request = held.current();
  if (request.state !== "pending") return;
  try {
    const found = await openAllTheSame(deps, request, held.nowMs());
    return await held.news(found === undefined ? { act: "lapse" } : { act: "recovered", found });
  } catch (thrown) {
    if (!isFault(thrown) || thrown.world !== "azure") throw thrown;
    deps.log.warn({ request: request.id, code: thrown.code }, "Azure could not be looked at");
    const isLong = held.nowMs() > request.lapsesAtMs + LOOKED_FOR_MS;
    if (isLong || !thrown.retryable) return held.news({ act: "lapse", unread: true });
    const nextAtMs = held.nowMs() + LOOK_AGAIN_MS;
    await held.record((now) => waiting(now, "lapse", nextAtMs));
  }
}
