// The audit in Redis: read, sealed, trimmed and erased from, each step one script.

import type { SealKey } from "../../../domain/audit/audit-chain.ts";
import { userId } from "../../../domain/text/ids.ts";
import {
  type AuditErasing,
  type AuditRepository,
  type AuditSealing,
  PAGE_MAX,
  type Placed,
  type Span,
} from "../../../ports/storage/audit.ts";
import type { Connection } from "../connection/connection.ts";
import { GIVE_LEASE } from "../leases/lease-in-key.ts";
import { type Keys, redisKeys } from "../scripts/keys.ts";
import { type Run, scriptRunner } from "../scripts/script.ts";
import type { Writer } from "../scripts/tools.ts";
import {
  decodeCheckpoint,
  decodeEras,
  decodeSealed,
  encodeCheckpoint,
  encodeEras,
  numberOf,
  peopleOf,
  rowsOf,
} from "./audit-document.ts";
import { search } from "./audit-query.ts";
import {
  CHAIN,
  ERASE_PERSON,
  ERASE_TEXTS,
  FIRST_FROM,
  PAGE,
  REFERENCE,
} from "./audit-read-scripts.ts";
import { APPEND_SEALS, FORGET_PEOPLE, LOOK_TO_SEAL, TRIM } from "./audit-seal-scripts.ts";
import { auditLine, type WriterOptions, writerOf } from "./new-entries.ts";
import { RECORD } from "./record-entry.ts";

type Tools = {
  readonly run: Run;
  readonly keys: Keys;
  readonly tenant: string;
  readonly writer: Writer;
};

export type AuditRepositoryOptions = WriterOptions & {
  /** Keys of before that vouch for pseudonyms, beside the writer's own. */
  readonly keysBefore?: readonly SealKey[];
  /** Added to Redis's clock: for tests. */
  readonly clockOffsetMs?: () => number;
};

/** The same tenant's audit as the store writes. */
export function redisAudit(
  connection: Connection,
  options: AuditRepositoryOptions,
): AuditRepository {
  const { tenant, clockOffsetMs = () => 0, keysBefore = [] } = options;
  const run = scriptRunner(connection, clockOffsetMs);
  const writer = writerOf(options);
  const tools = { run, keys: redisKeys(tenant), tenant, writer };
  const reader = reading(tools);
  return {
    ...reader,
    search: (query) => search(reader, query, { keys: [writer.key, ...keysBefore], tenant }),
    ...sealing(tools),
    ...erasing(tools),
  };
}

function reading({ run, keys, tenant }: Tools) {
  const chain = async () => {
    const [nowMs, lastSeq, eras, checkpoint, first, text] = await run(CHAIN, { keys });
    const decoded = { eras: decodeEras(eras), checkpoint: decodeCheckpoint(checkpoint) };
    return { tenant, nowMs, lastSeq, ...decoded, waiting: placed(first, text) };
  };
  const firstFrom = async (seq: number) => {
    const [id, text = ""] = await run(FIRST_FROM, { keys, args: { number: seq } });
    return id === undefined ? undefined : placed(numberOf(id), text);
  };
  const timeOf = async (seq: number): Promise<number> =>
    (await firstFrom(seq))?.atMs ?? Number.POSITIVE_INFINITY;
  return {
    chain,
    page: async ({ fromSeq, untilSeq }: Span) => {
      const last = Math.min(untilSeq, fromSeq + PAGE_MAX - 1);
      const [entries, seals, beside, marks, people] = await run(PAGE, {
        keys,
        args: { first: fromSeq, last },
      });
      return { rows: rowsOf({ entries, seals, beside, marks }), people: peopleOf(people) };
    },
    firstFrom,
    firstSince: async (atMs: number) => {
      const { lastSeq, checkpoint } = await chain();
      let low = (checkpoint?.seq ?? 0) + 1;
      let high = lastSeq + 1;
      // Numbers follow the clock, which is why halves can be left out.
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if ((await timeOf(middle)) >= atMs) high = middle;
        else low = middle + 1;
      }
      return low;
    },
  };
}

/** What can't be read, or bears a foreign number, has no time: it is as old as what is next to it. */
const placed = (seq: number, text: string): Placed | undefined =>
  seq === 0 ? undefined : { seq, atMs: decodeSealed(text)?.atMs ?? 0 };

function sealing({ run, keys, writer }: Tools): AuditSealing {
  return {
    chainEnd: async (worker, { leaseMs, isForced, knownSeq }) => {
      const args = { worker, leaseMs, forced: isForced, known: knownSeq };
      const [nowMs, holds, [seq, seal, text, before], known, first, lastSeq, eras, checkpoint] =
        await run(LOOK_TO_SEAL, { keys, args });
      return {
        nowMs,
        isMine: holds === 1,
        head: { seq, seal, text, before },
        knownSeal: known || undefined,
        waiting: placed(...first),
        lastSeq,
        eras: decodeEras(eras),
        checkpoint: decodeCheckpoint(checkpoint),
      };
    },
    appendSeals: ({ after, seals, passed, eras, checkpoint }) =>
      run(APPEND_SEALS, {
        keys,
        args: {
          after: after.seq,
          seal: after.seal,
          seals: seals.flatMap((one) => [one.seq, one.seal]),
          passed,
          keys: eras && encodeEras(eras),
          checkpoint: checkpoint && encodeCheckpoint(checkpoint),
        },
      }),
    trim: (worker, checkpoint) => {
      const { seq, seal } = checkpoint;
      const args = { worker, number: seq, seal, checkpoint: encodeCheckpoint(checkpoint) };
      return run(TRIM, { keys, args });
    },
    forgetPeople: (cursor) => run(FORGET_PEOPLE, { keys, args: { cursor } }),
    giveUp: async (worker) => {
      await run(GIVE_LEASE, { keys: { lease: keys.sealer }, args: { owner: worker } });
    },
    note: async (what, detail) => {
      const note = auditLine({ what, detail }, {}, writer);
      await run(RECORD, {
        keys: { ...keys, delivery: keys.delivery("") },
        args: { note, delivered: false },
      });
    },
  };
}

function erasing({ run, keys }: Tools): AuditErasing {
  return {
    referenceOf: async (user) => (await run(REFERENCE, { keys, args: { user } })) || undefined,
    eraseTexts: async (tombstones) => {
      if (tombstones.size === 0) return;
      await run(ERASE_TEXTS, { keys, args: { tombstones: [...tombstones].flat() } });
    },
    erasePerson: async (user, { scannedSeq, label, tombstone }) => {
      const of = userId(user);
      const [outcome, live] = await run(ERASE_PERSON, {
        keys: { ...keys, mine: keys.mine(of), live: keys.live(of), address: keys.address(of) },
        args: {
          user,
          scanned: scannedSeq,
          tombstone: tombstone === undefined ? undefined : `${tombstone} ${label}`,
        },
      });
      return outcome === "more" ? "more" : { live };
    },
  };
}
