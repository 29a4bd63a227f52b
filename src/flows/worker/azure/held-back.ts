// An opening as the brake sees it, and what becomes of it where access is frozen.

import type { AccessRequest, In } from "../../../domain/request/request.ts";
import { FROZEN_FAULT, isHeldByFreeze } from "../../../domain/rules/freeze.ts";
import type { Policy } from "../../../domain/rules/policy.ts";
import { HOUR_MS } from "../../../domain/text/duration.ts";
import type { Opens } from "../../../ports/storage/requests.ts";
import { toAdmins } from "../../channels/to-admins.ts";
import type { Deps } from "../../deps.ts";
import type { LeasedRequest } from "../leased-request.ts";

type Needs = Pick<Deps, "freezes" | "policy" | "log">;

/** How the brake counts it, and what it does and says where it is one too many. */
export function opensOf(policy: Policy, request: AccessRequest): Opens {
  const anyway = !isHeldByFreeze(request);
  const most = policy.breaker?.opensPerMinute;
  if (most === undefined) return { anyway };
  const reason = `more than ${most} openings within a minute`;
  return {
    anyway,
    perMinute: {
      most,
      reason,
      audit: [{ what: "frozen", detail: { reason, policy: policy.hash } }],
      notices: toAdmins(policy, { what: "breaker", atMs: 0 }),
    },
  };
}

/** A rule that is gone doesn't say how long what it decided waits. */
const EXPIRES_AFTER_MS = 4 * HOUR_MS;

/** Access is frozen: what Azure was never asked for waits; nothing more is sent for what it was. */
export async function heldBack(deps: Needs, leased: LeasedRequest): Promise<void> {
  const request = leased.current();
  const freeze = await deps.freezes.now();
  // Lifted in this very moment: it goes on at once.
  if (freeze === undefined || request.state !== "opening") return;
  deps.log.info({ request: request.id }, "not opened: access is frozen");
  await leased.news(
    request.grant.azure.sent > 0
      ? { act: "refused", fault: FROZEN_FAULT }
      : { act: "frozen", freeze, expireAfterMs: waitsFor(deps.policy(), request) },
  );
}

const waitsFor = ({ rules }: Policy, { promised }: In<"opening">): number =>
  rules.find(({ name }) => name === promised.rule)?.expireAfterMs ?? EXPIRES_AFTER_MS;
