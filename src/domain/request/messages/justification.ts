// The text that Azure keeps beside an opened port: the only place where Azure learns who really asked.

import type { UserId } from "../../text/ids.ts";
import { plainText } from "../../text/plain-text.ts";
import type { Grant } from "../grant.ts";
import type { AccessRequest } from "../request.ts";

/** Azure documents no limit; this is short enough for the portal and the Activity Log. */
const LENGTH_MAX = 500;

/** Verified addresses, as far as they are known. */
export type Addresses = ReadonlyMap<UserId, string>;

/**
 * `JIT-ABC123 requested by erin@example.com (U0ERIN), approved by U0LEAD: reason`, on one line, bounded. It
 * says so where nobody approved.
 */
export function justification(
  request: AccessRequest,
  grant: Grant,
  addresses: Addresses = new Map(),
): string {
  const { requester, reason, breakGlass } = request.ask;
  const person = (user: UserId): string => {
    const address = addresses.get(user);
    return address === undefined ? user : `${address} (${user})`;
  };
  const by = `requested by ${person(requester)}`;
  const head =
    breakGlass === true
      ? `${request.id} BREAK-GLASS, not approved, ${by}`
      : `${request.id} ${by}, ${approval(request, grant, person)}`;
  return plainText(reason === "" ? head : `${head}: ${reason}`, LENGTH_MAX);
}

/** A rule decided by itself where nobody had to, unless what was decided was lost. */
function approval(
  { promised }: AccessRequest,
  { approvedBy, recovered }: Grant,
  person: (user: UserId) => string,
): string {
  if (approvedBy.length > 0) return `approved by ${approvedBy.map(person).join(" and ")}`;
  return recovered === undefined
    ? `approved automatically by rule ${promised.rule}`
    : "approved by nobody on record";
}
