// An audit for the tests: on a real Redis whose clock the test moves, or made up of rows.

import { beforeEach } from "vitest";
import { redisAudit } from "../../src/adapters/redis/audit-book.ts";
import { auditSealer, type Sealer } from "../../src/flows/audit-sealer.ts";
import { verifyAudit } from "../../src/flows/audit-walk.ts";
import type { AuditBook } from "../../src/ports/audit.ts";
import { type Era, genesisSeal, type SealKey, sealKey } from "../../src/request/audit/chain.ts";
import { type About, lineOf, type Sealed } from "../../src/request/audit/entry.ts";
import type { Chain, Known, Report, Row } from "../../src/request/audit/verify.ts";
import type { AuditNote } from "../../src/request/transition.ts";
import { type Bench, benchPerFile, quietLog, TENANT } from "../adapters/redis/with-store.ts";
import { HOUR } from "./requests.ts";

export const KEY = sealKey("k".repeat(32));
export const OTHER_KEY = sealKey("another key of the audit seal");

export type Logged = { readonly facts: Record<string, unknown>; readonly text: string };

export type AuditBench = {
  readonly bench: Bench;
  readonly audit: AuditBook;
  /** A second replica's. */
  readonly other: AuditBook;
  readonly logged: Logged[];
  advance(ms: number): void;
  sealer(options?: {
    audit?: AuditBook;
    worker?: string;
    key?: SealKey;
    keepForMs?: number;
  }): Sealer;
  /** Seals everything, until nothing is left. */
  seal(options?: Parameters<AuditBench["sealer"]>[0]): Promise<void>;
  verify(keys?: readonly SealKey[], head?: { seq: number; seal: string }): Promise<Report>;
  /** Refers to a key of the tenant. */
  key(name: string): string;
};

export function auditBench(): AuditBench {
  const bench = benchPerFile();
  let offsetMs = 0;
  const logged: Logged[] = [];
  beforeEach(() => {
    offsetMs = 0;
    logged.length = 0;
  });
  const options = { tenant: TENANT, clockOffsetMs: () => offsetMs };
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
    advance: (ms) => {
      offsetMs += ms;
      bench.advance(ms);
    },
    sealer: ({ audit, worker = "w1", key = KEY, keepForMs = 400 * 24 * HOUR } = {}) =>
      auditSealer({
        audit: audit ?? made.audit,
        clock: { nowMs: () => 0, monotonicMs: () => offsetMs, sleep: untilAborted },
        log,
        key,
        tenant: TENANT,
        worker,
        keepForMs: () => keepForMs,
      }),
    seal: async (how) => {
      const sealer = made.sealer(how);
      while (await sealer.round());
      await sealer.round();
      await sealer.stop(1_000);
    },
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
    const line = lineOf(note, about, () => `salt${++salts}`);
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
    return { seq, text, entry: JSON.parse(text) as Sealed, seal, beside: line.beside };
  });
  const eras: Era[] = [{ fromSeq: 1, fingerprint: key.fingerprint }];
  return {
    chain: { tenant: TENANT, eras, checkpoint: undefined, lastSeq: rows.length },
    rows,
    people,
  };
}
