// Somebody who can't break the glass asks those who can: each hears of it in a direct message.

import { parseCommand } from "../../../domain/command/command.ts";
import { channelId } from "../../../domain/text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import { words } from "../../../domain/text/words.ts";
import type { Answer, Sender } from "../../../ports/inbound.ts";
import type { Notice } from "../../../ports/storage/notices.ts";
import { NOTHING, replaced } from "../../answering/answering.ts";
import { record } from "../../answering/record.ts";
import type { Deps } from "../../deps.ts";
import { membersOf, orCannotCheck, SEEING_AGE_MS } from "../../people/people.ts";
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
  const members = await orCannotCheck(() => membersOf(deps, [others], SEEING_AGE_MS));
  if (isRefusal(members)) return members;
  const inGroups = others.groups.flatMap((group) => members.get(group) ?? []);
  const asked = [...new Set([...others.users, ...inGroups])].slice(0, ASKED_MAX);
  const { vm, wanted } = input;
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
  return replaced(words`Asked: each of them gets a direct message from me now.`);
}
