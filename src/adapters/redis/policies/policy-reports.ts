// What is said of policy files, once over all replicas; and which replica holds which.

import type { News, PolicyReport, PolicyTopic } from "../../../ports/storage/store.ts";
import { auditLine, type Writer } from "../audit/new-entries.ts";
import type { Connection } from "../connection/connection.ts";
import { encodeNotice } from "../requests/stored-notices.ts";
import { type Keys, redisKeys } from "../scripts/keys.ts";
import { type Run, scriptRunner } from "../scripts/script.ts";
import { ANNOUNCE, ANNOUNCED, REPORT_POLICY } from "./policy-report-scripts.ts";

type Tools = { readonly run: Run; readonly keys: Keys; readonly writer: Writer };

export function announce(
  { run, keys, writer }: Tools,
  matter: PolicyTopic,
  { value, note, notices }: News,
): Promise<"announced" | "repeated"> {
  return run(ANNOUNCE, {
    keys,
    args: {
      matter,
      value,
      note: note && auditLine(note, {}, writer),
      notices: notices.map(({ channel, notice }) => [channel, encodeNotice(notice)]),
    },
  });
}

export const announced = (
  { run, keys }: Omit<Tools, "writer">,
  matter: PolicyTopic,
): Promise<string> => run(ANNOUNCED, { keys, args: { matter } });

/** For whoever asks from outside the bot. Throws a `Fault` where Redis does not answer. */
export const lastAnnounced = (
  connection: Connection,
  tenant: string,
  matter: PolicyTopic,
): Promise<string> =>
  announced({ run: scriptRunner(connection, () => 0), keys: redisKeys(tenant) }, matter);

export async function reportPolicy(
  { run, keys }: Omit<Tools, "writer">,
  replica: string,
  hash: string,
): Promise<PolicyReport> {
  const [nowMs, sinceMs, announced, held] = await run(REPORT_POLICY, {
    keys,
    args: { replica, hash },
  });
  const replicas = held.flatMap((name, index) => {
    const own = held[index + 1];
    return index % 2 === 0 && own !== undefined ? [{ replica: name, hash: own }] : [];
  });
  return { nowMs, replicas, differSinceMs: sinceMs === 0 ? undefined : sinceMs, announced };
}
