// Each receiver of the audit's copies, tried with an entry that it has, and how far it is.

import type { Head } from "../../domain/audit/audit-chain.ts";
import { sinkIdentity, sinkLabel } from "../../domain/audit/stream/sink-name.ts";
import type { Finding } from "../../domain/doctor/finding.ts";
import type { AuditSink } from "../../domain/rules/policy.ts";
import { formatDuration } from "../../domain/text/duration.ts";
import type { OpenReceiver, StreamPositions } from "../../ports/audit-stream.ts";
import type { CopyFacts } from "../../ports/checkup.ts";
import { isFault } from "../../ports/fault.ts";
import type { AuditReader } from "../../ports/storage/audit.ts";
import { batchAfter } from "../audit/stream/stream-batch.ts";

type Needs = {
  readonly audit: Pick<AuditReader, "chain" | "firstFrom">;
  readonly positions: Pick<StreamPositions, "of" | "headAt" | "next">;
  readonly open: OpenReceiver;
};

/** Nothing is sent that a receiver mustn't have, or that it could take for another entry. */
export const tryReceivers = (
  deps: Needs,
  sinks: readonly AuditSink[],
): Promise<readonly CopyFacts[]> =>
  Promise.all(sinks.map((sink) => tryOne(deps, sink, sinkLabel(sink, sinks))));

async function tryOne(deps: Needs, sink: AuditSink, name: string): Promise<CopyFacts> {
  const { audit, positions, open } = deps;
  const at = await positions.of(sinkIdentity(sink));
  const chain = await audit.chain();
  const first = await audit.firstFrom((at?.seq ?? 0) + 1);
  const waiting = first === undefined ? 0 : chain.lastSeq - first.seq + 1;
  const facts = {
    name,
    waiting,
    lagMs: first === undefined || first.atMs === 0 ? 0 : Math.max(0, chain.nowMs - first.atMs),
  };
  try {
    await open(sink).send(await trial(deps, at, chain.tenant));
    return { ...facts, refused: undefined };
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return { ...facts, refused: { code: thrown.code, message: thrown.message } };
  }
}

/** The last entry that it has, once more; or the first, which it gets next; or nothing. */
async function trial({ positions }: Needs, at: Head | undefined, team: string) {
  const before = await positions.headAt(at === undefined ? 0 : at.seq - 1);
  const { entries } = await positions.next(before, 1);
  return entries.length === 0 ? [] : batchAfter(before, entries, team).entries;
}

/** Entries are sent within seconds of being written. */
const LAG_MAX_MS = 60_000;

export function copyFindings(all: readonly CopyFacts[] | undefined): readonly Finding[] {
  return (all ?? []).map(({ name, waiting, lagMs, refused }) => {
    const about = "Audit";
    const behind = `${formatDuration(Math.floor(lagMs / 1_000) * 1_000)} behind (entries waiting: ${waiting})`;
    const isBehind = lagMs > LAG_MAX_MS;
    if (refused !== undefined) {
      const so = isBehind ? `, and is ${behind}` : "";
      const says = `${name} doesn't take copies${so}. ${refused.message} Check its address in audit.stream, and that it can be reached from here.`;
      return { level: "fault", about, says };
    }
    return isBehind
      ? {
          level: "warning",
          about,
          says: `${name} takes copies, and is ${behind}: check that the bot runs, and its log.`,
        }
      : { level: "fine", about, says: `${name} takes copies.` };
  });
}
