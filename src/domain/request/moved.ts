// What comes of a change: the request as it is afterwards, and what the audit log says about it.

import type { AccessRequest } from "./request.ts";

/** What goes into the audit about a change; the store adds the sequence and the time. */
export type AuditNote = {
  readonly what: string;
  readonly by?: string | undefined;
  readonly detail?: Readonly<Record<string, string | number | readonly string[]>> | undefined;
};

/** The request as it is afterwards. `request` is the same object where nothing changed. */
export type Moved = { readonly request: AccessRequest; readonly audit: readonly AuditNote[] };
