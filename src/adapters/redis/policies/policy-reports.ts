// What is said once over all replicas; and which replica holds which policy file.

import { hash } from "node:crypto";
import type { Announcements, Topic } from "../../../ports/storage/announcements.ts";
import type { PolicyReports } from "../../../ports/storage/policies/policy-reports.ts";
import { auditLine } from "../audit/new-entries.ts";
import { encodeNotice } from "../requests/notices/stored-notices.ts";
import type { Tools } from "../scripts/tools.ts";
import { ANNOUNCE, ANNOUNCED, LIST_REPLICAS, REPORT_POLICY } from "./policy-report-scripts.ts";

export const redisAnnouncements = ({ run, keys, writer }: Tools): Announcements => ({
  announce: (topic, { value, note, notices }) =>
    run(ANNOUNCE, {
      keys,
      args: {
        ...fieldOf(topic),
        value,
        note: note && auditLine(note, {}, writer),
        notices: notices.map(({ channel, notice }) => [channel, encodeNotice(notice)]),
      },
    }),
  last: (topic) => run(ANNOUNCED, { keys, args: fieldOf(topic) }),
});

const STREAM = "stream:";

/** A receiver's address may hold a token: it isn't kept. `before`: where it was kept by versions that did. */
function fieldOf(topic: Topic): { readonly topic: string; readonly before: string } {
  if (!topic.startsWith(STREAM)) return { topic, before: topic };
  const digest = hash("sha256", topic.slice(STREAM.length), "base64url").slice(0, 22);
  return { topic: `${STREAM}${digest}`, before: topic };
}

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
