// Approvers who are away while a request waits: the cards say so, and those who stand in for them are asked.

import type { Absent } from "../../rules/delegation.ts";
import type { Card } from "../document/sent-messages.ts";
import type { Moved } from "../moved.ts";
import { quietly, same } from "../moves.ts";
import type { AccessRequest } from "../request.ts";

/** Who stands in is asked by a card of their own: they may not be in the channel. */
export function absences(request: AccessRequest, now: readonly Absent[]): Moved {
  if (request.state !== "pending") return same(request);
  const { absent: before = [], ...rest } = request;
  if (isDeepEqual(before, now)) return same(request);
  // Of a batch, the lead asks for all.
  const further = request.batch?.role === "member" ? [] : cardsFor(now, request.cards);
  const cards = [...request.cards, ...further];
  return quietly({ ...rest, cards, ...(now.length > 0 && { absent: now }) });
}

/** Who stands in for approvers of another one of a batch is asked by what all of it share. */
export function standInsAsked({ request, audit }: Moved, absent: readonly Absent[] = []): Moved {
  const further = request.batch?.role === "lead" ? cardsFor(absent, request.cards) : [];
  if (further.length === 0) return { request, audit };
  return { request: { ...request, cards: [...request.cards, ...further] }, audit };
}

/** Private cards for those who stand in and have none yet. */
export function cardsFor(absent: readonly Absent[], known: readonly Card[]): readonly Card[] {
  const asked = new Set(absent.flatMap(({ to }) => (to === undefined ? [] : [to])));
  const missing = [...asked].filter((user) => !known.some((card) => card.to === user));
  return missing.map((to) => ({ to, shown: 0 }));
}

const isDeepEqual = (some: readonly Absent[], other: readonly Absent[]): boolean =>
  some.length === other.length &&
  some.every(({ user, untilMs, to }, index) => {
    const one = other[index];
    return one?.user === user && one.untilMs === untilMs && one.to === to;
  });
