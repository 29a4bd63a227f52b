// The server that is connected to: its clock, whether it is still the primary, and whether it takes writes.

import { z } from "zod";
import type { Primary, StoreClock } from "../../ports/storage/store-server.ts";
import type { ConfirmPrimary } from "./connection/primary.ts";
import type { Script } from "./scripts/script.ts";
import type { Tools } from "./scripts/tools.ts";

/** Keys: due, which only says where in a cluster the tenant lives: that one's clock counts. Results: now. */
const NOW: Script<"due", number> = {
  name: "jitNow",
  keys: ["due"],
  writes: false,
  result: z.number(),
  lua: "return now",
};

/** Nobody looks for it: it is there to be written. */
const PROBE_KEPT_MS = 60_000;

/** Keys: probe. Results: done. A Redis that answers may refuse every write. */
const PROBE: Script<"probe", "done"> = {
  name: "jitProbe",
  keys: ["probe"],
  writes: true,
  result: z.literal("done"),
  lua: `
redis.call('SET', key.probe, string.format('%.0f', now), 'PX', ${PROBE_KEPT_MS})
return 'done'
`,
};

export const redisStoreClock = ({ run, keys }: Tools): StoreClock => ({
  nowMs: () => run(NOW, { keys }),
});

/** Without a check, the server that is connected to is taken for the primary. */
export const redisPrimary = (confirm: ConfirmPrimary | undefined): Primary => ({
  confirm: confirm ?? (async () => undefined),
});

/** Rejects where Redis doesn't answer, or takes no writes, now. */
export async function ping({ run, keys }: Tools): Promise<void> {
  await run(PROBE, { keys });
}
