// The cards of a held request: posted where they are missing, edited where they show an older state.

import type { Card } from "../../../domain/request/document/sent-messages.ts";
import {
  cardDead,
  cardDoubted,
  cardNotPosted,
  cardPosting,
  cardSettled,
  cardShown,
  cleared,
  waiting,
} from "../../../domain/request/effects.ts";
import { isMoot, isStale, mainCard } from "../../../domain/request/outstanding.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import { everybody } from "../../../domain/rules/rule-match.ts";
import type { UserId } from "../../../domain/text/ids.ts";
import type { MessageRef } from "../../../ports/chat.ts";
import { isFault } from "../../../ports/fault.ts";
import { barredFrom } from "../../channels/channel-reach.ts";
import { isPermanent } from "../../channels/slack-faults.ts";
import type { Deps } from "../../deps.ts";
import { ableOf, PRIVATE_CARDS_MAX } from "../../people/able-people.ts";
import { groupMembersOf, SEEING_AGE_MS } from "../../people/people.ts";
import { approversInForce } from "../../requests/in-force.ts";
import type { LeasedRequest } from "../leased-request.ts";
import { LATE_MS, paced } from "./slack-effect.ts";

type Needs = Pick<Deps, "rateLimits" | "chat" | "onCall" | "policy" | "log">;

/** Posts the cards that are missing and edits those that don't show the present state. */
export function cardEffect(deps: Needs, leased: LeasedRequest): Promise<void> {
  return paced(leased, "card", async () => {
    let waits = false;
    for (const card of leased.current().cards) {
      const isDoubtful = card.againAtMs !== undefined && card.againAtMs <= leased.nowMs();
      const isDue =
        isStale(card, leased.current().revision) || (isDoubtful && card.dead === undefined);
      if (!isDue || isMoot(card, leased.current()) || !leased.leaseHolds()) continue;
      if (card.ts !== undefined && card.channel !== undefined) {
        if (isDoubtful) {
          const sinceMs = leased.current().ask.askedAtMs;
          await copiesFound(deps, leased, { card, sinceMs });
        }
        await editCard(deps, leased, { ...card, channel: card.channel, ts: card.ts });
      } else if (await mustWait(deps, leased, card)) waits = true;
      else await postCard(deps, leased, card);
    }
    if (!waits && leased.current().attempts.card !== undefined) {
      await leased.record((request) => cleared(request, "card"));
    }
  });
}

async function editCard(
  deps: Needs,
  leased: LeasedRequest,
  card: Card & MessageRef,
): Promise<void> {
  const shown = leased.current();
  try {
    await deps.chat.editCard(shown, { channel: card.channel, ts: card.ts });
    if (card.againAtMs !== undefined && card.againAtMs <= leased.nowMs()) {
      await leased.record((request) => cardSettled(request, card));
    }
  } catch (thrown) {
    if (isFault(thrown) && thrown.ambiguous) {
      await leased.record((request, nowMs) => cardDoubted(request, card, nowMs + LATE_MS));
    }
    if (!isFault(thrown) || !isPermanent(thrown)) throw thrown;
    // Deleted by somebody, or the channel is gone: there is nothing left to keep up to date.
    deps.log.warn({ request: shown.id, code: thrown.code }, "a card can no longer be edited");
    return leased.record((request, nowMs) =>
      cardDead(request, card, { dead: thrown.code, instead: [], nowMs, isQuiet: true }),
    );
  }
  const { channel, ts } = card;
  leased.note((request, nowMs) => {
    const now = cardShown(request, card.to, { channel, ts, revision: shown.revision });
    // An edit that the last worker sent may come over this one.
    return leased.isSuspect ? cardDoubted(now, card, nowMs + LATE_MS) : now;
  });
}

/** Whether the channel has had enough messages for now: then the card is put off. */
async function mustWait(deps: Needs, leased: LeasedRequest, card: Card): Promise<boolean> {
  const request = leased.current();
  const place = {
    what: `${request.id} card`,
    of: request.ask.requester,
    rank: request.ask.breakGlass === true ? "break-glass" : "card",
  } as const;
  const waitMs = await deps.rateLimits.takePlace(card.to, place);
  if (waitMs > 0) await leased.record((request, nowMs) => waiting(request, "card", nowMs + waitMs));
  return waitMs > 0;
}

async function postCard(deps: Needs, leased: LeasedRequest, card: Card): Promise<void> {
  const before = card.postingSinceMs;
  const [found] =
    before === undefined ? [] : await copiesFound(deps, leased, { card, sinceMs: before });
  if (found !== undefined) {
    // It was posted before a crash, or Slack's answer was lost: edited in place on the next round. Of several
    // postings without an answer another one may still be carried out.
    const copy = { to: card.to, ts: found.ts };
    return leased.record((request, nowMs) => cardDoubted(request, copy, nowMs + LATE_MS));
  }
  const barred = await barredFrom(deps, card.to, leased.current().attempts.card?.count ?? 0);
  if (barred !== undefined) return unpostable(deps, leased, { card, code: barred });
  await leased.record((request, nowMs) => cardPosting(request, card.to, before ?? nowMs));
  const posted = leased.current();
  // A click on a copy whose place nobody knew may have told it meanwhile.
  const isMissing = posted.cards.some(({ to, ts }) => to === card.to && ts === undefined);
  if (!isMissing || !leased.leaseHolds()) return;
  try {
    const ref = await deps.chat.postCard(posted, card.to);
    await leased.record((request, nowMs) => {
      const now = cardShown(request, card.to, { ...ref, revision: posted.revision });
      if (before === undefined) return now;
      return cardDoubted(now, { to: card.to, ts: ref.ts }, nowMs + LATE_MS);
    });
  } catch (thrown) {
    if (!isFault(thrown) || thrown.source !== "slack") throw thrown;
    if (thrown.ambiguous) throw thrown;
    // An earlier posting, of which nobody knows, may be there all the same.
    if (before === undefined) await leased.record((request) => cardNotPosted(request, card.to));
    if (!isPermanent(thrown)) throw thrown;
    await unpostable(deps, leased, { card, code: thrown.code });
  }
}

/** From now on every copy in the channel is kept up to date, also one that Slack posted late. Answers the new ones. */
async function copiesFound(
  { chat }: Pick<Needs, "chat">,
  leased: LeasedRequest,
  { card, sinceMs }: { readonly card: Card; readonly sinceMs: number },
): Promise<readonly MessageRef[]> {
  const known = new Set(leased.current().cards.map(({ ts }) => ts));
  const found = await chat.findCards(leased.current(), card.to, sinceMs);
  const unknown = found.filter(({ ts }) => !known.has(ts));
  if (unknown.length > 0) {
    await leased.record((request) =>
      unknown.reduce((now, ref) => cardShown(now, card.to, { ...ref, revision: 0 }), request),
    );
  }
  return unknown;
}

/** The card can never be posted there: the requester is told, and the approvers get it privately. */
async function unpostable(
  deps: Needs,
  leased: LeasedRequest,
  { card, code }: { card: Card; code: string },
): Promise<void> {
  const request = leased.current();
  const facts = { request: request.id, channel: card.to, code };
  deps.log.error(facts, "a card couldn't be posted; is the bot in the channel, and is it ours?");
  const isMain = mainCard(request)?.to === card.to;
  const able = isMain ? await ableApprovers(deps, request) : [];
  const instead = able.slice(0, PRIVATE_CARDS_MAX);
  const left = able.length - instead.length;
  await leased.record((current, nowMs) =>
    cardDead(current, card, { dead: code, instead, left, nowMs, isQuiet: !isMain }),
  );
}

/** Who could decide now. */
export async function ableApprovers(
  deps: Pick<Needs, "chat" | "onCall" | "policy">,
  request: AccessRequest,
): Promise<readonly UserId[]> {
  const approvers = approversInForce(deps.policy(), request);
  const members = await groupMembersOf(deps, [approvers], SEEING_AGE_MS);
  const users = everybody(approvers, members);
  return ableOf(deps, { users, requester: request.ask.requester });
}
