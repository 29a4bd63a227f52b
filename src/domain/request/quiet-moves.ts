// Changes of a request that nobody sees on the card and nobody is told of.

import type { AuditNote, Moved } from "./moved.ts";
import type { AccessRequest } from "./request.ts";

export const quietly = (request: AccessRequest, ...audit: readonly AuditNote[]): Moved => ({
  request,
  audit,
});

export function waitAzure(request: AccessRequest, nextAtMs: number): Moved {
  const count = request.tries.azure?.count ?? 0;
  return quietly({
    ...request,
    tries: { ...request.tries, azure: { count, nextAtMs, fault: "" } },
  });
}
