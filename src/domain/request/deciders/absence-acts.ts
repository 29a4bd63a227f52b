// Approvers who are away while a request waits: the cards say so, and those who stand in for them are asked.

import type { Absent } from "../../rules/delegation.ts";
import type { Card } from "../document/sent-messages.ts";
import type { Moved } from "../moved.ts";
import { quietly, same, tell } from "../moves.ts";
import type { AccessRequest, Approval } from "../request.ts";

/** Who stands in is asked by a card of their own: they may not be in the channel. */
export function absences(request: AccessRequest, now: readonly Absent[], nowMs: number): Moved {
  if (request.state !== "pending") return same(request);
  const { absent: before = [], ...rest } = request;
  if (isDeepEqual(before, now)) return same(request);
  // Of a batch, the lead asks for all.
  const further = request.batch?.role === "member" ? [] : cardsFor(now, request.cards);
  const cards = [...request.cards, ...further];
  const { request: told } = quietly({ ...rest, cards, ...(now.length > 0 && { absent: now }) });
  return withoutPast(told, { before, now }, nowMs);
}

/** What somebody approved for one who was away counts no more once they are back, and no card counts it either. */
function withoutPast(
  request: AccessRequest,
  { before, now }: { readonly before: readonly Absent[]; readonly now: readonly Absent[] },
  nowMs: number,
): Moved {
  const isIn = (absent: readonly Absent[], { by, for: away }: Approval) =>
    absent.some(({ user, to }) => user === away && to === by);
  const past = request.approvals.filter((one) => isIn(before, one) && !isIn(now, one));
  if (past.length === 0) return { request, audit: [] };
  const approvals = request.approvals.filter((one) => !past.includes(one));
  return tell(
    // Each approved no more than the one before.
    { ...request, approvals, narrowed: approvals.at(-1)?.narrowed },
    past.map(({ by }) => ({ what: "approval-void", by, atMs: nowMs })),
    ...past.map(({ by, for: away }) => ({
      what: "approval-void" as const,
      by,
      ...(away !== undefined && { detail: { for: away } }),
    })),
  );
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
