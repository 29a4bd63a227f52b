// Leases, each in a key of its own that names its owner.

import type { LeaseName, Leases } from "../../../ports/storage/leases.ts";
import type { Tools } from "../scripts/tools.ts";
import { GIVE_LEASE, TAKE_LEASE } from "./lease-in-key.ts";

export function redisLeases({ run, keys }: Tools): Leases {
  const taken = async (
    what: LeaseName,
    args: { owner: string; leaseMs: number; isRenewal: boolean },
  ): Promise<boolean> =>
    (await run(TAKE_LEASE, { keys: { ...keys, lease: keys.lease(what) }, args })) === 1;
  return {
    take: (what, owner, leaseMs) => taken(what, { owner, leaseMs, isRenewal: false }),
    renew: (what, owner, leaseMs) => taken(what, { owner, leaseMs, isRenewal: true }),
    give: async (what, owner) => {
      await run(GIVE_LEASE, { keys: { lease: keys.lease(what) }, args: { owner } });
    },
  };
}
