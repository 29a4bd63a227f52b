// Hears of what other replicas made due before the next look: on a connection of its own, where Redis needs one.

import type { Log } from "../../../ports/log.ts";
import type { Connection } from "../connection/connection.ts";
import { redisKeys } from "../scripts/keys.ts";

export type Wake = { readonly nowMs: number; readonly dueAtMs: number };

/**
 * Listens on the connection, which from then on takes no other commands (a cluster's takes them anyway).
 * What is missed while it is away, or where Redis doesn't allow to listen, is found by the next look.
 */
export function hearWakes(
  connection: Connection,
  { tenant, log, onWake }: { tenant: string; log: Log; onWake: (wake: Wake) => void },
): void {
  const channel = redisKeys(tenant).wake;
  const listen = () => {
    connection.subscribe(channel).then(
      () => log.debug({}, "listening for what other replicas make due"),
      (error: unknown) =>
        log.warn(
          { error: error instanceof Error ? error.message : "unknown" },
          "Redis doesn't let the bot listen: what other replicas make due is found a second later",
        ),
    );
  };
  connection.on("message", (heardOn: string, text: string) => {
    const [nowMs, dueAtMs] = text.split(" ").map(Number);
    if (heardOn !== channel || nowMs === undefined || dueAtMs === undefined) return;
    if (Number.isFinite(nowMs) && Number.isFinite(dueAtMs)) onWake({ nowMs, dueAtMs });
  });
  connection.on("ready", listen);
  if (connection.status === "ready") listen();
}
