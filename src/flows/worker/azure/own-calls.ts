// The ids of the bot's own calls to Azure: made before each, and read again in the Activity Log.

import type { OwnCallOf } from "../../../domain/vm/activity-log/activity-events.ts";
import {
  CALL_BYTES,
  type CallPlace,
  callId,
  type OwnCall,
  readCallId,
} from "../../../domain/vm/activity-log/own-call-id.ts";
import type { Deps } from "../../deps.ts";

type Needs = Pick<Deps, "callKeys" | "storeClock" | "random" | "log">;

/**
 * The id for one call that changes something at Azure: `initiate`, and PUT or DELETE of a policy. Send it
 * as `x-ms-client-request-id`, at once and a new one each time: what the Activity Log shows without such an
 * id, or with one that was used before, is told to everybody as done by somebody else.
 * `atMs`: the store's time, where it is known already. Rejects with a `Fault` from `redis` where the key
 * or the time couldn't be read.
 */
export async function newCallId(
  { callKeys, storeClock, random, log }: Needs,
  { request, kind, policyId, ...known }: Partial<OwnCall & CallPlace> & Omit<CallPlace, "atMs">,
): Promise<string> {
  const [key, atMs] = await Promise.all([callKeys.current(), known.atMs ?? storeClock.nowMs()]);
  const id = callId(key, { request, kind, policyId, atMs }, random.bytes(CALL_BYTES));
  log.debug({ request, clientRequestId: id }, "asking Azure");
  return id;
}

/** Whether a call was the bot's own, by what the Activity Log shows of it; on any replica. */
export async function ownCalls({ callKeys }: Pick<Needs, "callKeys">): Promise<OwnCallOf> {
  const key = await callKeys.current();
  return (event) => readCallId(key, event.clientRequestId, event);
}
