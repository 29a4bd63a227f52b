// What is said once over all replicas; and which replica holds which policy file.

import type { Announcements } from "../../../ports/storage/announcements.ts";
import type { PolicyReports } from "../../../ports/storage/policy-reports.ts";
import { auditLine } from "../audit/new-entries.ts";
import { encodeNotice } from "../requests/stored-notices.ts";
import type { Tools } from "../scripts/tools.ts";
import { ANNOUNCE, ANNOUNCED, LIST_REPLICAS, REPORT_POLICY } from "./policy-report-scripts.ts";

export const redisAnnouncements = ({ run, keys, writer }: Tools): Announcements => ({
  announce: (topic, { value, note, notices }) =>
    run(ANNOUNCE, {
      keys,
      args: {
        matter: topic,
        value,
        note: note && auditLine(note, {}, writer),
        notices: notices.map(({ channel, notice }) => [channel, encodeNotice(notice)]),
      },
    }),
  last: (topic) => run(ANNOUNCED, { keys, args: { matter: topic } }),
});

export const redisPolicyReports = ({ run, keys }: Tools): PolicyReports => ({
  report: async (replica, { hash, version }) => {
    const [nowMs, sinceMs, announced, hashes] = await run(REPORT_POLICY, {
      keys,
      args: { replica, hash, version },
    });
    const replicas = hashes.flatMap((name, index) => {
      const own = hashes[index + 1];
      return index % 2 === 0 && own !== undefined ? [{ replica: name, hash: own }] : [];
    });
    return { nowMs, replicas, differSinceMs: sinceMs === 0 ? undefined : sinceMs, announced };
  },
  list: async () => {
    const found = await run(LIST_REPLICAS, { keys });
    return found
      .map(([name, hash, version]) => ({ name, hash, version: version || "unknown" }))
      .sort((one, other) => one.name.localeCompare(other.name));
  },
});
