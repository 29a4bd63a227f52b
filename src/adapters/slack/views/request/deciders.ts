// Who may decide about a request, and whom to call: never the requester, nobody twice. Pure.

import type { OnCallPerson, OnDuty } from "../../../../domain/on-call/rota.ts";
import { onDutyWords } from "../../../../domain/on-call/source-words.ts";
import { type Never, whoDecides } from "../../../../domain/request/deciders/who-decides.ts";
import { type AccessRequest, isEscalated } from "../../../../domain/request/request.ts";
import type { Absent } from "../../../../domain/rules/delegation.ts";
import type { GroupId, RotaName, UserId } from "../../../../domain/text/ids.ts";
import { listed, type Words, words } from "../../../../domain/text/words.ts";
import { peopleWords } from "../phrases.ts";

type Called = {
  readonly users: readonly UserId[];
  readonly groups: readonly GroupId[];
  readonly onCall?: readonly RotaName[] | undefined;
};

const NOBODY: Called = { users: [], groups: [] };

const absentOf = (request: AccessRequest): readonly Absent[] =>
  request.state === "pending" ? (request.absent ?? []) : [];

/** Who decides for whom, of those who have not approved yet. */
const standIns = (request: AccessRequest): readonly (Absent & { readonly to: UserId })[] =>
  absentOf(request).flatMap(({ to, ...absent }) =>
    to === undefined || request.approvals.some(({ by }) => by === to) ? [] : [{ ...absent, to }],
  );

/** On the card; beyond these, mentions are noise to everybody who is named. */
const SHOWN_MAX = 10;

/** In a call for help, anyone who is left out isn't called: as many as a rule will ever name. */
const CALLED_MAX = 50;

/** Those who may decide now, are there and have not approved yet. */
function deciders(request: AccessRequest): Called {
  const { approvers, nobody } = whoDecides(request);
  const usual = nobody ? NOBODY : approvers;
  const named = isEscalated(request) ? joined(usual, further(request)) : usual;
  const { groups, onCall = [] } = named;
  const users = [...named.users, ...dueBy(request, onCall).map(({ user }) => user)];
  const approved = request.approvals.map((one) => one.by);
  const away = absentOf(request).map(({ user }) => user);
  return { users: without(users, [request.ask.requester, ...approved, ...away]), groups, onCall };
}

/** Those who may decide only since nobody else did. */
function further(request: AccessRequest): Called {
  const { approvers, further: more, nobody } = whoDecides(request);
  const { users, groups, onCall = [] } = more;
  const usual = nobody ? NOBODY : approvers;
  return {
    users: without(users, [request.ask.requester, ...approvers.users]),
    groups: without(groups, usual.groups),
    onCall: without(onCall, usual.onCall ?? []),
  };
}

/** Who is on call by these rotas, as it was last read. */
const dueBy = (request: AccessRequest, rotas: readonly RotaName[]): readonly OnCallPerson[] =>
  dutiesOf(request).flatMap(({ rota, people }) => (rotas.includes(rota) ? people : []));

const dutiesOf = (request: AccessRequest): readonly OnDuty[] =>
  request.state === "pending" ? (request.onDuty ?? []) : [];

/** On the card: who is on call and until when, or why nobody counts as such. */
export function onCallLines(request: AccessRequest): readonly Words[] {
  const { onCall = [] } = deciders(request);
  return dutiesOf(request).flatMap((duty) =>
    onCall.includes(duty.rota) ? [onDutyWords(duty)] : [],
  );
}

/** Who stands in is named with whom they stand in for. */
export function decidersShown(request: AccessRequest): Words {
  const { users, groups } = deciders(request);
  const all = [
    ...groups.map((group) => words`${{ group }}`),
    ...users.map((user) => words`${{ user }}`),
    ...standIns(request).map(({ to, user }) => words`${{ user: to }} (for ${{ user }})`),
  ];
  const more = all.length - SHOWN_MAX;
  return more > 0 ? listed([...all.slice(0, SHOWN_MAX), `${more} more`]) : listed(all, "or");
}

/** Instead of somebody who is away, the person who stands in for them is called. */
export const decidersCalled = (request: AccessRequest): Words => {
  const { users, groups } = deciders(request);
  const instead = standIns(request).map(({ to }) => to);
  return peopleWords({ users: [...new Set([...users, ...instead])], groups }, CALLED_MAX);
};

/** On the card: who is away of those whom nobody stands in for. */
export function awayLine(request: AccessRequest): readonly Words[] {
  const alone = absentOf(request).filter(({ to }) => to === undefined);
  if (alone.length === 0) return [];
  const named = alone.map(({ user, untilMs }) => words`${{ user }} until ${{ atMs: untilMs }}`);
  return [words`Away: ${listed(named)}.`];
}

export const furtherCalled = (request: AccessRequest): Words => {
  const { users, groups, onCall = [] } = further(request);
  const due = dueBy(request, onCall).map(({ user }) => user);
  return peopleWords(
    { users: without([...users, ...due], [request.ask.requester]), groups },
    CALLED_MAX,
  );
};

/** Those of the rule's approvers who may review what the requester did. */
export const reviewersCalled = ({ promised, ask }: AccessRequest): Words => {
  const { users, groups } = promised.approvers;
  return peopleWords({ users: without(users, [ask.requester]), groups }, CALLED_MAX);
};

/** Whether everybody waits for nothing: the rule has no approver for this requester, or is no longer there. */
export function nobodyCan(request: AccessRequest): boolean {
  if (request.state !== "pending") return false;
  const { nobody, never } = whoDecides(request);
  if (never !== undefined) return true;
  return nobody && request.approvals.length === 0 && decidersShown(request).length === 0;
}

/** Said while `nobodyCan`. */
export function nobodyWords(request: AccessRequest): Words {
  const { promised, ask } = request;
  const { further: more, never } = whoDecides(request);
  const rule = { code: promised.rule };
  const lead = words`⚠️ ${{ strong: "Nobody can approve this now:" }}`;
  if (never !== undefined) return words`${lead} the rule ${rule} ${NEVER[never]}`;
  const why = words`${lead} the rule ${rule} has no other approver. An admin has to add one.`;
  const { escalate } = promised;
  return escalate === undefined || isEmpty(more)
    ? why
    : words`${why} Others can decide from ${{ atMs: ask.askedAtMs + escalate.afterMs }}.`;
}

const NEVER: Readonly<Record<Never, string>> = {
  gone: "no longer exists, so it has to be requested again.",
  "no-extensions": "no longer allows extensions.",
};

const isEmpty = ({ users, groups, onCall = [] }: Called): boolean =>
  users.length + groups.length + onCall.length === 0;

const joined = (some: Called, more: Called): Called => ({
  users: [...some.users, ...more.users],
  groups: [...some.groups, ...more.groups],
  onCall: [...(some.onCall ?? []), ...(more.onCall ?? [])],
});

const without = <Id>(all: readonly Id[], left: readonly Id[]): readonly Id[] =>
  [...new Set(all)].filter((one) => !left.includes(one));
