// What happened to requests, by what was committed: states, times, failed attempts.

import { Counter, Histogram, type Registry } from "prom-client";
import type { AccessRequest } from "../../domain/request/request.ts";
import type { CommitHeard, OnCommitted } from "../../ports/commit-heard.ts";

/** Far more than a policy file has: rules that come and go must not make series without end. */
const RULES_MAX = 100;
const OTHER = "(other)";

const SECONDS_TO_DECIDE = [10, 30, 60, 120, 300, 900, 1_800, 3_600, 14_400];
const SECONDS_TO_OPEN = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600];

export function requestMetrics(registers: Registry[]): { readonly committed: OnCommitted } {
  const events = new Counter({
    name: "jit_events_total",
    help: "What happened to requests, as the audit names it (asked, granted, opened, ended, refused, …)",
    labelNames: ["what"],
    registers,
  });
  const parkings = new Counter({
    name: "jit_set_aside_total",
    help: "Requests parked because work on them kept failing; more than 0 needs an admin",
    registers,
  });
  const states = new Counter({
    name: "jit_request_states_total",
    help: "Requests that came into a state, by rule",
    labelNames: ["rule", "state"],
    registers,
  });
  const toDecide = new Histogram({
    name: "jit_decision_seconds",
    help: "From the request to its decision by an approver",
    labelNames: ["rule"],
    buckets: SECONDS_TO_DECIDE,
    registers,
  });
  const toOpen = new Histogram({
    name: "jit_opening_seconds",
    help: "From the decision until the ports were seen open",
    labelNames: ["rule"],
    buckets: SECONDS_TO_OPEN,
    registers,
  });
  const failed = new Counter({
    name: "jit_attempts_failed_total",
    help: "Attempts that failed and are retried, by what was attempted",
    labelNames: ["effect"],
    registers,
  });
  // From the beginning, or the first one wouldn't be seen to increase: alarms go by these.
  for (const what of ["audit-lost", "audit-refused"]) events.inc({ what }, 0);
  const ruleOf = bounded(RULES_MAX);

  const moved = ({ request, before }: CommitHeard & { readonly request: AccessRequest }): void => {
    const rule = ruleOf(request.promised.rule);
    if (before?.state !== request.state) states.inc({ rule, state: request.state });
    const decided = decidedInMs(request, before);
    if (decided !== undefined) toDecide.observe({ rule }, decided / 1_000);
    const opened = openedInMs(request, before);
    if (opened !== undefined) toOpen.observe({ rule }, opened / 1_000);
    for (const [effect, attempts] of Object.entries(request.attempts)) {
      const was = before?.attempts[effect as keyof AccessRequest["attempts"]]?.count ?? 0;
      if (attempts.count > was) failed.inc({ effect }, attempts.count - was);
    }
  };

  return {
    committed: (heard) => {
      for (const { what } of heard.audit) {
        events.inc({ what });
        if (what === "parked") parkings.inc();
      }
      const { request } = heard;
      if (request !== undefined) moved({ ...heard, request });
    },
  };
}

/** How long a request had waited when an approver decided; `undefined`: this step decided nothing. */
function decidedInMs(
  request: AccessRequest,
  before: AccessRequest | undefined,
): number | undefined {
  if (before?.state !== "pending") return undefined;
  const sinceMs = before.sinceMs ?? before.ask.askedAtMs;
  if (request.state === "denied") return request.deniedAtMs - sinceMs;
  const last = request.approvals.at(-1)?.atMs;
  // Approved, it may wait for its requester or its time.
  const isApproved = request.state === "opening" || request.state === "ready";
  return isApproved && last !== undefined ? last - sinceMs : undefined;
}

function openedInMs(request: AccessRequest, before: AccessRequest | undefined): number | undefined {
  if (before?.state !== "opening" || request.state !== "open") return undefined;
  const { openedAtMs, startsAtMs } = request.grant;
  return openedAtMs === undefined ? undefined : openedAtMs - startsAtMs;
}

/** At most this many different names; all others get one between them. */
function bounded(most: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.size < most) known.add(name);
    return known.has(name) ? name : OTHER;
  };
}
