// An opening as the brake sees it, and what becomes of it where access is frozen.

import { wasSent } from "../../../domain/request/grant.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import { FROZEN_FAULT, heldUnderMs, isHeldByFreeze } from "../../../domain/rules/freeze.ts";
import type { Policy } from "../../../domain/rules/policy.ts";
import type { Opens } from "../../../ports/storage/requests.ts";
import { toAdmins } from "../../channels/to-admins.ts";
import type { Deps } from "../../deps.ts";
import type { LeasedRequest } from "../leased-request.ts";

type Needs = Pick<Deps, "freezes" | "policy" | "log">;

/** How the brake counts it, and what it does and says where it is one too many. */
export function opensOf(policy: Policy, request: AccessRequest): Opens {
  const anyway = !isHeldByFreeze(request);
  const most = policy.breaker?.opensPerMinute;
  // What is sent again was counted: an outage of Azure's is no rush of openings.
  const isFirst = request.state === "opening" && request.grant.azure.sent === 0;
  if (most === undefined || !isFirst) return { anyway };
  const reason = `more than ${most} openings within a minute`;
  return {
    anyway,
    perMinute: {
      most,
      reason,
      audit: [{ what: "frozen", detail: { reason, policy: policy.hash } }],
      // Its time is that of the step that finds it to be one too many.
      notices: toAdmins(policy, { what: "breaker", atMs: 0 }),
    },
  };
}

/** Access is frozen: what Azure was never asked for waits; nothing more is sent for what it was. */
export async function heldBack(deps: Needs, leased: LeasedRequest): Promise<void> {
  const request = leased.current();
  const freeze = await deps.freezes.now();
  // Lifted in this very moment: it goes on at once.
  if (freeze === undefined || request.state !== "opening") return;
  deps.log.info({ request: request.id }, "not opened: access is frozen");
  if (!wasSent(request.grant)) {
    const expireAfterMs = heldUnderMs(deps.policy(), request.promised.rule);
    return leased.news({ act: "frozen", freeze, expireAfterMs });
  }
  if (request.grant.azure.answer === "unsent") {
    return leased.news({ act: "refused", fault: FROZEN_FAULT });
  }
  // Azure may have heard what got no answer: it is looked for until its end, and not called failed before.
  const nextAtMs = leased.nowMs() + LOOK_AGAIN_MS;
  await leased.news({ act: "unanswered", fault: FROZEN_FAULT, ambiguous: true, nextAtMs });
}

const LOOK_AGAIN_MS = 30_000;
