// Documents that are stored behind the number of their version, `3|{…}`: decoded by schema on the way in.

import type { z } from "zod";
import { Fault } from "../../../ports/fault.ts";

/** Throws a `Fault` from `redis` for what can't be read; `what` names it in the sentence. */
export function decodeVersioned<Document>(
  text: string,
  schema: z.ZodType<Document>,
  what: string,
): { readonly document: Document; readonly version: number } {
  const bar = text.indexOf("|");
  const read = schema.safeParse(parsed(text.slice(bar + 1)));
  if (read.success) return { document: read.data, version: Number(text.slice(0, bar)) };
  throw new Fault({
    source: "redis",
    code: "UnreadableDocument",
    message: `What is stored of ${what} can't be read.`,
    retryable: false,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
