// Slack tells one replica that somebody changed; all others hear it from the store.

import { groupId, userId } from "../../domain/text/ids.ts";
import { isFault } from "../../ports/fault.ts";
import { repeating, type Service } from "../../ports/service.ts";
import type { Deps } from "../deps.ts";

/** So often it is looked. Whatever rests on a membership reads it within ten seconds anyway. */
const LOOK_EVERY_MS = 2_000;

/** Looked back further than to the last look: after a failover Redis's clock may be another one. */
const OVERLAP_MS = 5_000;

/** Where the store is away, all of the time since is looked at when it is back. */
export function peopleNews({ peopleChanges, storeClock, chat, clock, log }: Needs): Service {
  let sinceMs: number | undefined;
  const look = async (): Promise<number> => {
    const { nowMs, ids } = await peopleChanges.since(
      sinceMs ?? (await storeClock.nowMs()) - OVERLAP_MS,
    );
    sinceMs = nowMs - OVERLAP_MS;
    const groups = ids.filter((id) => id.startsWith("S")).map(groupId);
    const users = ids.filter((id) => !id.startsWith("S")).map(userId);
    chat.forget({ users, groups });
    return LOOK_EVERY_MS;
  };
  const failed = (thrown: unknown): number => {
    if (!isFault(thrown)) log.error({ err: thrown }, "news of people couldn't be heard");
    return LOOK_EVERY_MS;
  };
  return repeating(look, { clock, failed });
}

type Needs = Pick<Deps, "peopleChanges" | "storeClock" | "chat" | "clock" | "log">;
