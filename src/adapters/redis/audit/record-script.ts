// The script that puts an entry into the audit which belongs to no request.

import { z } from "zod";
import type { Script } from "../scripts/script.ts";
import { DELIVERIES } from "../scripts/script-parts.ts";
import { AUDIT, FLOODS } from "./audit-parts.ts";

/**
 * Keys: those of the audit, delivery. Arguments: note; flood: field, sum and several, where many may come; delivered.
 * Results: recorded, be it by counting; repeated.
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
