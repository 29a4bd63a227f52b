// Which answers of Azure mean that something isn't there. A 404 alone doesn't: it comes, too, where the bot has lost
// its right to a subscription, or stands in another tenant.

import { azureWords } from "./azure-words.ts";
import type { Call } from "./pipeline.ts";

/**
 * It, what it stands in, or its group. JIT's own code is `PolicyNotFound`; the network's provider calls what
 * stands inside a resource just `NotFound`.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-not-found
 */
const GONE = {
  vm: /^Resource(Group)?NotFound$/i,
  policy: /^(Resource(Group)?|Policy)NotFound$/i,
  rule: /^(Resource(Group)?)?NotFound$/i,
} as const;

export const saysGone = (
  what: keyof typeof GONE,
  call: Pick<Call, "status">,
  thrown: unknown,
): boolean => call.status === 404 && GONE[what].test(azureWords(thrown).code);
