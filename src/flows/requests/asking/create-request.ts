// Keeps a checked ask as a request: drawn an id, decided at once where nobody has to decide, stored.

import { newGrant } from "../../../domain/request/acts/deciding-acts.ts";
import type {
  AccessRequest,
  Card,
  Common,
  Promised,
  StepKind,
} from "../../../domain/request/request.ts";
import type { Checked } from "../../../domain/rules/check-ask.ts";
import type { People, Policy } from "../../../domain/rules/policy.ts";
import { everybody } from "../../../domain/rules/rule-match.ts";
import {
  type ChannelId,
  type RequestId,
  requestIdFrom,
  type UserId,
} from "../../../domain/text/ids.ts";
import { type Refusal, refuse } from "../../../domain/text/refusal.ts";
import type { Words } from "../../../domain/text/words.ts";
import { isFault } from "../../../ports/fault.ts";
import type { Sender } from "../../../ports/inbound.ts";
import type { Deps } from "../../deps.ts";
import { ableOf, PRIVATE_CARDS_MAX, withoutUnable } from "../../people/able-people.ts";
import { membersOf, SEEING_AGE_MS, SHOWING_AGE_MS } from "../../people/people.ts";
import { createRequest } from "../change-request.ts";

export type CheckedAsk = Checked & { readonly policy: Policy };

export type Submitted = {
  readonly request: AccessRequest;
  readonly notes: readonly Words[];
};

/** How often a fresh id is drawn when one is taken; the chance is one in a thousand million. */
const ID_DRAWS_MAX = 5;

/** After `Submitted` the request is kept and its card is on the way. */
export async function keep(
  deps: Deps,
  sender: Sender,
  checked: CheckedAsk,
): Promise<Submitted | Refusal | "repeated"> {
  const { ask, policy, notes } = checked;
  const nowMs = await deps.store.nowMs();
  const deciders = await decidersOf(deps, checked);
  const named = await namedIn(deps, checked);
  for (let draw = 0; draw < ID_DRAWS_MAX; draw++) {
    const id = requestIdFrom(deps.random.bytes(6));
    const askedIn = sender.channel;
    const request = newRequest(deps, { id, nowMs, askedIn, deciders, named }, checked);
    const audit = {
      what: ask.breakGlass === true ? "broke-glass" : "asked",
      by: ask.requester,
      detail: {
        vm: ask.vm.id,
        ports: ask.ports.join(","),
        source: ask.source,
        durationMs: ask.durationMs,
        reason: ask.reason,
      },
    };
    const made = await createRequest(
      deps,
      { request, audit: [audit] },
      { policy, limits: limitsFor(checked), delivery: sender.delivery },
    );
    switch (made.outcome) {
      case "created":
        return { request, notes };
      case "repeated":
        return "repeated";
      case "too-many-pending":
        return refuse(
          "too-many-pending",
        )`You have ${counted(made.count, "request")} pending, and ${policy.limits.pendingPerPerson} is the most: cancel one or wait for a decision.`;
      case "too-many-open":
        return refuse(
          "too-many-open",
        )`You have ${counted(made.count, "access")} open, and ${policy.limits.openPerPerson} is the most: end one first.`;
      case "id-taken":
        break;
    }
  }
  throw new Error("no free request id was drawn");
}

const counted = (count: number, what: "request" | "access"): string =>
  `${count} ${what}${count === 1 ? "" : what === "access" ? "es" : "s"}`;

/** An extension takes the place of an access that is open already. */
const limitsFor = ({ ask, policy }: CheckedAsk): Policy["limits"] =>
  ask.extends === undefined
    ? policy.limits
    : { ...policy.limits, openPerPerson: policy.limits.openPerPerson + 1 };

/** Whom the card names as those who decide, without those who could not. */
async function namedIn(deps: Deps, { ask, rule }: CheckedAsk): Promise<Made["named"]> {
  const able = (people: People) => withoutUnable(deps, people, ask.requester);
  const { approvers, escalate } = rule;
  return {
    approvers: await able(approvers),
    ...(escalate !== undefined && { escalate: { ...escalate, to: await able(escalate.to) } }),
  };
}

/**
 * One who could decide, now or when it is escalated, or those who could review. Empty: nobody could.
 * `undefined`: Slack cannot tell who is in a group.
 */
async function decidersOf(
  deps: Deps,
  { ask, rule, policy }: CheckedAsk,
): Promise<readonly UserId[] | undefined> {
  const further = rule.escalate === undefined ? [] : [rule.escalate.to];
  // Whoever gets a card by it must be in the group now.
  const maxAgeMs = ask.breakGlass === true ? SEEING_AGE_MS : SHOWING_AGE_MS;
  const people = [rule.approvers, ...(ask.breakGlass === true ? [policy.admins] : further)];
  try {
    const groups = people.flatMap((one) => one.groups);
    const members = await membersOf(deps.chat, groups, maxAgeMs);
    const users = [...new Set(people.flatMap((one) => everybody(one, members)))];
    const most = ask.breakGlass === true ? PRIVATE_CARDS_MAX : 1;
    return await ableOf(deps, { users, requester: ask.requester }, most);
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return undefined;
  }
}

type Made = {
  readonly id: RequestId;
  readonly nowMs: number;
  readonly askedIn: ChannelId | undefined;
  readonly deciders: readonly UserId[] | undefined;
  readonly named: Pick<Promised, "approvers" | "escalate">;
};

function newRequest(
  deps: Deps,
  { id, nowMs, askedIn, deciders, named }: Made,
  { ask, rule, policy, longestMs, fromMs, approvals }: CheckedAsk,
): AccessRequest {
  const breakGlass = ask.breakGlass === true;
  const decided = breakGlass || approvals === 0;
  const nobody = !decided && deciders?.length === 0;
  const news: readonly StepKind[] = [
    "asked",
    ...(breakGlass ? (["broke-glass"] as const) : []),
    ...(decided && !breakGlass ? (["opened-by-rule"] as const) : []),
    ...(nobody ? (["no-approvers"] as const) : []),
  ];
  // Everybody who has to know of a break-glass gets it privately as well, to review it.
  const woken = breakGlass ? (deciders ?? []) : [];
  const shared: Common = {
    id,
    revision: 1,
    ask: { ...ask, askedAtMs: nowMs },
    ...(askedIn !== undefined && { askedIn }),
    promised: {
      rule: rule.name,
      policyHash: policy.hash,
      approvals,
      ...named,
      warnBeforeMs: rule.warnBeforeMs,
      ...(rule.remindAfterMs !== undefined && { remindAfterMs: rule.remindAfterMs }),
      ...(nobody && { nobody: true }),
    },
    approvals: [],
    ...(breakGlass && { review: { askedAtMs: nowMs } }),
    nonce: Buffer.from(deps.random.bytes(9)).toString("base64url"),
    cards: [...(rule.channel === undefined ? [] : [rule.channel]), ...woken].map(
      (to): Card => ({ to, shown: 0 }),
    ),
    steps: news.map((what, index) => ({ n: index + 1, what, atMs: nowMs })),
    told: { thread: 0, requester: 0, last: news.length },
    tries: {},
  };
  if (!decided) return { ...shared, state: "pending", lapsesAtMs: nowMs + rule.lapseAfterMs };
  // Nobody has to decide: the end is fixed now.
  const grant = newGrant(
    ask,
    { longestMs, policyHash: policy.hash, fromMs },
    { nowMs, approvedBy: [] },
  );
  return { ...shared, state: "opening", grant };
}
