// One request among several: two short lines and the buttons that this reader has. For lists and the home tab.

import { ANY_SOURCE } from "../../../../domain/network/source.ts";
import { whoDecides } from "../../../../domain/request/deciders/who-decides.ts";
import type { Offer } from "../../../../domain/request/offers.ts";
import { mainCard } from "../../../../domain/request/outstanding.ts";
import { type AccessRequest, type In, inForce } from "../../../../domain/request/request.ts";
import { formatDuration, timeLeft } from "../../../../domain/text/duration.ts";
import type { UserId } from "../../../../domain/text/ids.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import type { Entry } from "../../../../ports/screens/screens.ts";
import { actions, type Block, type Button, plainTextElement, sections } from "../blocks.ts";
import { inLine, isUser, portsInText, stateTitle } from "../phrases.ts";
import { button } from "../request/buttons.ts";
import { earlierEnd } from "../request/outcome.ts";

export type EntryView = {
  readonly nowMs: number;
  /** Whose own requests don't say by whom they were asked. */
  readonly you?: UserId | undefined;
  /** The workspace's address, with a slash at the end, where it is known: for links to cards. */
  readonly workspaceUrl: string | undefined;
};

export function entryBlocks({ request, offers }: Entry, view: EntryView): Block[] {
  const link = offers.includes("decide") ? cardLink(request, view) : undefined;
  const isUnlinked = offers.includes("decide") && link === undefined;
  const acts = offers.filter((offer) => offer !== "decide");
  return [
    ...sections([headline(request, view), about(request, { ...view, isUnlinked })]),
    ...actions([
      ...(link === undefined ? [] : [link]),
      ...acts.map((offer: Exclude<Offer, "decide">) => button(request, offer)),
    ]),
  ];
}

function headline(request: AccessRequest, { nowMs }: EntryView): Words {
  const { icon, said } = stateTitle(request);
  const { vm, ports } = request.ask;
  const when = timing(request, nowMs);
  return words`${icon} ${{ strong: said }}${when}: ${portsInText(ports)} on ${{ code: vm.name }}`;
}

/** How long it lasts, or since when it is over. */
function timing(request: AccessRequest, nowMs: number): Words {
  if (request.deadLetter !== undefined) return words`, since ${{ atMs: request.deadLetter.atMs }}`;
  switch (request.state) {
    case "pending":
      return words` for ${formatDuration(inForce(request).durationMs)}${opensAt(request)}${approvals(request)}`;
    case "ready":
      return words` for ${formatDuration(inForce(request).durationMs)}${readyUntil(request)}`;
    case "opening":
      return words`, ends ${{ atMs: request.grant.endsAtMs }}`;
    case "ending":
      return closesAt(request);
    case "open":
      return words`, ${timeLeft(request.grant.endsAtMs - nowMs)}, until ${{ atMs: request.grant.endsAtMs }}`;
    case "ended":
      return words` ${{ atMs: request.endedAtMs }}`;
    case "denied":
      return words` ${{ atMs: request.deniedAtMs }}`;
    case "cancelled":
      return words` ${{ atMs: request.cancelledAtMs }}`;
    case "lapsed":
      return words` ${{ atMs: request.expiredAtMs }}`;
    case "failed":
      return [];
  }
}

const opensAt = ({ ask }: AccessRequest): Words =>
  ask.opensAtMs === undefined ? [] : words` from ${{ atMs: ask.opensAtMs }}`;

function readyUntil(request: In<"ready">): Words {
  const { frozen, fromMs, heldUp, unchecked, expiresAtMs } = request;
  if (unchecked || heldUp !== undefined) {
    return words`, not opened yet, expires ${{ atMs: expiresAtMs }}`;
  }
  if (fromMs !== undefined) return words` from ${{ atMs: fromMs }}`;
  return frozen === undefined
    ? words` once opened, expires ${{ atMs: expiresAtMs }}`
    : words`, opens when the freeze is lifted`;
}

/** Ending early: the end that Azure accepted, not the one that was granted, unless that may still hold. */
function closesAt(request: In<"ending">): Words {
  const earlier = earlierEnd(request);
  if (earlier?.isExpected === true) return words`, closes by ${{ atMs: earlier.atMs }}`;
  return earlier === undefined && request.fault === undefined
    ? words`, closing now`
    : words`, not confirmed yet, otherwise until ${{ atMs: request.grant.endsAtMs }}`;
}

function approvals(request: AccessRequest): string {
  const { needed } = whoDecides(request);
  return needed > 1 ? `, ${request.approvals.length} of ${needed} approvals` : "";
}

/** A list is for finding a request again; the whole reason stands on its card and in its status. */
const REASON_MAX = 60;

type About = EntryView & { readonly isUnlinked: boolean };

function about(request: AccessRequest, { you, isUnlinked }: About): Words {
  const { id, ask } = request;
  const { source, sourceName } = inForce(request);
  const from = source === ANY_SOURCE ? "any address" : { code: sourceName ?? source };
  const by =
    ask.requester === you ? words`requested` : words`requested by ${{ user: ask.requester }}`;
  const why = ask.reason.trim() === "" ? "" : `: ${inLine(ask.reason, REASON_MAX)}`;
  const card = isUnlinked ? cardPlace(request) : [];
  return words`${{ code: id }} from ${from}, ${by} ${{ atMs: ask.askedAtMs }}${why}${card}${onIt(request)}`;
}

/** Other approvers see that somebody looks already. */
const onIt = (request: AccessRequest): Words =>
  request.state === "pending" && request.claim !== undefined
    ? words`. ${{ user: request.claim.by }} is on it until ${{ atMs: request.claim.untilMs }}`
    : [];

function cardPlace(request: AccessRequest): Words {
  const card = mainCard(request);
  const isThere = card?.ts !== undefined && card.dead === undefined;
  return isThere && card.channel !== undefined
    ? words`. Its card is in ${{ channel: card.channel }}`
    : [];
}

/** Slack tells the app of a press on a link, too: it isn't an action of ours, and there's nothing to do. */
const LINK_ACTION = "link.card";

/** Leads to the card, where all that has to be read for a decision stands beside its buttons. */
export function cardLink(
  request: AccessRequest,
  { workspaceUrl, you }: Pick<EntryView, "workspaceUrl" | "you">,
): Button | undefined {
  const card = request.cards.find(
    ({ to, ts, dead }) => ts !== undefined && dead === undefined && (!isUser(to) || to === you),
  );
  if (workspaceUrl === undefined || card?.channel === undefined || card.ts === undefined) {
    return undefined;
  }
  return {
    type: "button",
    action_id: LINK_ACTION,
    text: plainTextElement("Open the card"),
    url: `${workspaceUrl}archives/${card.channel}/p${card.ts.replace(".", "")}`,
    style: "primary",
    accessibility_label: `Open the card of request ${request.id} to decide`,
  };
}
