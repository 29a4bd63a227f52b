// Tells what would become of an ask, by the code that decides about it, and keeps nothing.

import type { ExplainCommand } from "../request/command/asks.ts";
import { type Explanation, explain } from "../request/explanation.ts";
import { explanationWords } from "../request/explanation-words.ts";
import type { GroupId, UserId } from "../request/ids.ts";
import { isRefusal, type Refusal } from "../request/refusal.ts";
import { includes, type Members, mayAskFor } from "../request/rules.ts";
import { words } from "../request/words.ts";
import type { Deps } from "./deps.ts";
import type { Answer, Sender } from "./desk.ts";
import {
  membersOf,
  orCannotCheck,
  refuseOutsiders,
  refuseSharedChannel,
  SHOWING_AGE_MS,
} from "./people.ts";
import { tryAsk, type World } from "./try-ask.ts";

/** The command has no reason; whether one must be given is said in words. */
const SOME_REASON = "to be given";

/** A refusal: it is not clear of which VM, or Slack does not answer. */
export async function explainAsk(
  world: World,
  user: UserId,
  { vm, ports, durationMs, source }: ExplainCommand,
): Promise<Explanation | Refusal> {
  const asked = { vm, ports, durationMs, source, reason: SOME_REASON, unclear: undefined };
  const tried = await tryAsk(world, user, { ...asked, verb: "request" });
  return isRefusal(tried) ? tried : explain(tried.input);
}

/** Each group as far as Slack answers: an explanation is worth something without it. */
export async function membersKnown(
  { chat }: Pick<World, "chat">,
  groups: readonly GroupId[],
): Promise<Members> {
  const found = await Promise.all(
    groups.map((group) => orCannotCheck(() => membersOf(chat, [group], SHOWING_AGE_MS))),
  );
  return new Map(found.flatMap((one) => (isRefusal(one) ? [] : [...one])));
}

/** The groups whose members an explanation names. */
export const approvingGroups = ({ outcome }: Explanation): readonly GroupId[] =>
  isRefusal(outcome) ? [] : outcome.rule.approvers.groups;

/**
 * The answer to `/jit explain`. Whoever may not ask for the VM learns no more of it than asking would
 * tell them; admins and auditors learn everything.
 */
export async function explainTo(
  deps: Deps,
  sender: Sender,
  command: ExplainCommand,
): Promise<Answer | Refusal> {
  const outsider =
    (await refuseOutsiders(deps.chat, sender)) ??
    (await refuseSharedChannel(deps.chat, sender.channel));
  if (outsider !== undefined) return outsider;
  const explanation = await explainAsk(deps, sender.user, command);
  if (isRefusal(explanation)) return refused(explanation);
  const { input, outcome } = explanation;
  const { policy, vm, members } = input;
  const mayAsk = mayAskFor(policy, vm, { user: sender.user, members });
  if (!mayAsk && isRefusal(outcome) && !(await seesEverything(deps, sender.user))) {
    return refused(outcome);
  }
  const approvers = await membersKnown(deps, approvingGroups(explanation));
  return { answer: "said", lines: explanationWords(explanation, { members: approvers }) };
}

/** Said, and not recorded as a refusal: nothing was asked for. */
const refused = ({ say }: Refusal): Answer => ({
  answer: "said",
  lines: [words`It would be refused: ${say}`],
});

async function seesEverything(deps: Deps, user: UserId): Promise<boolean> {
  const { admins, auditors } = deps.policy();
  const members = await membersKnown(deps, [...admins.groups, ...auditors.groups]);
  return includes(admins, user, members) || includes(auditors, user, members);
}
