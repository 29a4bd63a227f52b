// Which form opens for a command or a shortcut: at once, and filled in with what was understood.

import { isUnsure } from "../../domain/command/ask-parts.ts";
import { parseTyped } from "../../domain/command/command.ts";
import type { RequestCommand } from "../../domain/command/verbs/request-verb.ts";
import { vmRefMatches } from "../../domain/command/vm-ref.ts";
import { checkAsk } from "../../domain/rules/check-ask.ts";
import { mayAskFor } from "../../domain/rules/rule-match.ts";
import { formatDuration, parseDuration } from "../../domain/text/duration.ts";
import { isRefusal, type Refusal, type RefusalCode } from "../../domain/text/refusal.ts";
import { typed } from "../../domain/text/typed.ts";
import { type Words, words } from "../../domain/text/words.ts";
import type { Answer, Sender } from "../../ports/inbound.ts";
import { knownUnclear } from "../requests/asking/try-ask.ts";
import { emptyForm, type Opening } from "./form-contents.ts";
import { filledForm } from "./request-form-flow.ts";

type Needs = Parameters<typeof filledForm>[0];

const HOW_TO = words`Write for example ${{ code: "/jit request vm-01 3389 2h for restarting the print spooler" }}; ${{ code: "/jit help all" }} lists all commands.`;

/** The form as it can be shown at once, and as it is when it has been asked who the person is. */
export function openForm(
  deps: Needs,
  sender: Sender,
  { opening = { draft: {} }, otherwise = HOW_TO }: { opening?: Opening; otherwise?: Words } = {},
): Answer {
  return {
    answer: "request-form",
    form: emptyForm(deps, opening),
    later: filledForm(deps, sender, opening),
    otherwise: [otherwise],
  };
}

/** Begins with a command that a button carries; the empty form where that isn't one that requests. */
export function openFormFor(deps: Needs, sender: Sender, text = ""): Answer {
  const command = parseTyped(text);
  if (isRefusal(command) || command.verb !== "request") return openForm(deps, sender);
  return openForm(deps, sender, { opening: openingOf(command, deps.clock.nowMs()) });
}

/** What only the person can say is asked for in the form; what is wrong is said. */
const FOR_THE_FORM: ReadonlySet<RefusalCode> = new Set([
  "incomplete",
  "ambiguous",
  "reason-required",
]);

/**
 * The form for a command that leaves something open, as far as memory can tell: it has to open before
 * Slack, Redis or Azure were asked anything. Where only Slack knows whether the VM is there for this person,
 * it opens after that, as it would not for a name that no VM has.
 */
export function formAtOnce(
  deps: Needs,
  sender: Sender,
  command: RequestCommand,
): Answer | undefined {
  const refusal = knownUnclear(command) ?? missing(deps, sender, command);
  if (refusal === undefined) return undefined;
  const answer = formInstead(deps, sender, { command, refusal });
  return isRefusal(answer) ? undefined : answer;
}

/** The form for what a refusal says is left open; the refusal itself where it says that something is wrong. */
export function formInstead(
  deps: Needs,
  sender: Sender,
  { command, refusal }: { command: RequestCommand; refusal: Refusal },
): Answer | Refusal {
  if (command.verb !== "request" || !FOR_THE_FORM.has(refusal.refused)) return refusal;
  const opening = {
    ...openingOf(command, deps.clock.nowMs()),
    note: noteOf(command, refusal.refused),
  };
  return openForm(deps, sender, { opening, otherwise: refusal.say });
}

/** What is left open for somebody whom the file itself names; membership of a group takes a look-up. */
function missing(deps: Needs, { user }: Sender, command: RequestCommand): Refusal | undefined {
  const { vm: ref } = command;
  if (ref === undefined) return undefined;
  const policy = deps.policy();
  const snapshot = deps.azure.snapshot();
  const who = { user, members: new Map() };
  const [vm, ...others] = [...snapshot.vms.values()].filter(
    (one) => vmRefMatches(ref, one) && mayAskFor(policy, one, who),
  );
  if (vm === undefined || others.length > 0) return undefined;
  const checked = checkAsk({
    policy,
    vm,
    vmPolicies: snapshot.vmPolicies.get(vm.key) ?? [],
    wanted: { ...command, reason: command.reason ?? "" },
    requester: user,
    members: who.members,
    myAddress: { address: undefined, provable: deps.page !== undefined },
    nowMs: deps.clock.nowMs(),
  });
  return isRefusal(checked) ? checked : undefined;
}

const openingOf = (command: RequestCommand, saidAtMs: number): Opening => ({
  draft: draftOf(command, saidAtMs),
  ref: command.vm,
});

/** What a command understood so far, for the form to begin with. */
function draftOf(command: RequestCommand, saidAtMs: number): Opening["draft"] {
  const { ports, at, source, reason, unclear } = command;
  const perhapsMs = unclear === "duration-or-reason" ? parseDuration(reason ?? "") : undefined;
  const durationMs = command.durationMs ?? perhapsMs;
  return {
    ...(ports && { ports }),
    ...(durationMs !== undefined && { duration: formatDuration(durationMs) }),
    // The form may lie open for a while before its time is read.
    ...(at !== undefined && { at: { ...at, saidAtMs } }),
    ...(source !== undefined && { source }),
    ...(reason !== undefined && { reason }),
  };
}

/** What is left open, said for somebody who looks at the form. */
function noteOf({ vm, unclear, reason }: RequestCommand, refused: RefusalCode): Words | undefined {
  if (vm === undefined) return undefined;
  if (isUnsure(unclear)) return unclear.say;
  if (unclear === "duration-or-reason") {
    return words`Is ${typed(reason ?? "")} the duration or the reason? Check both.`;
  }
  if (unclear === "source" || refused === "ambiguous") return words`Choose where you connect from.`;
  return refused === "incomplete" && unclear === undefined
    ? words`Choose the ports.`
    : words`Give a reason.`;
}
