// Doors that the bot opened and that others closed: the policies of open access are read, a few in each turn.

import { withAdopted } from "../../domain/request/birth/adopted.ts";
import { doorsOf, isOpenForOthers, seeDoor } from "../../domain/request/doors/doors.ts";
import type { AccessRequest, In } from "../../domain/request/request.ts";
import { MINUTE_MS } from "../../domain/text/duration.ts";
import type { JitEntry } from "../../domain/vm/vm.ts";
import { isFault } from "../../ports/fault.ts";
import type { WatchTurn } from "../../ports/storage/watch-repository.ts";
import type { Deps } from "../deps.ts";
import { newsFor } from "../requests/change-request.ts";
import { takenOverBy } from "../worker/superseded.ts";

type Needs = Pick<Deps, "requests" | "azure" | "clock" | "log" | "policy" | "onCommitted">;

/** How many open requests are looked at in one turn, and so the most policies that are read for them. */
const LOOKED_AT_MAX = 100;
/** What was just opened is read by its own opening, and what ends now by its own end. */
const SETTLED_MS = MINUTE_MS / 2;
const POLICIES_AT_ONCE = 4;
const ALL_WITHIN_MS = 15_000;

/** Ends what is open no more; answers where the next turn goes on. */
export async function lookAtOpen(
  deps: Needs,
  { skip, nowMs }: Pick<WatchTurn, "skip" | "nowMs">,
): Promise<number> {
  const listed = (from: number) => deps.requests.list("open", LOOKED_AT_MAX, from);
  // What can't be read is left out of a batch, so only an empty one is surely past the last.
  const further = await listed(skip);
  const from = further.length === 0 ? 0 : skip;
  const batch = further.length === 0 && skip > 0 ? await listed(0) : further;
  const settled = batch.filter((request) => isSettled(request, nowMs));
  const groups = Map.groupBy(settled, ({ ask }) => ask.jitPolicyId.toLowerCase());
  const left = groups.values();
  const untilMs = deps.clock.monotonicMs() + ALL_WITHIN_MS;
  const reader = async () => {
    for (const requests of left) {
      if (deps.clock.monotonicMs() > untilMs) return;
      await lookAtPolicy(deps, requests, nowMs);
    }
  };
  await Promise.all(Array.from({ length: POLICIES_AT_ONCE }, reader));
  return batch.length === 0 ? 0 : from + LOOKED_AT_MAX;
}

const isSettled = (request: AccessRequest, nowMs: number): request is In<"open"> =>
  request.state === "open" &&
  nowMs - (request.grant.openedAtMs ?? nowMs) >= SETTLED_MS &&
  request.grant.endsAtMs - nowMs > SETTLED_MS;

async function lookAtPolicy(
  deps: Needs,
  requests: readonly In<"open">[],
  nowMs: number,
): Promise<void> {
  const entries = await entriesOf(deps, requests[0]?.ask.jitPolicyId ?? "");
  // One that came to the end that was sent for it wasn't closed by others.
  const early = entries.filter((one) => one.status !== "Revoked" || one.endsAtMs > nowMs);
  for (const request of requests) {
    if (!(await isClosed(deps, request, withAdopted(request, early)))) continue;
    const newer = await takenOverBy(deps, request, early);
    if (await newsFor(deps, request.id, { act: "gone", newer })) {
      const by = newer === undefined ? "not by this bot" : "for a newer request";
      deps.log.warn({ request: request.id, newer }, `closed before its time, ${by}`);
    }
  }
}

/** Nothing to say of what can't be read, or isn't there any more: absence proves nothing. */
async function entriesOf(deps: Needs, jitPolicyId: string): Promise<readonly JitEntry[]> {
  try {
    return (await deps.azure.readPolicy(jitPolicyId))?.entries ?? [];
  } catch (thrown) {
    if (!isFault(thrown) || thrown.source !== "azure") throw thrown;
    const facts = { policy: jitPolicyId, code: thrown.code };
    deps.log.debug(facts, "open access couldn't be checked");
    return [];
  }
}

/** Every door reads as revoked, and nobody else's opening keeps it open. */
async function isClosed(
  deps: Needs,
  request: In<"open">,
  entries: readonly JitEntry[],
): Promise<boolean> {
  const doors = doorsOf(request);
  const seen = (holders: Awaited<ReturnType<Deps["requests"]["holders"]>>) =>
    doors.map((door, index) => {
      const want = { id: request.id, untilMs: 0, holders: holders[index] ?? [] };
      return seeDoor(door, want, entries).seen;
    });
  const isRevoked = (all: readonly string[]) => all.every((one) => one === "revoked");
  // Others' entries are looked for only where ours don't say it all.
  if (!isRevoked(seen([])) || doors.some((door) => isOpenForOthers(door, entries))) return false;
  return isRevoked(seen(await deps.requests.holders(doors)));
}
