// Whether a replica can work, and each part of the answer: what `/readyz` tells.

import { answers, azureState, type Readiness } from "../adapters/http/health.ts";
import { systemClock } from "../adapters/system-clock.ts";
import { breaksSignatures, clockFindings, type Skews } from "../domain/doctor/clocks.ts";
import type { InForce } from "../flows/policy-file/policy-reload.ts";
import type { InventorySnapshot } from "../ports/azure.ts";

export type Parts = {
  /** Over a socket nothing is signed, and no clock can make signatures fail. */
  readonly isSigned: boolean;
  readonly skews: () => Skews;
  readonly inForce: InForce;
  readonly snapshot: () => InventorySnapshot;
  /** Slack's code, while it refuses the bot's token. */
  readonly tokenRefusal: () => string | undefined;
  /** `undefined` until Slack has said whose bot this is. */
  readonly bot: () => { connected(): boolean; ping(): Promise<void> } | undefined;
};

export function readiness(parts: Parts): () => Promise<Readiness> {
  return async () => {
    const bot = parts.bot();
    const redis = bot === undefined ? "not asked yet" : await answers(bot.ping);
    const socket = bot?.connected() === true;
    const refusal = parts.tokenRefusal();
    const skews = parts.skews();
    const isRefusing = parts.isSigned && breaksSignatures(skews);
    return {
      ready: socket && refusal === undefined && redis === "connected" && !isRefusing,
      parts: {
        slack:
          bot === undefined
            ? "not identified yet"
            : refusal !== undefined
              ? `refuses the bot's token (${refusal})`
              : socket
                ? "connected"
                : "not connected",
        redis,
        policy: parts.inForce.policy().hash.slice(0, 12),
        ...(parts.inForce.refusedFile() !== undefined && {
          policyFile: "invalid; the last valid one is in use",
        }),
        azure: azureState(parts.snapshot(), systemClock.nowMs()),
        ...(isRefusing && { clock: clockFindings(skews).join(" ") }),
      },
    };
  };
}
