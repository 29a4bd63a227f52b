// The ids of a request's trace and of what others link to in it. They follow from the request's id and version, so
// that any replica knows them, and nothing is stored: not even by a version of the bot that has no traces.

import { hash, randomFillSync } from "node:crypto";
import type { RequestId } from "../../domain/text/ids.ts";

export type SpanRef = { readonly traceId: string; readonly spanId: string };

const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;

/** As docs/operations.md computes it: the first 32 hexadecimal digits of the id's SHA-256. */
export const traceIdOf = (id: RequestId): string => rootOf(id).traceId;

/** What a person did that made the request. */
export function rootOf(id: RequestId): SpanRef {
  const known = roots.get(id);
  if (known !== undefined) return known;
  if (roots.size >= ROOTS_MAX) roots.clear();
  const root = { traceId: digitsOf(id, TRACE_DIGITS), spanId: digitsOf(`${id} root`, SPAN_DIGITS) };
  roots.set(id, root);
  return root;
}

/** The step that made the request what it is in this version. */
export const stepOf = (id: RequestId, version: number): SpanRef => ({
  traceId: traceIdOf(id),
  spanId: digitsOf(`${id} step ${version}`, SPAN_DIGITS),
});

/** Of what is being worked on: asked for with each step, each link and each line of the log. */
const roots = new Map<RequestId, SpanRef>();
const ROOTS_MAX = 1_000;

const digitsOf = (text: string, digits: number): string => hash("sha256", text).slice(0, digits);

export const newTraceId = (): string => drawn(TRACE_DIGITS);
export const newSpanId = (): string => drawn(SPAN_DIGITS);

/** Drawn for many ids at once: each by itself would cost more than all else about a span. */
const pool = Buffer.alloc(4_096);
let left = 0;

function drawn(digits: number): string {
  const bytes = digits / 2;
  if (left < bytes) {
    randomFillSync(pool);
    left = pool.length;
  }
  left -= bytes;
  return pool.toString("hex", left, left + bytes);
}
