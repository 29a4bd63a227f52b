// Openings of others at Azure that an admin takes over: found again among a policy's entries, and from then on
// read as the request's own. Pure.

import { joinedSources, sourceParts } from "../../network/source.ts";
import type { UserId } from "../../text/ids.ts";
import type { OpeningRef } from "../../vm/activity-log/opening-ref.ts";
import { type JitEntry, NO_SOURCE } from "../../vm/vm.ts";
import type { Grant } from "../grant.ts";
import { type ClaimedOpening, recoveredGrant } from "../recovered.ts";
import { type AccessRequest, grantOf } from "../request.ts";

export type FoundOpening = Omit<ClaimedOpening, "id">;

/**
 * What stands open of it now. `over`: nothing does. `unclear`: Azure doesn't say for which source each port is
 * open, or the ports have different ones, which one request can't have.
 */
export function openingOf(
  ref: OpeningRef,
  entries: readonly JitEntry[],
  nowMs: number,
): FoundOpening | "over" | "unclear" {
  const live = entries.filter(
    (one) =>
      one.vm === ref.vm &&
      one.startedAtMs === ref.startedAtMs &&
      ref.ports.includes(one.port) &&
      one.status !== "Revoked" &&
      one.endsAtMs > nowMs,
  );
  const [its = []] = [...Map.groupBy(live, ({ nth }) => nth).values()];
  const [first] = its;
  if (first === undefined) return "over";
  const byPort = Map.groupBy(its, ({ port }) => port);
  const sources = [...byPort.values()].map((all) => joinedSources(all.map(({ source }) => source)));
  const [source = NO_SOURCE] = sources;
  if (sourceParts(source).includes(NO_SOURCE) || sources.some((one) => one !== source)) {
    return "unclear";
  }
  const { vm, startedAtMs, requestor, justification } = first;
  return {
    jitPolicyId: ref.jitPolicyId,
    vm,
    source,
    startedAtMs,
    requestor,
    justification,
    ports: [...byPort.keys()].sort((a, b) => a - b),
    endsAtMs: Math.max(...its.map(({ endsAtMs }) => endsAtMs)),
  };
}

/** So much tells it from another one of the same moment. */
const JUSTIFICATION_KEPT = 200;

export function adoptedGrant(
  found: FoundOpening,
  how: { readonly by: UserId; readonly policyHash: string; readonly nowMs: number },
): Grant {
  const { by, policyHash, nowMs } = how;
  const { startedAtMs, justification } = found;
  const grant = recoveredGrant(found, { policyHash, nowMs });
  const adopted = { by, startedAtMs, justification: justification.slice(0, JUSTIFICATION_KEPT) };
  const recovered = grant.recovered && { ...grant.recovered, adopted };
  return { ...grant, recovered };
}

/** Whether the request was made of this very opening. */
export function isAdoptionOf(request: AccessRequest, ref: OpeningRef): boolean {
  const adopted = grantOf(request)?.recovered?.adopted;
  return request.ask.vm.key === ref.vm && adopted?.startedAtMs === ref.startedAtMs;
}

/**
 * The entries as the request sees them: that of the opening that it took over reads as if it carried the
 * request's id, and all others as they are.
 */
export function withAdopted(
  request: AccessRequest,
  entries: readonly JitEntry[],
): readonly JitEntry[] {
  const recovered = grantOf(request)?.recovered;
  const adopted = recovered?.adopted;
  if (recovered === undefined || adopted === undefined) return entries;
  const isIt = (entry: JitEntry): boolean =>
    entry.vm === request.ask.vm.key &&
    entry.startedAtMs === adopted.startedAtMs &&
    entry.requestor.startsWith(recovered.requestor) &&
    entry.justification.startsWith(adopted.justification);
  return entries.map((entry) =>
    isIt(entry) ? { ...entry, justification: `${request.id} ${entry.justification}` } : entry,
  );
}
