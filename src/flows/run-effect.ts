// Which flow carries out which effect of a held request.

import type { EffectName } from "../request/request.ts";
import type { Worker } from "./azure-calls.ts";
import { azureEffect } from "./azure-effects.ts";
import type { Deps } from "./deps.ts";
import { checkEffect, expireEffect } from "./expiry.ts";
import type { Held } from "./held.ts";
import { lapseEffect } from "./lapse.ts";
import { cardEffect } from "./message-effects.ts";
import { succeedEffect } from "./succeed.ts";
import { putRightEffect, requesterEffect, threadEffect, warnEffect } from "./telling.ts";

export function runEffect(
  deps: Deps,
  worker: Worker,
  hold: Held,
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
      return succeedEffect(deps, hold);
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
