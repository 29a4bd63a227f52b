// An effect on Slack: its faults are kept with the effect's own pace, and delay nothing else.

import { tried } from "../../../domain/request/effects.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import { type Fault, isFault } from "../../../ports/fault.ts";
import { isPermanent } from "../../channels/slack-faults.ts";
import type { Deps } from "../../deps.ts";
import { tryAgainMs } from "../../try-again.ts";
import type { LeasedRequest } from "../leased-request.ts";

type Needs = Pick<Deps, "log">;

/** What got no answer from Slack is carried out by then, or never: an edit, or a posting before this one. */
export const LATE_MS = 60_000;

type MessageEffect = "card" | "thread" | "requester" | "warn" | "put-right";

/** Runs one effect; a fault of Slack is recorded with the effect's own pace and delays nothing else. */
export async function paced(
  leased: LeasedRequest,
  effect: MessageEffect,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (!isFault(thrown) || thrown.source !== "slack") throw thrown;
    await leased.record((request, nowMs) => later(request, { effect, fault: thrown, nowMs }));
  }
}

function later(
  request: AccessRequest,
  { effect, fault, nowMs }: { effect: MessageEffect; fault: Fault; nowMs: number },
): AccessRequest {
  return tried(request, effect, {
    nextAtMs: nowMs + tryAgainMs(request.attempts[effect]?.count ?? 0, fault),
    fault: `${fault.code}: ${fault.message}`.slice(0, 200),
  });
}

/** What can never arrive (a deactivated account, say) is logged and counts as done. */
export async function unlessPermanent<T>(
  deps: Needs,
  leased: LeasedRequest,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    if (!isFault(thrown) || !isPermanent(thrown)) throw thrown;
    const facts = { request: leased.current().id, code: thrown.code };
    deps.log.warn(facts, "a message can never be delivered");
    return undefined;
  }
}
