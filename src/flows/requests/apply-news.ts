// Tells a stored request a piece of news, whoever else is writing to it at the same time.

import type { WorldAct } from "../../domain/request/acts/world-act.ts";
import { transition } from "../../domain/request/transition.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import type { Deps } from "../deps.ts";
import { movedWrite } from "./moved-write.ts";

/** Far more than there are writers; what goes on for longer is looked at again by its own effect. */
const CONFLICTS_MAX = 20;

/** Answers whether it made a difference; the workers carry on from there. */
export async function newsFor(deps: Deps, id: RequestId, act: WorldAct): Promise<boolean> {
  for (let round = 0; round < CONFLICTS_MAX; round++) {
    const kept = await deps.store.read(id);
    if (kept === undefined) return false;
    const moved = transition(kept.request, act, kept.nowMs);
    if ("refused" in moved || moved.request === kept.request) return false;
    const write = movedWrite(deps.policy(), kept.request, moved);
    const committed = await deps.store.commit(kept.version, write);
    if (committed.outcome !== "written") continue;
    deps.wake();
    return true;
  }
  return false;
}
