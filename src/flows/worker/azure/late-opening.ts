// What was decided a while ago and is opened only now, because Azure was away, is looked at once more.

import type { Grant } from "../../../domain/request/grant.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import { isRefusal, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import { plain } from "../../../domain/text/words.ts";
import type { Deps } from "../../deps.ts";
import { holdsNow } from "../../requests/deciding/still-holds.ts";
import { tryAgainMs } from "../../try-again.ts";
import type { LeasedRequest } from "../leased-request.ts";

type Needs = Pick<Deps, "absences" | "requests" | "azure" | "chat" | "onCall" | "policy">;

/** Azure is mostly asked within a second of the decision. */
const DECISION_GOOD_MS = 30_000;

/** Answers whether Azure may be asked; if not, the request has been told why. */
export async function mayOpenYet(
  deps: Needs,
  leased: LeasedRequest,
  grant: Grant,
): Promise<boolean> {
  const decidedAtMs = grant.checkedAtMs ?? grant.startsAtMs;
  if (leased.nowMs() - decidedAtMs < DECISION_GOOD_MS) return true;
  const refusal = await refuseNow(deps, leased.current(), leased.nowMs());
  if (refusal === undefined) return true;
  const fault = { code: refusal.refused, message: plain(refusal.say) };
  const { answer } = grant.azure;
  // It may be open already where Azure's answer was lost: that is found by looking, and shut at its end.
  if (refusal.refused !== "cannot-check" && answer === "unsent") {
    await leased.news({ act: "refused", fault });
    return false;
  }
  const nextAtMs = leased.nowMs() + tryAgainMs(leased.current().attempts.azure?.count ?? 0);
  await leased.news({ act: "unanswered", fault, ambiguous: answer !== "unsent", nextAtMs });
  return false;
}

async function refuseNow(
  deps: Needs,
  request: AccessRequest,
  nowMs: number,
): Promise<Refusal | undefined> {
  const holds = await holdsNow(deps, request, nowMs);
  if (isRefusal(holds)) return holds;
  if (holds.jitPolicyId !== undefined) {
    return refuse(
      "not-configured",
    )`${{ strong: request.ask.vm.name }} has moved to another JIT policy since the decision: retry ${request.id} to open it through that one.`;
  }
  const lacks = holds.needed - holds.stillApprovers.length;
  if (request.ask.breakGlass === true || lacks <= 0) return undefined;
  return refuse(
    "not-an-approver",
  )`Since the decision, an approval of ${request.id} became void or another one is needed: retry it to ask for the missing approval.`;
}
