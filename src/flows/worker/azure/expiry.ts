// The end of a grant: what Azure shows of its doors when the time is over, and afterwards.

import { type AtEnd, atEnd } from "../../../domain/request/at-end.ts";
import {
  doorsAsked,
  type Holder,
  isOpenForOthers,
  seeDoor,
  stillOpen,
} from "../../../domain/request/doors/doors.ts";
import { waiting } from "../../../domain/request/effects.ts";
import type { PortAtEnd } from "../../../domain/request/grant.ts";
import type { AccessRequest, In } from "../../../domain/request/request.ts";
import { isFault } from "../../../ports/fault.ts";
import type { Deps } from "../../deps.ts";
import { namedHolders } from "../../requests/port-holders.ts";
import { checkAgainMs } from "../../try-again.ts";
import type { LeasedRequest } from "../leased-request.ts";
import { readJitPolicy } from "./azure-calls.ts";

type Needs = Pick<Deps, "requests" | "azure" | "log">;

/** The grant's time is over: says so, with what Azure shows at this moment. */
export async function expireEffect(deps: Needs, leased: LeasedRequest): Promise<void> {
  const request = leased.current();
  const holders = await holdersNow(deps, request);
  if (request.state === "open" && (await isBeingExtended(deps, leased, { request, holders }))) {
    const nextAtMs = leased.nowMs() + EXTENSION_LOOK_MS;
    return leased.record((now) => waiting(now, "expire", nextAtMs));
  }
  const shown = (await shownAtEnd(deps, leased, holders)) ?? { closing: "unknown" };
  await leased.news({ act: "over", ...shown });
}

type Holders = readonly (readonly Holder[])[];

const holdersNow = ({ requests }: Needs, request: AccessRequest): Promise<Holders> =>
  requests.holders(doorsAsked(request));

/** An extension that was approved in the last moment is soon seen open, or has failed. */
const EXTENSION_WITHIN_MS = 60_000;
const EXTENSION_LOOK_MS = 1_000;

/** Whether another request is about to carry this access on: until that is known, it hasn't ended. */
async function isBeingExtended(
  deps: Needs,
  leased: LeasedRequest,
  { request, holders }: { readonly request: In<"open">; readonly holders: Holders },
): Promise<boolean> {
  if (leased.nowMs() > request.grant.endsAtMs + EXTENSION_WITHIN_MS) return false;
  const others = new Set(holders.flatMap((each) => each.map(({ id }) => id)));
  others.delete(request.id);
  for (const id of others) {
    const other = (await deps.requests.read(id))?.request;
    const isLive = other?.state === "opening" || other?.state === "open";
    if (isLive && other.ask.extends === request.id) return true;
  }
  return false;
}

/** Looks again whether Azure has shut the door of a grant whose time is over. */
export async function checkEffect(deps: Needs, leased: LeasedRequest): Promise<void> {
  const request = leased.current();
  const nextAtMs = leased.nowMs() + checkAgainMs(request.attempts.check?.count ?? 0);
  const shown = await shownAtEnd(deps, leased);
  // Not to be able to look isn't a look: it is made up for.
  if (shown === undefined) return leased.record((now) => waiting(now, "check", nextAtMs));
  await leased.news({ act: "checked", ...shown, nextAtMs });
}

/**
 * What Azure shows of a grant's doors; `undefined`: it doesn't answer. Absence proves nothing, and a door
 * that others hold is no alarm. `known`: who holds them, where that was read just now.
 */
async function shownAtEnd(
  deps: Needs,
  leased: LeasedRequest,
  known?: Holders,
): Promise<AtEnd | undefined> {
  const request = leased.current();
  try {
    const policy = await readJitPolicy(deps, request);
    const own = new Set<string>([request.id]);
    const want = { id: request.id, untilMs: 0, holders: [] };
    const ports = doorsAsked(request).map((door): PortAtEnd => {
      const { port } = door;
      if (stillOpen(door, own, policy.entries) !== undefined) {
        return { port, closing: "still-open" };
      }
      const { seen } = seeDoor(door, want, policy.entries);
      if (seen !== "revoked") return { port, closing: "unknown" };
      const isOpen = isOpenForOthers(door, policy.entries);
      return { port, closing: "closed", ...(isOpen && { isOpenForOthers: true }) };
    });
    // Others matter only to what Azure doesn't show as shut.
    if (ports.every((one) => one.closing === "closed")) return atEnd(ports);
    const read = known ?? (await holdersNow(deps, request));
    const afterMs = leased.nowMs();
    const holders = await namedHolders(deps, request, { holders: read, afterMs });
    return atEnd(
      ports.map((one) => {
        const heldBy = holders.get(one.port);
        return heldBy === undefined ? one : { ...one, closing: "held", heldBy };
      }),
    );
  } catch (thrown) {
    if (!isFault(thrown) || thrown.source !== "azure") throw thrown;
    deps.log.warn({ request: request.id, code: thrown.code }, "the end couldn't be read at Azure");
    return undefined;
  }
}
