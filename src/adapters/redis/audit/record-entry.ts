// Entries of the audit that change no request: refused clicks and the like.

import { z } from "zod";
import type { AuditNotes } from "../../../ports/storage/audit.ts";
import type { Script } from "../scripts/script.ts";
import { DELIVERIES } from "../scripts/script-parts.ts";
import type { Tools } from "../scripts/tools.ts";
import { AUDIT, FLOODS } from "./audit-parts.ts";
import { auditLine, floodOf } from "./new-entries.ts";

/**
 * Keys: those of the audit, delivery. Arguments: note; flood: field, sum and several, where many may come; delivered.
 * Results: recorded, even by counting; repeated.
 */
export const RECORD: Script<
  "audit" | "people" | "texts" | "marks" | "floods" | "delivery",
  "recorded" | "repeated"
> = {
  name: "jitRecord",
  keys: ["audit", "people", "texts", "marks", "floods", "delivery"],
  writes: true,
  result: z.enum(["recorded", "repeated"]),
  lua: `${AUDIT}${FLOODS}${DELIVERIES}
if is_repeated() then return 'repeated' end
local flood = args.flood
if not (flood and is_flooded(flood.field, flood.sum, flood.several)) then append_audit({ args.note }) end
note_delivery()
return 'recorded'
`,
};

export const redisAuditNotes = ({ run, keys, writer }: Tools): AuditNotes => ({
  record: (id, note, delivery) =>
    run(RECORD, {
      keys: { ...keys, delivery: keys.delivery(delivery ?? "") },
      args: {
        note: auditLine(note, { id }, writer),
        flood: floodOf(note, writer),
        delivered: delivery !== undefined,
      },
    }),
});
