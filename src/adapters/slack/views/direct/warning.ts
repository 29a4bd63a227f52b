// The warning before the end: how much time is left, what happens then, what can be done.

import { isLead } from "../../../../domain/request/batch/roles.ts";
import type { PortHolder } from "../../../../domain/request/grant.ts";
import { type AccessRequest, grantOf, type In } from "../../../../domain/request/request.ts";
import { timeLeft } from "../../../../domain/text/duration.ts";
import { capital } from "../../../../domain/text/plain-text.ts";
import { portsWords } from "../../../../domain/text/port-words.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { actions, type Message, sections, textOf } from "../blocks.ts";
import { askAgain, inLine, portsInText, stateTitle } from "../phrases.ts";
import { button } from "../request/buttons.ts";
import { heldWords } from "../request/closing-words.ts";
import { doorWords } from "../request/outcome.ts";
import { foldedBatchWarning } from "./batch-message.ts";
import type { MessageView } from "./requester-message.ts";

export type WarningView = MessageView & {
  /** Whether the requester may ask for more time while this is open. */
  readonly extendable: boolean;
  /** Who needs which of its ports for longer. */
  readonly holders: ReadonlyMap<number, PortHolder>;
};

export function warningMessage(
  request: In<"open">,
  { nowMs, endsEarly, extendable, holders }: WarningView,
): Message {
  const { grant, ask, id } = request;
  const left = capital(timeLeft(grant.endsAtMs - nowMs));
  const end = { atMs: grant.endsAtMs };
  return {
    text: textOf(
      words`${left}: ${portsInText(ask.ports)} on ${inLine(ask.vm.name, 100)} ends ${end}. (${id})`,
    ),
    blocks: [
      ...sections([
        words`⏰ ${{ strong: `${left}:` }} ${doorWords(request)} ends ${end}, ${{ code: id }}`,
        ...afterwards(request, holders),
        extendable
          ? words`Need longer? ${{ strong: "Extend" }} requests more time; the end stays the same until that's approved.`
          : words`Need longer? Request it again: ${askAgain(request)}`,
      ]),
      ...actions([
        ...(extendable ? [button(request, "extend")] : []),
        ...(endsEarly ? [button(request, "end")] : []),
      ]),
    ],
  };
}

/** Afterwards: that it was given, and when, without buttons that do nothing any more. */
export function foldedWarning(request: AccessRequest): Message {
  if (isLead(request)) return foldedBatchWarning(request);
  const grant = grantOf(request);
  const endsAtMs = grant?.endsAtMs ?? 0;
  const left = capital(timeLeft(endsAtMs - (grant?.warnedAtMs ?? endsAtMs)));
  const said = words`⏰ ${left}: ${doorWords(request)} until ${{ atMs: endsAtMs }}, ${{ code: request.id }}`;
  const now = words`It's ${{ strong: stateTitle(request).said }} now.`;
  return { text: textOf(said), blocks: sections([said, now]) };
}

/** What happens then, of each port: one that somebody else needs stays as it is. */
function afterwards(
  { ask }: In<"open">,
  holders: ReadonlyMap<number, PortHolder>,
): readonly Words[] {
  const closing = ask.ports.filter((port) => !holders.has(port));
  const byHolder = Map.groupBy(holders, ([, { id }]) => id).values();
  const staying = [...byHolder].map((shared) =>
    heldWords(
      shared.map(([port]) => port),
      shared[0]?.[1],
      { requester: ask.requester, isYou: true },
    ),
  );
  if (closing.length === 0) return staying;
  const on = holders.size === 0 ? [] : words` to ${portsWords(closing)}`;
  return [
    words`After that, no new connections${on}. Existing sessions stay up, but one that drops can't reconnect.`,
    ...staying,
  ];
}
