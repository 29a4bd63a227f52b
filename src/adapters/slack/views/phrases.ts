// How the things of a request are called on every screen: VM, ports, source, people, state.

import { ANY_SOURCE } from "../../../domain/network/source.ts";
import type { State } from "../../../domain/request/document/phase.ts";
import type { Card } from "../../../domain/request/document/sent-messages.ts";
import type { FaultNote, Grant } from "../../../domain/request/grant.ts";
import type { Approval } from "../../../domain/request/request.ts";
import { type AccessRequest, inForce, isLive } from "../../../domain/request/request.ts";
import { stateWord } from "../../../domain/request/state-words.ts";
import { type Ask, resourceGroupOf } from "../../../domain/rules/ask.ts";
import { autoApprovedWords } from "../../../domain/rules/auto-approval.ts";
import { type Freeze, frozenWords } from "../../../domain/rules/freeze.ts";
import { formatDuration } from "../../../domain/text/duration.ts";
import { type GroupId, isUserId, type UserId } from "../../../domain/text/ids.ts";
import { plainName, plainNames, plainText } from "../../../domain/text/plain-text.ts";
import { PORT_NAMES } from "../../../domain/text/port-words.ts";
import { isUnusableAnswer } from "../../../domain/text/unusable-answers.ts";
import { listed, type Words, words } from "../../../domain/text/words.ts";

/** Beside the word, never instead of it. */
const STATE_ICONS: Readonly<Record<State, string>> = {
  pending: "⏳",
  ready: "⏸️",
  opening: "🔑",
  open: "🟢",
  ending: "🔒",
  ended: "⚪",
  failed: "❌",
  denied: "🚫",
  cancelled: "↩️",
  lapsed: "⌛",
};

export const iconOf = (state: State): string => STATE_ICONS[state];

/**
 * The state with its mark; a break-glass is called one in every state, first of all. Of a dead letter that
 * goes on without the bot, only the state that was known last is known.
 */
export function stateTitle(request: AccessRequest): { icon: string; said: string } {
  const said =
    request.deadLetter === undefined
      ? stateWord(request)
      : `Parked, ${isLive(request) ? "last known: " : ""}${stateWord(request)}`;
  if (request.ask.breakGlass === true) return { icon: "🚨", said: `Break-glass, ${said}` };
  return { icon: request.deadLetter === undefined ? STATE_ICONS[request.state] : "⚠️", said };
}

/** In the text beside blocks, which notifications show as it is, code marks would be noise. */
const PORTS_IN_TEXT_MAX = 5;

export function portsInText(ports: readonly number[]): string {
  const shown = ports.slice(0, PORTS_IN_TEXT_MAX).map((port) => {
    const name = PORT_NAMES[port];
    return name === undefined ? String(port) : `${port} (${name})`;
  });
  const more = ports.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

/** Anybody may connect: said in plain words, for approvers know what an address range hides. */
const ANYWHERE: Words = words`⚠️ ${{ strong: "any address (the whole internet)" }}`;

export function sourceWords({ source, sourceName }: Pick<Ask, "source" | "sourceName">): Words {
  if (source === ANY_SOURCE) return ANYWHERE;
  return sourceName === undefined || sourceName === source
    ? words`${{ code: source }}`
    : words`${{ code: sourceName }} (${{ code: source }})`;
}

/** Mentions up to `most` people and groups, and counts the rest. */
export function peopleWords(
  people: { readonly users: readonly UserId[]; readonly groups: readonly GroupId[] },
  most: number,
): Words {
  // Groups first: one mention of a group may stand for many people.
  const all = [
    ...people.groups.map((group) => ({ group })),
    ...people.users.map((user) => ({ user })),
  ];
  const more = all.length - most;
  return more > 0 ? listed([...all.slice(0, most), `${more} more`]) : listed(all, "or");
}

/** While access is frozen, on the home tab and in the form. */
export const frozenLine = (freeze: Freeze): Words =>
  words`🧊 ${{ strong: "Access is frozen" }} since ${{ atMs: freeze.atMs }}: ${frozenWords(freeze)}. What is approved waits; only break-glass opens.`;

export const usersWords = (users: readonly UserId[]): Words =>
  listed(users.map((user) => ({ user })));

type Destination = Card["to"];

export const isUser = isUserId;

/** Where a card goes. */
export const placeWords = (to: Destination): Words =>
  isUser(to) ? words`a direct message to ${{ user: to }}` : words`${{ channel: to }}`;

/** Who let it happen. */
export function approvedWords(request: AccessRequest, grant: Grant): Words {
  if (grant.recovered !== undefined) return recoveredWords(grant);
  if (request.ask.breakGlass === true) {
    // "Opened" is said of nothing that wasn't seen open.
    const done = request.state === "opening" ? "Opening" : "Opened";
    return words`${done} by break-glass, without approval.`;
  }
  return grant.approvedBy.length === 0
    ? autoApprovedWords(request.ask, request.promised.rule)
    : words`Approved by ${approversWords(grant.approvedBy.map((by) => approvalBy(request, by)))}.`;
}

/** What was granted names who decided; for whom stands with their approval. */
const approvalBy = ({ approvals }: AccessRequest, by: UserId): Given =>
  approvals.find((one) => one.by === by) ?? { by };

type Given = Pick<Approval, "by" | "for">;

export const approversWords = (given: readonly Given[]): Words => listed(given.map(givenWords));

/** `@omar`, or `@omar for @lea`, who is away. */
const givenWords = ({ by, for: away }: Given): Words =>
  away === undefined ? [{ user: by }] : words`${{ user: by }} for ${{ user: away }}`;

/** It is open, and what was decided of it is not known, or not all of it: only Azure says who opened it. */
export function recoveredWords({ approvedBy, recovered }: Grant): Words {
  const requestor = recovered?.requestor ?? "";
  const who =
    requestor === ""
      ? words`a caller Azure doesn't name`
      : words`${{ code: inLine(requestor, 160) }}`;
  const adopted = recovered?.adopted;
  if (adopted !== undefined) {
    return words`⚠️ Opened in Azure by ${who}, not by this bot, and without an approval that the bot knows of. Taken over by ${{ user: adopted.by }}.`;
  }
  const approved =
    approvedBy.length === 0
      ? words`no approval is recorded`
      : words`it had been approved by ${usersWords(approvedBy)}`;
  return words`⚠️ The bot found it open in Azure: its record was lost, and ${approved}. Opened by ${who}, according to Azure.`;
}

/** Text of others inside a line of ours: one line, bounded, without the mark that begins code. */
export const inLine = (text: string, most: number): string =>
  plainText(text, most).replaceAll("`", "'");

/** A name of others inside a line of ours, cut where that tells it from others of its kind. */
export const nameInLine = (name: string, most: number): string =>
  plainName(name, most).replaceAll("`", "'");

/** Several, which stay different. */
export const namesInLine = (names: readonly string[], most: number): readonly string[] =>
  plainNames(names, most).map((name) => name.replaceAll("`", "'"));

/**
 * A command that asks for the same again; the form asks for what is missing. `hidden`: without the
 * source, where that isn't to be seen.
 */
export function askAgain(request: AccessRequest, hidden = false): Words {
  const { vm, ports, breakGlass } = request.ask;
  const { durationMs, source, sourceName } = inForce(request);
  const group = resourceGroupOf(vm);
  const named = group === undefined ? vm.name : `${group}/${vm.name}`;
  const from = hidden ? "" : ` from ${sourceName ?? (source === ANY_SOURCE ? "any" : source)}`;
  const what = `${named} ${ports.join(",")} ${formatDuration(durationMs)}`;
  return breakGlass === true
    ? words`${{ code: `/jit breakglass ${what}${from} for …` }}`
    : words`${{ code: `/jit request ${what}${from}` }}`;
}

const FAULT_IN_LINE_MAX = 300;

/** What went wrong, in one line without a full stop: whose words they are, code and message. */
export function faultNoteWords(fault: FaultNote, most: number = FAULT_IN_LINE_MAX): Words {
  const said = inLine(fault.message, most).replace(/\.$/, "");
  return isOurs(fault) ? words`${said}` : words`${whoSays(fault)}: ${said}`;
}

/** Azure, unless it is the network that failed, or the bot that can't use the answer: then Azure said no such thing. */
export function whoSays({ code }: FaultNote): Words {
  if (NETWORK_CODE.test(code)) return words`No answer from Azure (${{ code }})`;
  return isUnusableAnswer(code)
    ? words`I can't use Azure's answer (${{ code }})`
    : words`Azure says ${{ code }}`;
}

const NETWORK_CODE = /^E[A-Z_]{3,}$/;

/** Found out by the bot itself, or refused by a rule: nothing that Azure said. */
export const isOurs = ({ code }: FaultNote): boolean =>
  code === "NeverSeenOpen" || code === "NoAnswer" || REFUSAL_CODE.test(code);

/** Azure's own are written otherwise. */
const REFUSAL_CODE = /^[a-z]+(?:-[a-z]+)*$/;
