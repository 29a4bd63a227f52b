// What the audit keeps in Redis, read back: entries, keys, checkpoints, people. What can't be read harms nothing.

import { z } from "zod";
import type { Checkpoint, Era } from "../../../domain/audit/audit-chain.ts";
import type { Detail, Sealed } from "../../../domain/audit/audit-entry.ts";
import type { Known, Mark, People, Row } from "../../../domain/audit/audit-row.ts";
import { requestIdSchema } from "../scripts/stored-parts.ts";

const detail = z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]));

const sealedSchema = z.object({
  seq: z.int().positive(),
  atMs: z.number(),
  by: z.string().optional(),
  of: z.string().optional(),
  nonce: z
    .string()
    .max(100)
    .regex(/^[0-9a-z]{1,11}-/)
    .optional(),
  id: requestIdSchema.optional(),
  what: z.string(),
  vm: z.string().optional(),
  detail: detail.optional(),
  beside: z.string().optional(),
});

export const decodeSealed = (text: string): Sealed | undefined => {
  const decoded = sealedSchema.safeParse(parseJson(text));
  return decoded.success ? decoded.data : undefined;
};

/** The texts beside an entry; `undefined` for a tombstone, or anything else. */
function decodeBeside(text: string | undefined): Detail | undefined {
  if (!text?.startsWith("{")) return undefined;
  const decoded = detail.safeParse(parseJson(text));
  if (!decoded.success) return undefined;
  const { salt: _, ...texts } = decoded.data;
  return texts;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const markSchema = z.object({
  key: z.string(),
  by: z.string().optional(),
  of: z.string().optional(),
  mac: z.string(),
});

const decodeMark = (text: string | undefined): Mark | undefined =>
  text === undefined ? undefined : markSchema.safeParse(parseJson(text)).data;

type Found = {
  readonly entries: readonly string[];
  readonly seals: readonly string[];
  readonly beside: readonly string[];
  readonly marks: readonly string[];
};

/** Pairs of id and entry, of id and seal, of number and what stands beside or proves it: by number, in order. */
export function rowsOf({ entries, seals, beside, marks }: Found): readonly Row[] {
  const rows = new Map<number, Row>();
  const foreign: Row[] = [];
  const besides = new Map(pairs(beside));
  const markOf = new Map(pairs(marks));
  for (const [id, text] of pairs(entries)) {
    const seq = numberOf(id);
    if (!id.endsWith("-0")) {
      foreign.push({ seq, foreign: id });
      continue;
    }
    const besideIt = besides.get(String(seq));
    const texts = decodeBeside(besideIt);
    const mark = decodeMark(markOf.get(String(seq)));
    rows.set(seq, { seq, text, entry: decodeSealed(text), beside: besideIt, texts, mark });
  }
  for (const [id, seal] of pairs(seals)) {
    const seq = numberOf(id);
    if (id.endsWith("-0")) rows.set(seq, { ...rows.get(seq), seq, seal });
  }
  return [...rows.values(), ...foreign].toSorted((a, b) => a.seq - b.seq);
}

/** Triples of reference, what it stands for, and what is kept with that. */
export function peopleOf(flat: readonly string[]): People {
  const people = new Map<string, Known>();
  for (let i = 0; i + 2 < flat.length; i += 3) {
    const [reference = "", found = "", behind = ""] = flat.slice(i, i + 3);
    if (found === "") continue;
    const [first = "", second = ""] = found.split("|");
    if (first === "") {
      const [tombstone = "", ...label] = second.split(" ");
      people.set(reference, { label: label.join(" "), tombstone });
    } else {
      people.set(reference, { user: found, salt: behind.split("|")[1] ?? "" });
    }
  }
  return people;
}

function pairs(flat: readonly string[]): readonly (readonly [string, string])[] {
  return Array.from({ length: flat.length >> 1 }, (_, i) => [
    flat[2 * i] ?? "",
    flat[2 * i + 1] ?? "",
  ]);
}

export const numberOf = (id: string): number => Number(id.split("-")[0]);

export const encodeEras = (eras: readonly Era[]): string =>
  eras.map(({ fromSeq, fingerprint }) => `${fromSeq}=${fingerprint}`).join(" ");

export const decodeEras = (text: string): readonly Era[] =>
  text.split(" ").flatMap((one) => {
    const [, fromSeq, fingerprint] = /^(\d+)=(\S+)$/.exec(one) ?? [];
    return fingerprint === undefined ? [] : [{ fromSeq: Number(fromSeq), fingerprint }];
  });

export const encodeCheckpoint = (checkpoint: Checkpoint): string => {
  const { seq, seal, atMs, fingerprint, voucher } = checkpoint;
  return `${seq} ${seal} ${atMs} ${fingerprint} ${voucher}`;
};

export function decodeCheckpoint(text: string): Checkpoint | undefined {
  const [, seq, seal = "", atMs, fingerprint = "", voucher] =
    /^(\d+) (\S+) (\d+) (\S+) (\S+)$/.exec(text) ?? [];
  if (voucher === undefined) return undefined;
  return { seq: Number(seq), seal, atMs: Number(atMs), fingerprint, voucher };
}
