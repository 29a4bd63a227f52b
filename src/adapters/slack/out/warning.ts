// The warning before the end: how much time is left, what happens then, what can be done.

import { formatDuration, MINUTE_MS } from "../../../request/duration.ts";
import type { In } from "../../../request/request.ts";
import { words } from "../../../request/words.ts";
import { actions, type Message, sections, textOf } from "./blocks.ts";
import { button } from "./buttons.ts";
import type { MessageView } from "./messages.ts";
import { doorWords } from "./outcome.ts";
import { askAgain, inLine, portsInText } from "./phrases.ts";

export type WarningView = MessageView & {
  /** Whether the requester may ask for more time while this is open. */
  readonly extendable: boolean;
};

export function warningMessage(
  request: In<"open">,
  { nowMs, endsEarly, extendable }: WarningView,
): Message {
  const { grant, ask, id } = request;
  const left = timeLeft(grant.endsAtMs - nowMs);
  const end = { atMs: grant.endsAtMs };
  return {
    text: textOf(
      words`${left} left: ${portsInText(ask.ports)} on ${inLine(ask.vm.name, 100)} ends ${end}. (${id})`,
    ),
    blocks: [
      ...sections([
        words`⏰ ${{ strong: `${left} left:` }} ${doorWords(request)} ends ${end}, ${{ code: id }}`,
        words`Then no new connection gets in. Sessions that are open are not cut, but one that drops cannot come back.`,
        extendable
          ? words`Need longer? ${{ strong: "Extend" }} asks for more time; until that is decided, this end stays.`
          : words`Need longer? Ask again: ${askAgain(request)}`,
      ]),
      ...actions([
        ...(extendable ? [button(request, "extend")] : []),
        ...(endsEarly ? [button(request, "end")] : []),
      ]),
    ],
  };
}

/** Whole minutes, rounded down so as never to promise more; below one, seconds. */
function timeLeft(leftMs: number): string {
  const ms = Math.max(0, leftMs);
  return formatDuration(ms < MINUTE_MS ? ms : Math.floor(ms / MINUTE_MS) * MINUTE_MS);
}
