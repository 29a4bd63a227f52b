// Clouds in which just-in-time access is no more.

import type { Policy } from "../rules/policy.ts";
import { type Warning, warning } from "./policy-warning.ts";

/**
 * Defender for Cloud, of which JIT is a part, in the Azure operated by 21Vianet: no new subscriptions since
 * 2025-08-18, and retired in 2026 (18 August by one of Microsoft's pages, 1 October by another).
 * Source: MicrosoftDocs/defender-docs, includes/21vianet-retirement.md
 */
export function retiredClouds({ azure }: Policy): readonly Warning[] {
  if (azure.cloud !== "china") return [];
  const message =
    "Microsoft retired Defender for Cloud, and just-in-time access with it, in Azure China in 2026: expect Azure to refuse the bot's requests.";
  return [warning(["azure", "cloud"], message)];
}
