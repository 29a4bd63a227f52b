// Follows the Activity Log of every subscription: each thing in it is told once, by whichever replica.

import { DAY_MS, MINUTE_MS } from "../../domain/text/duration.ts";
import { marksIn, unreportedIn } from "../../domain/vm/activity-log/activity-events.ts";
import { isFault } from "../../ports/fault.ts";
import type { ReadUntil, WatchTurn } from "../../ports/storage/watch-repository.ts";
import { ownCalls } from "../worker/azure/own-calls.ts";
import { watchedSubscriptions } from "./watch-lag.ts";
import { entryFinder, seenOf } from "./watch-news.ts";
import type { Watching } from "./watching.ts";

/** Events come into the log minutes after they happened: it is read so far back each time. */
const OVERLAP_MS = 30 * MINUTE_MS;
/** What happened just before the first look belongs to it; history doesn't. */
const FIRST_LOOK_BACK_MS = 2 * MINUTE_MS;
/** After an outage longer than this, the older part is left to people who read the log themselves. */
const CATCH_UP_MAX_MS = 7 * DAY_MS;
/** A subscription that isn't there any more is remembered for as long as it could be caught up with. */
const REMEMBERED_MS = CATCH_UP_MAX_MS;

/** Subscriptions that are read at the same time. */
const AT_ONCE = 4;
/** Those that aren't read by then come first in the next turn. */
const ALL_WITHIN_MS = 30_000;

/** Reads what came since the last turn and tells it; answers how far each subscription is read now. */
export type Follow = (turn: WatchTurn, everyMs: number) => Promise<WatchTurn["read"]>;

export function logFollower(deps: Watching, signal: AbortSignal): Follow {
  const noteFault = faultNotes(deps);
  return async ({ nowMs, read }, everyMs) => {
    const firstMs = nowMs - everyMs - FIRST_LOOK_BACK_MS;
    const next = new Map(Object.entries(read).filter(([, one]) => isRemembered(one, nowMs)));
    const readUntil = (id: string) =>
      next.get(id.toLowerCase()) ?? { sinceMs: firstMs, untilMs: firstMs };
    const subscriptions = watchedSubscriptions(deps).toSorted(
      (one, other) => readUntil(one).untilMs - readUntil(other).untilMs,
    );
    const untilMs = deps.clock.monotonicMs() + ALL_WITHIN_MS;
    const left = subscriptions.values();
    const reader = async () => {
      for (const id of left) {
        if (signal.aborted || deps.clock.monotonicMs() > untilMs) return;
        const before = readUntil(id);
        const isRead = await followOne(deps, { id, before, nowMs, noteFault });
        next.set(id.toLowerCase(), isRead ? { ...before, untilMs: nowMs } : before);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, reader));
    return Object.fromEntries(next);
  };
}

const isRemembered = ({ untilMs }: ReadUntil, nowMs: number): boolean =>
  nowMs - untilMs < REMEMBERED_MS;

type One = {
  readonly id: string;
  readonly before: ReadUntil;
  readonly nowMs: number;
  readonly noteFault: NoteFault;
};

/** Answers whether everything was told; where Azure doesn't answer, it is made up for. */
async function followOne(deps: Watching, { id, before, nowMs, noteFault }: One): Promise<boolean> {
  const fromMs = Math.max(before.sinceMs, before.untilMs - OVERLAP_MS, nowMs - CATCH_UP_MAX_MS);
  try {
    const events = await deps.azure.activity(id, { fromMs, untilMs: nowMs });
    const ownCall = await ownCalls(deps);
    const unseen = new Set(await deps.watchRepository.unseen(marksIn(events)));
    const isTold = (mark: string) => !unseen.has(mark);
    const { activities, late } = unreportedIn(events, { nowMs, ownCall, isReported: isTold });
    const entriesOf = entryFinder(deps);
    for (const activity of activities) {
      const seen = await seenOf(deps, activity, { entriesOf, nowMs });
      if (seen !== undefined) await deps.watchRepository.tell(seen);
    }
    await deps.watchRepository.remember(late);
    noteFault(id, undefined);
    return true;
  } catch (thrown) {
    if (!isFault(thrown) || thrown.source !== "azure") throw thrown;
    noteFault(id, thrown);
    return false;
  }
}

type NoteFault = (
  subscriptionId: string,
  fault: { readonly code: string; readonly message: string } | undefined,
) => void;

/** Says each fault once, when it begins, and once more when it is over. */
function faultNotes({ log }: Watching): NoteFault {
  const present = new Map<string, string>();
  return (subscription, fault) => {
    const before = present.get(subscription);
    if (fault?.code === before) return;
    if (fault === undefined) {
      present.delete(subscription);
      log.info({ subscription }, "the Activity Log can be read again");
      return;
    }
    present.set(subscription, fault.code);
    const facts = { subscription, fault: fault.code, said: fault.message };
    log.warn(facts, "the Activity Log can't be read: nothing done there by others is told");
  };
}
