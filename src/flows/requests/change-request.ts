// The one way to write a request: for clicks, for news from the world and for the workers that hold one.

import type { WorldAct } from "../../domain/request/acts/world-act.ts";
import type { Moved } from "../../domain/request/moved.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import { transition } from "../../domain/request/transition.ts";
import type { Policy } from "../../domain/rules/policy.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import { isRefusal, type Refusal } from "../../domain/text/refusal.ts";
import type { Created, Limits, StoredRequest, Write } from "../../ports/storage/requests.ts";
import { underRule } from "../answering/audit-notes.ts";
import type { Deps } from "../deps.ts";
import { noticesOf } from "./notices-of.ts";

type Writer = Pick<Deps, "requests" | "policy" | "onCommitted">;

/** `notices`: further ones, beside those that follow from the change itself. */
export type Change = Moved &
  Pick<Write, "notices" | "opens"> & {
    /** What is written instead where its requester has as many open as the limit allows. */
    readonly ifTooManyOpen?: (open: number) => Moved | Refusal;
  };

/** A worker holds the request, and goes by what it knows of it. */
type LeasedBy = {
  readonly owner: string;
  /** The newest that it knows: read again only where somebody else has written meanwhile. */
  readonly known: StoredRequest;
  /** Whether this very write gives the lease of the request back. */
  readonly givesBack: (next: AccessRequest) => boolean;
};

export type Changed =
  | (StoredRequest & {
      readonly outcome: "changed";
      /** For how long the worker is sure to hold it from now on; 0: it doesn't. */
      readonly holdsMs?: number | undefined;
      readonly isGivenBack: boolean;
    })
  /** There was nothing to write. */
  | { readonly outcome: "unchanged"; readonly request: AccessRequest }
  | { readonly outcome: "refused"; readonly refusal: Refusal }
  /** This delivery was handled before. */
  | { readonly outcome: "repeated" }
  | { readonly outcome: "missing" }
  /** It would open, and access is frozen. */
  | { readonly outcome: "frozen" }
  /** It would open, and its requester has as many open as the limit allows. */
  | {
      readonly outcome: "too-many-open";
      readonly count: number;
      readonly request: AccessRequest;
    }
  /** Others wrote in between every time. */
  | { readonly outcome: "contended" };

/** The version of a request that was just made. */
const FIRST = 1;

/** Far more than there are writers. */
const ROUNDS_MAX = 20;

/**
 * Applies `change` to the newest request. After `changed` it is stored, in one step with its audit entries
 * (each with the rule, and the policy file in force), the notices, its doors and its next due time; and
 * `onCommitted` has heard of it. After anything else nothing was written.
 *
 * `change` may run more than once, each time with what others have made of the request meanwhile: it must
 * not do anything that can't be repeated. A refusal of its own ends it. With `delivery`, the same one again
 * answers `repeated`.
 *
 * Throws the store's faults: a retryable one where Redis can't be reached (an ambiguous one may have
 * written), one that isn't retryable where the document can't be read.
 */
export async function changeRequest(
  deps: Writer,
  id: RequestId,
  change: (stored: StoredRequest) => Change | Refusal | Promise<Change | Refusal>,
  by: By = {},
): Promise<Changed> {
  const { requests } = deps;
  let stored = by.lease?.known ?? (await requests.read(id));
  for (let round = 0; round < ROUNDS_MAX; round++) {
    if (stored === undefined) return { outcome: "missing" };
    const changed = await change(stored);
    let committed = await commit(deps, stored, changed, by);
    if (committed.outcome === "too-many-open" && !isRefusal(changed) && changed.ifTooManyOpen) {
      committed = await commit(deps, stored, changed.ifTooManyOpen(committed.count), by);
    }
    if (committed.outcome !== "conflict") return committed;
    stored = await requests.read(id);
  }
  return { outcome: "contended" };
}

type By = { readonly delivery?: string; readonly lease?: LeasedBy };

/** Writes it over the very version that it was made of. */
async function commit(
  deps: Writer,
  { request: before, version: known }: StoredRequest,
  changed: Change | Refusal,
  { delivery, lease }: By,
): Promise<Changed | { readonly outcome: "conflict" }> {
  if (isRefusal(changed)) return { outcome: "refused", refusal: changed };
  const { request } = changed;
  if (request === before && changed.audit.length === 0) return { outcome: "unchanged", request };
  const isGivenBack = lease?.givesBack(request) === true;
  const write = {
    ...(await written(deps, deps.policy(), { before, changed })),
    delivery,
    ...(changed.opens && { opens: changed.opens }),
    ...(takesPlace(before, request) && { openMax: deps.policy().limits.openPerPerson }),
    ...(isGivenBack && { givesBack: true }),
  };
  const committed = await deps.requests.commit(known, write, lease?.owner);
  if (committed.outcome === "written") {
    const { version } = committed;
    const isDue = lease === undefined;
    deps.onCommitted({ request, version, before, audit: write.audit, isDue });
    return { ...committed, outcome: "changed", request, isGivenBack };
  }
  return committed.outcome === "too-many-open" ? { ...committed, request: before } : committed;
}

/**
 * Whatever is opened after it was requested: what else the person has open was counted then, and may be more by now.
 * An extension has the place of what it extends.
 */
const takesPlace = (before: AccessRequest, { state, ask }: AccessRequest): boolean =>
  (before.state === "pending" || before.state === "ready" || before.state === "failed") &&
  state === "opening" &&
  ask.extends === undefined;

/** Tells a request a piece of news. Answers whether it made a difference; the workers carry on from there. */
export async function newsFor(deps: Writer, id: RequestId, act: WorldAct): Promise<boolean> {
  const changed = await changeRequest(deps, id, ({ request, nowMs }) =>
    transition(request, act, nowMs),
  );
  // What others keep writing to is looked at again by its own effect.
  return changed.outcome === "changed";
}

type Making = {
  readonly policy: Policy;
  readonly limits: Limits;
  readonly delivery?: string;
};

/** As `changeRequest`, for a request that isn't there yet. After anything but `created` it still isn't. */
export async function createRequest(
  deps: Writer,
  made: Moved,
  { policy, limits, delivery }: Making,
): Promise<Created> {
  const write = {
    ...(await written(deps, policy, { before: undefined, changed: made })),
    delivery,
  };
  const created = await deps.requests.create(write, limits);
  if (created.outcome === "created")
    deps.onCommitted({ request: made.request, version: FIRST, audit: write.audit, isDue: true });
  return created;
}

async function written(
  { requests }: Pick<Writer, "requests">,
  policy: Policy,
  { before, changed }: { readonly before: AccessRequest | undefined; readonly changed: Change },
) {
  const { request, audit, notices = [] } = changed;
  return {
    next: request,
    audit: underRule(policy, before ?? request, audit),
    notices: [...(await noticesOf({ policy, requests }, before, request)), ...notices],
  };
}
