// An explanation in words: for Slack and for the terminal alike.

import type { OnDuty } from "../on-call/rota.ts";
import { onDutyWords } from "../on-call/source-words.ts";
import { groundWords } from "../rules/auto-approval.ts";
import { longestMs, portOf } from "../rules/bounds.ts";
import type { Checked } from "../rules/check-ask.ts";
import type { People, Rule } from "../rules/policy.ts";
import { everybody, hoursWords, type Members, portsInWords } from "../rules/rule-match.ts";
import { formatDuration } from "../text/duration.ts";
import type { GroupId, UserId } from "../text/ids.ts";
import { plainText } from "../text/plain-text.ts";
import { isRefusal } from "../text/refusal.ts";
import { listed, type Part, type Words, words } from "../text/words.ts";
import { findingWords } from "../vm/exposure/exposure-words.ts";
import type { JitVmPolicy } from "../vm/vm.ts";
import type { Considered } from "./considered-rules.ts";
import type { Explanation, Found } from "./explanation.ts";

export type Known = {
  /** Of the groups that approve or may break the glass; a group that isn't there couldn't be looked up. */
  readonly members: Members;
  /** Whom Slack knows as nobody who could decide: deactivated, a guest, not there. */
  readonly unable?: ReadonlySet<UserId>;
  /** Who is on call by the rotas that approve or may break the glass. */
  readonly onDuty?: readonly OnDuty[];
  /** Who reads it, where that is one of the people it names. */
  readonly you?: UserId;
  /** Where mentions don't show them. */
  readonly nameOf?: (user: UserId) => string | undefined;
};

/** One paragraph for each thing that there is to say. */
export function explanationWords(explanation: Explanation, known: Known): readonly Words[] {
  const { input, outcome, found, refusals } = explanation;
  const { vm, requester } = input;
  const place = [vm.resourceGroup, vm.os, tagsOf(vm.tags)].filter((text) => text);
  return [
    words`If ${person(requester, known)} requested ${{ strong: vm.name }} (${place.join(", ")}):`,
    ...consideredWords(explanation.considered),
    ...foundWords(found, explanation, known).map((line) => words`✓ ${line}`),
    ...refusals.map(({ say }) => words`✗ ${say}`),
    ...amissWords(explanation),
    ...(isRefusal(outcome)
      ? [words`So it would be refused.`]
      : wouldHappen(outcome, explanation, known)),
  ];
}

/** Where JIT makes no difference, or it can't be told whether it does. */
function amissWords({ input: { vm }, found: { ports } }: Explanation): readonly Words[] {
  if (vm.network === undefined) return [];
  const isOneOfMany = vm.privateAddresses.length > 1;
  return findingWords(vm.network, { isOneOfMany, ...(ports !== undefined && { ports }) });
}

/** Azure allows 50, of up to 512 and 256 characters. */
const TAGS_SHOWN_MAX = 10;
const TAG_CHARACTERS_MAX = 80;

function tagsOf(tags: Readonly<Record<string, string>>): string {
  const all = Object.entries(tags).map(([name, value]) => `${name}=${value}`);
  if (all.length === 0) return "no tags";
  const shown = all.slice(0, TAGS_SHOWN_MAX).map((tag) => plainText(tag, TAG_CHARACTERS_MAX));
  const more = all.length - shown.length;
  return `${shown.join(" ")}${more > 0 ? ` and ${more} more tags` : ""}`;
}

function person(user: UserId, { nameOf, you }: Known): Words {
  if (user === you) return words`you`;
  const name = nameOf?.(user);
  return name === undefined ? [{ user }] : words`${{ user }} (${name})`;
}

/** Of a thousand rules, those before the one that decides say the most. */
const RULES_SHOWN_MAX = 20;

function consideredWords(all: readonly Considered[]): readonly Words[] {
  const shown = all.slice(-RULES_SHOWN_MAX);
  const left = all.length - shown.length;
  const before = left === 0 ? [] : [words`· ${left} rules before these don't match.`];
  return [...before, ...shown.map(ruleWords)];
}

function ruleWords(one: Considered): Words {
  const rule = { code: one.rule.name };
  if ("decides" in one) {
    const { hours } = one.rule.match;
    const now = hours === undefined ? "" : words` now (hours: ${hoursWords(hours)})`;
    return words`→ Rule ${rule} matches${now}, and applies to ${portsInWords(one.decides)}.`;
  }
  const { key, wanted, is } = one.mismatch;
  const texts = listed(
    wanted.slice(0, 5).map((text) => ({ code: text })),
    "or",
  );
  const more = wanted.length > 5 ? ` or ${wanted.length - 5} more` : "";
  const has = is === undefined ? words`there is none` : words`it is ${{ code: is }}`;
  return words`· Rule ${rule} doesn't match: it requires ${key} to be ${texts}${more}, and ${has}.`;
}

/** A sentence for each check that passed. */
function foundWords(
  found: Found,
  { input, refusals }: Explanation,
  known: Known,
): readonly Words[] {
  const { ports = [], rule, mayAsk, vmPolicy, durationMs, source, within } = found;
  const { wanted } = input;
  const lines: Words[] = [];
  const unsaid = (given: unknown): string => (given === undefined ? ", as none was given" : "");
  if (ports.length > 0)
    lines.push(words`Requested: ${portsInWords(ports)}${unsaid(wanted.ports)}.`);
  if (rule && mayAsk) lines.push(words`Person: ${mayAskWords(rule, known, input.requester)}.`);
  if (vmPolicy) lines.push(words`JIT policy: ${vmPolicyWords(vmPolicy, ports)}.`);
  if (rule && durationMs !== undefined) {
    const most = formatDuration(rule.maxDurationMs);
    const length = words`${formatDuration(durationMs)}${unsaid(wanted.durationMs)}`;
    lines.push(words`Duration: ${length}; the rule allows at most ${most}.`);
  }
  if (source) {
    const who = within ? "the rule and the JIT policy allow it" : "the rule allows it";
    lines.push(words`Source: ${sourceWords(source)}${unsaid(wanted.source)}; ${who}.`);
  }
  if (rule && !refusals.some(({ refused }) => refused === "reason-required")) {
    lines.push(words`Reason: ${rule.reason === "required" ? "required" : "optional"}.`);
  }
  return lines;
}

function mayAskWords(rule: Rule, known: Known, requester: UserId): Words {
  if (rule.requesters === "anyone") return words`anyone can request access`;
  const who = words`${person(requester, known)} ${requester === known.you ? "are" : "is"}`;
  return rule.requesters.users.includes(requester)
    ? words`${who} among the requesters`
    : words`${who} in a group of the requesters`;
}

function vmPolicyWords(vmPolicy: JitVmPolicy, ports: readonly number[]): Words {
  const sources = new Set(ports.flatMap((port) => portOf(vmPolicy, port)?.sources ?? []));
  const from = sources.has("*")
    ? words`any address`
    : listed([...sources].slice(0, 10).map((source) => ({ code: source })));
  return words`${{ code: nameOf(vmPolicy.policyId) }} opens ${portsInWords(ports)} for at most ${formatDuration(longestMs(vmPolicy, ports))}, from ${from}`;
}

/** The last part of a resource id. */
const nameOf = (id: string): string => id.slice(id.lastIndexOf("/") + 1);

function sourceWords({ source, name }: { source: string; name?: string | undefined }): Words {
  if (source === "*") return words`any address`;
  return name === undefined ? words`${{ code: source }}` : words`${name} (${{ code: source }})`;
}

function wouldHappen(checked: Checked, { input }: Explanation, known: Known): readonly Words[] {
  const { ask, rule, approvals, longestMs, notes } = checked;
  const { openPerPerson, pendingPerPerson } = input.policy.limits;
  const end = formatDuration(Math.min(ask.durationMs, longestMs));
  const from = ask.source === "*" ? words`any address` : words`${{ code: ask.source }}`;
  return [
    ...notes,
    approvals === 0
      ? words`So it would open immediately: ${whyNoApproval(checked, known)}.`
      : words`So it would go to ${rule.channel === undefined ? "its channel" : { channel: rule.channel }}: ${approvals} must approve.`,
    ...(approvals === 0
      ? []
      : [...approverWords(checked, known), ...breakGlassWords(checked, known)]),
    words`Azure would be sent: open ${portsInWords(ask.ports)} of ${{ code: ask.vm.id }} from ${from} until ${end} after ${approvals === 0 ? "that" : "the decision"}, by ${{ code: ask.jitPolicyId }}.`,
    words`Not checked: what else ${input.requester === known.you ? "you have" : "the same person has"} pending (at most ${pendingPerPerson}) or open (at most ${openPerPerson}).`,
  ];
}

function whyNoApproval({ ask, rule }: Checked, known: Known): Words {
  const needless = words`the rule ${{ code: rule.name }} needs no approval`;
  if (ask.autoApproved !== true) return needless;
  return ask.onCall === undefined
    ? words`${needless} from ${person(ask.requester, known)}`
    : words`${needless} because ${person(ask.requester, known)} ${ask.requester === known.you ? "are" : "is"} ${groundWords(ask.onCall)}`;
}

const NAMED_MAX = 20;

function approverWords({ ask, rule, approvals }: Checked, known: Known): readonly Words[] {
  const mayChange = (rule.approvers.onCall ?? []).length > 0;
  const isOther = (user: UserId) => user !== ask.requester;
  const { people, unknown, named } = namedIn(rule.approvers, known, isOther);
  const self = everybody(rule.approvers, known.members).includes(ask.requester);
  const not = self ? words` (not ${person(ask.requester, known)}, the requester)` : [];
  const enough = unknown.length > 0 || mayChange || people.length >= approvals;
  return [
    named.length === 0
      ? mayChange
        ? words`Nobody could approve it now${not}: nobody else is on call.`
        : words`Nobody could approve it${not}: an admin has to add an approver to the rule.`
      : words`Who could approve it: ${listed(named)}${not}.`,
    ...dutiesIn(rule.approvers, known).map(onDutyWords),
    ...(rule.delegation === true && named.length > 0
      ? [words`While one of them is away, the person they named can approve for them.`]
      : []),
    ...(enough || named.length === 0
      ? []
      : [words`That's too few: an admin has to add an approver to the rule.`]),
  ];
}

/** Who could open it at once, where the rule names anybody. */
function breakGlassWords({ rule: { breakGlass } }: Checked, known: Known): readonly Words[] {
  const { named } = namedIn(breakGlass, known);
  const duties = dutiesIn(breakGlass, known);
  if (named.length === 0 && duties.length === 0) return [];
  return [
    named.length === 0
      ? words`Nobody could use break-glass now.`
      : words`Who could use break-glass: ${listed(named)}.`,
    ...duties.map(onDutyWords),
  ];
}

const dutiesIn = ({ onCall = [] }: People, { onDuty = [] }: Known): readonly OnDuty[] =>
  onDuty.filter(({ rota }) => onCall.includes(rota));

/** The people who count, the groups of whom nobody knows, and both in words. */
function namedIn(all: People, known: Known, counts: (user: UserId) => boolean = () => true) {
  const unknown = all.groups.filter((group) => !known.members.has(group));
  const people = everybody(all, known.members).filter(
    (one) => counts(one) && known.unable?.has(one) !== true,
  );
  const named: (Part | Words)[] = people.slice(0, NAMED_MAX).map((user) => person(user, known));
  if (people.length > named.length) named.push(`${people.length - named.length} more`);
  named.push(...unknown.map((group: GroupId) => words`anyone in ${{ group }}`));
  return { people, unknown, named };
}
