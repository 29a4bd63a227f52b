// People told of a held request: its thread, the requester privately, and what was told of the end put right.

import { membersWarned } from "../../../domain/request/batch/heard.ts";
import { isLead } from "../../../domain/request/batch/roles.ts";
import type { Card, EndMessage } from "../../../domain/request/document/sent-messages.ts";
import type { Step } from "../../../domain/request/document/step.ts";
import {
  cleared,
  markTold,
  putRight,
  untoldSteps,
  waiting,
} from "../../../domain/request/effects.ts";
import type { PortHolder } from "../../../domain/request/grant.ts";
import { isCallInVain, membersOf, toWarnOf } from "../../../domain/request/members.ts";
import { warningPosted } from "../../../domain/request/messages/live-message.ts";
import { isOutOfDate } from "../../../domain/request/messages/passing-news.ts";
import { mainCard } from "../../../domain/request/outstanding.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import type { RequestId } from "../../../domain/text/ids.ts";
import type { MessageRef } from "../../../ports/chat.ts";
import { isFault } from "../../../ports/fault.ts";
import { barredFrom } from "../../channels/channel-reach.ts";
import type { Deps } from "../../deps.ts";
import { newsFor } from "../../requests/change-request.ts";
import { holdersOf } from "../../requests/port-holders.ts";
import type { LeasedRequest } from "../leased-request.ts";
import { putLiveRight, showDirectly } from "./live-direct.ts";
import { callPrivately } from "./private-calls.ts";
import { reachRequester } from "./reach-requester.ts";
import { paced, unlessPermanent } from "./slack-effect.ts";

type Needs = Pick<Deps, "requests" | "rateLimits" | "chat" | "log">;
type ThreadNeeds = Needs & Pick<Deps, "onCall" | "policy">;

/** Adds what happened to the card's thread. Without a card in a channel there is no thread. */
export function threadEffect(deps: ThreadNeeds, leased: LeasedRequest): Promise<void> {
  return paced(leased, "thread", async () => {
    const request = leased.current();
    const steps = untoldSteps(request, "thread").filter((step) => !isCallInVain(request, step));
    const last = request.toldUpTo.last;
    const card = mainCard(request);
    const hasThread = card?.channel !== undefined && card.ts !== undefined && !card.dead;
    if (steps.length > 0 && card?.dead !== undefined) await callPrivately(deps, leased, steps);
    if (steps.length === 0 || !hasThread) {
      return leased.record((current) => markTold(current, "thread", last));
    }
    const waitMs = await deps.rateLimits.takePlace(card.channel, {
      what: `${request.id} thread`,
      of: request.ask.requester,
      rank: "thread",
    });
    if (waitMs > 0) {
      return leased.record((current, nowMs) => waiting(current, "thread", nowMs + waitMs));
    }
    const barred = await barredFrom(deps, card.channel, request.attempts.thread?.count ?? 0);
    if (barred !== undefined) return leased.record((current) => markTold(current, "thread", last));
    if (!leased.leaseHolds()) return;
    const ref = await unlessPermanent(deps, leased, () =>
      deps.chat.postHistory(request, refOf(card), steps),
    );
    await leased.record((current) =>
      markTold(current, "thread", last, asTold(request, steps, ref)),
    );
  });
}

const refOf = (card: Card): MessageRef => {
  if (card.channel === undefined || card.ts === undefined)
    throw new Error("the card has no message");
  return { channel: card.channel, ts: card.ts };
};

/** The message as it may have to be put right. */
const asTold = (
  { revision }: AccessRequest,
  steps: readonly Step[],
  ref: MessageRef | undefined,
): Omit<EndMessage, "audience"> | undefined => ref && { ...ref, steps, shown: revision };

/** Edits what was told and isn't so any more: of the end before Azure had shown what became of the ports, say. */
export function putRightEffect(deps: Needs, leased: LeasedRequest): Promise<void> {
  return paced(leased, "put-right", async () => {
    const request = leased.current();
    const { revision } = request;
    for (const message of request.endMessages ?? []) {
      if (!isOutOfDate(request, message) || !leased.leaseHolds()) continue;
      await unlessPermanent(deps, leased, () => deps.chat.editEndMessage(request, message));
      leased.note((current) => putRight(current, message, revision));
    }
    await putLiveRight(deps, leased);
    if (leased.current().attempts["put-right"] !== undefined) {
      await leased.record((current) => cleared(current, "put-right"));
    }
  });
}

/** Tells the requester what happened since last time, privately where that works. */
export function requesterEffect(deps: Needs, leased: LeasedRequest): Promise<void> {
  return paced(leased, "requester", async () => {
    const request = leased.current();
    const last = request.toldUpTo.last;
    if (!leased.leaseHolds()) return;
    const steps = untoldSteps(request, "requester");
    let told = steps;
    const ref = await reachRequester(deps, leased, {
      request,
      effect: "requester",
      news: { steps },
      direct: async () => {
        const ping = await showDirectly(deps, leased, steps);
        told = ping?.steps ?? steps;
        return ping?.ref;
      },
    });
    if (ref === "put-off") return;
    await leased.record((current) =>
      markTold(
        current,
        "requester",
        last,
        asTold(request, told, ref === "unreached" ? undefined : ref),
      ),
    );
  });
}

/** Warns of the end; void once the end is past, which the end notice then says. */
export function warnEffect(deps: Warner, leased: LeasedRequest): Promise<void> {
  return paced(leased, "warn", async () => {
    const request = leased.current();
    if (isLead(request)) return warnOfBatch(deps, leased);
    if (request.state !== "open" || leased.nowMs() >= request.grant.endsAtMs) return;
    const holders = await holdersOf(deps, request, request.grant.endsAtMs);
    if (!leased.leaseHolds()) return;
    const outcome = await warned(deps, leased, holders);
    if (outcome === "put-off") return;
    if (outcome === "unreached") {
      // Not warned, as the end will say; nothing changes that before.
      const { endsAtMs } = request.grant;
      return leased.record((current) => waiting(current, "warn", endsAtMs));
    }
    await leased.news({ act: "warned" });
  });
}

type Warner = Needs & Pick<Deps, "policy" | "onCommitted">;

/** One warning for all that end soon; what has ended meanwhile needs none. */
async function warnOfBatch(deps: Warner, leased: LeasedRequest): Promise<void> {
  const lead = leased.current();
  const soon = toWarnOf(lead, leased.nowMs());
  const ids = soon.map(({ id }) => id);
  if (!leased.leaseHolds()) return;
  const outcome = soon.length > 0 ? await warned(deps, leased, new Map()) : undefined;
  if (outcome === "put-off") return;
  for (const id of outcome === "unreached" ? [] : ids) {
    if (id === lead.id) await leased.news({ act: "warned" });
    else await orUnread(newsFor(deps, id, { act: "warned" }));
  }
  // What was due and isn't open any more is not looked at again.
  await leased.record((now, nowMs) => membersWarned(now, [...ids, ...overdue(now, nowMs)]));
}

/** One that can't be read harms no other: the warning was posted, and isn't posted again for it. */
async function orUnread(telling: Promise<unknown>): Promise<void> {
  try {
    await telling;
  } catch (thrown) {
    if (!isFault(thrown) || thrown.retryable) throw thrown;
  }
}

const overdue = (lead: AccessRequest, nowMs: number): readonly RequestId[] =>
  membersOf(lead).flatMap(({ id, warnsAtMs = 0, endsAtMs = 0 }) =>
    warnsAtMs <= nowMs && endsAtMs <= nowMs ? [id] : [],
  );

async function warned(
  deps: Needs,
  leased: LeasedRequest,
  holders: ReadonlyMap<number, PortHolder>,
) {
  const request = leased.current();
  return reachRequester(deps, leased, {
    request,
    effect: "warn",
    news: { holders },
    direct: async () => {
      const posted = await deps.chat.warn(request, holders);
      if (posted !== undefined) leased.note((current) => warningPosted(current, posted));
      return undefined;
    },
  });
}
