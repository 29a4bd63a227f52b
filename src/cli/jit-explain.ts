// `jit explain <vm> …`: what would become of an ask, and why. Nothing is asked for, and nothing is kept.

import { visible } from "../config/config-fault.ts";
import { parseTyped } from "../domain/command/command.ts";
import type { ExplainCommand } from "../domain/command/verbs/explain-verb.ts";
import type { Explanation } from "../domain/explain/explanation.ts";
import { explanationWords } from "../domain/explain/explanation-words.ts";
import { everybody } from "../domain/rules/rule-match.ts";
import { type GroupId, groupId, type UserId, userId } from "../domain/text/ids.ts";
import { isRefusal } from "../domain/text/refusal.ts";
import { plain, type Words } from "../domain/text/words.ts";
import {
  DECIDING_AGE_MS,
  refuseOutsiders,
  rotasOf,
  SHOWING_AGE_MS,
} from "../flows/people/people.ts";
import { explainAsk, membersKnown, peopleIn, unableIn } from "../flows/requests/asking/explain.ts";
import type { AskNeeds } from "../flows/requests/asking/try-ask.ts";
import { readOptions } from "./options.ts";
import { type ExitCode, FINDINGS, FINE, type Terminal } from "./terminal.ts";

export type ExplainAsked = {
  readonly command: ExplainCommand;
  readonly user: UserId;
  /** The user groups that the person is in; `undefined`: Slack is asked. */
  readonly groups: readonly GroupId[] | undefined;
};

export type Opened = {
  readonly deps: AskNeeds;
  /** Slack, to name people; `undefined`: it isn't asked. */
  readonly slack: AskNeeds["chat"] | undefined;
};

/**
 * Answers the exit code: 0 it would be asked or opened, 1 it would be refused. Rejects with a `Fault`
 * where Azure or Slack doesn't answer.
 */
export async function explainCommand(
  { user, command }: ExplainAsked,
  opened: Opened,
  { say }: Terminal,
): Promise<ExitCode> {
  const { deps } = opened;
  const outsider = await refuseOutsiders(deps.chat, { user, outsider: false }, DECIDING_AGE_MS);
  const explained = outsider ?? (await explainAsk(deps, user, command, { everything: true }));
  if (isRefusal(explained)) {
    say(`It would be refused: ${visible(plain(explained.say))}`);
    return FINDINGS;
  }
  for (const line of await linesOf(opened, explained)) say(visible(plain(line)));
  return isRefusal(explained.outcome) ? FINDINGS : FINE;
}

const USER_ID = /^[UW][A-Z0-9]{1,30}$/;
const GROUP_ID = /^S[A-Z0-9]{1,30}$/;

/** Answers what is asked, or a sentence about what is wrong. */
export function readExplainArguments(args: readonly string[]): ExplainAsked | string {
  const read = readOptions(args, { user: "text", groups: "text" });
  if ("wrong" in read) return read.wrong;
  const user = read.options.get("user");
  if (user === undefined) return "Who asks? Give --user with the person's Slack ID.";
  if (!USER_ID.test(user)) return `${user} isn't a member's ID: write one such as U0ERIN.`;
  const ids = read.options
    .get("groups")
    ?.split(",")
    .filter((id) => id !== "");
  const wrong = ids?.find((id) => !GROUP_ID.test(id));
  if (wrong !== undefined) return `${wrong} isn't a user group's ID: write one such as S0ONCALL.`;
  const command = parseTyped(`explain ${read.words.join(" ")}`);
  if (isRefusal(command)) return plain(command.say).replaceAll("/jit ", "jit ");
  if (command.verb !== "explain") return "Which VM?";
  return { command, user: userId(user), groups: ids?.map(groupId) };
}

/** Named people are looked up: a terminal shows no mentions. */
const NAMED_MAX = 20;

async function linesOf(
  { slack, deps }: Opened,
  explanation: Explanation,
): Promise<readonly Words[]> {
  const onDuty = await deps.onCall(rotasOf(peopleIn(explanation)), SHOWING_AGE_MS);
  if (slack === undefined) return explanationWords(explanation, { members: new Map(), onDuty });
  const named = { chat: slack, onCall: deps.onCall };
  const members = await membersKnown(named, peopleIn(explanation));
  const all = peopleIn(explanation).flatMap((people) => everybody(people, members));
  const people = [...new Set([explanation.input.requester, ...all])].slice(0, NAMED_MAX);
  const names = new Map<UserId, string>();
  for (const user of people) {
    const person = await slack.person(user, Number.POSITIVE_INFINITY).catch(() => undefined);
    if (person !== undefined) names.set(user, person.name);
  }
  const unable = await unableIn({ chat: slack }, explanation, members);
  return explanationWords(explanation, {
    members,
    unable,
    onDuty,
    nameOf: (user) => names.get(user),
  });
}
