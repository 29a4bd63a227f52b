// Somebody who can't break the glass asks those who can: each hears of it in a direct message.

import { parseCommand } from "../../../domain/command/command.ts";
import { everybody } from "../../../domain/rules/rule-match.ts";
import { channelId, type UserId } from "../../../domain/text/ids.ts";
import { isRefusal, type Others, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import { listed, type Part, type Words, words } from "../../../domain/text/words.ts";
import type { Answer, Sender } from "../../../ports/inbound.ts";
import type { Notice } from "../../../ports/storage/notices.ts";
import { NOTHING, replaced } from "../../answering/answering.ts";
import { record } from "../../answering/record.ts";
import type { Deps } from "../../deps.ts";
import { ableOf } from "../../people/able-people.ts";
import { DECIDING_AGE_MS, membersOf, orCannotCheck } from "../../people/people.ts";
import { refuseCommand } from "../can-see.ts";
import { refuseTooManyAsks } from "./ask-rate.ts";
import { tryAsk } from "./try-ask.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "freezes"
  | "requests"
  | "rateLimits"
  | "auditNotes"
  | "notices"
  | "storeClock"
  | "azure"
  | "chat"
  | "onCall"
  | "clock"
  | "log"
  | "policy"
  | "page"
  | "limits"
  | "onCommitted"
>;

/** More are a crowd, in which each waits for another. */
const ASKED_MAX = 25;
const NAMED_MAX = 5;

/** What was refused is looked at again: the rules, or the person's groups, may be others by now. */
export async function askOthers(
  deps: Needs,
  sender: Sender,
  text: string,
): Promise<Answer | Refusal> {
  const mayNot = await refuseCommand(deps, sender);
  if (mayNot !== undefined) return mayNot;
  const command = parseCommand(text);
  if (isRefusal(command)) return command;
  if (command.verb !== "breakglass") return NOTHING;
  const tried = await tryAsk(deps, sender.user, command);
  if (isRefusal(tried)) return tried;
  const { input, outcome } = tried;
  if (!isRefusal(outcome)) {
    return refuse("wrong-state")`You can use break-glass now: send the command again.`;
  }
  const { others } = outcome;
  if (others === undefined) return outcome;
  const tooMany = await refuseTooManyAsks(deps, sender.user, { breakGlass: false });
  if (tooMany !== undefined) return tooMany;
  const asked = await orCannotCheck(() => ableNow(deps, sender.user, others));
  if (isRefusal(asked)) return asked;
  const { vm, wanted } = input;
  if (asked.length === 0) {
    return refuse(
      "wrong-state",
    )`Nobody who can use break-glass on ${{ strong: vm.name }} can be asked now: use ${{ code: `/jit request ${vm.name}` }}.`;
  }
  const note = { what: "glass-wanted", by: sender.user, detail: { reason: wanted.reason } };
  const entry = { request: undefined, note, delivery: sender.delivery };
  if ((await record(deps, entry)) === "repeated") return NOTHING;
  const notice: Notice = {
    what: "glass-wanted",
    requester: sender.user,
    vm: vm.name,
    ...(wanted.ports && { ports: wanted.ports }),
    atMs: await deps.storeClock.nowMs(),
    text: wanted.reason,
  };
  for (const one of asked) await deps.notices.add(channelId(one), notice);
  return replaced(
    words`I've asked ${listed(named(asked))}: each gets a direct message from me now.`,
  );
}

/**
 * Read this moment: nobody is woken whose shift is over. Those on call first: they are awake. Guests, people who
 * left, and the one who asks are none of them.
 */
async function ableNow(
  deps: Needs,
  requester: UserId,
  { users, groups, onCall = [] }: Others,
): Promise<readonly UserId[]> {
  const members = await membersOf(deps, [{ users, groups, onCall }], DECIDING_AGE_MS);
  const due = everybody({ users: [], groups: [], onCall }, members);
  const all = [...new Set([...due, ...everybody({ users, groups }, members)])];
  return ableOf(deps, { users: all, requester }, ASKED_MAX);
}

function named(asked: readonly UserId[]): readonly (Part | Words)[] {
  const more = asked.length - NAMED_MAX;
  const shown = asked.slice(0, NAMED_MAX).map((user) => words`${{ user }}`);
  return more > 0 ? [...shown, `${more} more`] : shown;
}
