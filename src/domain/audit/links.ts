// The seals, followed from one entry to the next: which fit, which don't, and what waits for one. Pure.

import { formatDuration } from "../text/duration.ts";
import {
  type Checkpoint,
  type Era,
  eraOf,
  genesisSeal,
  type Head,
  type SealKey,
  sealKey,
  UNKEYED,
} from "./audit-chain.ts";
import type { People, Row } from "./audit-row.ts";
import { createEras, type Eras } from "./eras.ts";
import { markFault } from "./writer-mark.ts";

export type Finding = { readonly seq: number; readonly say: string };
export type Find = (seq: number, say: string) => void;

export type Chain = {
  readonly tenant: string;
  /** What Redis says about keys: it helps to say which one is missing, and proves nothing. */
  readonly eras: readonly Era[];
  readonly checkpoint: Checkpoint | undefined;
  /** The last number that was given. */
  readonly lastSeq: number;
  /** Redis's clock. */
  readonly nowMs: number;
  /** The first entry that isn't sealed. */
  readonly waiting?: { readonly seq: number; readonly atMs: number } | undefined;
};

/** How many are shown. */
export const FINDINGS_MAX = 20;

/** Entries are sealed within seconds: what waits for longer, somebody or something keeps from it. */
export const UNSEALED_MAX_MS = 60_000;

export type Tools = {
  readonly chain: Chain;
  readonly keys: readonly SealKey[];
  readonly find: Find;
};
type Sealing = { readonly seq: number; readonly text: string; readonly seal: string };
type Waiting = { from: number; count: number; sinceMs: number; faults: Finding[] };

/** Follows the seals from one entry to the next. */
export function linkWalk({ chain, keys, find }: Tools) {
  const { checkpoint, tenant } = chain;
  const plain = keys.find((key) => key.fingerprint === UNKEYED) ?? sealKey(undefined);
  const eras = createEras(keys, plain, find);
  const others = otherKeys({ chain, keys, find });
  const unsealed = unsealedRun({ chain, keys, find });
  let seal = checkpoint?.seal ?? genesisSeal(tenant);
  let sealed: Head | undefined = checkpoint;
  /** An entry whose seal didn't fit, with the seal before it. */
  let doubted: { seq: number; text: string; previous: string } | undefined;

  const settle = () => {
    if (doubted !== undefined) find(doubted.seq, wasAltered(doubted.seq));
    doubted = undefined;
  };

  const check = ({ seq, text, seal: its }: Sealing, isAfterGap: boolean) => {
    const key = eras.keyOf(seal, text, its);
    if (key !== undefined) {
      eras.sealedBy(seq, key);
      return settle();
    }
    if (doubted?.seq === seq - 1 && isOnlySeal(eras, [...keys, plain], doubted, { text, its })) {
      // The entry before was right, and what didn't fit was the seal that is stored for it.
      find(seq - 1, sealAltered(seq - 1));
      doubted = undefined;
      return;
    }
    settle();
    if (!others.isUnder(seq) && !isAfterGap) doubted = { seq, text, previous: seal };
  };

  return {
    take: (row: Row, people: People, isGap: boolean) => {
      if (row.seal === undefined) return unsealed.add(row, people);
      const its = row.seal;
      const follows = () => eras.keyOf(seal, row.text ?? "", its) !== undefined;
      const isAfterGap = unsealed.endBefore(follows) || isGap;
      if (row.text === undefined)
        find(row.seq, `${range(row.seq, row.seq)} missing, its seal is there`);
      else check({ seq: row.seq, text: row.text, seal: its }, isAfterGap);
      seal = its;
      sealed = { seq: row.seq, seal };
    },
    finish: (vouchedUntil: number) => {
      settle();
      eras.finish(vouchedUntil);
      return { sealed, unsealed: unsealed.finish() };
    },
  };
}

/** Entries without a seal that follow one another: they wait for one, or a sealed entry comes after them. */
function unsealedRun({ chain, keys, find }: Tools) {
  const { tenant } = chain;
  const isKeyed = keys[0]?.fingerprint !== UNKEYED;
  let waiting: Waiting | undefined;

  return {
    add: (row: Row, people: People): void => {
      const atMs = row.entry?.atMs ?? Number.POSITIVE_INFINITY;
      waiting ??= { from: row.seq, count: 0, sinceMs: atMs, faults: [] };
      waiting.count++;
      waiting.sinceMs = Math.min(waiting.sinceMs, atMs);
      const fault = isKeyed ? markFault(row, people, { keys, tenant }) : undefined;
      if (fault !== undefined && waiting.faults.length < FINDINGS_MAX) {
        waiting.faults.push({ seq: row.seq, say: `entry ${row.seq} isn't the bot's: ${fault}` });
      }
    },
    /**
     * A sealed entry comes next: these were passed over as not the bot's if its seal `follows` on the last one,
     * and have lost their seals if not. Answers whether there were any.
     */
    endBefore: (follows: () => boolean): boolean => {
      if (waiting === undefined) return false;
      const until = waiting.from + waiting.count - 1;
      const them = follows()
        ? `${range(waiting.from, until)} not sealed, although later entries are: the bot couldn't verify that it wrote them`
        : `the seal of ${range(waiting.from, until)} missing`;
      find(waiting.from, them);
      waiting = undefined;
      return true;
    },
    finish: () => {
      for (const { seq, say } of waiting?.faults ?? []) find(seq, say);
      return waiting && unsealedOf(waiting, chain, find);
    },
  };
}

function unsealedOf({ from, count, sinceMs }: Waiting, { nowMs }: Chain, find: Find) {
  const forMs = nowMs - sinceMs;
  if (forMs > UNSEALED_MAX_MS) {
    const them = count === 1 ? `entry ${from} has` : `${count} entries, from ${from} on, have`;
    find(
      from,
      `${them} not been sealed for ${formatDuration(Math.floor(forMs / 1_000) * 1_000)}: no replica of the bot is sealing, or something prevents it`,
    );
  }
  return { from, count, sinceMs };
}

/** Whether, with another seal for the entry before, both fit. */
function isOnlySeal(
  eras: Eras,
  keys: readonly SealKey[],
  before: { readonly text: string; readonly previous: string },
  { text, its }: { readonly text: string; readonly its: string },
): boolean {
  return keys.some((key) => eras.keyOf(key.seal(before.previous, before.text), text, its));
}

/** Keys that Redis names and that aren't known here: each is said once, and what it sealed isn't verified. */
function otherKeys({ chain: { eras }, keys, find }: Tools) {
  const said = new Set<string>();
  return {
    isUnder: (seq: number): boolean => {
      const fingerprint = eraOf(eras, seq)?.fingerprint;
      if (fingerprint === undefined || fingerprint === UNKEYED) return false;
      if (keys.some((one) => one.fingerprint === fingerprint)) return false;
      if (!said.has(fingerprint)) find(seq, otherKey(fingerprint, seq));
      said.add(fingerprint);
      return true;
    },
  };
}

export const otherKey = (fingerprint: string, seq: number): string =>
  `from ${seq} on the chain is sealed with another key (fingerprint ${fingerprint}): ` +
  "AUDIT_KEY isn't that one, so that part can't be verified";

const wasAltered = (seq: number): string => `entry ${seq} was altered: its seal doesn't fit`;
const sealAltered = (seq: number): string =>
  `the seal of entry ${seq} was altered; the entry itself is as it was sealed`;

export const range = (from: number, until: number): string =>
  from === until ? `entry ${from} is` : `entries ${from} to ${until} are`;
