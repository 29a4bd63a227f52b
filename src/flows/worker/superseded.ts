// A door that gives way to another: Azure may keep one entry for a port, whatever sources were asked for.

import {
  doorsOf,
  idInJustification,
  mayHaveTaken,
  newerThan,
  seeDoor,
} from "../../domain/request/doors/doors.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import { parseRequestId, type RequestId } from "../../domain/text/ids.ts";
import type { JitEntry } from "../../domain/vm/vm.ts";
import { isFault } from "../../ports/fault.ts";
import type { StoredRequest } from "../../ports/storage/requests.ts";
import type { Deps } from "../deps.ts";
import { newsFor } from "../requests/change-request.ts";

type Needs = Pick<Deps, "requests" | "policy" | "onCommitted">;

/** Tells those whose ports on this VM were closed by the opening of `by`: what they have is over. */
export async function tellSuperseded(
  deps: Needs,
  by: AccessRequest,
  { entries, nowMs }: { readonly entries: readonly JitEntry[]; readonly nowMs: number },
): Promise<void> {
  const early = entries.filter(
    (entry) => entry.vm === by.ask.vm.key && entry.status === "Revoked" && entry.endsAtMs > nowMs,
  );
  const ids = new Set(early.map((entry) => idInJustification(entry.justification)));
  ids.delete(by.id);
  for (const text of ids) {
    const id = parseRequestId(text ?? "");
    const stored = id === undefined ? undefined : await readable(deps, id);
    if (stored !== undefined && isGone(stored.request, entries)) {
      const newer = await takenOverBy(deps, stored.request, entries);
      await newsFor(deps, stored.request.id, { act: "gone", newer });
    }
  }
}

/** The newer request that Azure closed this one's ports for, where the entries say so and there is such a request. */
export async function takenOverBy(
  deps: Pick<Deps, "requests">,
  request: AccessRequest,
  entries: readonly JitEntry[],
): Promise<RequestId | undefined> {
  const id = newerThan(request, entries);
  const newer = id === undefined ? undefined : await readable(deps, id);
  return newer !== undefined && mayHaveTaken(newer.request, request) ? id : undefined;
}

/** One that can't be read is parked by others, and must not keep this opening from being told. */
async function readable(
  deps: Pick<Deps, "requests">,
  id: RequestId,
): Promise<StoredRequest | undefined> {
  try {
    return await deps.requests.read(id);
  } catch (thrown) {
    if (!isFault(thrown) || thrown.retryable) throw thrown;
    return undefined;
  }
}

/** Every door of an open access is shown as revoked, with nothing in its place. */
function isGone(request: AccessRequest, entries: readonly JitEntry[]): boolean {
  if (request.state !== "open") return false;
  const want = { id: request.id, untilMs: 0, holders: [] };
  return doorsOf(request).every((door) => seeDoor(door, want, entries).seen === "revoked");
}
