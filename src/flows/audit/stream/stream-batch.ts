// What is sent at once: sealed entries in order, each with the seal of the one before.

import type { Head } from "../../../domain/audit/audit-chain.ts";
import type { StreamEntry } from "../../../domain/audit/stream/stream-line.ts";
import type { Next } from "../../../ports/audit-stream.ts";

export type StreamBatch = {
  readonly entries: readonly StreamEntry[];
  /** Sealed once, and gone. */
  readonly missing: readonly number[];
  readonly last: Head;
};

/** Receivers take a megabyte, and some of them less; a single entry goes however long it is. */
const CHARACTERS_MAX = 250_000;

/** `next`: not empty. */
export function batchAfter(after: Head, next: Next["entries"], team: string): StreamBatch {
  const entries: StreamEntry[] = [];
  const missing: number[] = [];
  let last = after;
  let characters = 0;
  for (const { seq, seal, text } of next) {
    characters += text?.length ?? 0;
    if (characters > CHARACTERS_MAX && entries.length > 0) break;
    if (text === undefined) missing.push(seq);
    else entries.push({ seq, text, team, before: last.seal, seal });
    last = { seq, seal };
  }
  return { entries, missing, last };
}
