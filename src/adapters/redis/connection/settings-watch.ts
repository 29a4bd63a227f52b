// Says in the log what is wrong with Redis's settings, whichever server it is by then: one that came after the start,
// or that took over, may be set differently.

import type { Log } from "../../../ports/log.ts";
import type { Service } from "../../../ports/service.ts";
import type { Connection } from "./connection.ts";
import { redisFindings } from "./settings-findings.ts";

export type SettingsWatch = Service & {
  /** Each finding is logged once, however often it's found; a server that doesn't say is looked at next time. */
  look(): Promise<void>;
};

/** A cluster stays ready while another of its servers takes over. */
const NEW_SERVER = ["ready", "+node"] as const;

export function settingsWatch(
  connection: Connection,
  { waitReplicas, log }: { readonly waitReplicas: number; readonly log: Log },
): SettingsWatch {
  const logged = new Set<string>();
  const look = async (): Promise<void> => {
    const findings = await redisFindings(connection, waitReplicas).catch(() => []);
    for (const finding of findings) {
      if (logged.has(finding)) continue;
      logged.add(finding);
      log.warn({}, finding);
    }
  };
  const onServer = () => void look();
  return {
    look,
    start: () => {
      for (const event of NEW_SERVER) connection.on(event, onServer);
      // One may have come since the last look.
      if (connection.status === "ready") onServer();
    },
    stop: () => {
      for (const event of NEW_SERVER) connection.off(event, onServer);
    },
  };
}
