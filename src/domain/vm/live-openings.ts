// The ports that live JIT requests keep open: what JIT's allow rules are held against.

import { MINUTE_MS } from "../text/duration.ts";
import type { VmKey } from "../text/ids.ts";
import type { LivePort } from "./exposure/exposure.ts";
import type { JitEntry } from "./vm.ts";

/** Azure takes a rule away some minutes after its end. */
const REMOVED_WITHIN_MS = 5 * MINUTE_MS;

export type LivePorts = ReadonlyMap<VmKey, readonly LivePort[]>;

/** Adds those of one policy to `found`. */
export function addLivePorts(
  found: Map<VmKey, LivePort[]>,
  entries: readonly JitEntry[],
  nowMs: number,
): void {
  for (const entry of entries) {
    if (!isLive(entry, nowMs)) continue;
    const known = found.get(entry.vm) ?? [];
    known.push({ port: entry.port, source: entry.source });
    found.set(entry.vm, known);
  }
}

/** One that came to its end is revoked, too, and its rule goes soon; one revoked before has no rule any more. */
const isLive = ({ status, endsAtMs }: JitEntry, nowMs: number): boolean =>
  endsAtMs > nowMs ? !/^revoked$/i.test(status) : endsAtMs > nowMs - REMOVED_WITHIN_MS;
