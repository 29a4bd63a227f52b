// The ids of the bot's own calls to Azure: made before each, and read again in the Activity Log.

import { CALL_BYTES, callId, type OwnCall, readCallId } from "../request/audit/call-id.ts";
import type { RequestId } from "../request/ids.ts";
import type { Deps } from "./deps.ts";

type World = Pick<Deps, "store" | "random" | "log">;

/**
 * The id for one call that changes something at Azure: `initiate`, and PUT or DELETE of a policy. Send it
 * as `x-ms-client-request-id`, a new one each time: what the Activity Log shows without such an id is told
 * to everybody as done by somebody else. `request`: for which the call is made; for a policy, none.
 * Rejects with a `Fault` of world `redis` where the key could not be read.
 */
export async function newCallId(
  { store, random, log }: World,
  request?: RequestId,
): Promise<string> {
  const id = callId(await store.callKey(), { request }, random.bytes(CALL_BYTES));
  log.debug({ request, clientRequestId: id }, "asking Azure");
  return id;
}

/** Whether a call was the bot's own, by the id that the Activity Log shows of it; on any replica. */
export async function ownCalls({
  store,
}: Pick<World, "store">): Promise<(clientRequestId: string) => OwnCall | undefined> {
  const key = await store.callKey();
  return (clientRequestId) => readCallId(key, clientRequestId);
}
