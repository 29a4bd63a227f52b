// What the store knows around a request, read along the trails in the audit: each method a script or two.

import type { SealKey } from "../../../domain/audit/audit-chain.ts";
import { vmName } from "../../../domain/audit/audit-entry.ts";
import type { Row } from "../../../domain/audit/audit-row.ts";
import { entryOf } from "../../../domain/audit/readable-entry.ts";
import { isUnproven } from "../../../domain/audit/writer-mark.ts";
import { isLive } from "../../../domain/request/request.ts";
import { type AuditReader, PAGE_MAX } from "../../../ports/storage/audit.ts";
import type { History } from "../../../ports/storage/people/history.ts";
import { peopleOf, rowsOf } from "../audit/audit-document.ts";
import { type WriterOptions, writerOf } from "../audit/new-entries.ts";
import { POLICY_TRAIL, trailIn, vmTrail } from "../audit/trails.ts";
import type { Connection } from "../connection/connection.ts";
import { decodeDocument } from "../requests/request-document.ts";
import { redisKeys } from "../scripts/keys.ts";
import { scriptRunner } from "../scripts/script.ts";
import { AROUND, LAY_TRAILS, SWEEP_TRAILS, TRAIL_STATE } from "./history-scripts.ts";

type Options = WriterOptions & {
  readonly keysBefore?: readonly SealKey[];
  /** Added to Redis's clock: for tests. */
  readonly clockOffsetMs?: () => number;
};

/** Redis's clock may have been set back a little between two entries. */
const CLOCK_SLACK_MS = 5 * 60_000;

/** The same tenant's as the store and the audit write. */
export function redisHistory(
  connection: Connection,
  audit: Pick<AuditReader, "page">,
  options: Options,
): History {
  const { tenant, clockOffsetMs = () => 0, keysBefore = [] } = options;
  const run = scriptRunner(connection, clockOffsetMs);
  const keys = redisKeys(tenant);
  const vouching = { keys: [writerOf(options).key, ...keysBefore], tenant };
  let cursor = "0";
  return {
    around: async ({ requester, vm }, sinceMs) => {
      const [nowMs, isComplete, found, coveredMs, own, documents] = await run(AROUND, {
        keys: { ...keys, live: keys.live(requester), inside: keys.inside(vm) },
        args: { user: requester, trail: vmTrail(vmName(vm)), sinceMs: sinceMs - CLOCK_SLACK_MS },
      });
      const [entries, seals, beside, marks, flatPeople] = found;
      const people = peopleOf(flatPeople);
      // What nothing shows to be the bot's is no ground for anything.
      const proven = rowsOf({ entries, seals, beside, marks })
        .filter((row) => row.entry !== undefined && !isUnproven(row, people, vouching))
        .map((row) => entryOf(row, people, vouching.keys));
      const isLoad = ({ what }: { readonly what: string }) =>
        trailIn(what, undefined) === POLICY_TRAIL;
      return {
        nowMs,
        past:
          isComplete === 1
            ? {
                entries: proven.filter((entry) => !isLoad(entry) && entry.requester === requester),
                sinceMs: Math.max(coveredMs, sinceMs),
              }
            : undefined,
        own,
        inside: documents.flatMap((text) => {
          const document = decodeDocument(text);
          if ("unreadable" in document) return [];
          const { request } = document;
          return isLive(request) && request.ask.requester !== requester ? [request] : [];
        }),
        policyLoads: proven.filter(isLoad),
      };
    },
    catchUp: async (sinceMs) => {
      const [, known, first, last, isDone] = await run(TRAIL_STATE, { keys, args: { sinceMs } });
      if (isDone === "done") {
        cursor = await run(SWEEP_TRAILS, { keys, args: { cursor } });
        return false;
      }
      const from = known === 0 ? last + 1 : known;
      const fromSeq = Math.max(first, from - PAGE_MAX);
      const rows = fromSeq < from ? (await audit.page({ fromSeq, untilSeq: from - 1 })).rows : [];
      await run(LAY_TRAILS, { keys, args: { from: fromSeq, trails: trailsOf(rows) } });
      return true;
    },
  };
}

/** Each field with its numbers. */
function trailsOf(rows: readonly Row[]): readonly (readonly [string, readonly number[]])[] {
  const trails = new Map<string, number[]>();
  for (const row of rows) {
    const field = fieldOf(row);
    if (field !== undefined) trails.set(field, [...(trails.get(field) ?? []), row.seq]);
  }
  return [...trails];
}

function fieldOf({ entry }: Row): string | undefined {
  if (entry === undefined) return undefined;
  const { what, of, vm, detail } = entry;
  const named = vm ?? (typeof detail?.vm === "string" ? vmName(detail.vm) : undefined);
  const trail = trailIn(what, of === undefined ? undefined : named);
  return trail === undefined ? undefined : `${of ?? ""}|${trail}`;
}
