// `/jit help`: five lines for somebody who asks, and the rest behind buttons; admins' commands for admins alone.

import { verbs } from "../domain/command/command.ts";
import type { HelpCommand } from "../domain/command/verbs/help-verb.ts";
import { includes } from "../domain/rules/rule-match.ts";
import { type Words, words } from "../domain/text/words.ts";
import { isFault } from "../ports/fault.ts";
import type { Answer, AnswerButton, Sender } from "../ports/inbound.ts";
import type { Deps } from "./deps.ts";
import { membershipsOf } from "./people/people.ts";

type Needs = Pick<Deps, "chat" | "onCall" | "policy">;

const short = (endsEarly: boolean): readonly Words[] => [
  words`${{ code: "/jit" }} opens the form to request access to a VM.`,
  words`${{ code: "/jit request vm-01 rdp 2h for the certificate renewal" }} requests it in one line.`,
  words`${{ code: "/jit vms" }} shows what you can request.`,
  words`${{ code: "/jit list" }} shows what you have; from there you extend it${endsEarly ? " or end it early" : ""}.`,
  words`${{ code: "/jit explain vm-01 rdp 2h" }} says who would have to approve, without asking anybody.`,
];

export async function helpFor(
  deps: Needs,
  sender: Sender,
  { topic = "short" }: HelpCommand,
): Promise<Answer> {
  const isAdmin = await knownAdmin(deps, sender);
  const shown = topic === "admin" && !isAdmin ? "all" : topic;
  const buttons: readonly AnswerButton[] = [
    { does: "form" },
    ...(shown === "all" ? [] : [{ does: "help" as const, topic: "all" as const }]),
    ...(shown === "admin" || !isAdmin ? [] : [{ does: "help" as const, topic: "admin" as const }]),
  ];
  return { answer: "said", lines: linesOf(shown, deps.policy().endEarly !== "off"), buttons };
}

function linesOf(topic: NonNullable<HelpCommand["topic"]>, endsEarly: boolean): readonly Words[] {
  if (topic === "short") return short(endsEarly);
  const listed = verbs.filter(({ forAdmins = false }) => forAdmins === (topic === "admin"));
  return listed.map(({ usage, says }) => words`${{ code: usage }}  ${says}`);
}

/** Help is never refused, and needs nothing that may be away: who can't be looked up gets everybody's. */
async function knownAdmin(deps: Needs, { user }: Sender): Promise<boolean> {
  try {
    const { admins } = deps.policy();
    return includes(admins, user, await membershipsOf(deps, user, [admins]));
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return false;
  }
}
