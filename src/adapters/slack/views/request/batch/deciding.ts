// Who decides about the VMs of a batch and until when, and who decided: once where it is the same for all of them. Pure.

import { ownLabel } from "../../../../../domain/request/batch/label.ts";
import type { Lead } from "../../../../../domain/request/batch/roles.ts";
import { waitingOne } from "../../../../../domain/request/batch/waiting.ts";
import type { Member } from "../../../../../domain/request/document/batch.ts";
import { membersOf } from "../../../../../domain/request/members.ts";
import { MINUTE_MS } from "../../../../../domain/text/duration.ts";
import { type Words, words } from "../../../../../domain/text/words.ts";
import { type Block, sections } from "../../blocks.ts";
import { approversWords } from "../../phrases.ts";
import { labelsOf, vmsShort } from "../batch-lines.ts";
import { narrowedWords } from "../narrowed.ts";
import { outcome, waitingWords } from "../outcome.ts";

type Seen = { readonly nowMs: number; readonly hideSource: boolean };

/** What stands on the card below what was asked: who has to decide and until when, and who has. */
export const decidingBlocks = (lead: Lead, seen: Seen): Block[] => [
  ...(lead.deadLetter === undefined ? [] : parked(lead, seen)),
  ...waitingBlocks(lead),
  ...sections(approvedLines(lead)),
];

/** The lead's own faults, not those of the others. */
const parked = (lead: Lead, seen: Seen): Block[] => [
  ...sections([words`${{ strong: ownLabel(lead) }}:`]),
  ...outcome(lead, seen),
];

/** What each of those that wait for somebody, or for their time, waits for. */
export function waitingBlocks(lead: Lead): Block[] {
  const groups = grouped(lead, (member) => {
    if (member.id === lead.id && lead.deadLetter !== undefined) return [];
    const one = waitingOne(lead, member);
    return one === undefined ? [] : waitingWords(one);
  });
  const more = groups.slice(GROUPS_MAX).flatMap(({ members }) => members).length;
  return [
    ...groups
      .slice(0, GROUPS_MAX)
      .flatMap(({ said, members }) => sections([...whose(lead, members), ...said])),
    ...(more > 0
      ? sections([
          words`${more} more wait, too: ${{ code: "/jit status" }} with a VM's ID says for what.`,
        ])
      : []),
  ];
}

/** More are not read on a phone. */
const GROUPS_MAX = 4;

const whose = (lead: Lead, members: readonly Member[]): readonly Words[] =>
  members.length === lead.batch.members.length + 1
    ? []
    : [words`${{ strong: `${vmsShort(labelsOf(lead, members))}:` }}`];

const GRANTED: ReadonlySet<Member["state"]> = new Set([
  "opening",
  "open",
  "ending",
  "ended",
  "failed",
]);

/** Who approved what was granted. */
const approvedLines = (lead: Lead): readonly Words[] =>
  named(lead, ({ state, approvedBy = [] }) =>
    GRANTED.has(state) && approvedBy.length > 0
      ? [words`Approved by ${approversWords(approvedBy)}.`]
      : [],
  );

/** What approvers changed: what was requested beside what was approved. */
export const narrowingLines = (lead: Lead, hidesSource: boolean): readonly Words[] =>
  named(lead, (member) => {
    const { cut, durationMs, source = lead.ask.source, sourceName } = member;
    if (cut === undefined) return [];
    const { by, ...asked } = cut;
    const narrowed = { by, durationMs, source, sourceName };
    const said = narrowedWords({ ask: asked, narrowed }, hidesSource);
    return said.length === 0 ? [] : [said];
  });

/** A line for each group, with the VMs' names where it isn't so of all. */
const named = (lead: Lead, say: (member: Member) => readonly Words[]): readonly Words[] =>
  grouped(lead, say)
    .slice(0, GROUPS_MAX)
    .flatMap(({ said, members }) => {
      const [first = []] = whose(lead, members);
      return said.map((line) => (first.length === 0 ? line : words`${first} ${line}`));
    });

type Group = { readonly said: readonly Words[]; readonly members: readonly Member[] };

/** Those of which the same is said; those of which there is nothing to say are left out. */
function grouped(lead: Lead, say: (member: Member) => readonly Words[]): readonly Group[] {
  const all = membersOf(lead).map((member) => ({ member, said: say(member) }));
  const groups = Map.groupBy(
    all.filter(({ said }) => said.length > 0),
    ({ said }) => JSON.stringify(said, byTheMinute),
  );
  return [...groups.values()].map((group) => ({
    said: group[0]?.said ?? [],
    members: group.map(({ member }) => member),
  }));
}

/** Slack shows no seconds: what was decided a moment apart reads alike. */
const byTheMinute = (key: string, value: unknown): unknown =>
  key === "atMs" && typeof value === "number" ? Math.floor(value / MINUTE_MS) : value;
