// The thread below a card: what happened, line by line; of several VMs, once for all of them that it happened to. Pure.

import { ownLabel } from "../../../../../domain/request/batch/label.ts";
import { isLead, type Lead } from "../../../../../domain/request/batch/roles.ts";
import { CALLS_APPROVERS, waitingOne } from "../../../../../domain/request/batch/waiting.ts";
import type { Member } from "../../../../../domain/request/document/batch.ts";
import type { Step } from "../../../../../domain/request/document/step.ts";
import { calledAbout, isCallInVain, membersOf } from "../../../../../domain/request/members.ts";
import type { AccessRequest } from "../../../../../domain/request/request.ts";
import { MINUTE_MS } from "../../../../../domain/text/duration.ts";
import { type Words, words } from "../../../../../domain/text/words.ts";
import { lastFitting, type Message, sections, textOf } from "../../blocks.ts";
import type { CardView } from "../../card-view.ts";
import { labelsOf, vmsShort } from "../batch-lines.ts";
import { type Reader, stepLine } from "../steps.ts";

/** Slack shows when a message was posted; from here on that isn't when it happened. */
const LATE_MS = 2 * MINUTE_MS;

/** Lines that come late or together carry the time when it happened. */
export function historyMessage(
  request: AccessRequest,
  steps: readonly Step[],
  { nowMs, hide }: Pick<CardView, "nowMs" | "hide">,
): Message {
  const reader = { hideSource: hide.includes("source") };
  const all = isLead(request)
    ? batchHappenings(request, steps, reader)
    : steps.map((step) => ({ atMs: step.atMs, line: stepLine(request, step, reader) }));
  const lines = all.map(({ atMs, line }) => {
    const isNews = all.length === 1 && nowMs - atMs < LATE_MS;
    return isNews ? line : words`${{ atMs }}: ${line}`;
  });
  const text = all.at(-1)?.line ?? words`${request.id}`;
  return { text: textOf(text), blocks: sections(lastFitting(lines)) };
}

type Happening = { readonly atMs: number; readonly line: Words };

/** Approvers are called once, whatever number of VMs it is about. */
function batchHappenings(lead: Lead, steps: readonly Step[], reader: Reader): readonly Happening[] {
  const all = groupsOf(steps).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { atMs, what } = first;
    if (!CALLS_APPROVERS.has(what)) {
      return [{ atMs, line: stepLine(lead, first, reader), isOver: false }];
    }
    const about = calledAbout(lead, group, what);
    const line = callLine(lead, about, { step: first, reader });
    const isOver = group.every((step) => isCallInVain(lead, step));
    return [{ atMs, line, isOver }];
  });
  // Nobody has to read that they were to be called about what was decided right then.
  const rest = all.filter(({ isOver }) => !isOver);
  return rest.length > 0 ? rest : all;
}

/** What was called about within this time is one call. */
const ONE_CALL_MS = MINUTE_MS;

function groupsOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const groups: Step[][] = [];
  for (const step of steps) {
    const group = groups.find(([first]) => first !== undefined && isSameCall(first, step));
    if (group === undefined) groups.push([step]);
    else group.push(step);
  }
  return groups;
}

const isSameCall = (one: Step, other: Step): boolean =>
  CALLS_APPROVERS.has(one.what) &&
  Math.abs(one.atMs - other.atMs) <= ONE_CALL_MS &&
  callOf(one) === callOf(other);

const callOf = ({ what, by, again }: Step): string => JSON.stringify([what, by, again]);

function callLine(
  lead: Lead,
  about: readonly Member[],
  { step, reader }: { readonly step: Step; readonly reader: Reader },
): Words {
  const members = membersOf(lead);
  const { of: _, ...alone } = step;
  const line = stepLine(concerning(lead, about), alone, reader);
  if (about.length === members.length) return line;
  const vms = about.length === 0 ? [step.of ?? ownLabel(lead)] : labelsOf(lead, about);
  return words`${{ strong: `${vmsShort(vms)}:` }} ${line}`;
}

/** The first that still waits: they wait for the same people. Where none does, nobody is called. */
function concerning(lead: Lead, about: readonly Member[]): AccessRequest {
  const { batch: _, ...alone } = lead;
  const [waiting] = about.flatMap((member) => waitingOne(lead, member) ?? []);
  if (waiting !== undefined) return waiting;
  const toReview = about.some((member) => member.toReview === true);
  if (!toReview || lead.review === undefined) return withoutCall(alone);
  const { closed: _closed, ...review } = lead.review;
  return { ...alone, review };
}

/** Whoever it was about was decided meanwhile, though the lead itself may still wait for somebody. */
const withoutCall = (alone: AccessRequest): AccessRequest => ({
  ...alone,
  state: "cancelled",
  cancelledBy: undefined,
  cancelledAtMs: 0,
});
