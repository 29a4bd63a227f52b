// What is sealed next: the entries after the head that the bot wrote, and those that are passed over because it didn't.

import {
  type Checkpoint,
  checkpointAt,
  genesisSeal,
  type Head,
  isGenuine,
  type SealKey,
  UNKEYED,
  withEra,
} from "../../domain/audit/audit-chain.ts";
import type { People, Row } from "../../domain/audit/audit-row.ts";
import type { Nonces } from "../../domain/audit/nonces.ts";
import { markFault } from "../../domain/audit/writer-mark.ts";
import type { AuditReader, ChainEnd, SealBatch } from "../../ports/storage/audit.ts";
import { PAGE_MAX } from "../../ports/storage/audit.ts";

type Needs = {
  readonly audit: Pick<AuditReader, "page" | "firstFrom">;
  readonly key: SealKey;
  readonly keysBefore: readonly SealKey[];
  readonly tenant: string;
  readonly nonces: Nonces;
  /** What stands before this was refused, and told. */
  readonly refusedBefore: number;
  /**
   * Whether an entry that was marked with an unknown key is left to a replica that may have it: while keys are
   * changed, there are some. Asked of every batch, whether it has one.
   */
  readonly isLeft: (hasUnknownKey: boolean) => boolean;
};

/** What was refused: how many entries between two numbers, and why the first of them. */
export type Refused = {
  readonly fromSeq: number;
  readonly untilSeq: number;
  readonly count: number;
  readonly why: string;
};

export type Batch = {
  readonly seals: SealBatch;
  /** The head when these are sealed. */
  readonly next: Head;
  readonly refused: Refused | undefined;
  readonly refusedBefore: number;
  /** There may be more. */
  readonly isFull: boolean;
  /** It ends before an entry that another replica may be able to verify. */
  readonly isForOthers: boolean;
};

/**
 * `undefined`: nothing waits, or another one has gone on since the look, and what was read is no longer what
 * follows the head. `isNewKey`: another one sealed so far.
 */
export async function batchOf(
  deps: Needs,
  end: ChainEnd,
  isNewKey: boolean,
): Promise<Batch | undefined> {
  const { audit, key, tenant } = deps;
  const { head } = end;
  const first = await firstToSeal(deps, end);
  if (first === undefined) return undefined;
  const { rows, people } = await audit.page({ fromSeq: first, untilSeq: first + PAGE_MAX - 1 });
  if (rows.some(({ seal }) => seal !== undefined)) return undefined;
  const own = ownRows(deps, rows);
  const judged = judge(deps, own, people);
  const after = Math.max(head.seq, deps.refusedBefore - 1);
  const gap = gapFrom(
    after,
    judged.map(({ row }) => row.seq),
  );
  const seals: Head[] = [];
  let seal = head.seq === 0 ? genesisSeal(tenant) : head.seal;
  for (const { row, fault } of judged) {
    if (fault !== undefined || row.text === undefined) continue;
    seal = key.seal(seal, row.text);
    seals.push({ seq: row.seq, seal });
  }
  const passed = judged.filter(({ fault }) => fault !== undefined);
  const last = judged.at(-1)?.row.seq ?? after;
  const era = newEra(deps, end, { fromSeq: seals[0]?.seq, isNewKey });
  return {
    seals: { after: head, seals, passed: passed.map(({ row }) => row.seq), ...era },
    next: seals.at(-1) ?? head,
    refused: refusedOf(passed) ?? gap,
    refusedBefore: passed.length === 0 && gap === undefined ? deps.refusedBefore : last + 1,
    isFull: own.length >= PAGE_MAX,
    isForOthers: own.length < rows.length,
  };
}

/** Up to the first that is left to another replica. */
function ownRows({ key, keysBefore, isLeft }: Needs, rows: readonly Row[]): readonly Row[] {
  if (key.fingerprint === UNKEYED) return rows;
  const known = [UNKEYED, ...[key, ...keysBefore].map(({ fingerprint }) => fingerprint)];
  const at = rows.findIndex(({ mark }) => mark !== undefined && !known.includes(mark.key));
  return isLeft(at >= 0) && at >= 0 ? rows.slice(0, at) : rows;
}

/** What was refused already isn't looked at again, where nothing could be sealed after it. */
async function firstToSeal(
  { audit, refusedBefore }: Needs,
  { waiting }: ChainEnd,
): Promise<number | undefined> {
  if (waiting === undefined || waiting.seq >= refusedBefore) return waiting?.seq;
  return (await audit.firstFrom(refusedBefore))?.seq;
}

type Judged = { readonly row: Row; readonly fault: string | undefined };

function judge(
  { key, keysBefore, tenant, nonces }: Needs,
  rows: readonly Row[],
  people: People,
): readonly Judged[] {
  const keys = [key, ...keysBefore];
  const isKeyed = key.fingerprint !== UNKEYED;
  return rows
    .filter(({ text, foreign, seal }) => seal === undefined && (text ?? foreign) !== undefined)
    .map((row) => {
      if (!isKeyed) return { row, fault: row.foreign && `it is numbered ${row.foreign}` };
      const fault = markFault(row, people, { keys, tenant });
      const nonce = row.entry?.nonce;
      if (fault !== undefined || nonce === undefined) return { row, fault };
      const copied = nonces(row.seq, nonce);
      return { row, fault: copied === undefined ? undefined : `it is a copy of entry ${copied}` };
    });
}

function refusedOf(passed: readonly Judged[]): Refused | undefined {
  const [first] = passed;
  if (first?.fault === undefined) return undefined;
  return {
    fromSeq: first.row.seq,
    untilSeq: passed.at(-1)?.row.seq ?? first.row.seq,
    count: passed.length,
    why: first.fault,
  };
}

/** The bot leaves no number out. */
function gapFrom(after: number, seqs: readonly number[]): Refused | undefined {
  let before = after;
  for (const seq of seqs) {
    if (seq > before + 1) {
      const fromSeq = before + 1;
      const untilSeq = seq - 1;
      return { fromSeq, untilSeq, count: untilSeq - fromSeq + 1, why: "it is missing" };
    }
    before = seq;
  }
  return undefined;
}

/**
 * A new key vouches for the checkpoint, too, where one that it knows does: then only, for anyone who has got hold of
 * an old key could make another one later.
 */
function newEra(
  { key, keysBefore, tenant }: Needs,
  { eras, checkpoint, nowMs }: ChainEnd,
  { fromSeq, isNewKey }: { fromSeq: number | undefined; isNewKey: boolean },
): Pick<SealBatch, "eras" | "checkpoint"> {
  if (fromSeq === undefined || eras.at(-1)?.fingerprint === key.fingerprint) return {};
  const isKnown = (one: Checkpoint) => keysBefore.some((old) => isGenuine(old, tenant, one));
  return {
    eras: withEra(eras, { fromSeq, fingerprint: key.fingerprint }),
    checkpoint:
      checkpoint !== undefined && isNewKey && isKnown(checkpoint)
        ? checkpointAt(key, { tenant, head: checkpoint }, nowMs)
        : undefined,
  };
}
