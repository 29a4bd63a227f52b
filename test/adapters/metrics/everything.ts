// Metrics with something in each of them.

import type { GaugeSource, LocalFigures } from "../../../src/adapters/metrics/gauges.ts";
import { type Metrics, metrics } from "../../../src/adapters/metrics/metrics.ts";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import { aCommon, aGrant, inState, LEA, T0 } from "../../support/requests.ts";

export const LOCAL: LocalFigures = {
  isReady: true,
  inventoryAgeMs: 42_500,
  skews: { redis: -1_250, azure: 2_000, slack: undefined },
  version: "1.2.3",
  policyHash: "0123456789abcdef",
  isPolicyFileRefused: false,
};
const STORE = {
  ...{ nowMs: T0, pending: 2, live: 5, toReview: 1, parked: 3, replicas: 2, dueLagMs: 1_500 },
  isFrozen: true,
  watchedUntilMs: {},
  watchLagMs: 61_000,
};
export const source = (change: Partial<GaugeSource> = {}): GaugeSource => ({
  local: async () => LOCAL,
  store: async () => STORE,
  ...change,
});

/** Asked at T0, approved after 90 s, seen open 12 s later, closed: as the commits tell it. */
const APPROVED = { approvals: [{ by: LEA, atMs: T0 + 90_000 }] };
const GRANT = aGrant({ startsAtMs: T0 + 90_000 });
const OPEN_GRANT = { ...GRANT, openedAtMs: T0 + 102_000 };
const tried = (count: number) => ({ count, nextAtMs: T0, fault: "x" });
export const LIFE: readonly AccessRequest[] = [
  inState("pending"),
  { ...aCommon(APPROVED), state: "opening", grant: GRANT },
  {
    ...aCommon({ ...APPROVED, attempts: { azure: tried(2), card: tried(1) } }),
    state: "opening",
    grant: GRANT,
  },
  { ...aCommon({ ...APPROVED, attempts: { azure: tried(3) } }), state: "open", grant: OPEN_GRANT },
  { ...aCommon(APPROVED), state: "open", grant: OPEN_GRANT },
  inState("ended"),
];

export function live(all: Metrics, life: readonly AccessRequest[]): void {
  for (const [index, request] of life.entries()) {
    const before = life[index - 1];
    all.committed({ request, audit: [], ...(before && { before }) });
  }
}

export function everything(): Metrics {
  const all = metrics();
  all.called({ service: "azure", operation: "jit-open", outcome: "ok", ms: 12 });
  all.called({ service: "slack", operation: "chat.update", outcome: "limited", ms: 8_000 });
  all.auditUnsealed(61_400);
  all.auditStreams([{ sink: "tls://siem:6514", lagMs: 1_500, waiting: 2 }]);
  all.auditStreamFailed("tls://siem:6514");
  all.tookOver(4);
  all.tooFast();
  live(all, LIFE);
  all.committed({ audit: [{ what: "parked" }] });
  all.readFrom(source());
  return all;
}
