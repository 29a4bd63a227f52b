// Tells what would become of an ask, by the code that decides about it, and keeps nothing.

import type { ExplainCommand } from "../../../domain/command/verbs/explain-verb.ts";
import { type Explanation, explain } from "../../../domain/explain/explanation.ts";
import { explanationWords } from "../../../domain/explain/explanation-words.ts";
import { type Freeze, frozenWords } from "../../../domain/rules/freeze.ts";
import type { People } from "../../../domain/rules/policy.ts";
import { everybody, type Members } from "../../../domain/rules/rule-match.ts";
import type { UserId } from "../../../domain/text/ids.ts";
import { isRefusal, type Refusal } from "../../../domain/text/refusal.ts";
import { type Words, words } from "../../../domain/text/words.ts";
import type { Answer, Sender } from "../../../ports/inbound.ts";
import type { Deps } from "../../deps.ts";
import { ableOf } from "../../people/able-people.ts";
import { refuseKnownOutsiders } from "../../people/look-afresh.ts";
import {
  groupMembersOf,
  orCannotCheck,
  refuseSharedChannel,
  rotasOf,
  SHOWING_AGE_MS,
} from "../../people/people.ts";
import { type AskNeeds, tryAsk } from "./try-ask.ts";

type Needs = Pick<
  Deps,
  "azure" | "chat" | "onCall" | "clock" | "storeClock" | "log" | "policy" | "limits" | "freezes"
>;

/** The command has no reason; whether one must be given is said in words. */
const SOME_REASON = "to be given";

/**
 * A refusal: it isn't clear of which VM, or Slack doesn't answer. `everything`: an operator asks on
 * somebody's behalf, and is told of every VM.
 */
export async function explainAsk(
  deps: AskNeeds,
  user: UserId,
  { vm, ports, durationMs, source }: ExplainCommand,
  how: { readonly everything?: boolean } = {},
): Promise<Explanation | Refusal> {
  const asked = { vm, ports, durationMs, source, reason: SOME_REASON, unclear: undefined };
  const tried = await tryAsk(deps, user, { ...asked, verb: "request" }, how);
  return isRefusal(tried) ? tried : explain(tried.input);
}

/** Each group as far as Slack answers: an explanation is worth something without it. */
export async function membersKnown(
  deps: Pick<AskNeeds, "chat" | "onCall">,
  people: readonly People[],
): Promise<Members> {
  const found = await Promise.all(
    apart(people).map((one) => orCannotCheck(() => groupMembersOf(deps, [one], SHOWING_AGE_MS))),
  );
  return new Map(found.flatMap((one) => (isRefusal(one) ? [] : [...one])));
}

/** Each group and rota by itself. */
const apart = (people: readonly People[]): readonly People[] =>
  people.flatMap(({ groups, onCall = [] }) => [
    ...groups.map((group) => ({ users: [], groups: [group] })),
    ...onCall.map((rota) => ({ users: [], groups: [], onCall: [rota] })),
  ]);

/** Those whom an explanation names. */
export const peopleIn = ({ outcome }: Explanation): readonly People[] =>
  isRefusal(outcome) ? [] : [outcome.rule.approvers, outcome.rule.breakGlass];

/** Those of them who could do neither, as far as Slack says. */
export async function unableIn(
  deps: Pick<AskNeeds, "chat">,
  explanation: Explanation,
  members: Members,
): Promise<ReadonlySet<UserId>> {
  const { requester } = explanation.input;
  const users = peopleIn(explanation)
    .flatMap((people) => everybody(people, members))
    .filter((user) => user !== requester);
  const able = new Set(await ableOf(deps, { users, requester }));
  return new Set(users.filter((user) => !able.has(user)));
}

/** The answer to `/jit explain`; for a VM that one can't request, the answer for an unknown name. */
export async function explainTo(
  deps: Needs,
  sender: Sender,
  command: ExplainCommand,
): Promise<Answer | Refusal> {
  const outsider =
    (await refuseKnownOutsiders(deps, sender)) ??
    (await refuseSharedChannel(deps.chat, sender.channel));
  if (outsider !== undefined) return outsider;
  const explanation = await explainAsk(deps, sender.user, command);
  if (isRefusal(explanation)) return refused(explanation);
  const members = await membersKnown(deps, peopleIn(explanation));
  const unable = await unableIn(deps, explanation, members);
  const onDuty = await deps.onCall(rotasOf(peopleIn(explanation)), SHOWING_AGE_MS);
  const freeze = await deps.freezes.now();
  const lines = explanationWords(explanation, { members, unable, onDuty, you: sender.user });
  return { answer: "said", lines: [...lines, ...frozenNote(freeze)] };
}

const frozenNote = (freeze: Freeze | undefined): readonly Words[] =>
  freeze === undefined
    ? []
    : [words`Access is ${frozenWords(freeze)}. Until an admin lifts it, only break-glass opens.`];

/** Said, and not recorded as a refusal: nothing was asked for. */
const refused = ({ say }: Refusal): Answer => ({
  answer: "said",
  lines: [words`It would be refused: ${say}`],
});
