// The chain: every entry is sealed together with the seal before it, so that none can be changed later.

import { createHash, createHmac } from "node:crypto";

/** The fingerprint of a chain that is sealed without a key: anybody can make such seals. */
export const UNKEYED = "unkeyed";

export type SealKey = {
  /** Tells keys apart without telling anything about them. */
  readonly fingerprint: string;
  /** `entry`: verbatim as it is stored. */
  seal(previous: string, entry: string): string;
  /** Proves that a holder of the key wrote `text`. */
  vouch(text: string): string;
};

/** 256 bits in base64url. What is vouched for has a colon in front, which no seal has: neither passes for the other. */
export function sealKey(secret: string | undefined): SealKey {
  const made = (text: string) =>
    (secret === undefined ? createHash("sha256") : createHmac("sha256", secret))
      .update(text)
      .digest("base64url");
  const vouch = (text: string) => made(`jit-audit:${text}`);
  return {
    fingerprint: secret === undefined ? UNKEYED : vouch("key").slice(0, 12),
    seal: (previous, entry) => made(previous + entry),
    vouch,
  };
}

/** What the first entry of a workspace is sealed with. */
export const genesisSeal = (tenant: string): string =>
  createHash("sha256").update(`jit-audit:${tenant}`).digest("base64url");

/** From which entry on which key seals: a new one doesn't break the chain. */
export type Era = { readonly fromSeq: number; readonly fingerprint: string };

export const eraOf = (eras: readonly Era[], seq: number): Era | undefined =>
  eras.findLast((era) => era.fromSeq <= seq);

/** More changes of the key aren't remembered: each is in the audit, too. */
const ERAS_MAX = 50;

export function withEra(eras: readonly Era[], next: Era): readonly Era[] {
  const before = eras.filter((era) => era.fromSeq < next.fromSeq);
  return [...before, next].slice(-ERAS_MAX);
}

/** The last sealed entry. */
export type Head = { readonly seq: number; readonly seal: string };

/** Where the chain begins after its older part was deleted; vouched for by the key of that time. */
export type Checkpoint = Head & {
  readonly atMs: number;
  readonly fingerprint: string;
  readonly voucher: string;
};

/** Bound to the workspace: with one key for two of them, one's doesn't pass for the other's. */
export function checkpointAt(
  key: SealKey,
  { tenant, head: { seq, seal } }: { readonly tenant: string; readonly head: Head },
  atMs: number,
): Checkpoint {
  const voucher = key.vouch(`checkpoint ${tenant} ${seq} ${seal} ${atMs}`);
  return { seq, seal, atMs, fingerprint: key.fingerprint, voucher };
}

/** Whether the holder of `key` made it, even with a version that didn't bind it to the workspace. */
export function isGenuine(key: SealKey, tenant: string, checkpoint: Checkpoint): boolean {
  const { seq, seal, atMs, voucher } = checkpoint;
  return (
    checkpointAt(key, { tenant, head: checkpoint }, atMs).voucher === voucher ||
    key.vouch(`checkpoint ${seq} ${seal} ${atMs}`) === voucher
  );
}

/** What stands in the place of erased texts: `hash` is what the entry holds of them. */
export const textsTombstone = (key: SealKey, seq: number, hash: string): string =>
  key.vouch(`erased ${seq} ${hash}`);

/** As a version wrote it that bound it to the number alone. */
export const textsTombstoneBefore = (key: SealKey, seq: number): string =>
  key.vouch(`erased ${seq}`);

/** What vouches for the erasure of a person, and for the label in their place. */
export const personTombstone = (key: SealKey, reference: string, label: string): string =>
  key.vouch(`erased ${reference} ${label}`);
