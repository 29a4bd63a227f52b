// The audit as a person reads it: what became of each request, and what else happened. Pure.

import type { RequestId } from "../text/ids.ts";
import type { AuditEntry } from "./audit-entry.ts";

/** What the audit tells of one request, in the order in which it happened. */
export type AuditLife = {
  readonly id: RequestId;
  readonly requester: string | undefined;
  readonly vm: string | undefined;
  /** Its resource id; `undefined` where that is before the period. */
  readonly vmId: string | undefined;
  /** As they were asked for; empty where that is before the period, or was erased. */
  readonly ports: string;
  readonly source: string;
  readonly durationMs: number | undefined;
  readonly reason: string;
  readonly happened: readonly AuditEntry[];
  /** What Azure's Activity Log shows of it: an entry for each call to Azure. */
  readonly logged: readonly AuditEntry[];
  /** Clicks and commands about it that were refused. */
  readonly refused: number;
};

export type AuditLives = {
  /** The latest first, by what happened last. */
  readonly lives: readonly AuditLife[];
  /** What others did at Azure, the latest first. */
  readonly elsewhere: readonly AuditEntry[];
  /** How often what else happened, e.g. `policy-loaded`; refusals that are about no request among them. */
  readonly others: ReadonlyMap<string, number>;
};

const SEEN_IN_LOG = "seen-in-log";

const ELSEWHERE: ReadonlySet<string> = new Set([
  "opened-elsewhere",
  "jit-policy-changed-elsewhere",
  "jit-policy-deleted-elsewhere",
]);

/** Bookkeeping between the bot and Azure, which files have and people need not read. */
const QUIET: ReadonlySet<string> = new Set(["azure-accepted", "warned", "refused", SEEN_IN_LOG]);

/** `entries`: the newest first, as they are read. */
export function livesIn(entries: readonly AuditEntry[]): AuditLives {
  const byRequest = new Map<RequestId, AuditEntry[]>();
  const others = new Map<string, number>();
  const elsewhere = entries.filter(({ what }) => ELSEWHERE.has(what));
  for (const entry of entries) {
    if (ELSEWHERE.has(entry.what)) continue;
    if (entry.request === undefined) {
      others.set(entry.what, (others.get(entry.what) ?? 0) + timesOf(entry));
      continue;
    }
    const known = byRequest.get(entry.request);
    if (known === undefined) byRequest.set(entry.request, [entry]);
    else known.push(entry);
  }
  const lives = [...byRequest].map(([id, its]) => lifeOf(id, its.toReversed()));
  return { lives, elsewhere, others };
}

/** A flood of refusals is one entry, which says how many it stands for. */
const timesOf = ({ detail }: AuditEntry): number =>
  typeof detail.times === "number" ? detail.times : 1;

function lifeOf(id: RequestId, entries: readonly AuditEntry[]): AuditLife {
  const asked = entries.find(({ what }) => what === "asked" || what === "broke-glass");
  const { ports, source, reason, durationMs, vm: vmId } = asked?.detail ?? {};
  return {
    id,
    requester: entries.find(({ requester }) => requester !== undefined)?.requester,
    vm: entries.find(({ vm }) => vm !== undefined)?.vm,
    vmId: typeof vmId === "string" ? vmId : undefined,
    ports: typeof ports === "string" ? ports : "",
    source: typeof source === "string" ? source : "",
    reason: typeof reason === "string" ? reason : "",
    durationMs: typeof durationMs === "number" ? durationMs : undefined,
    happened: entries.filter(({ what }) => !QUIET.has(what)),
    logged: entries.filter(({ what }) => what === SEEN_IN_LOG),
    refused: entries
      .filter(({ what }) => what === "refused")
      .reduce((sum, entry) => sum + timesOf(entry), 0),
  };
}
