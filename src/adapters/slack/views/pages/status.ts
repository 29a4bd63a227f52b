// One request with everything that is known of it: as its card, with what happened when, for one reader. Pure.

import { type AccessRequest, grantOf } from "../../../../domain/request/request.ts";
import { stateWord } from "../../../../domain/request/state-words.ts";
import { formatDuration } from "../../../../domain/text/duration.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import type { StatusScreen } from "../../../../ports/screens/screens.ts";
import { actions, lastFitting, type Message, sections, textOf } from "../blocks.ts";
import { inLine, portsInText, stateTitle, type usersWords } from "../phrases.ts";
import { button } from "../request/buttons.ts";
import { cardBody } from "../request/card.ts";
import { headline } from "../request/headline.ts";
import { wayIn } from "../request/way-in.ts";
import { cardLink, type EntryView } from "./entry.ts";

/** A reader who can see it at all can see all of it: only bystanders in the channel see less. */
const HIDDEN = { hide: [], endsEarly: true } as const;

export function statusMessage(screen: StatusScreen, view: Omit<EntryView, "nowMs">): Message {
  const { entry, nowMs, extensions, note } = screen;
  const { request, offers } = entry;
  const { said } = stateTitle(request);
  const { ports, vm, requester } = request.ask;
  const link = offers.includes("decide") ? cardLink(request, view) : undefined;
  return {
    text: textOf(
      words`${said}: ${{ user: requester }}, ${portsInText(ports)} on ${inLine(vm.name, 100)} (${request.id})`,
    ),
    blocks: [
      ...sections(note === undefined ? [] : [note]),
      ...sections([headline(request)]),
      ...cardBody(request, { nowMs, ...HIDDEN }),
      ...sections(view.you === requester ? howToConnect(request) : []),
      ...sections(lastFitting([...history(request), ...extensions.map(extension)])),
      ...actions([
        ...(link === undefined ? [] : [link]),
        ...offers.flatMap((offer) => (offer === "decide" ? [] : [button(request, offer)])),
      ]),
    ],
  };
}

/** For people who didn't get it in a direct message, or lost it. */
const howToConnect = (request: AccessRequest): readonly Words[] =>
  request.state === "open" ? wayIn(request.ask.ports, request.ask.vm, request.grant) : [];

const extension = (request: AccessRequest): Words =>
  words`Extension: ${{ code: request.id }} is ${{ strong: stateWord(request) }}.`;

type Happened = { readonly atMs: number; readonly what: Words };

/** What the body doesn't say with its time, in order. */
function history(request: AccessRequest): readonly Words[] {
  const happened = [...ofWaiting(request), ...ofGrant(request), ...ofReview(request)];
  const inOrder = happened.toSorted((a, b) => a.atMs - b.atMs);
  return inOrder.map(({ atMs, what }) => words`${{ atMs }}: ${what}`);
}

function ofWaiting(request: AccessRequest): readonly Happened[] {
  const { ask, approvals, narrowed } = request;
  const isPending = request.state === "pending";
  return [
    { atMs: ask.askedAtMs, what: words`requested for ${formatDuration(ask.durationMs)}` },
    ...approvals.map(({ by, atMs }) => ({
      atMs,
      what: words`approved by ${{ user: by }}${narrowed?.by === by ? ", with changes" : ""}`,
    })),
    ...happenedAt(isPending ? request.remindedAtMs : undefined, words`approvers reminded`),
    ...happenedAt(isPending ? request.escalatedAtMs : undefined, words`escalated`),
  ];
}

function ofGrant(request: AccessRequest): readonly Happened[] {
  const grant = grantOf(request);
  if (grant === undefined) return [];
  const { startsAtMs, openedAtMs, warnedAtMs, approvedBy } = grant;
  const isOpened = openedAtMs !== undefined;
  // An approval was told with its own time.
  const isDecided = approvedBy.length > 0;
  return [
    ...happenedAt(isDecided ? undefined : startsAtMs, words`started without approval`),
    ...happenedAt(openedAtMs, words`open in Azure`),
    ...happenedAt(warnedAtMs, words`requester warned before the end`),
    ...(request.state === "ended"
      ? [{ atMs: request.endedAtMs, what: words`ended${endedBy(request.endedBy)}` }]
      : []),
    ...(request.state === "failed" && !isOpened
      ? [{ atMs: grant.endsAtMs, what: words`the end time, which retries don't move` }]
      : []),
  ];
}

const endedBy = (by: Parameters<typeof usersWords>[0][number] | undefined): Words =>
  by === undefined ? [] : words` by ${{ user: by }}`;

function ofReview({ review }: AccessRequest): readonly Happened[] {
  if (review === undefined) return [];
  const { askedAtMs, remindedAtMs, closed } = review;
  return [
    { atMs: askedAtMs, what: words`review requested` },
    ...happenedAt(remindedAtMs, words`review reminder sent`),
    ...(closed === undefined
      ? []
      : [{ atMs: closed.atMs, what: words`reviewed by ${{ user: closed.by }}` }]),
  ];
}

const happenedAt = (atMs: number | undefined, what: Words): readonly Happened[] =>
  atMs === undefined ? [] : [{ atMs, what }];
