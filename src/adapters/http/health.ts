// What load balancers, orchestrators and Prometheus ask: does the process live, can it work, how is it.

import { redisRefusal } from "../../domain/doctor/redis-refusals.ts";
import { isFault } from "../../ports/fault.ts";
import { inRealTime } from "../real-time.ts";
import { type Route, send } from "./http-server.ts";

export type Readiness = {
  readonly ready: boolean;
  /** One entry for each part of the world, e.g. `redis: "connected"`; shown as it is. */
  readonly parts: Readonly<Record<string, unknown>>;
};

/** An orchestrator that probes every few seconds isn't kept waiting for longer than this. */
const READY_WITHIN_MS = 4_000;

const JSON_TYPE = "application/json; charset=utf-8";

/** `/healthz`: 200 while the process lives. `/readyz`: 200 or 503, with the parts. */
export function healthRoutes(
  ready: () => Promise<Readiness>,
  readyWithinMs = READY_WITHIN_MS,
): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/healthz",
      handle: ({ response }) => send(response, { status: 200, type: "text/plain", text: "ok\n" }),
    },
    {
      method: "GET",
      path: "/readyz",
      async handle({ response }) {
        const found = await inTime(ready, readyWithinMs);
        const text = `${JSON.stringify({ ready: found.ready, parts: found.parts })}\n`;
        send(response, { status: found.ready ? 200 : 503, type: JSON_TYPE, text });
      },
    },
  ];
}

async function inTime(ready: () => Promise<Readiness>, limitMs: number): Promise<Readiness> {
  try {
    const found = await inRealTime(ready(), limitMs);
    if (found !== "late") return found;
    return { ready: false, parts: { readiness: `not known within ${limitMs} ms` } };
  } catch {
    // Not to be able to say it is the same as not being ready; the check logs its own faults.
    return { ready: false, parts: { readiness: "the check failed" } };
  }
}

/** How the store is, as the answer to `ping` shows. */
export async function answers(ping: () => Promise<void>): Promise<string> {
  try {
    await ping();
    return "connected";
  } catch (thrown) {
    if (!isFault(thrown)) return "not connected";
    const refusal = redisRefusal(thrown.code);
    return refusal === undefined ? thrown.code : `${thrown.code}: it ${refusal.is}`;
  }
}

/** Shown only: an outage of Azure must not take the bot away, it still says what it knows. */
export function azureState(
  snapshot: { atMs: number; vms: { size: number } },
  nowMs: number,
): string {
  if (snapshot.atMs === 0) return "not read yet";
  const ageSeconds = Math.round((nowMs - snapshot.atMs) / 1_000);
  return `${snapshot.vms.size} VMs, read ${ageSeconds} s ago`;
}

/** The content type of Prometheus's text format. */
const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** `/metrics`, for a server of its own: METRICS_PORT need not be reachable from where Slack is. */
export const metricsRoutes = (metrics: () => Promise<string>): readonly Route[] => [
  {
    method: "GET",
    path: "/metrics",
    async handle({ response }) {
      send(response, { status: 200, type: METRICS_TYPE, text: await metrics() });
    },
  },
];
