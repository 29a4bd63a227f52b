// People leave: who is no longer allowed to request access loses what is pending and what is open.

import type { State } from "../../domain/request/document/phase.ts";
import { type AccessRequest, grantOf } from "../../domain/request/request.ts";
import type { Policy } from "../../domain/rules/policy.ts";
import { includes } from "../../domain/rules/rule-match.ts";
import { isFault } from "../../ports/fault.ts";
import type { PeopleChange } from "../../ports/inbound.ts";
import { repeating, type Service } from "../../ports/service.ts";
import { SWEEP_LEASE } from "../../ports/storage/leases.ts";
import type { Lists } from "../../ports/storage/requests.ts";
import type { Deps } from "../deps.ts";
import { groupMembersOf } from "../people/people.ts";
import { followAbsences } from "./approver-absences.ts";
import { newsFor } from "./change-request.ts";
import { followOnCall } from "./on-duty.ts";
import { followRule } from "./rule-now.ts";

type Needs = Pick<
  Deps,
  | "requests"
  | "absences"
  | "leases"
  | "peopleChanges"
  | "chat"
  | "onCall"
  | "clock"
  | "log"
  | "policy"
  | "onCommitted"
>;

/** Everybody is looked at this often, whatever Slack's events told or didn't tell. */
const SWEEP_EVERY_MS = 60_000;

/** How old an answer of Slack's may be: somebody who left keeps nothing for longer than two sweeps. */
const SWEPT_AGE_MS = 30_000;

/** How many are read at once, */
const BATCH = 500;
/** and this many in all: far more than are ever open. */
const READ_MAX = 1_000_000;

/** What is ending goes by itself, and a retry of what failed checks the person then. */
const CAN_BE_TAKEN: ReadonlySet<State> = new Set(["pending", "ready", "opening", "open"]);

/** Slack says that people or groups have changed: what is kept of them is read again, by every replica. */
export async function peopleChanged(deps: Needs, { users, groups }: PeopleChange): Promise<void> {
  deps.chat.forget({ users, groups });
  await deps.peopleChanges.add([...users, ...groups]);
  if (groups.length > 0) return sweep(deps);
  for (const of of users) await lookAt(deps, { of });
}

/** Looks at everybody again and again; a failed sweep is made up for by the next. */
export const leaverSweep = (deps: Needs, replica: string): Service =>
  repeating(
    async () => {
      await sweepInTurn(deps, `${replica}@sweep`);
      return SWEEP_EVERY_MS;
    },
    {
      clock: deps.clock,
      firstMs: SWEEP_EVERY_MS,
      failed: (thrown) => {
        deps.log.warn({ err: thrown }, "people couldn't be looked at");
        return SWEEP_EVERY_MS;
      },
    },
  );

/** How long nobody else sweeps: a little less than the interval, so that the last sweeper sweeps again. */
const SWEPT_FOR_MS = SWEEP_EVERY_MS - 5_000;

/**
 * One replica does it, once in every interval. The lease isn't given back: it says that it is done. Where it is
 * not, because the sweep failed or its replica is gone, the next one may do it at once.
 */
async function sweepInTurn(deps: Needs, owner: string): Promise<void> {
  if (!(await deps.leases.take(SWEEP_LEASE, owner, SWEPT_FOR_MS))) return;
  try {
    await sweep(deps);
  } catch (thrown) {
    await deps.leases.give(SWEEP_LEASE, owner).catch(() => undefined);
    throw thrown;
  }
}

/** Looks at everybody who has something pending or open. */
async function sweep(deps: Needs): Promise<void> {
  await lookAt(deps, "pending");
  await lookAt(deps, "open");
}

/**
 * Looks through a whole list: what is open longest stands at its end. Where something leaves the list
 * meanwhile, others move up unseen; they are looked at in the next sweep.
 */
async function lookAt(deps: Needs, which: Lists): Promise<void> {
  await eachOf(deps, which, (request) => lookAtOne(deps, request));
}

/** Somebody is away, or back: what waits is told at once; who isn't told now is told by the next sweep. */
export const followAllAbsences = (deps: Needs): Promise<void> =>
  eachOf(deps, "pending", (request) => followAbsences(deps, request));

/** Another policy is in force: what waits is told who decides now, who of them is away, and who is on call. */
export const followPolicy = (deps: Needs): Promise<void> =>
  eachOf(deps, "pending", (request) => followAround(deps, request));

async function followAround(deps: Needs, request: AccessRequest): Promise<void> {
  await followRule(deps, request);
  await followAbsences(deps, request);
  await followOnCall(deps, request);
}

async function eachOf(
  deps: Needs,
  which: Lists,
  work: (request: AccessRequest) => Promise<void>,
): Promise<void> {
  for (let read = 0; read < READ_MAX; read += BATCH) {
    const batch = await deps.requests.list(which, BATCH, read);
    // What can't be read is left out of a batch, so only an empty one is surely the last.
    if (batch.length === 0) return;
    for (const request of batch) await work(request);
  }
}

async function lookAtOne(deps: Needs, request: AccessRequest): Promise<void> {
  await followAround(deps, request);
  if (!CAN_BE_TAKEN.has(request.state) || !(await mayNot(deps, request))) return;
  const { id, ask } = request;
  if (await newsFor(deps, id, { act: "left" })) {
    deps.log.info({ request: id, user: ask.requester }, "the requester has left");
  }
}

/** Only a clear no counts: a Slack that doesn't answer takes nothing away from anybody. */
async function mayNot(deps: Needs, request: AccessRequest): Promise<boolean> {
  try {
    const person = await deps.chat.person(request.ask.requester, SWEPT_AGE_MS);
    if (person?.kind !== "full") return true;
    // Nobody requested it from a rule: an admin took it over, whatever the rule says of its requester.
    if (grantOf(request)?.recovered?.adopted !== undefined) return false;
    return !(await isStillRequester(deps, deps.policy(), request));
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return false;
  }
}

async function isStillRequester(
  deps: Needs,
  policy: Policy,
  { ask, promised }: AccessRequest,
): Promise<boolean> {
  const rule = policy.rules.find((one) => one.name === promised.rule);
  // A rule that is gone decides nothing any more; what it granted ends at its time.
  if (rule === undefined) return true;
  // A shift that ends closes nothing: a handover in the middle of an incident must not.
  if (ask.breakGlass === true && ask.onCall !== undefined) return true;
  const allowed = ask.breakGlass === true ? rule.breakGlass : rule.requesters;
  if (allowed === "anyone") return true;
  return includes(allowed, ask.requester, await groupMembersOf(deps, [allowed], SWEPT_AGE_MS));
}
