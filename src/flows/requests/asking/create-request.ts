// Keeps a checked ask as a request: drawn an id, decided at once where nobody has to decide, stored.

import { type Birth, born } from "../../../domain/request/birth/birth.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import { type Checked, opensAtOnce } from "../../../domain/rules/check-ask.ts";
import type { Absent } from "../../../domain/rules/delegation.ts";
import { type Freeze, frozenWords, isHeldByFreeze } from "../../../domain/rules/freeze.ts";
import { type People, type Policy, VMS_PER_REQUEST } from "../../../domain/rules/policy.ts";
import { everybody } from "../../../domain/rules/rule-match.ts";
import { type RequestId, requestIdFrom, type UserId } from "../../../domain/text/ids.ts";
import { type Refusal, refuse, saying } from "../../../domain/text/refusal.ts";
import { listed, type Words, words } from "../../../domain/text/words.ts";
import { isFault } from "../../../ports/fault.ts";
import type { Sender } from "../../../ports/inbound.ts";
import type { Created, Limits } from "../../../ports/storage/requests.ts";
import type { Deps } from "../../deps.ts";
import { ableOf, PRIVATE_CARDS_MAX, withoutUnable } from "../../people/able-people.ts";
import { absentNow } from "../../people/delegations.ts";
import {
  DECIDING_AGE_MS,
  groupMembersOf,
  rotasOf,
  SEEING_AGE_MS,
  SHOWING_AGE_MS,
} from "../../people/people.ts";
import { createRequest } from "../change-request.ts";
import { onDutyFor } from "../on-duty.ts";
import { factsAbout } from "./facts.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "freezes"
  | "requests"
  | "storeClock"
  | "chat"
  | "onCall"
  | "random"
  | "policy"
  | "onCommitted"
  | "history"
  | "azure"
  | "clock"
  | "log"
>;

export type CheckedAsk = Checked & { readonly policy: Policy };

export type Submitted = {
  readonly request: AccessRequest;
  readonly notes: readonly Words[];
};

/** How often a fresh id is drawn when one is taken; the chance is one in a thousand million. */
const ID_DRAWS_MAX = 5;

/** After `Submitted` the request is kept and its card is on the way. */
export async function submitRequest(
  deps: Needs,
  sender: Sender,
  checked: CheckedAsk,
  { along, together }: With = {},
): Promise<Submitted | Refusal | "repeated"> {
  const { policy, notes } = checked;
  const nowMs = await deps.storeClock.nowMs();
  const around = await surroundingsOf(deps, checked, { nowMs, together });
  for (let draw = 0; draw < ID_DRAWS_MAX; draw++) {
    const { id, nonce } = drawn(deps);
    const made = born(checked, { id, nonce, nowMs, askedIn: sender.channel, ...around.known });
    const created = await createRequest(deps, made, {
      policy,
      limits: { ...limitsFor(checked), along },
      delivery: sender.delivery,
    });
    switch (created.outcome) {
      case "created":
        return { request: made.request, notes: [...notes, ...notesOf(around, made.request)] };
      case "repeated":
        return "repeated";
      case "id-taken":
        break;
      default:
        return limitReached(policy, created, { along });
    }
  }
  throw new Error("no free request id was drawn");
}

/** A fresh id, and what the buttons of a request carry. */
export const drawn = ({ random }: Pick<Needs, "random">): Pick<Birth, "id" | "nonce"> => ({
  id: requestIdFrom(random.bytes(6)),
  nonce: Buffer.from(random.bytes(9)).toString("base64url"),
});

/** What else one command is about. */
export type With = {
  /** What is made with it, or nothing at all. */
  readonly along?: Limits["along"];
  /** What was made of it before, and what it extends. */
  readonly together?: readonly RequestId[] | undefined;
};

export type Around = {
  readonly known: Omit<Birth, "id" | "nonce" | "nowMs" | "askedIn" | "batch">;
  /** What the requester hears beside what was requested. */
  readonly awayNotes: readonly Words[];
};

/** What else a request is born with: who decides, who is away, what is unusual, whether access is frozen. */
export async function surroundingsOf(
  deps: Needs,
  checked: CheckedAsk,
  { nowMs, together }: { readonly nowMs: number; readonly together: With["together"] },
): Promise<Around> {
  const waits = !opensAtOnce(checked);
  const [frozen, deciders, named, away, onDuty, facts] = await Promise.all([
    deps.freezes.now(),
    decidersOf(deps, checked),
    namedIn(deps, checked),
    awayIn(deps, checked),
    waits ? onDutyFor(deps, checked.rule, DECIDING_AGE_MS) : [],
    // Where nobody decides, nothing is to be weighed, and nobody waits for it.
    waits ? factsAbout(deps, checked.ask, { nowMs, together }) : undefined,
  ]);
  const { hash: policyHash } = checked.policy;
  const { absent, notes: awayNotes } = away;
  return { known: { policyHash, deciders, named, absent, onDuty, facts, frozen }, awayNotes };
}

export const notesOf = ({ known, awayNotes }: Around, request: AccessRequest): readonly Words[] => [
  ...frozenNotes(request, known.frozen),
  ...awayNotes,
];

type LimitReached = Extract<Created, { outcome: "too-many-pending" | "too-many-open" }>;

export function limitReached(
  { limits }: Policy,
  { outcome, count }: LimitReached,
  { along = [], isOfSeveral = along.length > 0 }: Beside = {},
): Refusal {
  const isPending = outcome === "too-many-pending";
  const most = isPending ? limits.pendingPerPerson : limits.openPerPerson;
  if (along.length > 0 && count < most) {
    const have = isPending ? "pending" : "open";
    const tooMany = refuse(
      outcome,
    )`You have ${count} of at most ${most} requests ${have}, so these ${along.length + 1} VMs are too many. Request fewer, or allow some to be left out.`;
    return isPending ? saying(tooMany, raising(limits)) : tooMany;
  }
  return isPending
    ? saying(
        refuse(
          "too-many-pending",
        )`You have ${requestsCounted(count)} pending, and the limit is ${most}: cancel one or wait for a decision.`,
        isOfSeveral ? raising(limits) : [],
      )
    : refuse(
        "too-many-open",
      )`You have access open on ${requestsCounted(count)}, and the limit is ${most}: end one first.`;
}

type Beside = {
  /** What is made with it, or nothing at all. */
  readonly along?: Limits["along"];
  /** Others are made with it, or have been. */
  readonly isOfSeveral?: boolean;
};

/** Where the policy file lets a request have more VMs than may wait, that can be mended for good. */
function raising({ pendingPerPerson, vmsPerRequest = VMS_PER_REQUEST }: Policy["limits"]) {
  if (vmsPerRequest <= pendingPerPerson) return [];
  const limit = { code: `limits.pendingPerPerson` };
  return [
    words`An admin can set ${limit} to ${vmsPerRequest}, so that all VMs of one request can wait.`,
  ];
}

/** Everybody who asks reads it; what waits because of it says so itself. */
function frozenNotes(request: AccessRequest, freeze: Freeze | undefined): readonly Words[] {
  if (freeze === undefined || request.state === "ready") return [];
  return isHeldByFreeze(request)
    ? [
        words`Access is ${frozenWords(freeze)}. If this is approved, it waits until an admin lifts the freeze.`,
      ]
    : [words`Access is ${frozenWords(freeze)}. Break-glass opens anyway.`];
}

const requestsCounted = (count: number): string => `${count} request${count === 1 ? "" : "s"}`;

/** An extension takes the place of an access that is open already; so do `count` that are extended together. */
export const limitsFor = ({ ask, policy }: CheckedAsk, count = 1): Policy["limits"] =>
  ask.extends === undefined
    ? policy.limits
    : { ...policy.limits, openPerPerson: policy.limits.openPerPerson + count };

/** Which approvers are away; where all are, the requester hears so at once. Empty where nobody can tell. */
async function awayIn(
  deps: Needs,
  { ask, rule, policy, approvals }: CheckedAsk,
): Promise<{ readonly absent: readonly Absent[]; readonly notes: readonly Words[] }> {
  if (ask.breakGlass === true || approvals === 0) return { absent: [], notes: [] };
  const { requester } = ask;
  const { approvers } = rule;
  try {
    const members = await groupMembersOf(deps, [approvers], SHOWING_AGE_MS);
    const about = { policy, rule: rule.name, requester, approvers, members: async () => members };
    const absent = await absentNow(deps, about, SHOWING_AGE_MS);
    const able = everybody(approvers, members).filter((user) => user !== requester);
    return { absent, notes: allAway(rule.name, { able, absent }) };
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return { absent: [], notes: [] };
  }
}

/** How many are named; more is a crowd. */
const AWAY_NAMED_MAX = 5;

function allAway(
  rule: string,
  { able, absent }: { readonly able: readonly UserId[]; readonly absent: readonly Absent[] },
): readonly Words[] {
  const isIn = (user: UserId) => !absent.some((one) => one.user === user);
  if (able.length === 0 || able.some(isIn) || absent.some(({ to }) => to !== undefined)) return [];
  const first = Math.min(...absent.map(({ untilMs }) => untilMs));
  const named = absent.slice(0, AWAY_NAMED_MAX).map(({ user }) => ({ user }));
  const more = absent.length - named.length;
  const who = more > 0 ? listed([...named, `${more} more`]) : listed(named);
  return [
    words`Everybody who approves under rule ${{ code: rule }} is away now: ${who}. The first is back ${{ atMs: first }}; until then, ask an admin.`,
  ];
}

/** Whom the card names as those who decide, without those who could not. */
async function namedIn(deps: Needs, { ask, rule }: CheckedAsk): Promise<Birth["named"]> {
  const able = (people: People) => withoutUnable(deps, people, ask.requester);
  const { approvers, escalate } = rule;
  return {
    approvers: await able(approvers),
    ...(escalate !== undefined && { escalate: { ...escalate, to: await able(escalate.to) } }),
  };
}

/**
 * One who could decide, now or when it is escalated, or those who could review. Empty: nobody could.
 * `undefined`: Slack can't tell who is in a group.
 */
async function decidersOf(
  deps: Needs,
  { ask, rule, policy }: CheckedAsk,
): Promise<readonly UserId[] | undefined> {
  const further = rule.escalate === undefined ? [] : [rule.escalate.to];
  // Anyone who gets a card by it must be in the group now.
  const maxAgeMs = ask.breakGlass === true ? SEEING_AGE_MS : SHOWING_AGE_MS;
  const people = [rule.approvers, ...(ask.breakGlass === true ? [policy.admins] : further)];
  try {
    const members = await groupMembersOf(deps, people, maxAgeMs);
    const users = [...new Set(people.flatMap((one) => everybody(one, members)))];
    const most = ask.breakGlass === true ? PRIVATE_CARDS_MAX : 1;
    const able = await ableOf(deps, { users, requester: ask.requester }, most);
    // Somebody else may come on call any moment.
    return able.length === 0 && rotasOf(people).length > 0 ? undefined : able;
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return undefined;
  }
}
