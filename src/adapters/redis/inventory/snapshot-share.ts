// The snapshot that replicas share, kept in Redis: compressed texts under their digests, and which is the newest.

import { hash, randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";
import type { Shared, SnapshotShare } from "../../../ports/storage/inventory-share.ts";
import type { Connection } from "../connection/connection.ts";
import { redisKeys } from "../scripts/keys.ts";
import { scriptRunner } from "../scripts/script.ts";
import {
  CLAIM_READING,
  DROP_TEXTS,
  KEEP_TEXTS,
  LOAD_TEXTS,
  LOOK_SHARED,
  PUBLISH,
  PUT_TEXT,
  RELEASE_READING,
} from "./snapshot-scripts.ts";

export type SnapshotShareOptions = {
  readonly tenant: string;
  /** Of how the texts are written: replicas that write otherwise don't see each other's. */
  readonly format: number;
  /** What is being looked at: replicas that look at something else don't see each other's. */
  readonly view: string;
  /** Names this replica among those that live; left out: a claim holds until it ends. */
  readonly replica?: string;
};

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Some hundred kilobytes at a time: a script's answer keeps others waiting. */
const LOADED_TOGETHER = 8;
const KEPT_TOGETHER = 200;
/** More than any text has: what would unfold to more isn't ours. */
const TEXT_BYTES_MAX = 16 * 2 ** 20;

/** Goes by Redis's real time, also in tests that move the store's: it is about Azure, not about requests. */
export function redisSnapshotShare(
  connection: Connection,
  { tenant, format, view, replica }: SnapshotShareOptions,
): SnapshotShare {
  const keys = redisKeys(tenant).snapshot(format, view);
  const run = scriptRunner(connection, () => 0);
  const reader = replica === undefined ? randomUUID() : `${replica}@picture`;
  const { shared } = keys;

  const drop = async (digests: readonly string[], isBroken: boolean): Promise<void> => {
    for (const some of portions(digests, KEPT_TOGETHER)) {
      await run(DROP_TEXTS, { keys: {}, more: some.map(keys.text), args: { isBroken } });
    }
  };

  return {
    digest,
    look: async () => sharedOf(await run(LOOK_SHARED, { keys: { shared } })),
    async load(digests) {
      const texts = new Map<string, string>();
      const broken: string[] = [];
      for (const some of portions(digests, LOADED_TOGETHER)) {
        const stored = await run(LOAD_TEXTS, { keys: {}, more: some.map(keys.text) });
        for (const [index, one] of some.entries()) {
          const packed = stored[index];
          if (typeof packed !== "string") continue;
          const text = await unpacked(packed);
          if (text !== undefined && digest(text) === one) texts.set(one, text);
          else broken.push(one);
        }
      }
      await drop(broken, true);
      return texts;
    },
    async keep(digests) {
      const missing: string[] = [];
      for (const some of portions(digests, KEPT_TOGETHER)) {
        const found = await run(KEEP_TEXTS, { keys: {}, more: some.map(keys.text) });
        missing.push(...some.filter((_, index) => found[index] !== 1));
      }
      return missing;
    },
    async put(text) {
      const packed = (await deflate(text)).toString("base64");
      await run(PUT_TEXT, { keys: { text: keys.text(digest(text)) }, text: packed });
    },
    drop: (digests) => drop(digests, false),
    claim: ({ leaseMs, isUrgent }) =>
      run(CLAIM_READING, { keys, args: { reader, leaseMs, isUrgent } }),
    publish: async (what) => (await run(PUBLISH, { keys, args: { reader, ...what } })) || undefined,
    release: async (restMs) => {
      await run(RELEASE_READING, { keys, args: { reader, restMs } });
    },
  };
}

const digest = (text: string): string => hash("sha256", text, "base64url").slice(0, 22);

function sharedOf([version, root, ...figures]: readonly string[]): Shared | undefined {
  const [ageMs, publishedAgeMs, tookMs] = figures.map(Number);
  if (version === undefined || root === undefined) return undefined;
  if (ageMs === undefined || publishedAgeMs === undefined || tookMs === undefined) return undefined;
  return { version, root, ageMs, publishedAgeMs, tookMs };
}

async function unpacked(packed: string): Promise<string | undefined> {
  try {
    const raw = Buffer.from(packed, "base64");
    return (await inflate(raw, { maxOutputLength: TEXT_BYTES_MAX })).toString();
  } catch {
    return undefined;
  }
}

const portions = (digests: readonly string[], size: number): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(digests.length / size) }, (_, index) =>
    digests.slice(index * size, (index + 1) * size),
  );
