// An audit for the tests: on a real Redis whose clock the test moves, or made up of rows.

import { randomUUID } from "node:crypto";
import { beforeEach } from "vitest";
import { redisAudit } from "../../src/adapters/redis/audit/audit-repository.ts";
import {
  type Era,
  genesisSeal,
  type SealKey,
  sealKey,
} from "../../src/domain/audit/audit-chain.ts";
import { type About, lineOf, type Sealed } from "../../src/domain/audit/audit-entry.ts";
import type { Known, Mark, Row } from "../../src/domain/audit/audit-row.ts";
import type { Chain } from "../../src/domain/audit/links.ts";
import type { Report } from "../../src/domain/audit/verify-audit.ts";
import { marked, nonceAt } from "../../src/domain/audit/writer-mark.ts";
import type { AuditNote } from "../../src/domain/request/moved.ts";
import { auditTell } from "../../src/flows/audit/audit-news.ts";
import { auditSealer, type Sealer } from "../../src/flows/audit/audit-sealer.ts";
import { verifyAudit } from "../../src/flows/audit/audit-walk.ts";
import type { AuditRepository } from "../../src/ports/storage/audit.ts";
import { type Bench, benchPerFile, quietLog, TENANT } from "../adapters/redis/with-store.ts";
import { aPolicy, HOUR } from "./requests.ts";

export const KEY = sealKey("k".repeat(32));
export const OTHER_KEY = sealKey("another key of the audit seal");

type Logged = { readonly facts: Record<string, unknown>; readonly text: string };

export type AuditBench = {
  readonly bench: Bench;
  readonly audit: AuditRepository;
  /** A second replica's. */
  readonly other: AuditRepository;
  readonly logged: Logged[];
  /** How long entries waited, at each look of a sealer. */
  readonly waited: number[];
  advance(ms: number): void;
  /** How far its clock was moved. */
  offsetMs(): number;
  sealer(options?: {
    audit?: AuditRepository;
    worker?: string;
    key?: SealKey;
    keysBefore?: readonly SealKey[];
    keepForMs?: number;
    copiedUntil?: () => Promise<number>;
  }): Sealer;
  /** Seals everything, until nothing is left. */
  seal(options?: Parameters<AuditBench["sealer"]>[0]): Promise<void>;
  /** The audit of a workspace, marked with another key. */
  auditWith(key: SealKey, tenant?: string): AuditRepository;
  verifyStored(audit: AuditRepository, keys?: readonly SealKey[]): Promise<Report>;
  verify(keys?: readonly SealKey[], head?: { seq: number; seal: string }): Promise<Report>;
  /** Refers to a key of the tenant. */
  key(name: string): string;
};

export function auditBench(): AuditBench {
  const bench = benchPerFile({}, KEY);
  let offsetMs = 0;
  const logged: Logged[] = [];
  const waited: number[] = [];
  beforeEach(() => {
    offsetMs = 0;
    logged.length = 0;
    waited.length = 0;
  });
  const nowMs = () => Date.now() + offsetMs;
  const options = { tenant: TENANT, clockOffsetMs: () => offsetMs, writer: { key: KEY, nowMs } };
  const keep = (facts: object, text: string) =>
    void logged.push({ facts: facts as Record<string, unknown>, text });
  const log = { ...quietLog, info: keep, warn: keep, error: keep };
  const made: AuditBench = {
    bench,
    get audit() {
      return redisAudit(bench.redis, options);
    },
    get other() {
      return redisAudit(bench.redis, options);
    },
    logged,
    waited,
    advance: (ms) => {
      offsetMs += ms;
      bench.advance(ms);
    },
    offsetMs: () => offsetMs,
    sealer: ({
      audit,
      worker = "w1",
      key = KEY,
      keysBefore = [],
      keepForMs = 400 * 24 * HOUR,
      copiedUntil,
    } = {}) =>
      auditSealer({
        audit: audit ?? made.audit,
        clock: { nowMs: () => 0, monotonicMs: () => offsetMs, sleep: untilAborted },
        log,
        key,
        keysBefore,
        tenant: TENANT,
        worker,
        keepForMs: () => keepForMs,
        copiedUntil,
        tell: auditTell(
          { ...bench.store, onCommitted: () => undefined },
          { policy: () => aPolicy(), log, draw: randomUUID },
        ),
        onUnsealed: (ms) => void waited.push(ms),
      }),
    seal: async (how) => {
      const sealer = made.sealer(how);
      while (await sealer.round());
      await sealer.round();
      await sealer.stop(1_000);
    },
    auditWith: (key, tenant = TENANT) =>
      redisAudit(bench.redis, { ...options, tenant, writer: { key, nowMs } }),
    verifyStored: (audit, keys = [KEY]) => verifyAudit(audit, keys),
    verify: (keys = [KEY], head) => verifyAudit(made.audit, keys, head),
    key: (name) => `{jit:${TENANT}}:${name}`,
  };
  return made;
}

/** Nobody has to wait: what sleeps is woken when it is to stop. */
const untilAborted = (_ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal?.aborted) done();
    signal?.addEventListener("abort", () => done(), { once: true });
  });

/** Entries as the script would write them, with their seals: for what needs no Redis. */
export function rowsFor(
  notes: readonly { note: AuditNote; about?: About }[],
  key: SealKey = KEY,
): { chain: Chain; rows: Row[]; people: Map<string, Known> } {
  const people = new Map<string, Known>();
  const references = new Map<string, string>();
  let salts = 0;
  let seal = genesisSeal(TENANT);
  const rows = notes.map(({ note, about = {} }, n): Row => {
    const seq = n + 1;
    const made = lineOf(note, about, () => `salt${++salts}`, nonceAt(1_000 * seq, `n${seq}`));
    const line = marked(made, "entry", { key, tenant: TENANT });
    const refer = (person: typeof line.by) => {
      if (person === undefined) return undefined;
      const known = references.get(person.user) ?? person.reference;
      if (!references.has(person.user)) people.set(known, person);
      references.set(person.user, known);
      return known;
    };
    const [by, of] = [refer(line.by), refer(line.of)];
    const head = JSON.stringify({ seq, atMs: 1_000 * seq, by, of }).slice(0, -1);
    const text = `${head},${line.rest}`;
    seal = key.seal(seal, text);
    const mark = JSON.parse(line.mark ?? "") as Mark;
    return { seq, text, entry: JSON.parse(text) as Sealed, seal, beside: line.beside, mark };
  });
  const eras: Era[] = [{ fromSeq: 1, fingerprint: key.fingerprint }];
  return {
    chain: {
      tenant: TENANT,
      eras,
      checkpoint: undefined,
      lastSeq: rows.length,
      nowMs: 1_000 * rows.length,
    },
    rows,
    people,
  };
}
