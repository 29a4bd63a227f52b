// What the audit tells of one person's earlier requests for one VM: what each asked for, and how it ended. Pure.

import type { AuditEntry } from "../audit/audit-entry.ts";
import type { RequestId, VmKey } from "../text/ids.ts";

/** The entries that say that somebody asked, and those that say how it ended. */
const BEGINNINGS: ReadonlySet<string> = new Set(["asked", "broke-glass"]);
const ENDINGS: ReadonlySet<string> = new Set(["denied", "cancelled", "lapsed", "failed", "ended"]);

/** Whether an entry is worth finding again by its person and VM. */
export const tellsOfRequest = (what: string): boolean => BEGINNINGS.has(what) || ENDINGS.has(what);

export type PastRequest = {
  readonly id: RequestId;
  readonly askedAtMs: number;
  readonly durationMs: number | undefined;
  /** `undefined`: it was erased, or altered. */
  readonly source: string | undefined;
  readonly wasDenied: boolean;
  /** The numbers of its entries. */
  readonly entries: readonly number[];
};

/** Those asked for since then, the oldest first. `entries`: of one person, in any order. */
export function pastRequests(
  entries: readonly AuditEntry[],
  { vm, sinceMs }: { readonly vm: VmKey; readonly sinceMs: number },
): readonly PastRequest[] {
  const byRequest = new Map<RequestId, AuditEntry[]>();
  for (const entry of entries.toSorted((one, other) => one.seq - other.seq)) {
    if (entry.request === undefined || !tellsOfRequest(entry.what)) continue;
    byRequest.set(entry.request, [...(byRequest.get(entry.request) ?? []), entry]);
  }
  return [...byRequest].flatMap(([id, its]) => {
    const asked = its.find(({ what }) => BEGINNINGS.has(what));
    if (asked === undefined || asked.atMs < sinceMs || !isOn(asked, vm)) return [];
    const { durationMs, source } = asked.detail;
    return [
      {
        id,
        askedAtMs: asked.atMs,
        durationMs: typeof durationMs === "number" ? durationMs : undefined,
        source: typeof source === "string" ? source : undefined,
        wasDenied: its.some(({ what }) => what === "denied"),
        entries: its.map(({ seq }) => seq),
      },
    ];
  });
}

/** Entries are found by resource group and name: another subscription can have the same. */
const isOn = ({ detail }: AuditEntry, vm: VmKey): boolean =>
  typeof detail.vm === "string" && detail.vm.toLowerCase() === vm;
