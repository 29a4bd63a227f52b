// What somebody may see, and what they may do about it: the one view on requests behind lists and the home tab.

import { offersTo } from "../../domain/request/offers.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import type { Policy } from "../../domain/rules/policy.ts";
import { includes } from "../../domain/rules/rule-match.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import { isRefusal, type Refusal } from "../../domain/text/refusal.ts";
import type { Sender } from "../../ports/inbound.ts";
import type { Entry } from "../../ports/screens.ts";
import type { Lists } from "../../ports/storage/requests.ts";
import type { Deps } from "../deps.ts";
import {
  membershipsOf,
  orCannotCheck,
  refuseOutsiders,
  rolesOf,
  SEEING_AGE_MS,
} from "../people/people.ts";
import { approversInForce } from "./in-force.ts";

type Needs = Pick<Deps, "requests" | "storeClock" | "chat" | "policy">;

export type Visibility = {
  readonly nowMs: number;
  readonly isAdmin: boolean;
  /** An admin or an auditor. */
  readonly seesAll: boolean;
  maySee(request: AccessRequest): boolean;
  entryOf(request: AccessRequest): Entry;
};

/**
 * Everybody sees their own; approvers what they may decide; admins and auditors everything. Who the reader
 * is, may have been known for some seconds: looking changes nothing.
 */
export async function visibilityFor(
  deps: Needs,
  sender: Pick<Sender, "user" | "outsider">,
  { personAgeMs = SEEING_AGE_MS }: { readonly personAgeMs?: number } = {},
): Promise<Visibility | Refusal> {
  const { user } = sender;
  const outsider = await refuseOutsiders(deps.chat, sender, personAgeMs);
  if (outsider !== undefined) return outsider;
  const policy = deps.policy();
  const members = await orCannotCheck(() => membershipsOf(deps.chat, user, everyGroup(policy)));
  if (isRefusal(members)) return members;
  const nowMs = await deps.storeClock.nowMs();
  const isAdmin = includes(policy.admins, user, members);
  const seesAll = isAdmin || includes(policy.auditors, user, members);
  const standing = (request: AccessRequest) =>
    rolesOf(user, { approvers: approversInForce(policy, request), policy, members });
  return {
    nowMs,
    isAdmin,
    seesAll,
    maySee: (request) => seesAll || request.ask.requester === user || standing(request).isApprover,
    entryOf: (request) => ({
      request,
      offers: offersTo(request, { user, standing: standing(request) }, { policy, nowMs }),
    }),
  };
}

const everyGroup = (policy: Policy) => [
  ...policy.admins.groups,
  ...policy.auditors.groups,
  ...policy.rules.flatMap((rule) => [
    ...rule.approvers.groups,
    ...(rule.escalate?.to.groups ?? []),
  ]),
];

/** So many documents are read at once, */
const BATCH = 500;
/** and so many for one answer: whoever sees few of very many narrows by VM, or is told of each anyway. */
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
    // What cannot be read is left out of a batch, so only an empty one is surely the last.
    if (batch.length === 0) return { requests: [...found.values()], isCut: false };
  }
  return { requests: [...found.values()], isCut: true };
}
