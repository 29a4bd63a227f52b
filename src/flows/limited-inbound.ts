// The inbound port behind each person's limits: what is too much is refused in words before anything is asked for it.

import { verbIn } from "../domain/command/command.ts";
import { words } from "../domain/text/words.ts";
import type { ReadAs } from "../ports/chat.ts";
import type { Answer, Button, Inbound, Sender } from "../ports/inbound.ts";
import { answering } from "./answering/answering.ts";
import { isEndAllId } from "./brake/end-all.ts";
import type { Deps } from "./deps.ts";
import { bareForm, NOTHING_FOUND } from "./forms/form-contents.ts";
import { waitingRoom } from "./limits/waiting-room.ts";

const RESERVED: ReadonlySet<string | undefined> = new Set<ReturnType<typeof verbIn>>([
  "breakglass",
  "end",
  "freeze",
]);

/** What keeps a reserve of its own: access in an emergency, and taking access away. */
export const readsAs = (act: { text: string } | { button: Button }): ReadAs =>
  "text" in act
    ? RESERVED.has(verbIn(act.text))
      ? "reserved"
      : "usual"
    : act.button === "end"
      ? "reserved"
      : "usual";

/** Said without asking anybody anything, and not recorded: there is no room for more. */
const BUSY: Answer = {
  answer: "said",
  lines: [
    words`I'm handling too many requests: nothing was changed, try again in a minute. I still answer ${{ code: "/jit breakglass" }} and ${{ code: "/jit end" }}.`,
  ],
  refused: "cannot-check",
};

export function limitedInbound(deps: Deps, inbound: Inbound): Inbound {
  const { limits } = deps;
  const room = waitingRoom(deps.clock);
  const orTooFast =
    <Args extends readonly unknown[]>(
      work: (sender: Sender, ...args: Args) => Promise<Answer>,
      about: string,
      kindOf: (...args: Args) => ReadAs = () => "usual",
    ) =>
    (sender: Sender, ...args: Args): Promise<Answer> => {
      const kind = kindOf(...args);
      const refusal = limits.take(sender.user, kind);
      const done = room.run(kind, () =>
        refusal === undefined
          ? work(sender, ...args)
          : answering(deps, sender, { about }, () => Promise.resolve(refusal)),
      );
      return done ?? Promise.resolve(BUSY);
    };
  return {
    ...inbound,
    command: orTooFast(inbound.command, "command", (text) => readsAs({ text })),
    click: orTooFast(inbound.click, "click", readsAs),
    page: orTooFast(inbound.page, "page"),
    auditFile: orTooFast(inbound.auditFile, "audit file"),
    applyChange: orTooFast(inbound.applyChange, "apply", (id) =>
      isEndAllId(id) ? "reserved" : "usual",
    ),
    dropChange: orTooFast(inbound.dropChange, "drop"),
    restore: orTooFast(inbound.restore, "restore"),
    askOthers: orTooFast(inbound.askOthers, "ask others"),
    dealWith: orTooFast(inbound.dealWith, "deal with", ({ act }) =>
      act === "close" ? "reserved" : "usual",
    ),
    requeue: orTooFast(inbound.requeue, "requeue"),
    deny: orTooFast(inbound.deny, "deny"),
    ask: orTooFast(inbound.ask, "ask"),
    answer: orTooFast(inbound.answer, "answer"),
    concern: orTooFast(inbound.concern, "review"),
    approveChanged: orTooFast(inbound.approveChanged, "approve"),
    extend: orTooFast(inbound.extend, "extend"),
    // What was filled in stays: it can be sent again in a moment.
    sendForm: (sender, sent) => {
      const refusal = limits.take(sender.user, "usual");
      return refusal === undefined
        ? inbound.sendForm(sender, sent)
        : Promise.resolve({ answer: "form-error", field: "vm", say: refusal.say });
    },
    written: orTooFast(inbound.written, "written"),
    openForm: (sender, typed) => {
      const refusal = limits.take(sender.user, "usual");
      return refusal === undefined
        ? inbound.openForm(sender, typed)
        : { answer: "said", lines: [refusal.say], refused: refusal.refused };
    },
    form: (sender, draft) => {
      const refusal = limits.take(sender.user, "typing");
      return refusal === undefined
        ? inbound.form(sender, draft)
        : Promise.resolve(bareForm({ draft }, refusal.say));
    },
    searchVms: async (sender, text) =>
      limits.take(sender.user, "typing") === undefined
        ? inbound.searchVms(sender, text)
        : NOTHING_FOUND,
    openHome: async (sender) => {
      if (limits.take(sender.user, "home") === undefined) await inbound.openHome(sender);
    },
  };
}
