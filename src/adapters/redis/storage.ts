// All that is kept, in Redis: one port for each thing. Every method is one atomic script: one command, one
// round trip.

import type { Storage } from "../../ports/storage/storage.ts";
import { writerOf } from "./audit/new-entries.ts";
import { redisAuditNotes } from "./audit/record-entry.ts";
import type { Connection } from "./connection/connection.ts";
import { redisEndAlls } from "./freeze/end-alls.ts";
import { redisFreezes } from "./freeze/freezes.ts";
import { redisLeases } from "./leases/leases.ts";
import { redisDeliveries } from "./limits/deliveries.ts";
import { redisRateLimits } from "./limits/rate-limits.ts";
import { redisAbsences } from "./people/absences.ts";
import { redisHomeReaders } from "./people/home-readers.ts";
import { redisPeopleChanges } from "./people/people-changes.ts";
import { redisAnnouncements, redisPolicyReports } from "./policies/policy-reports.ts";
import { redisDeadLetters } from "./requests/dead-letters.ts";
import { redisNotices } from "./requests/notices/notices.ts";
import { redisRequests } from "./requests/requests.ts";
import { redisWorkQueue } from "./requests/work-queue.ts";
import { redisKeys } from "./scripts/keys.ts";
import { scriptRunner } from "./scripts/script.ts";
import type { Tools } from "./scripts/tools.ts";
import type { RedisStorageOptions } from "./storage-options.ts";
import { ping, redisPrimary, redisStoreClock } from "./store-server.ts";
import { redisCallKeys } from "./watch/call-keys.ts";

export type RedisStorage = Storage & {
  /** Rejects where Redis doesn't answer, or takes no writes, now. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

/** Use a connection made by `connectRedis`: it neither queues for ever nor sends anything twice. */
export function redisStorage(connection: Connection, options: RedisStorageOptions): RedisStorage {
  const { tenant, clockOffsetMs = () => 0, waitReplicas } = options;
  const tools: Tools = {
    run: scriptRunner(connection, clockOffsetMs, waitReplicas),
    keys: redisKeys(tenant),
    writer: writerOf(options),
  };
  return {
    requests: redisRequests(tools),
    workQueue: redisWorkQueue(tools),
    leases: redisLeases(tools),
    deadLetters: redisDeadLetters(tools),
    notices: redisNotices(tools),
    deliveries: redisDeliveries(tools),
    rateLimits: redisRateLimits(tools),
    auditNotes: redisAuditNotes(tools),
    announcements: redisAnnouncements(tools),
    policyReports: redisPolicyReports(tools),
    peopleChanges: redisPeopleChanges(tools),
    homeReaders: redisHomeReaders(tools),
    absences: redisAbsences(tools),
    freezes: redisFreezes(tools),
    endAlls: redisEndAlls(tools),
    callKeys: redisCallKeys(tools),
    storeClock: redisStoreClock(tools),
    primary: redisPrimary(options.confirmPrimary),
    ping: () => ping(tools),
    close: () => close(connection),
  };
}

/** Lets what was sent be answered; a connection that isn't there isn't waited for. */
async function close(connection: Connection): Promise<void> {
  if (connection.status === "ready") await connection.quit().catch(() => undefined);
  connection.disconnect();
}
