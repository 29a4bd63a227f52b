// Requests that another version of the bot parked because it couldn't read them: this one, which can, goes on with them.

import { parseRequestId, type RequestId } from "../../../domain/text/ids.ts";
import { isFault } from "../../../ports/fault.ts";
import { repeating, type Service } from "../../../ports/service.ts";
import type { ParkedWork } from "../../../ports/storage/dead-letters.ts";
import type { StoredRequest } from "../../../ports/storage/requests.ts";
import { toAdmins } from "../../channels/to-admins.ts";
import type { Deps } from "../../deps.ts";
import { requeue } from "./requeue.ts";

type Needs = Pick<Deps, "requests" | "deadLetters" | "policy" | "onCommitted" | "clock" | "log">;

/** As every version words it. */
export const UNREADABLE = "The stored request can't be read";

const FIRST_MS = 5_000;
const EVERY_MS = 5_000;

export function readableAgain(deps: Needs): Service {
  const failed = (thrown: unknown): number => {
    if (!isFault(thrown)) deps.log.error({ err: thrown }, "parked requests couldn't be looked at");
    return EVERY_MS;
  };
  const look = async (): Promise<number> => {
    const { some } = await deps.deadLetters.list();
    for (const one of some) await broughtBack(deps, one);
    return EVERY_MS;
  };
  return repeating(look, { clock: deps.clock, firstMs: FIRST_MS, failed });
}

async function broughtBack(deps: Needs, { member, why }: ParkedWork): Promise<void> {
  const id = parseRequestId(member);
  if (id === undefined || !why.startsWith(UNREADABLE)) return;
  const stored = await readable(deps, id);
  if (stored === undefined) return;
  const { requester, vm } = stored.request.ask;
  const text = "Another version of the bot couldn't read it and parked it. Work on it continues";
  const about = { id, requester, vm: vm.name, atMs: stored.nowMs, text };
  // Where it was told that it's parked.
  const notices = toAdmins(deps.policy(), { what: "mended", ...about });
  const outcome = await requeue(deps, id, { by: "the bot", notices });
  if (outcome === "requeued") deps.log.info({ request: id }, "it can be read, and is worked on");
}

/** One that says itself that it is parked waits for an admin. */
async function readable({ requests }: Needs, id: RequestId): Promise<StoredRequest | undefined> {
  try {
    const stored = await requests.read(id);
    return stored?.request.deadLetter === undefined ? stored : undefined;
  } catch (thrown) {
    if (isFault(thrown) && !thrown.retryable) return undefined;
    throw thrown;
  }
}
