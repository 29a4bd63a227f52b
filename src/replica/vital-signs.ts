// What a replica shows of itself and of the store when Prometheus asks.

import type { Readiness } from "../adapters/http/health.ts";
import type { GaugeSource } from "../adapters/metrics/gauges.ts";
import type { Skews } from "../domain/doctor/clocks.ts";
import type { InForce } from "../flows/policy-file/policy-reload.ts";
import { watchLagMs } from "../flows/watch/watch-lag.ts";
import type { Azure } from "../ports/azure.ts";
import type { Clock } from "../ports/clock.ts";
import type { Figures } from "../ports/metrics/figures.ts";
import { VERSION } from "./version.ts";

type Parts = {
  readonly ready: () => Promise<Readiness>;
  readonly azure: Pick<Azure, "snapshot">;
  readonly skews: () => Skews;
  readonly inForce: InForce;
  readonly clock: Pick<Clock, "nowMs">;
  /** `undefined` until Slack has said whose bot this is. */
  readonly figures: () => Figures | undefined;
};

export function vitalSigns(parts: Parts): GaugeSource {
  const { azure, inForce, clock, skews } = parts;
  const startedMs = clock.nowMs();
  return {
    local: async () => ({
      isReady: (await parts.ready()).ready,
      inventoryAgeMs: clock.nowMs() - (azure.snapshot().atMs || startedMs),
      skews: skews(),
      version: VERSION,
      policyHash: inForce.policy().hash,
      isPolicyFileRefused: inForce.refusedFile() !== undefined,
    }),
    store: async () => {
      const figures = await parts.figures()?.read();
      if (figures === undefined) return undefined;
      return { ...figures, watchLagMs: watchLagMs({ azure, policy: inForce.policy }, figures) };
    },
  };
}
