// The requester is told, one way or another: where Slack refuses direct messages for good, where they can be
// called, or where they asked.
//
// A direct message is tried first each time: the Messages Tab may be on again. A mention in the card's thread
// comes next, because it notifies the person on every device and is still there tomorrow, but only where they
// are in that channel (a mention doesn't reach others), and only for what is worth it. An ephemeral message where they asked is the last way,
// because people who aren't looking miss it; unlike a thread, it can show everything.

import { waiting } from "../../../domain/request/effects.ts";
import { callsRequester } from "../../../domain/request/messages/live-message.ts";
import { isMoot, mainCard } from "../../../domain/request/outstanding.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import { type ChannelId, isUserId } from "../../../domain/text/ids.ts";
import type { MessageRef, RequesterNews } from "../../../ports/chat.ts";
import { isFault } from "../../../ports/fault.ts";
import { barredFrom } from "../../channels/channel-reach.ts";
import { isPermanent } from "../../channels/slack-faults.ts";
import type { Deps } from "../../deps.ts";
import type { LeasedRequest } from "../leased-request.ts";

type Needs = Pick<Deps, "rateLimits" | "chat" | "log">;

export type Telling = {
  /** As it was when the news was read off it: what it has become since is the next news. */
  readonly request: AccessRequest;
  readonly effect: "requester" | "warn";
  readonly news: RequesterNews;
  /** `undefined`: nothing was posted that could be edited. */
  readonly direct: () => Promise<MessageRef | undefined>;
};

/** The card isn't there yet, and it is on its way. */
const CARD_COMES_MS = 1_000;

/**
 * Answers the message, if it can be edited; "put-off": its time comes later, which is recorded; "unreached": no way
 * works, which is logged. Throws faults that pass.
 */
export async function reachRequester(
  deps: Needs,
  leased: LeasedRequest,
  telling: Telling,
): Promise<MessageRef | undefined | "put-off" | "unreached"> {
  const refused = await orRefused(telling.direct);
  if (!("code" in refused)) return refused.done;
  const { request } = telling;
  const facts = { request: request.id, user: request.ask.requester };
  deps.log.warn({ ...facts, code: refused.code }, "a direct message was refused for good");
  const thread = await threadOf(deps, leased, telling);
  if (thread === "put-off") return thread;
  const worth = worthOf(telling);
  if (thread?.isRead === true && worth === "nothing") return undefined;
  const isCalled = thread?.isRead === true && worth === "a call";
  if (!isCalled && (await whispered(deps, telling))) return undefined;
  if (thread !== undefined && worth === "nothing") return undefined;
  if (thread !== undefined) return called(deps, leased, { telling, card: thread.card });
  deps.log.error(facts, "the requester can be told in no way");
  return "unreached";
}

/**
 * A call notifies the approvers, too, whom the card names. What the card above it shows anyway isn't worth one, as
 * an edit of the live message would notify nobody. That it was requested is shown where it was typed: there they
 * are looking.
 */
function worthOf({ request, news }: Telling): "a call" | "a look" | "nothing" {
  if (!("steps" in news) || news.steps.some((step) => callsRequester(request, step))) {
    return "a call";
  }
  return news.steps.some(({ what }) => what === "asked") ? "a look" : "nothing";
}

type Outcome<T> = { readonly done: T } | { readonly code: string };

async function orRefused<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { done: await work() };
  } catch (thrown) {
    if (!isFault(thrown) || !isPermanent(thrown)) throw thrown;
    return { code: thrown.code };
  }
}

type Thread = { readonly card: MessageRef; readonly isRead: boolean };

/** The thread of the card, and whether the requester reads it; `undefined`: there is none, and none comes. */
async function threadOf(
  deps: Needs,
  leased: LeasedRequest,
  { effect }: Telling,
): Promise<Thread | undefined | "put-off"> {
  const request = leased.current();
  const card = mainCard(request);
  if (card === undefined || isUserId(card.to) || card.dead !== undefined) return undefined;
  if (card.channel === undefined || card.ts === undefined) {
    if (isMoot(card, request)) return undefined;
    await leased.record((current, nowMs) => waiting(current, effect, nowMs + CARD_COMES_MS));
    return "put-off";
  }
  const { channel, ts } = card;
  const barred = await barredFrom(deps, channel, request.attempts[effect]?.count ?? 0);
  if (barred !== undefined) return undefined;
  const seen = await orRefused(() => deps.chat.isIn(request.ask.requester, channel));
  // Where Slack doesn't tell, a mention is the better guess: it stays.
  return { card: { channel, ts }, isRead: !("done" in seen) || seen.done };
}

type Called = { readonly telling: Telling; readonly card: MessageRef };

async function called(
  { rateLimits, chat, log }: Needs,
  leased: LeasedRequest,
  { telling: { request, effect, news }, card }: Called,
): Promise<MessageRef | undefined | "put-off" | "unreached"> {
  const waitMs = await rateLimits.takePlace(card.channel, {
    what: `${request.id} ${effect}`,
    of: request.ask.requester,
    rank: "thread",
  });
  if (waitMs > 0) {
    await leased.record((current, nowMs) => waiting(current, effect, nowMs + waitMs));
    return "put-off";
  }
  if (!leased.leaseHolds()) return "put-off";
  const posted = await orRefused(() => chat.callRequester(request, card, news));
  if ("done" in posted) return posted.done;
  log.error({ request: request.id, code: posted.code }, "the requester can be told in no way");
  return "unreached";
}

/** Slack takes it only where the bot and the person are. */
async function whispered({ chat }: Needs, { request, news }: Telling): Promise<boolean> {
  const { askedIn } = request;
  if (askedIn === undefined || !isChannel(askedIn)) return false;
  return "done" in (await orRefused(() => chat.whisper(request, askedIn, news)));
}

/** Of a direct conversation, the bot is in none but its own, where it was refused just now. */
const isChannel = (place: ChannelId): boolean => /^[CG]/.test(place);
