// Edits of which nobody knows whether Slack still carries them out.

import { cardDoubted } from "../../../domain/request/effects.ts";
import { liveDoubted } from "../../../domain/request/messages/live-message.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";

/** What got no answer from Slack is carried out by then, or never: an edit, or a posting before this one. */
export const LATE_MS = 60_000;

/**
 * Nobody knows how its last worker fared: what it was to edit it may have sent, and Slack may carry that out over what
 * is shown next. It is edited once more then.
 */
export function editsDoubted(request: AccessRequest, nowMs: number): AccessRequest {
  const { cards, live, revision } = request;
  const againAtMs = nowMs + LATE_MS;
  const doubted = cards
    .filter(({ ts, dead, shown }) => ts !== undefined && dead === undefined && shown < revision)
    .reduce((now, card) => cardDoubted(now, card, againAtMs), request);
  return live?.ts !== undefined && live.shown < revision
    ? liveDoubted(doubted, againAtMs)
    : doubted;
}
