// A change of JIT policies in words: its preview, how far it is, and what became of it. For Slack and terminals.

import { sourcesWords } from "../network/source-words.ts";
import { formatDuration } from "../text/duration.ts";
import { portsWords } from "../text/port-words.ts";
import { listed, type Part, type Words, words } from "../text/words.ts";
import {
  DEFAULT_MAX_MS,
  DEFAULT_PORTS,
  DEFAULT_SOURCES,
  type DesiredPolicy,
} from "./desired-policy.ts";
import {
  type Change,
  countOf,
  type LeftVm,
  type Outcome,
  type PolicyChange,
} from "./policy-change.ts";

const NAMES_MAX = 5;
const LEFT_NAMES_MAX = 8;
const ASKED_MAX = 300;
const SAYS_MAX = 300;
const UNREAD_MAX = 3;

export type ChangeWords = {
  /** The essential alone. */
  readonly short: Words;
  readonly head: readonly Words[];
  readonly policies: readonly Words[];
  /** VMs of which nothing changes, and what couldn't be read. */
  readonly besides: readonly Words[];
};

/** At most `most` policies one by one: first those that weren't written, which somebody has to look at. */
export function changeWords(change: Change, most: number): ChangeWords {
  const title = titleOf(change);
  const isPreview = change.state === "preview" || change.state === "dropped";
  const policies = change.policies
    .toSorted((a, b) => urgencyOf(a) - urgencyOf(b))
    .slice(0, most)
    .map((one) => policyWords(change, one));
  const more = change.policies.length - policies.length;
  return {
    short: words`${title}: ${summary(change)}`,
    head: [
      words`${{ strong: title }}: ${changeAsked(change)}`,
      ...(isPreview ? [words`${summary(change)}.`, ...terms(change)] : progress(change)),
    ],
    policies: [...policies, ...(more > 0 ? [words`… and ${more} more policies.`] : [])],
    besides: besides(change),
  };
}

/** As it can be typed; a restore comes from a button. */
export const changeAsked = ({ verb, asked }: Pick<Change, "verb" | "asked">): Words =>
  verb === "restore"
    ? words`${asked.slice(0, ASKED_MAX)}`
    : words`${{ code: `/jit ${asked.slice(0, ASKED_MAX)}` }}`;

function titleOf(change: Change): string {
  const { failed } = countOf(change);
  switch (change.state) {
    case "preview":
      return change.policies.length === 0 ? "Nothing to change" : "Preview: no changes made yet";
    case "dropped":
      return "Cancelled: no changes made";
    case "applying":
      return "⏳ Applying";
    case "over":
      return failed === 0 ? "🛡️ Done" : "⚠️ Finished, but not everything worked";
  }
}

const TO_DO: Readonly<Record<Change["verb"], string>> = {
  enable: "to configure",
  change: "to change",
  disable: "to remove",
  restore: "to write again",
};

/** `48 VMs: 40 to configure, 5 unsupported, 3 already so` */
function summary(change: Change): string {
  const { toDo } = countOf(change);
  const why = (wanted: LeftVm["why"]) => change.left.filter((one) => one.why === wanted).length;
  const parts = [
    [toDo, TO_DO[change.verb]],
    [why("unsupported"), "unsupported"],
    [why("name-too-long"), "with too long a name"],
    [why("not-configured"), "not configured"],
    [why("unreadable"), "in policies that can't be read"],
    [why("already"), change.verb === "enable" ? "configured already" : "already set"],
  ] as const;
  const said = parts.filter(([count], index) => count > 0 || index === 0);
  const counts = said.map(([count, what]) => `${count} ${what}`).join(", ");
  return `${vms(change.meant)}: ${counts}`;
}

const vms = (count: number): string => `${count} ${count === 1 ? "VM" : "VMs"}`;

const TERMS_MAX = 5;

/** What the ports will be, or what of them changes; a file can want different things of different VMs. */
function terms({ policies }: Change): readonly Words[] {
  const all = policies.flatMap(({ edits }) => edits.flatMap((edit) => edit.changes));
  const different = new Map(all.map((desired) => [JSON.stringify(desired), desired]));
  const shown = [...different.values()].slice(0, TERMS_MAX).map(termsOf);
  const more = different.size - shown.length;
  return more > 0 ? [...shown, words`… and ${more} more.`] : shown;
}

function termsOf(desired: DesiredPolicy): Words {
  const isNew = desired.verb === "enable";
  const ports = desired.ports ?? (isNew ? DEFAULT_PORTS : undefined);
  const maxMs = desired.maxDurationMs ?? (isNew ? DEFAULT_MAX_MS : undefined);
  const sources = desired.sources ?? (isNew ? DEFAULT_SOURCES : undefined);
  const parts: Words[] = [
    ports === undefined
      ? words`All ports`
      : words`${ports.length === 1 ? "Port" : "Ports"} ${portsWords(ports)}`,
    ...(desired.protocol === undefined || desired.protocol === "*"
      ? []
      : [words`${desired.protocol} only`]),
    ...(maxMs === undefined ? [] : [words`up to ${formatDuration(maxMs)}`]),
    ...(sources === undefined ? [] : [words`from ${sourcesWords(sources)}`]),
  ];
  const joined = parts.flatMap((part, index) => (index === 0 ? part : [", ", ...part]));
  return desired.verb === "disable"
    ? words`${joined}: removed from JIT protection.`
    : words`${joined}.`;
}

function progress(change: Change): readonly Words[] {
  const { toDo, done, failed, waiting } = countOf(change);
  const parts = [
    `${done} of ${vms(toDo)} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(waiting > 0 ? [`${waiting} to go`] : []),
  ];
  return [words`${parts.join(", ")}.`, ...seenWords(change)];
}

/** What Azure shows after a restore. */
function seenWords({ seen, state }: Change): readonly Words[] {
  if (seen === undefined || state !== "over") return [];
  return seen === ""
    ? [words`Azure shows JIT's deny rules in place.`]
    : [words`⚠️ ${seen} ${{ code: "/jit vms exposed" }} shows it.`];
}

const urgencyOf = ({ outcome }: PolicyChange): number =>
  outcome === undefined ? 1 : outcome.how === "done" ? 2 : 0;

function policyWords(change: Change, policy: PolicyChange): Words {
  const { policyId, edits, outcome } = policy;
  const [, group = "", location = "", name = ""] =
    /\/resourceGroups\/([^/]+)\/.*\/locations\/([^/]+)\/.*\/([^/]+)$/i.exec(policyId) ?? [];
  const at = words`${{ code: `${group}/${name}` }} (${location})`;
  const names = namesOf(
    edits.map(({ vmId }) => vmId.slice(vmId.lastIndexOf("/") + 1)),
    NAMES_MAX,
  );
  if (outcome !== undefined) {
    const isRefused = outcome.how === "failed";
    return words`${outcomeWords(at, names, outcome)}${isRefused ? goneWords(policy) : []}`;
  }
  if (change.state === "applying") return words`▫️ ${at}: ${names}`;
  const becomes = becomesWords(policy);
  const open = policy.open;
  const warning =
    open === 0
      ? []
      : words` ⚠️ ${open} active ${open === 1 ? "session uses" : "sessions use"} this policy; changing it may affect ${open === 1 ? "it" : "them"}.`;
  return words`▫️ ${at}: ${names}${becomes}${warning}${goneWords(policy)}`;
}

/** Azure may refuse to write a policy that names a VM which is gone. */
function goneWords({ gone = [] }: PolicyChange): Words {
  const [first] = gone;
  if (first === undefined) return [];
  const them = gone.length === 1 ? "it" : "each of them";
  return words` ⚠️ I can't find ${namesOf(gone, NAMES_MAX)}, which it still names. If Azure refuses the change, remove ${them} first: ${{ code: `/jit disable ${first}` }}.`;
}

function becomesWords({ existed, vmsBefore, vmsAfter, again }: PolicyChange): string {
  if (again === true) {
    return `. Writes the policy again, unchanged, with its ${vms(vmsAfter)}. Azure doesn't document whether it restores its deny rules then; I'll show what it does. Rules with a higher priority stay as they are.`;
  }
  if (!existed) return `. Creates the policy, with ${vms(vmsAfter)}.`;
  if (vmsAfter === 0) return ". Deletes the policy, since no VM is left in it.";
  return vmsBefore === vmsAfter
    ? `. The policy keeps its ${vms(vmsAfter)}.`
    : `. The policy goes from ${vms(vmsBefore)} to ${vmsAfter}.`;
}

function outcomeWords(at: Words, names: Words, outcome: Outcome): Words {
  switch (outcome.how) {
    case "done": {
      const kept =
        " Somebody else changed other VMs in it since the preview; their changes were kept.";
      return words`✅ ${at}: ${names}.${outcome.kept ? kept : ""}`;
    }
    case "moved":
      return words`❌ ${at}: ${names}. Somebody else changed these since the preview, so nothing was written: try again.`;
    case "opened":
      return words`❌ ${at}: ${names}. Access was opened through it since the preview, so nothing was written: try again.`;
    case "failed":
      return words`❌ ${at}: ${names}. ${outcome.says.slice(0, SAYS_MAX)} (${{ code: outcome.code }})`;
  }
}

function namesOf(names: readonly string[], most: number): Words {
  const shown = names.slice(0, most).map((name): Part => ({ code: name }));
  const more = names.length - shown.length;
  if (more === 0) return listed(shown);
  return words`${shown.flatMap((part, index) => (index === 0 ? [part] : [", ", part]))} and ${more} more`;
}

const LEFT: readonly (readonly [LeftVm["why"], string])[] = [
  ["unsupported", "⛔ Unsupported (/jit vms unsupported says why)"],
  ["name-too-long", "⛔ The names of the VM and the policy are longer than 56 characters together"],
  ["not-configured", "▫️ Not configured, so nothing changes"],
  ["unreadable", "❌ Their policy couldn't be read, so they're left unchanged"],
  ["already", ""],
];

const ALREADY: Readonly<Record<Change["verb"], string>> = {
  enable: "🛡️ These ports are already configured and stay as they are (to change them: jit change)",
  change: "🛡️ Already set",
  disable: "🛡️ Already set",
  restore: "🛡️ Already set",
};

function besides({ verb, left, unread }: Change): readonly Words[] {
  const lines = LEFT.flatMap(([why, said]) => {
    const alike = left.filter((one) => one.why === why);
    if (alike.length === 0) return [];
    const code = alike[0]?.code;
    const because = code === undefined ? [] : words` (${{ code }})`;
    const names = namesOf(
      alike.map(({ vm }) => vm),
      LEFT_NAMES_MAX,
    );
    return [words`${said || ALREADY[verb]}${because}: ${names}.`];
  });
  if (unread.length === 0) return lines;
  const missing = words`⚠️ There may be more VMs: ${namesOf(unread, UNREAD_MAX)} couldn't be read.`;
  return [...lines, missing];
}
