// Who may decide about a request, and whom to call: never the requester, nobody twice. Pure.

import type { AccessRequest } from "../../../../domain/request/request.ts";
import type { GroupId, UserId } from "../../../../domain/text/ids.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { peopleWords } from "../phrases.ts";

type Called = { readonly users: readonly UserId[]; readonly groups: readonly GroupId[] };

const NOBODY: Called = { users: [], groups: [] };

/** On the card; beyond these, mentions are noise to everybody who is named. */
const SHOWN_MAX = 10;

/** In a call for help, whoever is left out is not called: as many as a rule will ever name. */
const CALLED_MAX = 50;

/** Those who may decide now and have not approved yet. */
function deciders(request: AccessRequest): Called {
  const { approvers, nobody } = request.promised;
  const usual = nobody ? NOBODY : approvers;
  const { users, groups } = isEscalated(request) ? joined(usual, further(request)) : usual;
  const approved = request.approvals.map((one) => one.by);
  return { users: without(users, [request.ask.requester, ...approved]), groups };
}

/** Those who may decide only since nobody else did. */
function further({ promised, ask }: AccessRequest): Called {
  const { users, groups } = promised.escalate?.to ?? NOBODY;
  return {
    users: without(users, [ask.requester, ...promised.approvers.users]),
    groups: without(groups, promised.nobody ? [] : promised.approvers.groups),
  };
}

export const decidersShown = (request: AccessRequest): Words =>
  peopleWords(deciders(request), SHOWN_MAX);

export const decidersCalled = (request: AccessRequest): Words =>
  peopleWords(deciders(request), CALLED_MAX);

export const furtherCalled = (request: AccessRequest): Words =>
  peopleWords(further(request), CALLED_MAX);

/** Those of the rule's approvers who may review what the requester did. */
export const reviewersCalled = ({ promised, ask }: AccessRequest): Words => {
  const { users, groups } = promised.approvers;
  return peopleWords({ users: without(users, [ask.requester]), groups }, CALLED_MAX);
};

/** Whether everybody waits in vain: the rule has no approver for this requester, and none was added. */
export const nobodyCan = (request: AccessRequest): boolean =>
  request.state === "pending" &&
  request.promised.nobody === true &&
  request.approvals.length === 0 &&
  decidersShown(request).length === 0;

/** Said while `nobodyCan`. */
export function nobodyWords({ promised, ask }: AccessRequest): Words {
  const why = words`⚠️ ${{ strong: "Nobody can approve this now:" }} the rule ${{ code: promised.rule }} has nobody else who could approve it. An admin has to add one.`;
  const { escalate } = promised;
  return escalate === undefined
    ? why
    : words`${why} Others may decide from ${{ atMs: ask.askedAtMs + escalate.afterMs }} on.`;
}

const isEscalated = (request: AccessRequest): boolean =>
  request.state === "pending" && request.escalatedAtMs !== undefined;

const joined = (some: Called, more: Called): Called => ({
  users: [...some.users, ...more.users],
  groups: [...some.groups, ...more.groups],
});

const without = <Id>(all: readonly Id[], left: readonly Id[]): readonly Id[] =>
  [...new Set(all)].filter((one) => !left.includes(one));
