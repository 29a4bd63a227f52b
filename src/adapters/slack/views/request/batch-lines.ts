// A batch in words: a title that leads with the worst, and a line for each VM that says how it stands. Pure.

import { ANY_SOURCE } from "../../../../domain/network/source.ts";
import { labelOf } from "../../../../domain/request/batch/label.ts";
import type { Lead } from "../../../../domain/request/batch/roles.ts";
import type { Member } from "../../../../domain/request/document/batch.ts";
import type { State } from "../../../../domain/request/document/phase.ts";
import type { FaultNote } from "../../../../domain/request/grant.ts";
import { membersOf } from "../../../../domain/request/members.ts";
import { NOT_REQUESTED, wordOf } from "../../../../domain/request/state-words.ts";
import { formatDuration } from "../../../../domain/text/duration.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { mrkdwn } from "../mrkdwn.ts";
import { faultNoteWords, iconOf, inLine, namesInLine, sourceWords } from "../phrases.ts";
import { portsShort, startOf } from "./headline.ts";

/** Azure's longest name of a VM. */
const VM_CHARACTERS_MAX = 64;
const NAMED_IN_TITLE_MAX = 2;
const NAMED_MAX = 3;
const FAULT_CHARACTERS_MAX = 80;
const CODE_CHARACTERS_MAX = 60;

type Shown = Member["state"] | "still-open" | "parked";

const shownAs = ({ state, closing, isParked }: Member): Shown => {
  if (isParked === true) return "parked";
  return state === "ended" && closing === "still-open" ? "still-open" : state;
};

/** What somebody has to look at stands first. */
const WORST_FIRST: readonly Shown[] = [
  "still-open",
  "parked",
  "failed",
  "unmade",
  "ending",
  "pending",
  "ready",
  "opening",
  "open",
  "ended",
  "lapsed",
  "denied",
  "cancelled",
];

const SPECIAL: Readonly<Record<Exclude<Shown, State>, string>> = {
  "still-open": "Ended, and still open",
  parked: "Parked",
  unmade: NOT_REQUESTED,
};

const word = (shown: Shown): string => (isState(shown) ? wordOf(shown) : SPECIAL[shown]);

const WARNING = "⚠️";

const icon = (shown: Shown): string => (isState(shown) ? iconOf(shown) : WARNING);

const isState = (shown: Shown): shown is State => !(shown in SPECIAL);

const worstFirst = (lead: Lead): readonly Member[] =>
  membersOf(lead).toSorted(
    (one, other) => WORST_FIRST.indexOf(shownAs(one)) - WORST_FIRST.indexOf(shownAs(other)),
  );

/** `3 of 4 open; vm-04: Failed`, or one word where it is true of all. */
export function batchTitle(lead: Lead): { readonly icon: string; readonly said: string } {
  const members = worstFirst(lead);
  const groups = [...Map.groupBy(members, shownAs)];
  const [worst] = groups;
  const largest = groups.toSorted(([, some], [, others]) => others.length - some.length)[0];
  if (worst === undefined || largest === undefined) throw new Error("a batch has members");
  const glass = lead.ask.breakGlass === true;
  const mark = glass ? "🚨" : icon(worst[0]);
  const before = glass ? "Break-glass, " : "";
  if (groups.length === 1) return { icon: mark, said: `${before}${word(worst[0])}` };
  const [shown, most] = largest;
  const counted = `${most.length} of ${members.length} ${word(shown).toLowerCase()}`;
  const rest = groups.filter(([one]) => one !== shown).map(([one, some]) => named(lead, one, some));
  return { icon: mark, said: `${before}${counted}; ${rest.join("; ")}` };
}

function named(lead: Lead, shown: Shown, members: readonly Member[]): string {
  const names = namesInLine(labelsOf(lead, members), VM_CHARACTERS_MAX);
  return names.length <= NAMED_IN_TITLE_MAX
    ? `${names.join(", ")}: ${word(shown)}`
    : `${names.length} ${word(shown).toLowerCase()}`;
}

/** `vm-01, vm-02, vm-03 and 1 more`. */
export const vmsInText = (lead: Lead): string => vmsShort(labelsOf(lead, membersOf(lead)));

export const labelsOf = (lead: Lead, members: readonly Member[]): readonly string[] =>
  members.map((member) => labelOf(lead, member));

export function vmsShort(vms: readonly string[], most = VM_CHARACTERS_MAX): string {
  const names = namesInLine(vms, most);
  const more = names.length - NAMED_MAX;
  if (more <= 0) return names.join(", ");
  return `${names.slice(0, NAMED_MAX).join(", ")} and ${more} more`;
}

export const vmCount = (lead: Lead): string => `${lead.batch.members.length + 1} VMs`;

/** The state stands first; who asked for what follows. */
export function batchHeadline(lead: Lead): Words {
  const { icon: mark, said } = batchTitle(lead);
  const { requester, extends: first } = lead.ask;
  const state = { strong: `${mark} ${said}` };
  const verb = first === undefined ? "→" : "extends";
  return words`${state} · ${{ user: requester }} ${verb} ${{ strong: vmCount(lead) }} · ${batchSpan(lead)}`;
}

/** One duration where all have the same; else each line has its own. */
function batchSpan(lead: Lead): Words {
  const durations = new Set(membersOf(lead).map(({ durationMs }) => durationMs));
  const [only] = durations;
  if (only === undefined || durations.size > 1) return words`different durations`;
  const asked = formatDuration(only);
  if (lead.state !== "pending") return words`${asked}`;
  const { opensAtMs } = lead.ask;
  return opensAtMs !== undefined && lead.promised.keepForMs === undefined
    ? words`${asked} from ${{ atMs: opensAtMs }}`
    : words`${asked} from ${startOf(lead)}`;
}

/** Whether some may be opened from elsewhere than others. */
export const haveOwnSources = (lead: Lead): boolean =>
  new Set(membersOf(lead).flatMap(({ source = [] }) => source)).size > 1;

/** "Any address" gives nobody's whereabouts away, and approvers must not miss it. */
function ownSource({ source, sourceName }: Member, hidesSource: boolean): Words {
  if (source === undefined || (hidesSource && source !== ANY_SOURCE)) return [];
  return words` · from ${sourceWords({ source, sourceName })}`;
}

/** What a line says beside name, ports, source and state. */
type Detail = {
  readonly nameMax: number;
  readonly faultMax: number;
  readonly hasAddress: boolean;
  readonly hasId: boolean;
  readonly hasEnd: boolean;
};

/** All of the lines: the rest of the card has its room, too. */
const LINES_CHARACTERS_MAX = 5_500;

const WITH_ALL: Detail = {
  nameMax: VM_CHARACTERS_MAX,
  faultMax: FAULT_CHARACTERS_MAX,
  hasAddress: true,
  hasId: true,
  hasEnd: true,
};
const WITHOUT_FAULTS: Detail = { ...WITH_ALL, faultMax: 0, hasAddress: false };

/** The more VMs, the less each line says: lists and `/jit status` have the rest. No VM is left out. */
const DETAILS: readonly Detail[] = [
  WITH_ALL,
  { ...WITH_ALL, faultMax: 40 },
  WITHOUT_FAULTS,
  { ...WITHOUT_FAULTS, hasId: false },
  { ...WITHOUT_FAULTS, hasId: false, hasEnd: false },
  { ...WITHOUT_FAULTS, hasId: false, hasEnd: false, nameMax: 24 },
];

/** How each VM stands, the worst first. `hasAddress`: for those who connect. */
export function batchLines(
  lead: Lead,
  { hasAddress = false, hidesSource = false } = {},
): readonly Words[] {
  const members = worstFirst(lead);
  const labels = labelsOf(lead, members);
  let lines: readonly Words[] = [];
  for (const detail of DETAILS) {
    const names = namesInLine(labels, detail.nameMax);
    const line = lineOf(lead, {
      ...detail,
      hasAddress: hasAddress && detail.hasAddress,
      hidesSource,
    });
    lines = members.map((member, at) => line(member, names[at] ?? member.vm));
    const characters = lines.reduce((sum, one) => sum + mrkdwn(one).length, 0);
    if (characters <= LINES_CHARACTERS_MAX) break;
  }
  return lines;
}

function lineOf(lead: Lead, detail: Detail & { readonly hidesSource: boolean }) {
  const hasOwn = haveOwnSources(lead);
  const hasDurations = new Set(membersOf(lead).map(({ durationMs }) => durationMs)).size > 1;
  return (member: Member, name: string): Words => {
    const { id, ports, address, durationMs } = member;
    const own = hasDurations ? ` · ${formatDuration(durationMs)}` : "";
    const where = detail.hasAddress && address !== undefined ? words` · ${{ code: address }}` : [];
    const source = hasOwn ? ownSource(member, detail.hidesSource) : [];
    const ending = detail.hasId ? words` · ${{ code: id }}` : [];
    return words`${icon(shownAs(member))} ${{ strong: name }} · ${portsShort(ports)}${own}${source} · ${stands(member, detail)}${where}${ending}`;
  };
}

/** By their names where they have one. */
const faultShort = ({ code, message }: FaultNote, most: number): Words =>
  faultNoteWords({ code: inLine(code, CODE_CHARACTERS_MAX), message }, most);

function stands(member: Member, { faultMax, hasEnd }: Detail): Words {
  const { fault, endsAtMs, approvals, how } = member;
  const shown = shownAs(member);
  const why = fault === undefined || faultMax === 0 ? [] : words`: ${faultShort(fault, faultMax)}`;
  switch (shown) {
    case "pending":
      return approvals === 0 ? words`Pending` : words`Pending (${approvals} approved)`;
    case "open":
      return endsAtMs === undefined || !hasEnd
        ? words`Open`
        : words`Open until ${{ atMs: endsAtMs }}`;
    case "failed":
      return words`Failed${why}${member.canRetry === true ? ". Retry" : ""}`;
    case "ended":
      return how === "extended" ? words`Ended (extended)` : words`Ended`;
    default:
      return words`${word(shown)}${why}`;
  }
}
