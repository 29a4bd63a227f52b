// The audit in Redis: read, sealed, trimmed and erased from, each step one script.

import {
  type AuditBook,
  type AuditErasing,
  type AuditSealing,
  PAGE_MAX,
  type Span,
} from "../../ports/audit.ts";
import { userId } from "../../request/ids.ts";
import { auditLine } from "./audit.ts";
import {
  decodeCheckpoint,
  decodeEras,
  decodeSealed,
  encodeCheckpoint,
  encodeEras,
  numberOf,
  pairs,
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
import { APPEND_SEALS, FORGET_PEOPLE, TAKE_UNSEALED, TRIM } from "./audit-seal-scripts.ts";
import { type Keys, redisKeys } from "./keys.ts";
import { type Connection, type Run, scriptRunner } from "./script.ts";
import { RECORD, UNLOCK } from "./side-scripts.ts";

type Tools = { readonly run: Run; readonly keys: Keys; readonly tenant: string };

export type AuditBookOptions = {
  /** Slack's id of the workspace. */
  readonly tenant: string;
  /** Added to Redis's clock: for tests. */
  readonly clockOffsetMs?: () => number;
};

/** The same tenant's audit as the store writes. */
export function redisAudit(connection: Connection, options: AuditBookOptions): AuditBook {
  const { tenant, clockOffsetMs = () => 0 } = options;
  const tools = { run: scriptRunner(connection, clockOffsetMs), keys: redisKeys(tenant), tenant };
  const reader = reading(tools);
  return {
    ...reader,
    search: (query) => search(reader, query),
    ...sealing(tools),
    ...erasing(tools),
  };
}

function reading({ run, keys, tenant }: Tools) {
  const chain = async () => {
    const [lastSeq, eras, checkpoint] = await run(CHAIN, { keys });
    const decoded = { eras: decodeEras(eras), checkpoint: decodeCheckpoint(checkpoint) };
    return { tenant, lastSeq, ...decoded };
  };
  const firstFrom = async (seq: number) => {
    const [id, text = ""] = await run(FIRST_FROM, { keys, args: { number: seq } });
    if (id === undefined) return undefined;
    // What cannot be read, or bears a foreign number, has no time: it is as old as what is next to it.
    return { seq: numberOf(id), atMs: decodeSealed(text)?.atMs ?? 0 };
  };
  const timeOf = async (seq: number): Promise<number> =>
    (await firstFrom(seq))?.atMs ?? Number.POSITIVE_INFINITY;
  return {
    chain,
    page: async ({ fromSeq, untilSeq }: Span) => {
      const last = Math.min(untilSeq, fromSeq + PAGE_MAX - 1);
      const [entries, seals, beside, people] = await run(PAGE, {
        keys,
        args: { first: fromSeq, last },
      });
      return { rows: rowsOf(entries, seals, beside), people: peopleOf(people) };
    },
    oldest: () => firstFrom(0),
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

function sealing({ run, keys }: Tools): AuditSealing {
  return {
    takeUnsealed: async (worker, limits) => {
      const args = { worker, ...limits };
      const taken = await run(TAKE_UNSEALED, { keys, args });
      const [nowMs, seq, seal, eras, checkpoint, entries] = taken;
      if (nowMs === 0) return undefined;
      return {
        nowMs,
        head: { seq, seal },
        eras: decodeEras(eras),
        checkpoint: decodeCheckpoint(checkpoint),
        entries: pairs(entries).flatMap(([id, text]) =>
          // The bot gives no other numbers: what bears one is left for verification to find.
          id.endsWith("-0") ? [{ seq: numberOf(id), text }] : [],
        ),
      };
    },
    appendSeals: (worker, { after, seals, eras }) =>
      run(APPEND_SEALS, {
        keys,
        args: {
          worker,
          after: after.seq,
          seal: after.seal,
          seals: seals.flatMap((one) => [one.seq, one.seal]),
          keys: encodeEras(eras),
        },
      }),
    trim: (worker, checkpoint) => {
      const { seq, seal } = checkpoint;
      const args = { worker, number: seq, seal, checkpoint: encodeCheckpoint(checkpoint) };
      return run(TRIM, { keys, args });
    },
    forgetPeople: (cursor) => run(FORGET_PEOPLE, { keys, args: { cursor } }),
    giveUp: async (worker) => {
      await run(UNLOCK, { keys: { lock: keys.sealer }, args: { worker } });
    },
    note: async (what, detail) => {
      const note = auditLine({ what, detail }, {});
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
