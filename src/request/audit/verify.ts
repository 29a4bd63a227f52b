// Walks the chain, entry by entry, and says what is wrong with it and where. Pure.

import {
  type Checkpoint,
  type Era,
  eraOf,
  genesisSeal,
  type Head,
  isGenuine,
  personTombstone,
  type SealKey,
  textsTombstone,
  UNKEYED,
} from "./chain.ts";
import { type Detail, hashOf, referenceTo, type Sealed } from "./entry.ts";

/** One number of the audit as it is found: an entry, a seal, or both. */
export type Row = {
  readonly seq: number;
  /** Set where it does not bear a number that the bot gave. */
  readonly foreign?: string | undefined;
  readonly text?: string | undefined;
  readonly entry?: Sealed | undefined;
  readonly seal?: string | undefined;
  /** The texts, or their tombstone; `undefined`: nothing is there. */
  readonly beside?: string | undefined;
  /** The texts, decoded, where they are there. */
  readonly texts?: Detail | undefined;
};

/** What the table says about a reference. */
export type Known =
  | { readonly user: string; readonly salt: string }
  | { readonly label: string; readonly tombstone: string };

export type People = ReadonlyMap<string, Known>;

export type Finding = { readonly seq: number; readonly say: string };

export type Report = {
  /** The first findings, in order; there may be more. */
  readonly findings: readonly Finding[];
  readonly findingsCount: number;
  readonly sealed: Head | undefined;
  readonly unsealed: { readonly count: number; readonly sinceMs: number } | undefined;
  readonly checkpoint: Checkpoint | undefined;
};

export type Chain = {
  readonly tenant: string;
  readonly eras: readonly Era[];
  readonly checkpoint: Checkpoint | undefined;
  /** The last number that was given. */
  readonly lastSeq: number;
};

const FINDINGS_MAX = 20;

export type Walk = {
  take(rows: readonly Row[], people: People): void;
  finish(): Report;
};

/** `keys`: those that are known, the present one first. `head`: from the log, to be met on the way. */
export function walkChain(chain: Chain, keys: readonly SealKey[], head?: Head): Walk {
  const { checkpoint, eras, tenant } = chain;
  const findings: Finding[] = [];
  let findingsCount = 0;
  let next = (checkpoint?.seq ?? 0) + 1;
  let seal = checkpoint?.seal ?? genesisSeal(tenant);
  let sealed: Head | undefined = checkpoint;
  let unsealed: { from: number; count: number; sinceMs: number } | undefined;
  /** What the seal before should have been, where it was not. */
  let doubted: { seq: number; seal: string } | undefined;
  const unknownKeys = new Set<string>();

  const find = (seq: number, say: string) => {
    findingsCount++;
    if (findings.length < FINDINGS_MAX) findings.push({ seq, say });
  };
  const keyOf = (seq: number): SealKey | undefined => {
    const fingerprint = eraOf(eras, seq)?.fingerprint ?? UNKEYED;
    const key = keys.find((one) => one.fingerprint === fingerprint);
    if (key === undefined && !unknownKeys.has(fingerprint)) {
      unknownKeys.add(fingerprint);
      find(seq, otherKey(fingerprint, seq));
    }
    return key;
  };

  beginning({ chain, keys, find });

  const check = (row: Row & { text: string; seal: string }, isAfterGap: boolean) => {
    const key = keyOf(row.seq);
    if (key === undefined) return;
    const right = key.seal(seal, row.text);
    if (row.seal === right) {
      doubted = undefined;
      return;
    }
    const before = doubted;
    doubted = { seq: row.seq, seal: right };
    if (isAfterGap) return;
    if (before?.seq === row.seq - 1 && key.seal(before.seal, row.text) === row.seal) {
      // The entry before was right, and what did not fit was the seal that is stored for it.
      doubted = undefined;
      const index = findings.findIndex((one) => one.say === wasAltered(before.seq));
      if (index >= 0) findings[index] = { seq: before.seq, say: sealAltered(before.seq) };
      return;
    }
    find(row.seq, wasAltered(row.seq));
  };

  const takeOne = (row: Row, people: People) => {
    if (row.foreign !== undefined) {
      return find(
        row.seq,
        `an entry numbered ${row.foreign} was inserted: the bot gives no such numbers`,
      );
    }
    if (row.seq < next) {
      return find(row.seq, `entry ${row.seq} was put back: entries before ${next} were deleted`);
    }
    let isAfterGap = false;
    if (row.seq > next) {
      find(next, `${range(next, row.seq - 1)} missing`);
      isAfterGap = true;
    }
    next = row.seq + 1;
    if (row.seal === undefined) {
      unsealed ??= { from: row.seq, count: 0, sinceMs: row.entry?.atMs ?? 0 };
      unsealed.count++;
    } else {
      if (unsealed !== undefined) {
        const until = unsealed.from + unsealed.count - 1;
        find(unsealed.from, `the seal of ${range(unsealed.from, until)} missing`);
        isAfterGap = true;
        unsealed = undefined;
      }
      if (row.text === undefined)
        find(row.seq, `${range(row.seq, row.seq)} missing, its seal is there`);
      else check({ ...row, text: row.text, seal: row.seal }, isAfterGap);
      seal = row.seal;
      sealed = { seq: row.seq, seal };
    }
    if (head?.seq === row.seq && row.seal !== head.seal) {
      find(row.seq, `entry ${row.seq} is not what --head says: it or one before it was altered`);
    }
    const wrong = row.entry === undefined ? undefined : besideFault(row, row.entry, people);
    if (wrong !== undefined) find(row.seq, wrong);
  };

  const besideFault = (row: Row, entry: Sealed, people: People): string | undefined => {
    for (const reference of [entry.by, entry.of]) {
      if (reference === undefined) continue;
      const wrong = personFault(people.get(reference), reference, keys);
      if (wrong !== undefined) return `entry ${row.seq}: ${wrong}`;
    }
    return textsFault(row, entry, keys);
  };

  return {
    take: (rows, people) => {
      for (const row of rows) takeOne(row, people);
    },
    finish: () => {
      if (next <= chain.lastSeq) find(next, `${range(next, chain.lastSeq)} missing at the end`);
      if (head !== undefined && head.seq > (sealed?.seq ?? 0)) {
        const last = sealed?.seq ?? 0;
        find(last + 1, `${range(last + 1, head.seq)} missing: --head says that they were sealed`);
      }
      if (head !== undefined && checkpoint !== undefined && head.seq < checkpoint.seq) {
        find(
          head.seq,
          `--head cannot be compared: entries up to ${checkpoint.seq} were deleted as too old`,
        );
      }
      if (head !== undefined && head.seq === checkpoint?.seq && head.seal !== checkpoint.seal) {
        find(head.seq, `the checkpoint at ${head.seq} is not what --head says`);
      }
      return { findings, findingsCount, sealed, unsealed, checkpoint };
    },
  };
}

type Beginning = {
  readonly chain: Chain;
  readonly keys: readonly SealKey[];
  readonly find: (seq: number, say: string) => void;
};

/** What can be said before the first entry: the checkpoint, and whether the key was taken away. */
function beginning({ chain: { checkpoint, eras }, keys, find }: Beginning): void {
  const newest = eras.at(-1);
  if (newest?.fingerprint === UNKEYED && keys.some((key) => key.fingerprint !== UNKEYED)) {
    find(
      newest.fromSeq,
      `from entry ${newest.fromSeq} on the chain is sealed without a key, although AUDIT_KEY is set: ` +
        "anybody who can write to Redis could have made it",
    );
  }
  if (checkpoint === undefined) return;
  const key = keys.find((one) => one.fingerprint === checkpoint.fingerprint);
  if (key === undefined) {
    find(checkpoint.seq, otherKey(checkpoint.fingerprint, checkpoint.seq));
  } else if (!isGenuine(key, checkpoint)) {
    find(
      checkpoint.seq,
      `the checkpoint at ${checkpoint.seq} was altered: the bot did not write it`,
    );
  }
}

const otherKey = (fingerprint: string, seq: number): string =>
  `from ${seq} on the chain is sealed with another key (fingerprint ${fingerprint}): ` +
  "AUDIT_KEY is not that one, so that part cannot be verified";

function personFault(
  known: Known | undefined,
  reference: string,
  keys: readonly SealKey[],
): string | undefined {
  if (known === undefined) return `the person ${reference} is not known, though nobody erased them`;
  if ("user" in known) {
    return referenceTo(known.user, known.salt) === reference
      ? undefined
      : `the person ${reference} was made somebody else: ${known.user}`;
  }
  return keys.some((key) => personTombstone(key, reference, known.label) === known.tombstone)
    ? undefined
    : `the person ${reference} was erased by somebody without the key`;
}

function textsFault(row: Row, entry: Sealed, keys: readonly SealKey[]): string | undefined {
  if (entry.beside === undefined) return undefined;
  if (row.beside === undefined) {
    return `the texts beside entry ${row.seq} are missing, though nobody erased them`;
  }
  if (hashOf(row.beside) === entry.beside) return undefined;
  return keys.some((key) => textsTombstone(key, row.seq) === row.beside)
    ? undefined
    : `the texts beside entry ${row.seq} were altered`;
}

const wasAltered = (seq: number): string => `entry ${seq} was altered: its seal does not fit`;
const sealAltered = (seq: number): string =>
  `the seal of entry ${seq} was altered; the entry itself is as it was sealed`;

const range = (from: number, until: number): string =>
  from === until ? `entry ${from} is` : `entries ${from} to ${until} are`;
