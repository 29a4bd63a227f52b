// What Azure shows of the ports after the end: each port's own truth, and whether it is still looked at. Pure.

import { isLooking } from "../../../../domain/request/acts/ending-acts.ts";
import { portsAtEnd } from "../../../../domain/request/at-end.ts";
import type { PortAtEnd, PortHolder } from "../../../../domain/request/grant.ts";
import type { In } from "../../../../domain/request/request.ts";
import type { UserId } from "../../../../domain/text/ids.ts";
import { portsWords } from "../../../../domain/text/port-words.ts";
import { type Words, words } from "../../../../domain/text/words.ts";

/** One sentence for all ports where it is the same for all. */
export function closingLines(request: In<"ended">): readonly Words[] {
  const groups = Map.groupBy(portsAtEnd(request, request), keyOf).values();
  const [first, ...more] = [...groups].map((ports) => ({ ports, one: ports[0] }));
  if (first?.one === undefined) return [];
  if (more.length === 0 && first.one.closing !== "held") return [sentence(request, first.one)];
  return [first, ...more].flatMap(({ ports, one }) => {
    if (one === undefined) return [];
    const named = ports.map(({ port }) => port);
    if (one.closing === "held") return [heldWords(named, one.heldBy, request.ask)];
    return [words`${portsWords(named)}: ${sentence(request, one)}`];
  });
}

const keyOf = ({ closing, heldBy, isOpenForOthers }: PortAtEnd): string =>
  `${closing} ${heldBy?.id ?? ""} ${isOpenForOthers === true}`;

function sentence(request: In<"ended">, { closing, isOpenForOthers }: PortAtEnd): Words {
  switch (closing) {
    case "closed":
    case "held":
      // The other opening isn't looked at any more: what is said of it has to stay true.
      return isOpenForOthers === true
        ? words`Azure shows it closed, but somebody had also opened the port outside this bot.`
        : words`Azure shows it closed. Existing sessions stay connected.`;
    case "unknown":
      return isLooking(request)
        ? words`Azure hasn't confirmed yet that the port closed.`
        : words`Azure never confirmed that the port closed. Check it in the portal.`;
    case "still-open":
      if (!isLooking(request)) return words`Azure last showed it open. Check it in the portal.`;
      // It mostly takes seconds; what takes longer is alarmed.
      return request.alarmed === true
        ? words`⚠️ ${{ strong: "Azure still shows it open." }} The bot keeps looking.`
        : words`Waiting for Azure to close it.`;
  }
}

/** Why ports stay open, and until when, as far as it was known at the end. */
export function heldWords(
  ports: readonly number[],
  heldBy: PortHolder | undefined,
  reader: { readonly requester: UserId; readonly isYou?: boolean },
): Words {
  const named = words`${portsWords(ports)} ${ports.length === 1 ? "stays" : "stay"} open`;
  if (heldBy === undefined) return words`${named} for another request.`;
  const whose =
    heldBy.requester === reader.requester
      ? words`${reader.isYou === true ? "your" : "the same person's"} ${{ code: heldBy.id }}`
      : words`${{ code: heldBy.id }} of ${{ user: heldBy.requester }}`;
  return words`${named} until ${{ atMs: heldBy.untilMs }} for ${whose}.`;
}
