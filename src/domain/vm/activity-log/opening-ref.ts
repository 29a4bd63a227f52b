// An opening of others that the Activity Log told of: by what it is found again, and the id of its one request.

import { createHash } from "node:crypto";
import { type RequestId, requestIdFrom, type VmKey } from "../../text/ids.ts";

/** Which opening it is; what it is, Azure says. */
export type OpeningRef = {
  readonly jitPolicyId: string;
  readonly vm: VmKey;
  readonly ports: readonly number[];
  readonly startedAtMs: number;
};

/**
 * The id of the request that takes it over: the same for everybody who presses, so that only one is made. `nth`:
 * where another request has that id by chance.
 */
export function adoptedId(ref: OpeningRef, nth: number): RequestId {
  const { jitPolicyId, vm, ports, startedAtMs } = ref;
  const text = [jitPolicyId.toLowerCase(), vm, ports.join(), startedAtMs, nth].join("\n");
  return requestIdFrom(createHash("sha256").update(text).digest());
}
