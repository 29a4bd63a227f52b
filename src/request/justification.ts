// The text that Azure keeps beside an opened port: the only place where Azure learns who really asked.

import { plainText } from "./plain-text.ts";
import type { AccessRequest, Grant } from "./request.ts";

/** Azure documents no limit; this is short enough for the portal and the Activity Log. */
const LENGTH_MAX = 500;

/** `JIT-ABC123 requested by U0ERIN, approved by U0LEAD: reason`, on one line, bounded. */
export function justification(request: AccessRequest, grant: Grant): string {
  const nobody = grant.recovered === undefined ? "the rule" : "nobody on record";
  const approvers = grant.approvedBy.length === 0 ? nobody : grant.approvedBy.join(" ");
  const { requester, reason } = request.ask;
  const head = `${request.id} requested by ${requester}, approved by ${approvers}`;
  return plainText(reason === "" ? head : `${head}: ${reason}`, LENGTH_MAX);
}
