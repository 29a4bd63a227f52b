// Walks the chain, entry by entry, and says what is wrong with it and where. Pure.

import { type Checkpoint, type Head, isGenuine, type SealKey, UNKEYED } from "./audit-chain.ts";
import type { People, Row } from "./audit-row.ts";
import { besideCheck } from "./audit-tables.ts";
import {
  type Chain,
  FINDINGS_MAX,
  type Find,
  type Finding,
  linkWalk,
  otherKey,
  range,
  type Tools,
} from "./links.ts";
import { createNonces } from "./nonces.ts";

export type Report = {
  /** The first findings, in order; there may be more. */
  readonly findings: readonly Finding[];
  readonly findingsCount: number;
  readonly sealed: Head | undefined;
  readonly unsealed: { readonly count: number; readonly sinceMs: number } | undefined;
  readonly checkpoint: Checkpoint | undefined;
};

export type Walk = {
  take(rows: readonly Row[], people: People): void;
  finish(): Report;
};

/** `keys`: those that vouch, the present one first. `head`: from the log, to be met on the way. */
export function walkChain(chain: Chain, keys: readonly SealKey[], head?: Head): Walk {
  const { checkpoint } = chain;
  const findings: Finding[] = [];
  let findingsCount = 0;
  const find = (seq: number, say: string) => {
    findingsCount++;
    // What is found at the end may belong to the front.
    if (findings.length < 2 * FINDINGS_MAX) findings.push({ seq, say });
  };
  let next = (checkpoint?.seq ?? 0) + 1;
  let vouchedUntil = 0;
  const links = linkWalk({ chain, keys, find });
  const beside = besideCheck(keys);
  const nonces = createNonces();
  checkpointFault({ chain, keys, find });

  const takeOne = (row: Row, people: People) => {
    const { seq, entry } = row;
    if (row.foreign !== undefined) {
      const say = `an entry numbered ${row.foreign} was inserted: the bot doesn't number entries like that`;
      return find(seq, say);
    }
    if (seq < next) {
      return find(seq, `entry ${seq} was put back: entries before ${next} were deleted`);
    }
    if (seq > next) find(next, `${range(next, seq - 1)} missing`);
    links.take(row, people, seq > next);
    next = seq + 1;
    if (head?.seq === seq) {
      if (row.seal === head.seal) vouchedUntil = seq;
      else find(seq, `entry ${seq} isn't what --head says: it or one before it was altered`);
    }
    if (entry === undefined) return;
    const copied = entry.nonce === undefined ? undefined : nonces(seq, entry.nonce);
    if (copied !== undefined) find(seq, `entry ${seq} is a copy of entry ${copied}`);
    const wrong = beside.take(row, entry, people);
    if (wrong !== undefined) find(seq, wrong);
  };

  return {
    take: (rows, people) => {
      for (const row of rows) takeOne(row, people);
    },
    finish: () => {
      if (next <= chain.lastSeq) find(next, `${range(next, chain.lastSeq)} missing at the end`);
      const { sealed, unsealed } = links.finish(vouchedUntil);
      if (head !== undefined) headFaults({ head, sealed, checkpoint, find });
      for (const { seq, say } of beside.finish()) find(seq, say);
      const inOrder = findings.toSorted((a, b) => a.seq - b.seq).slice(0, FINDINGS_MAX);
      return { findings: inOrder, findingsCount, sealed, unsealed, checkpoint };
    },
  };
}

/** What can be said of the checkpoint before the first entry. */
function checkpointFault({ chain: { checkpoint, tenant }, keys, find }: Tools): void {
  if (checkpoint === undefined) return;
  const { seq, fingerprint } = checkpoint;
  const key = keys.find((one) => one.fingerprint === fingerprint);
  if (key === undefined) {
    const unkeyed = `the checkpoint at ${seq} was made without the key: anybody who can write to Redis could have deleted what was before it`;
    find(seq, fingerprint === UNKEYED ? unkeyed : otherKey(fingerprint, seq));
  } else if (!isGenuine(key, tenant, checkpoint)) {
    find(seq, `the checkpoint at ${seq} was altered: the bot didn't write it`);
  } else if (key !== keys[0]) {
    find(
      seq,
      `the checkpoint at ${seq} was made with an old key (fingerprint ${fingerprint}): nobody with AUDIT_KEY vouches for what was deleted before it`,
    );
  }
}

type HeadFaults = {
  readonly head: Head;
  readonly sealed: Head | undefined;
  readonly checkpoint: Checkpoint | undefined;
  readonly find: Find;
};

function headFaults({ head, sealed, checkpoint, find }: HeadFaults): void {
  const last = sealed?.seq ?? 0;
  if (head.seq > last) {
    find(last + 1, `${range(last + 1, head.seq)} missing: --head says that they were sealed`);
  }
  if (checkpoint === undefined) return;
  if (head.seq < checkpoint.seq) {
    const say = `--head can't be compared: entries up to ${checkpoint.seq} were deleted as too old`;
    find(head.seq, say);
  }
  if (head.seq === checkpoint.seq && head.seal !== checkpoint.seal) {
    find(head.seq, `the checkpoint at ${head.seq} isn't what --head says`);
  }
}
