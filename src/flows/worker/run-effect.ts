// Which flow carries out which effect of a held request.

import type { EffectName } from "../../domain/request/document/attempts.ts";
import type { Deps } from "../deps.ts";
import { absencesEffect } from "./absences-effect.ts";
import type { Worker } from "./azure/azure-calls.ts";
import { azureEffect } from "./azure/azure-effects.ts";
import { checkEffect, expireEffect } from "./azure/expiry.ts";
import { expireUndecided } from "./azure/undecided.ts";
import { lookAfterEffect, tellLeadEffect } from "./batch-effects.ts";
import type { LeasedRequest } from "./leased-request.ts";
import { cardEffect } from "./messages/message-effects.ts";
import { putRightEffect, requesterEffect, threadEffect, warnEffect } from "./messages/telling.ts";
import { onCallEffect } from "./on-call-effect.ts";
import { ruleEffect } from "./rule-effect.ts";
import { takeOverEffect } from "./take-over.ts";
import { thawEffect } from "./thaw.ts";

export async function runEffect(
  deps: Deps,
  worker: Worker,
  leased: LeasedRequest,
  effect: EffectName,
): Promise<void> {
  switch (effect) {
    case "azure":
      return azureEffect(deps, worker, leased);
    case "expire":
      return expireEffect(deps, leased);
    case "check":
      return checkEffect(deps, leased);
    case "lapse":
      return expireUndecided(deps, leased);
    case "thaw":
      return thawEffect(deps, leased);
    case "absences":
      return absencesEffect(deps, leased);
    case "on-call":
      return onCallEffect(deps, leased);
    case "remind":
    case "escalate":
      // Who decides, and is on call, now is called, not those of when it was requested.
      await ruleEffect(deps, leased);
      await onCallEffect(deps, leased);
      return leased.news({ act: effect });
    case "unclaim":
    case "remind-ready":
    case "retry-over":
      return leased.news({ act: effect });
    case "review":
      return leased.news({ act: "review-reminded" });
    case "tell-lead":
      return tellLeadEffect(deps, leased);
    case "look-after":
      return lookAfterEffect(deps, leased);
    case "succeed":
      return takeOverEffect(deps, leased);
    case "warn":
      return warnEffect(deps, leased);
    case "card":
      return cardEffect(deps, leased);
    case "thread":
      return threadEffect(deps, leased);
    case "requester":
      return requesterEffect(deps, leased);
    case "put-right":
      return putRightEffect(deps, leased);
  }
}
