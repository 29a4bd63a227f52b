// What somebody may see, and what they may do about it: the one view on requests behind lists and the home tab.

import type { Roles } from "../../domain/request/acts/person-act.ts";
import { offersTo } from "../../domain/request/offers.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import { delegates, standsInFor } from "../../domain/rules/delegation.ts";
import type { People, Policy } from "../../domain/rules/policy.ts";
import { includes, type Members } from "../../domain/rules/rule-match.ts";
import type { RequestId, UserId } from "../../domain/text/ids.ts";
import { isRefusal, type Refusal } from "../../domain/text/refusal.ts";
import type { Sender } from "../../ports/inbound.ts";
import type { Entry } from "../../ports/screens/screens.ts";
import type { Lists } from "../../ports/storage/requests.ts";
import type { Deps } from "../deps.ts";
import { delegatorsTo } from "../people/delegations.ts";
import { lookingAfresh } from "../people/look-afresh.ts";
import {
  DECIDING_AGE_MS,
  groupMembersOf,
  membershipsOf,
  orCannotCheck,
  refuseOutsiders,
  rolesOf,
  SEEING_AGE_MS,
} from "../people/people.ts";
import { approversInForce } from "./in-force.ts";

type Needs = Pick<Deps, "requests" | "absences" | "storeClock" | "chat" | "onCall" | "policy">;

export type Visibility = {
  readonly nowMs: number;
  readonly isAdmin: boolean;
  /** An admin or an auditor. */
  readonly canSeeAll: boolean;
  canSee(request: AccessRequest): boolean;
  entryOf(request: AccessRequest): Entry;
};

type Age = {
  /** How old may be what is known of the reader. */
  readonly personAgeMs?: number;
  /** Whose groups are read now. */
  readonly afresh?: readonly People[];
};

/**
 * Everybody sees their own; approvers what they may decide; admins and auditors everything. Who the reader
 * is, may have been known for some seconds: looking changes nothing.
 *
 * For what shows requests, VMs or entries, to each what they may see; outsiders are refused. A command asks
 * `refuseSharedChannel` before it. What shows nothing of others needs only `refuseCommand` (`can-see.ts`), and what
 * only admins do, `refuseNonAdmins`.
 */
export async function visibilityFor(
  deps: Needs,
  sender: Pick<Sender, "user" | "outsider">,
  { personAgeMs = SEEING_AGE_MS, afresh = [] }: Age = {},
): Promise<Visibility | Refusal> {
  const { user } = sender;
  const outsider = await refuseOutsiders(deps.chat, sender, personAgeMs);
  if (outsider !== undefined) return outsider;
  const policy = deps.policy();
  const looked = await orCannotCheck(() => lookedUp(deps, user, { policy, afresh }));
  if (isRefusal(looked)) return looked;
  const { members, delegators, theirs } = looked;
  const nowMs = await deps.storeClock.nowMs();
  const isAdmin = includes(policy.admins, user, members);
  const canSeeAll = isAdmin || includes(policy.auditors, user, members);
  const rolesFor = (request: AccessRequest): Roles => {
    const approvers = approversInForce(policy, request);
    const roles = rolesOf(user, { approvers, policy, members });
    const { requester } = request.ask;
    if (roles.isApprover || user === requester) return roles;
    if (!delegates(policy, request.promised.rule)) return roles;
    const away = standsInFor(delegators, { approvers, members: theirs, requester });
    return away.length === 0 ? roles : { ...roles, isApprover: true, standsInFor: away };
  };
  return {
    nowMs,
    isAdmin,
    canSeeAll,
    canSee: (request) =>
      canSeeAll || request.ask.requester === user || rolesFor(request).isApprover,
    entryOf: (request) => ({
      request,
      offers: offersTo(request, { user, roles: rolesFor(request) }, { policy, nowMs }),
    }),
  };
}

/** The same, for what only admins may: that somebody isn't one was looked at afresh. */
export const adminOrNot = (
  deps: Needs & Pick<Deps, "limits">,
  sender: Pick<Sender, "user" | "outsider">,
  age: Pick<Age, "personAgeMs"> = {},
): Promise<Visibility | Refusal> =>
  visibilityAfresh(deps, sender, {
    ...age,
    afresh: [deps.policy().admins],
    isNo: (visibility) => !visibility.isAdmin,
  });

/** The same, for looking at one request: that it isn't theirs to see was looked at afresh. */
export function visibilityOf(
  deps: Needs & Pick<Deps, "limits">,
  sender: Pick<Sender, "user" | "outsider">,
  request: AccessRequest | undefined,
  age: Pick<Age, "personAgeMs"> = {},
): Promise<Visibility | Refusal> {
  const policy = deps.policy();
  const approvers = request === undefined ? [] : [approversInForce(policy, request)];
  return visibilityAfresh(deps, sender, {
    ...age,
    afresh: [policy.admins, policy.auditors, ...approvers],
    isNo: (visibility) =>
      request === undefined ? !visibility.canSeeAll : !visibility.canSee(request),
  });
}

/** The same where `isNo` means no: then `afresh` is read now. */
export const visibilityAfresh = (
  deps: Needs & Pick<Deps, "limits">,
  sender: Pick<Sender, "user" | "outsider">,
  {
    afresh,
    isNo,
    ...age
  }: Age & {
    readonly afresh: readonly People[];
    readonly isNo: (visibility: Visibility) => boolean;
  },
): Promise<Visibility | Refusal> =>
  lookingAfresh(deps, {
    user: sender.user,
    check: (as) => visibilityFor(deps, sender, as === "known" ? age : { ...age, afresh }),
    isNo: (visibility) => !isRefusal(visibility) && isNo(visibility),
  });

type LookedUp = {
  readonly members: Members;
  /** For whom the reader may decide, and of the groups that those are in. */
  readonly delegators: readonly UserId[];
  readonly theirs: Members;
};

async function lookedUp(
  deps: Needs,
  user: UserId,
  { policy, afresh }: { readonly policy: Policy; readonly afresh: readonly People[] },
): Promise<LookedUp> {
  const people = everybodyNamed(policy);
  const known = await membershipsOf(deps, user, people);
  const members = new Map([...known, ...(await groupMembersOf(deps, afresh, DECIDING_AGE_MS))]);
  const isUsed = policy.rules.some(({ delegation }) => delegation === true);
  const delegators = isUsed ? await delegatorsTo(deps, user, SEEING_AGE_MS) : [];
  const memberships = await Promise.all(delegators.map((one) => membershipsOf(deps, one, people)));
  return { members, delegators, theirs: new Map(memberships.flatMap((one) => [...one])) };
}

const everybodyNamed = (policy: Policy): readonly People[] => [
  policy.admins,
  policy.auditors,
  ...policy.rules.flatMap(({ approvers, escalate }) =>
    escalate === undefined ? [approvers] : [approvers, escalate.to],
  ),
];

/** How many documents are read at once, */
const BATCH = 500;
/** and this many for one answer: anyone who sees few of very many narrows by VM, or is told of each anyway. */
const READ_MAX = 5_000;

export type Found = {
  readonly requests: readonly AccessRequest[];
  /** Not everything was looked at: there may be more. */
  readonly isCut: boolean;
};

/** The newest `most` of a list that `wanted` takes. */
export async function foundIn(
  deps: Needs,
  which: Lists,
  { wanted, most }: { wanted: (request: AccessRequest) => boolean; most: number },
): Promise<Found> {
  const found = new Map<RequestId, AccessRequest>();
  for (let read = 0; read < READ_MAX; read += BATCH) {
    const batch = await deps.requests.list(which, BATCH, read);
    // What is asked meanwhile pushes some into the next batch, too.
    for (const one of batch.filter(wanted)) found.set(one.id, one);
    if (found.size >= most) return { requests: [...found.values()].slice(0, most), isCut: true };
    // What can't be read is left out of a batch, so only an empty one is surely the last.
    if (batch.length === 0) return { requests: [...found.values()], isCut: false };
  }
  return { requests: [...found.values()], isCut: true };
}
