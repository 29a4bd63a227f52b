// A door that gives way to another: Azure may keep one entry for a port, whatever sources were asked for.

import { doorsOf, seeDoor } from "../request/doors.ts";
import type { AccessRequest } from "../request/request.ts";
import type { JitEntry } from "../request/vm.ts";
import type { Deps } from "./deps.ts";
import { newsFor } from "./news-for.ts";

/** So many open accesses are looked through for others on the same VM. */
const READ_MAX = 1_000;

/** Tells those whose ports on this VM were closed by the opening of `by`: what they have is over. */
export async function tellSuperseded(
  deps: Deps,
  by: AccessRequest,
  entries: readonly JitEntry[],
): Promise<void> {
  const open = await deps.store.list("open", READ_MAX);
  const others = open.filter(
    (one) => one.id !== by.id && one.ask.vm.key === by.ask.vm.key && isGone(one, entries),
  );
  for (const { id } of others) await newsFor(deps, id, { act: "gone" });
}

/** Every door of an open access is shown as revoked, with nothing in its place. */
function isGone(request: AccessRequest, entries: readonly JitEntry[]): boolean {
  if (request.state !== "open") return false;
  const want = { id: request.id, untilMs: 0, holders: [] };
  return doorsOf(request).every((door) => seeDoor(door, want, entries).seen === "revoked");
}
