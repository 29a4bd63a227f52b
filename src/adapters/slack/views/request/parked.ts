// What is said of a dead letter: that it is parked, what that means for the port, and who can bring it back. Pure.

import type { DeadLetter } from "../../../../domain/request/document/attempts.ts";
import type { State } from "../../../../domain/request/document/phase.ts";
import type { AccessRequest } from "../../../../domain/request/request.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { inLine } from "../phrases.ts";

/** As it is stored; the rest is in the bot's log. */
const WHY_CHARACTERS_MAX = 200;

/** In place of what would be said of a state that is worked on: nothing here depends on the time. */
export function parkedLines(
  request: AccessRequest,
  parked: DeadLetter,
): readonly [Words, ...Words[]] {
  const why = inLine(parked.why, WHY_CHARACTERS_MAX).replace(/\.$/, "");
  return [
    words`⚠️ ${{ strong: "Parked after an error" }}, ${{ atMs: parked.atMs }}: ${why}. It won't resume by itself.`,
    ...portTruth(request),
    words`An admin can bring it back with ${{ strong: "Try again" }} on its card, in App Home or in ${{ code: "/jit doctor" }}.`,
  ];
}

/** Azure keeps the end by itself, whatever becomes of the bot. */
function portTruth(request: AccessRequest): readonly Words[] {
  switch (request.state) {
    case "pending":
      return [words`Nothing was opened, and it can't be approved until then.`];
    case "ready":
      return [words`Nothing was opened, and it isn't opened until then.`];
    case "opening": {
      const { azure, endsAtMs } = request.grant;
      return azure.sent === 0
        ? [words`Azure hasn't been asked to open anything.`]
        : [
            words`Azure was asked to open the port, so it may be open. ${closesByItself(endsAtMs)}; the bot doesn't check that.`,
          ];
    }
    case "open":
      return [
        words`The port was open when it was parked. ${closesByItself(request.grant.endsAtMs)}; the bot doesn't warn before, and doesn't check that it closed.`,
      ];
    case "ending":
      return [
        words`The port was being closed early and may still be open. ${closesByItself(request.grant.endsAtMs)}; the bot doesn't check that.`,
      ];
    default:
      return [];
  }
}

/** Of this request's own opening: nobody looks who else has the port. */
const closesByItself = (endsAtMs: number): Words =>
  words`Azure closes it by itself ${{ atMs: endsAtMs }}, unless other access keeps the port open`;

const SAID_OF: ReadonlySet<State> = new Set(["pending", "ready", "opening", "open", "ending"]);

/** Whether the words for a dead letter say all that there is to say of the state. */
export const saysItAll = ({ state }: AccessRequest): boolean => SAID_OF.has(state);
