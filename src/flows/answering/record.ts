// Writes an entry to the audit that changes no request: a refusal, or that somebody has looked.

import type { AuditNote } from "../../domain/request/moved.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import type { Deps } from "../deps.ts";

type Entry = {
  readonly request: RequestId | undefined;
  readonly note: AuditNote;
  readonly delivery: string;
};

/** "repeated": this delivery was written down before, and isn't again. */
export async function record(
  { auditNotes, onCommitted }: Pick<Deps, "auditNotes" | "onCommitted">,
  { request, note, delivery }: Entry,
): Promise<"recorded" | "repeated"> {
  const recorded = await auditNotes.record(request, note, delivery);
  if (recorded === "recorded") onCommitted({ audit: [note] });
  return recorded;
}
