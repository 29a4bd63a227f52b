// Leases, each a lock that names its owner.

import type { Leases } from "../../../ports/storage/leases.ts";
import type { Tools } from "../scripts/tools.ts";
import { LOCK, UNLOCK } from "./lock-scripts.ts";

export const redisLeases = ({ run, keys }: Tools): Leases => ({
  take: async (what, worker, leaseMs) =>
    (await run(LOCK, { keys: { ...keys, lock: keys.lock(what) }, args: { worker, leaseMs } })) ===
    1,
  give: async (what, worker) => {
    await run(UNLOCK, { keys: { lock: keys.lock(what) }, args: { worker } });
  },
});
