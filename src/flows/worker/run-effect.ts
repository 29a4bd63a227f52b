// Which flow carries out which effect of a held request.

import type { EffectName } from "../../domain/request/request.ts";
import type { Deps } from "../deps.ts";
import type { Worker } from "./azure/azure-calls.ts";
import { azureEffect } from "./azure/azure-effects.ts";
import { checkEffect, expireEffect } from "./azure/expiry.ts";
import { lapseEffect } from "./azure/lapse.ts";
import type { LeasedRequest } from "./leased-request.ts";
import { cardEffect } from "./messages/message-effects.ts";
import { putRightEffect, requesterEffect, threadEffect, warnEffect } from "./messages/telling.ts";
import { takeOverEffect } from "./take-over.ts";

export function runEffect(
  deps: Deps,
  worker: Worker,
  hold: LeasedRequest,
  effect: EffectName,
): Promise<void> {
  switch (effect) {
    case "azure":
      return azureEffect(deps, worker, hold);
    case "expire":
      return expireEffect(deps, hold);
    case "check":
      return checkEffect(deps, hold);
    case "lapse":
      return lapseEffect(deps, hold);
    case "remind":
    case "escalate":
    case "retry-over":
      return hold.news({ act: effect });
    case "review":
      return hold.news({ act: "review-reminded" });
    case "succeed":
      return takeOverEffect(deps, hold);
    case "warn":
      return warnEffect(deps, hold);
    case "card":
      return cardEffect(deps, hold);
    case "thread":
      return threadEffect(deps, hold);
    case "requester":
      return requesterEffect(deps, hold);
    case "put-right":
      return putRightEffect(deps, hold);
  }
}
