// Which key sealed which entries, read off the seals themselves: what Redis says of that, anybody could have
// written there who can write to it. Pure, but for what it remembers.

import { type SealKey, UNKEYED } from "./audit-chain.ts";

type Find = (seq: number, say: string) => void;
type Stretch = { readonly key: SealKey; readonly fromSeq: number; untilSeq: number };

export type Eras = {
  /** The key that made the seal, if any that is known did. */
  keyOf(previous: string, text: string, seal: string): SealKey | undefined;
  sealedBy(seq: number, key: SealKey): void;
  /** `vouchedUntil`: as far as a head from the log vouches. */
  finish(vouchedUntil: number): void;
};

const NO_KEY =
  "without a key, although AUDIT_KEY is set: anybody who can write to Redis could have made";

/**
 * `keys`: the present one first. A key that another took the place of doesn't come back, and the newest
 * entries are under the present one: so nobody goes on with an old key, or with none, who has got hold of it.
 */
export function createEras(keys: readonly SealKey[], unkeyed: SealKey, find: Find): Eras {
  const [present] = keys;
  const isKeyed = present?.fingerprint !== UNKEYED;
  const known = isKeyed ? [...keys, unkeyed] : keys;
  const stretches: Stretch[] = [];
  return {
    keyOf: (previous, text, seal) => {
      const last = stretches.at(-1)?.key;
      const first = last === undefined ? known : [last, ...known.filter((one) => one !== last)];
      return first.find((key) => key.seal(previous, text) === seal);
    },
    sealedBy: (seq, key) => {
      const last = stretches.at(-1);
      if (last?.key === key) {
        last.untilSeq = seq;
        return;
      }
      // What needs no key is a finding by itself: it has taken no key's place.
      const earlier = stretches.findIndex((one) => one.key === key);
      if (
        earlier >= 0 &&
        stretches.slice(earlier).some((one) => ![key, unkeyed].includes(one.key))
      ) {
        find(
          seq,
          `from entry ${seq} on the chain is sealed with a key (fingerprint ${key.fingerprint}) that had been replaced`,
        );
      }
      stretches.push({ key, fromSeq: seq, untilSeq: seq });
    },
    finish: (vouchedUntil) => {
      const newest = stretches.at(-1);
      if (!isKeyed || newest === undefined) return;
      const { fromSeq, key } = newest;
      for (const one of stretches.slice(0, -1)) {
        if (one.key !== unkeyed || one.untilSeq <= vouchedUntil) continue;
        const them = `entries ${one.fromSeq} to ${one.untilSeq} are sealed ${NO_KEY} them`;
        find(one.fromSeq, `${them}. Only a head from the log (--head) vouches for them`);
      }
      if (key === unkeyed) {
        find(fromSeq, `from entry ${fromSeq} on the chain is sealed ${NO_KEY} it`);
      } else if (key !== present) {
        find(
          fromSeq,
          `the newest entries, from ${fromSeq} on, are sealed with an old key (fingerprint ${key.fingerprint}): nobody with AUDIT_KEY vouches for them`,
        );
      }
    },
  };
}
