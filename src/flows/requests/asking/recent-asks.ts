// What somebody requested last, each once, to be requested again: only of VMs that they may still request.

import { isFollower, isLead } from "../../../domain/request/batch/roles.ts";
import { goesOn } from "../../../domain/request/offers.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import type { Ask } from "../../../domain/rules/ask.ts";
import { mayAskFor } from "../../../domain/rules/rule-match.ts";
import type { UserId } from "../../../domain/text/ids.ts";
import { isRefusal } from "../../../domain/text/refusal.ts";
import type { RecentAsk } from "../../../ports/screens/screens.ts";
import { within } from "../../../ports/within.ts";
import type { Deps } from "../../deps.ts";
import { membershipsOf, orCannotCheck } from "../../people/people.ts";

type Needs = Pick<Deps, "requests" | "azure" | "chat" | "onCall" | "clock" | "log" | "policy">;

/** How many are offered. */
export const RECENT_MAX = 5;

/** How many of the person's requests are looked through. */
const READ_MAX = 200;

/** It is an offer: nobody waits for it longer. */
const PATIENCE_MS = 500;

/** None where the store, or Slack, doesn't say in time what there is for this person. */
export async function recentAsks(deps: Needs, user: UserId): Promise<readonly RecentAsk[]> {
  const looking = orCannotCheck(() => found(deps, user));
  const inTime = await within(looking, PATIENCE_MS, deps.clock);
  if (inTime !== "late" && !isRefusal(inTime)) return inTime;
  const why = inTime === "late" ? "it takes too long" : inTime.refused;
  deps.log.info({ user, why }, "what was requested last isn't offered");
  return [];
}

async function found(deps: Needs, user: UserId): Promise<readonly RecentAsk[]> {
  const policy = deps.policy();
  const askers = policy.rules.flatMap(({ requesters }) =>
    requesters === "anyone" ? [] : [requesters],
  );
  const [requests, members] = await Promise.all([
    deps.requests.list({ of: user }, READ_MAX),
    membershipsOf(deps, user, askers),
  ]);
  const { vms } = deps.azure.snapshot();
  // What somebody can't request isn't shown to them, not even that it is still there.
  const mayAsk = ({ vm: { key } }: Ask): boolean => {
    const vm = vms.get(key);
    return vm !== undefined && mayAskFor(policy, vm, { user, members });
  };
  return differentOnes(requests, deps.clock.nowMs())
    .filter(({ asks }) => asks.every(mayAsk))
    .slice(0, RECENT_MAX);
}

/**
 * The newest first, of those that are alike the newest. What goes on has buttons of its own; a break-glass needs a
 * reason each time; an extension belongs to what it extends.
 */
export function differentOnes(
  requests: readonly AccessRequest[],
  nowMs: number,
): readonly RecentAsk[] {
  const going = new Set<string>();
  const different = new Map<string, RecentAsk>();
  const commands = new Set<string>();
  for (const request of requests) {
    const { extends: first, askedWith } = request.ask;
    if (isFollower(request) || first !== undefined) continue;
    if (askedWith !== undefined && commands.has(askedWith)) continue;
    if (askedWith !== undefined) commands.add(askedWith);
    const together = othersOfCommand(request, requests);
    if (together === undefined || request.ask.breakGlass === true) continue;
    const asks = [request.ask, ...together.map(({ ask }) => ask)] as const;
    const key = likeness(asks);
    if ([request, ...together].some((one) => goesOn(one, nowMs))) going.add(key);
    else if (!different.has(key)) different.set(key, { request, asks });
  }
  return [...different].flatMap(([key, one]) => (going.has(key) ? [] : [one]));
}

/** The others that were asked for with it, under whatever rule; `undefined`: not all of them were read. */
function othersOfCommand(
  request: AccessRequest,
  requests: readonly AccessRequest[],
): readonly AccessRequest[] | undefined {
  const { askedWith } = request.ask;
  if (askedWith === undefined) return othersOfBatch(request, requests);
  const all = requests.filter(({ ask }) => ask.askedWith === askedWith);
  const isWhole = all.every((one) => othersOfBatch(one, requests) !== undefined);
  return isWhole ? all.filter(({ id }) => id !== request.id) : undefined;
}

/** The others of its batch; `undefined`: not all of them were read. */
function othersOfBatch(
  request: AccessRequest,
  requests: readonly AccessRequest[],
): readonly AccessRequest[] | undefined {
  if (!isLead(request)) return [];
  const ids = new Set(request.batch.members.map(({ id }) => id));
  const others = requests.filter(({ id }) => ids.has(id));
  return others.length === ids.size ? others : undefined;
}

/** The same for the same VMs, ports, time and source: the reason differs each time. */
const likeness = (asks: readonly Ask[]): string =>
  JSON.stringify(
    asks
      .map(({ vm, ports, durationMs, source, sourceName }) =>
        JSON.stringify([vm.key, [...ports].sort(), durationMs, sourceName ?? source]),
      )
      .sort(),
  );
