// What was decided while access was frozen: it goes on when the freeze is lifted, if everything still holds.

import { waitsForRequester } from "../../domain/request/acts/ready.ts";
import type { WorldAct } from "../../domain/request/acts/world-act.ts";
import type { FaultNote } from "../../domain/request/grant.ts";
import type { In } from "../../domain/request/request.ts";
import { heldUnderMs } from "../../domain/rules/freeze.ts";
import { isRefusal, type Refusal } from "../../domain/text/refusal.ts";
import { plain } from "../../domain/text/words.ts";
import type { Deps } from "../deps.ts";
import { refuseUnproven } from "../people/proven-still.ts";
import { heldUpBy, heldUpByLimit } from "../requests/deciding/held-up.ts";
import { holdsNow } from "../requests/deciding/still-holds.ts";
import { tryAgainMs } from "../try-again.ts";
import type { LeasedRequest } from "./leased-request.ts";

type Needs = Pick<
  Deps,
  "absences" | "requests" | "freezes" | "azure" | "chat" | "onCall" | "policy" | "page" | "log"
>;

/** Who lifts the freeze wakes what waits; this is for the case that they didn't get to the end. */
const LOOK_AGAIN_MS = 60_000;

export async function thawEffect(deps: Needs, leased: LeasedRequest): Promise<void> {
  if (leased.current().state !== "ready" || waitsForRequester(leased.current())) return;
  if (await isStillFrozen(deps, leased)) return;
  const request = leased.current();
  if (request.state !== "ready") return;
  const act = await thawed(deps, request, leased.nowMs());
  if (!isRefusal(act)) {
    const open = await leased.opens(act);
    return open === undefined ? undefined : heldUp(leased, heldUpByLimit(deps.policy(), open));
  }
  if (act.refused === "address-unproven") return heldUp(leased, heldUpBy(act));
  if (act.refused !== "cannot-check") {
    const fault = { code: act.refused, message: plain(act.say) };
    return leased.news({ act: "not-opened", fault });
  }
  const nextAtMs = leased.nowMs() + tryAgainMs(request.attempts.thaw?.count ?? 0);
  const fault = plain(act.say);
  deps.log.warn({ request: request.id, fault }, "what waited couldn't be checked again");
  await leased.news({ act: "not-checked", fault, nextAtMs });
}

/** Its requester can put it right: it waits for that, and is looked at again. */
const heldUp = (leased: LeasedRequest, fault: FaultNote): Promise<void> =>
  leased.news({ act: "held-up", fault, nextAtMs: leased.nowMs() + LOOK_AGAIN_MS });

async function isStillFrozen({ freezes, policy }: Needs, leased: LeasedRequest): Promise<boolean> {
  const freeze = await freezes.now();
  if (freeze === undefined) return false;
  const nextAtMs = leased.nowMs() + LOOK_AGAIN_MS;
  const expireAfterMs = heldUnderMs(policy(), leased.current().promised.rule);
  await leased.news({ act: "still-frozen", freeze, nextAtMs, expireAfterMs });
  // Lifted since it was read: who lifted it may have woken this one before it was put off here.
  return (await freezes.now()) !== undefined;
}

/** Everything that a decision checks, as it is now. */
async function thawed(
  deps: Needs,
  request: In<"ready">,
  nowMs: number,
): Promise<WorldAct | Refusal> {
  const holds = await holdsNow(deps, request, nowMs);
  if (isRefusal(holds)) return holds;
  const moved = await refuseUnproven(deps, request);
  if (moved !== undefined) return moved;
  const { rule, ...found } = holds;
  if (holds.stillApprovers.length >= holds.needed) return { act: "thawed", ...found };
  const { expireAfterMs, channel } = rule;
  const waits = { expireAfterMs, approvers: rule.approvers, channel };
  return { act: "thawed-short", ...found, waits };
}
