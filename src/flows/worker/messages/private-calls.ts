// Calls to those who decide where the channel takes no card: they were asked by cards of their own.

import { questionAnswered } from "../../../domain/request/acts/talk-acts.ts";
import { CALLS_APPROVERS } from "../../../domain/request/batch/waiting.ts";
import type { Step } from "../../../domain/request/document/step.ts";
import { askedPrivately } from "../../../domain/request/effects.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import { isUserId, type UserId } from "../../../domain/text/ids.ts";
import type { Deps } from "../../deps.ts";
import { PRIVATE_CARDS_MAX } from "../../people/able-people.ts";
import type { LeasedRequest } from "../leased-request.ts";
import { ableApprovers } from "./message-effects.ts";
import { unlessPermanent } from "./slack-effect.ts";

type Needs = Pick<Deps, "chat" | "onCall" | "policy" | "log">;

/** Says it below each private card that it concerns; whoever may decide by now and has no card gets one. */
export async function callPrivately(
  deps: Needs,
  leased: LeasedRequest,
  steps: readonly Step[],
): Promise<void> {
  if (steps.some(({ what }) => CALLS_APPROVERS.has(what))) {
    const able = await ableApprovers(deps, leased.current());
    await leased.record((now) => askedPrivately(now, able.slice(0, PRIVATE_CARDS_MAX)));
  }
  const request = leased.current();
  for (const { to, channel, ts, dead } of request.cards) {
    if (!isUserId(to) || channel === undefined || ts === undefined || dead !== undefined) continue;
    const own = steps.filter((step) => calls(request, step, to));
    if (own.length === 0) continue;
    if (!leased.leaseHolds()) return;
    await unlessPermanent(deps, leased, () => deps.chat.postHistory(request, { channel, ts }, own));
  }
}

/** Everybody who decides; an answer, only the one who asked. */
const calls = (request: AccessRequest, step: Step, user: UserId): boolean =>
  CALLS_APPROVERS.has(step.what) || questionAnswered(request, step)?.by === user;
