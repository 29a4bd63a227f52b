// Going through the whole audit, page by page: to verify it, to export it, to erase a person from it.

import {
  type Head,
  personTombstone,
  type SealKey,
  textsTombstone,
} from "../../domain/audit/audit-chain.ts";
import type { AuditEntry } from "../../domain/audit/audit-entry.ts";
import type { People, Row } from "../../domain/audit/audit-row.ts";
import { entryOf } from "../../domain/audit/readable-entry.ts";
import { type Report, walkChain } from "../../domain/audit/verify-audit.ts";
import { isUnproven } from "../../domain/audit/writer-mark.ts";
import {
  type AuditErasing,
  type AuditReader,
  type AuditSealing,
  PAGE_MAX,
  type Page,
} from "../../ports/storage/audit.ts";

/**
 * Every page from `fromSeq` to the last number that was given when it began. Numbers that nobody gave aren't
 * gone through one by one, however many somebody left out.
 */
async function* pagesOf(
  audit: Pick<AuditReader, "page" | "firstFrom">,
  fromSeq: number,
  lastSeq: number,
): AsyncGenerator<Page> {
  let first = fromSeq;
  while (first <= lastSeq) {
    const page = await audit.page({
      fromSeq: first,
      untilSeq: Math.min(lastSeq, first + PAGE_MAX - 1),
    });
    yield page;
    first += PAGE_MAX;
    if (page.rows.length > 0) continue;
    const next = (await audit.firstFrom(first))?.seq ?? lastSeq - PAGE_MAX + 1;
    first = Math.max(first, next);
  }
}

/** Redis's clock may have been set back a little between two entries. */
const CLOCK_SLACK_MS = 5 * 60_000;

export type Period = {
  readonly fromMs: number;
  /** The first moment that doesn't belong to it any more. */
  readonly untilMs: number;
};

/**
 * Every entry of a period as people read it, some hundred at a time, the oldest first. What can't be read has no
 * time, and is among them rather than hidden. `keys`: those that vouch. `upTo`: the last number that is read.
 */
export async function* entriesOf(
  audit: Pick<AuditReader, "chain" | "page" | "firstFrom" | "firstSince">,
  keys: readonly SealKey[],
  { fromMs, untilMs }: Period,
  upTo?: number,
): AsyncGenerator<readonly AuditEntry[]> {
  const { lastSeq: newest, tenant } = await audit.chain();
  const lastSeq = upTo ?? newest;
  const entryIn = (row: Row, people: People): AuditEntry => ({
    ...entryOf(row, people, keys),
    ...(isUnproven(row, people, { keys, tenant }) && { unproven: true }),
  });
  const first = await audit.firstSince(fromMs - CLOCK_SLACK_MS);
  for await (const { rows, people } of pagesOf(audit, first, lastSeq)) {
    const entries = rows.flatMap((row) => (row.text === undefined ? [] : [entryIn(row, people)]));
    yield entries.filter(({ atMs }) => !(atMs < fromMs || atMs >= untilMs));
    if (entries.length > 0 && entries.every(({ atMs }) => atMs >= untilMs + CLOCK_SLACK_MS)) return;
  }
}

/** Too old entries are deleted while this runs: then it begins again. */
const TRIMMED_MEANWHILE_MAX = 5;

/** Walks the whole chain. `keys`: the present one first, and those of before. */
export async function verifyAudit(
  audit: Pick<AuditReader, "chain" | "page" | "firstFrom">,
  keys: readonly SealKey[],
  head?: Head,
): Promise<Report> {
  for (let attempts = 1; ; attempts++) {
    const chain = await audit.chain();
    const walk = walkChain(chain, keys, head);
    // What stands before the checkpoint should not be there, and is looked at, too.
    const oldest = await audit.firstFrom(0);
    const fromSeq = Math.min(oldest?.seq ?? 1, (chain.checkpoint?.seq ?? 0) + 1);
    for await (const { rows, people } of pagesOf(audit, fromSeq, chain.lastSeq)) {
      walk.take(rows, people);
    }
    const { checkpoint } = await audit.chain();
    const isSame = checkpoint?.seq === chain.checkpoint?.seq;
    if (isSame || attempts === TRIMMED_MEANWHILE_MAX) return walk.finish();
  }
}

/** The last entry that is sealed; `undefined`: none is. */
export async function sealedHead(
  audit: Pick<AuditReader, "chain" | "page">,
): Promise<Head | undefined> {
  const { checkpoint, lastSeq } = await audit.chain();
  const least = checkpoint?.seq ?? 0;
  for (let untilSeq = lastSeq; untilSeq > least; untilSeq -= PAGE_MAX) {
    const fromSeq = Math.max(least + 1, untilSeq - PAGE_MAX + 1);
    const { rows } = await audit.page({ fromSeq, untilSeq });
    const last = rows.findLast(({ seal }) => seal !== undefined);
    if (last?.seal !== undefined) return { seq: last.seq, seal: last.seal };
  }
  return checkpoint && { seq: checkpoint.seq, seal: checkpoint.seal };
}

export type ErasedPerson = {
  /** What stands in their place; `undefined`: they were in no entry. */
  readonly pseudonym: string | undefined;
  /** How many entries lost their texts. */
  readonly texts: number;
  /** Requests that aren't over yet, and name them still. */
  readonly live: number;
};

type Eraser = Pick<AuditReader, "chain" | "page" | "firstFrom"> &
  AuditErasing &
  Pick<AuditSealing, "note">;

/** Entries are written while this runs: it goes on until none came in between. */
const ROUNDS_MAX = 50;
/** How many numbers stand in one entry. */
const ANNOUNCED_AT_ONCE = 100;

/**
 * Takes a person out of the audit: who they are, and every text that they wrote, that stands beside an entry
 * about their requests, or that names them. What is sealed stays as it is. Broken off, it can be done again.
 */
export async function erasePerson(
  audit: Eraser,
  key: SealKey,
  { user, label }: { user: string; label: string },
): Promise<ErasedPerson> {
  const reference = await audit.referenceOf(user);
  const tombstone = reference === undefined ? undefined : personTombstone(key, reference, label);
  const person =
    reference === undefined || tombstone === undefined
      ? {}
      : { person: reference, voucher: tombstone };
  let texts = 0;
  let scannedSeq = (await audit.chain()).checkpoint?.seq ?? 0;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const { lastSeq } = await audit.chain();
    const found: (readonly [number, string])[] = [];
    for await (const page of pagesOf(audit, scannedSeq + 1, lastSeq)) {
      found.push(...tombstonesFor(page, key, { user, reference }));
    }
    // First, so that whatever is gone later was announced, and stays vouched for when the key is another.
    for (const some of chunks(found, round === 0)) {
      const entries = some.map(([seq]) => seq).join(" ");
      await audit.note("erased", { ...person, ...(entries !== "" && { entries }) });
      await audit.eraseTexts(new Map(some));
    }
    texts += found.length;
    scannedSeq = Math.max(scannedSeq, lastSeq);
    // The person goes last: as long as they can be found, all of this can be done again.
    const erased = await audit.erasePerson(user, { scannedSeq, label, tombstone });
    if (erased !== "more") return { pseudonym: reference, texts, live: erased.live };
  }
  throw new Error("the audit was written to all the time: nothing but texts was erased");
}

function tombstonesFor(
  { rows }: Page,
  key: SealKey,
  { user, reference }: { user: string; reference: string | undefined },
): readonly (readonly [number, string])[] {
  const found: (readonly [number, string])[] = [];
  for (const { seq, entry, beside } of rows) {
    if (!beside?.startsWith("{") || entry?.beside === undefined) continue;
    const isTheirs = reference !== undefined && (entry.by === reference || entry.of === reference);
    if (isTheirs || beside.includes(user))
      found.push([seq, textsTombstone(key, seq, entry.beside)]);
  }
  return found;
}

/** `isFirst`: there is one chunk at least, for the person alone. */
function chunks<T>(items: readonly T[], isFirst: boolean): readonly (readonly T[])[] {
  const count = Math.max(Math.ceil(items.length / ANNOUNCED_AT_ONCE), isFirst ? 1 : 0);
  return Array.from({ length: count }, (_, n) =>
    items.slice(n * ANNOUNCED_AT_ONCE, (n + 1) * ANNOUNCED_AT_ONCE),
  );
}
