// Going through the whole audit, page by page: to verify it, to export it, to erase a person from it.

import {
  type AuditErasing,
  type AuditReader,
  type AuditSealing,
  PAGE_MAX,
  type Page,
} from "../ports/audit.ts";
import {
  type Head,
  personTombstone,
  type SealKey,
  textsTombstone,
} from "../request/audit/chain.ts";
import { type Report, walkChain } from "../request/audit/verify.ts";

/** Every page from `fromSeq` to the last number that was given when it began. */
export async function* pagesOf(
  audit: Pick<AuditReader, "page">,
  fromSeq: number,
  lastSeq: number,
): AsyncGenerator<Page> {
  for (let first = fromSeq; first <= lastSeq; first += PAGE_MAX) {
    yield await audit.page({ fromSeq: first, untilSeq: Math.min(lastSeq, first + PAGE_MAX - 1) });
  }
}

/** Too old entries are deleted while this runs: then it begins again. */
const TRIMMED_MEANWHILE_MAX = 5;

/** Walks the whole chain. `keys`: the present one first, and those of before. */
export async function verifyAudit(
  audit: Pick<AuditReader, "chain" | "page" | "oldest">,
  keys: readonly SealKey[],
  head?: Head,
): Promise<Report> {
  for (let tries = 1; ; tries++) {
    const chain = await audit.chain();
    const walk = walkChain(chain, keys, head);
    // What stands before the checkpoint should not be there, and is looked at, too.
    const oldest = await audit.oldest();
    const fromSeq = Math.min(oldest?.seq ?? 1, (chain.checkpoint?.seq ?? 0) + 1);
    for await (const { rows, people } of pagesOf(audit, fromSeq, chain.lastSeq)) {
      walk.take(rows, people);
    }
    const { checkpoint } = await audit.chain();
    const isSame = checkpoint?.seq === chain.checkpoint?.seq;
    if (isSame || tries === TRIMMED_MEANWHILE_MAX) return walk.finish();
  }
}

export type ErasedPerson = {
  /** What stands in their place; `undefined`: they were in no entry. */
  readonly pseudonym: string | undefined;
  /** How many entries lost their texts. */
  readonly texts: number;
  /** Requests that are not over yet, and name them still. */
  readonly live: number;
};

type Eraser = Pick<AuditReader, "chain" | "page"> & AuditErasing & Pick<AuditSealing, "note">;

/** Entries are written while this runs: it goes on until none came in between. */
const ROUNDS_MAX = 50;

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
  // First, so that whatever is gone later was announced.
  await audit.note("erased", reference === undefined ? {} : { person: reference });
  let texts = 0;
  let scannedSeq = (await audit.chain()).checkpoint?.seq ?? 0;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const { lastSeq } = await audit.chain();
    for await (const page of pagesOf(audit, scannedSeq + 1, lastSeq)) {
      const tombstones = tombstonesFor(page, key, { user, reference });
      await audit.eraseTexts(tombstones);
      texts += tombstones.size;
    }
    scannedSeq = Math.max(scannedSeq, lastSeq);
    const tombstone = reference === undefined ? undefined : personTombstone(key, reference, label);
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
): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const { seq, entry, beside } of rows) {
    if (!beside?.startsWith("{") || entry === undefined) continue;
    const isTheirs = reference !== undefined && (entry.by === reference || entry.of === reference);
    if (isTheirs || beside.includes(user)) found.set(seq, textsTombstone(key, seq));
  }
  return found;
}
