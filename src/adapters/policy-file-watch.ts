// Watches the policy file by reading it: that works with exchanged symbolic links (as Kubernetes' ConfigMaps
// are), with editors that save by renaming, and on network file systems, of whose changes nobody is told.

import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { repeating, type Service } from "../ports/service.ts";

/** What the file held, as soon as it has held it for two looks in a row. */
export type SettledFile =
  | { readonly hash: string; readonly text: string }
  /** Why it couldn't be read: `ENOENT`, `EACCES`, … */
  | { readonly unreadable: string };

export type WatchOptions = {
  readonly path: string;
  /** For the log, where it isn't the policy file. */
  readonly what?: string;
  /** SHA-256 of the text that is known already, hex. */
  readonly knownHash: string;
  readonly clock: Pick<Clock, "sleep">;
  /** Called once for each change, in order. */
  readonly onChange: (file: SettledFile) => void;
  readonly log: Pick<Log, "error">;
};

/** Two looks and a bit: in force within three seconds of the last write. */
const LOOK_EVERY_MS = 1_000;

/** Larger ones are refused anyway, and aren't to be read every second. */
const FILE_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Half a file can be a valid policy with rules missing: so a change counts
 * only when two looks, a second apart, have found the same text.
 */
export function watchPolicyFile(options: WatchOptions): Service {
  const { path, what = "the policy file", clock, onChange, log } = options;
  let known = options.knownHash;
  let unsettled: string | undefined;
  const round = async (stopping: AbortSignal): Promise<number> => {
    const file = await look(path);
    const seen = "hash" in file ? file.hash : file.unreadable;
    const settled = seen === unsettled;
    unsettled = seen === known ? undefined : seen;
    if (stopping.aborted || unsettled === undefined || !settled) return LOOK_EVERY_MS;
    known = seen;
    unsettled = undefined;
    onChange(file);
    return LOOK_EVERY_MS;
  };
  const failed = (thrown: unknown): number => {
    log.error({ err: thrown }, `${what} couldn't be looked at`);
    return LOOK_EVERY_MS;
  };
  return repeating(round, { clock, firstMs: LOOK_EVERY_MS, failed });
}

async function look(path: string): Promise<SettledFile> {
  try {
    const found = await stat(path);
    // A pipe would be waited for, for ever.
    if (!found.isFile()) return { unreadable: "not a file" };
    if (found.size > FILE_BYTES_MAX) return { unreadable: "EFBIG" };
    const text = await readFile(path, "utf8");
    return { text, hash: createHash("sha256").update(text).digest("hex") };
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
    return { unreadable: typeof code === "string" ? code : "unreadable" };
  }
}
