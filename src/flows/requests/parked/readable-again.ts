// Requests that another version of the bot parked because it couldn't read them: this one, which can, goes on with them.

import { parseRequestId } from "../../../domain/text/ids.ts";
import { isFault } from "../../../ports/fault.ts";
import { repeating, type Service } from "../../../ports/service.ts";
import type { ParkedWork } from "../../../ports/storage/dead-letters.ts";
import type { Deps } from "../../deps.ts";
import { requeue } from "./requeue.ts";

type Needs = Pick<Deps, "requests" | "deadLetters" | "policy" | "onCommitted" | "clock" | "log">;

/** As every version words it. */
export const UNREADABLE = "The stored request can't be read";

const FIRST_MS = 5_000;
const EVERY_MS = 30_000;

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
  if (id === undefined || !why.startsWith(UNREADABLE) || !(await isReadable(deps, id))) return;
  const outcome = await requeue(deps, id, { by: "the bot" });
  if (outcome === "requeued") deps.log.info({ request: id }, "it can be read, and is worked on");
}

/** One that says itself that it is parked waits for an admin. */
async function isReadable(
  { requests }: Needs,
  id: Parameters<Needs["requests"]["read"]>[0],
): Promise<boolean> {
  try {
    const stored = await requests.read(id);
    return stored !== undefined && stored.request.deadLetter === undefined;
  } catch (thrown) {
    if (isFault(thrown) && !thrown.retryable) return false;
    throw thrown;
  }
}
