// The requester's live direct message: posted once, edited in place, with a message below it where they should look.

import type { Step } from "../../../domain/request/document/step.ts";
import {
  callsRequester,
  isAnyOpen,
  liveDoubted,
  liveGone,
  livePlace,
  livePosting,
  liveSettled,
  liveShown,
  warningFolded,
  warningsOf,
} from "../../../domain/request/messages/live-message.ts";
import type { MessageRef } from "../../../ports/chat.ts";
import { isFault } from "../../../ports/fault.ts";
import { isPermanent } from "../../channels/slack-faults.ts";
import type { Deps } from "../../deps.ts";
import { LeaseLost } from "../lease.ts";
import type { LeasedRequest } from "../leased-request.ts";
import { LATE_MS, unlessPermanent } from "./slack-effect.ts";

type Needs = Pick<Deps, "chat" | "log">;

export type Ping = { readonly ref: MessageRef; readonly steps: readonly Step[] };

/**
 * Shows the requester what happened, and notifies them where they should look. Answers the message that did, and what
 * it tells, where that can be edited. Throws faults of Slack.
 */
export async function showDirectly(
  deps: Needs,
  leased: LeasedRequest,
  steps: readonly Step[],
): Promise<Ping | undefined> {
  const request = leased.current();
  const place = livePlace(request) ?? (await lookFor(deps, leased));
  const isShown = place !== undefined && (await editLive(deps, leased, { place, steps }));
  if (!isShown) {
    await postLive(deps, leased, steps);
    return undefined;
  }
  const calls = steps.filter((step) => callsRequester(request, step));
  if (calls.length === 0) return undefined;
  mustHold(leased);
  const ref = await deps.chat.pingRequester(request, calls);
  return ref && { ref, steps: calls };
}

/** What isn't sent any more must not count as told: its next holder tells it. */
function mustHold(leased: LeasedRequest): void {
  if (!leased.leaseHolds())
    throw new LeaseLost(`${leased.current().id} isn't told of by this holder`);
}

/** It may have been posted before a crash, or Slack's answer was lost. */
async function lookFor({ chat }: Needs, leased: LeasedRequest): Promise<MessageRef | undefined> {
  const request = leased.current();
  const sinceMs = request.live?.postingSinceMs;
  if (sinceMs === undefined) return undefined;
  return chat.findLive(request, sinceMs);
}

async function postLive(
  { chat }: Needs,
  leased: LeasedRequest,
  steps: readonly Step[],
): Promise<void> {
  const sinceMs = leased.current().live?.postingSinceMs;
  await leased.record((request, nowMs) => livePosting(request, sinceMs ?? nowMs));
  mustHold(leased);
  const posted = leased.current();
  try {
    const ref = await chat.postLive(posted, steps);
    leased.note((request) => liveShown(request, ref, posted.revision));
  } catch (thrown) {
    const isUnposted = isFault(thrown) && thrown.source === "slack" && !thrown.ambiguous;
    if (isUnposted) await leased.record(liveGone);
    throw thrown;
  }
}

/** Answers whether it stands there: somebody may have deleted it. */
async function editLive(
  deps: Needs,
  leased: LeasedRequest,
  { place, steps }: { readonly place: MessageRef; readonly steps: readonly Step[] },
): Promise<boolean> {
  const shown = leased.current();
  const againAtMs = shown.live?.againAtMs;
  try {
    await deps.chat.editLive(shown, place, steps);
  } catch (thrown) {
    if (!isFault(thrown) || thrown.source !== "slack") throw thrown;
    if (thrown.ambiguous) {
      await leased.record((request, nowMs) => liveDoubted(request, nowMs + LATE_MS));
    }
    if (!isPermanent(thrown)) throw thrown;
    const facts = { request: shown.id, code: thrown.code };
    deps.log.warn(facts, "a live direct message can no longer be edited");
    await leased.record(liveGone);
    return false;
  }
  const isSettled = againAtMs !== undefined && againAtMs <= leased.nowMs();
  leased.note((request, nowMs) => {
    const now = liveShown(request, place, shown.revision);
    if (leased.isSuspect) return liveDoubted(now, nowMs + LATE_MS);
    return isSettled ? liveSettled(now) : now;
  });
  return true;
}

/** Edits what shows an older state, and takes its buttons from a warning that is over. Notifies nobody. */
export async function putLiveRight(deps: Needs, leased: LeasedRequest): Promise<void> {
  const request = leased.current();
  const place = livePlace(request);
  const { live, revision } = request;
  if (live === undefined || place === undefined || !leased.leaseHolds()) return;
  const isDoubtful = live.againAtMs !== undefined && live.againAtMs <= leased.nowMs();
  if (live.shown < revision || isDoubtful) await editLive(deps, leased, { place, steps: [] });
  if (isAnyOpen(request)) return;
  for (const ts of warningsOf(request)) {
    if (!leased.leaseHolds()) return;
    const warning = { channel: place.channel, ts };
    await unlessPermanent(deps, leased, () => deps.chat.foldWarning(request, warning));
    leased.note((now) => warningFolded(now, ts));
  }
}
