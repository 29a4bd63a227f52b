// A simulated day of two replicas: the bot's own metrics, told of what happens in it and read every two minutes. Always
// the same day: requests as people make them, an hour in which Slack limits, one in which Azure fails, and an upgrade.

import type { LocalFigures } from "../../src/adapters/metrics/gauges.ts";
import { type Metrics, metrics } from "../../src/adapters/metrics/metrics.ts";
import type { State } from "../../src/domain/request/document/phase.ts";
import type { AccessRequest } from "../../src/domain/request/request.ts";
import type { CallOutcome } from "../../src/ports/metrics/call.ts";
import { aCommon, aGrant, HOUR, inState, LEA, MINUTE } from "../support/requests.ts";

export const DAY_BEGINS_MS = Date.UTC(2026, 10, 24);
export const DAY_ENDS_MS = DAY_BEGINS_MS + 24 * HOUR;
export const SCRAPED_EVERY_MS = 2 * MINUTE;

const at = (hour: number, minute = 0): number => DAY_BEGINS_MS + hour * HOUR + minute * MINUTE;
const between = (nowMs: number, fromMs: number, toMs: number) => nowMs >= fromMs && nowMs < toMs;

/** mulberry32: the same numbers for the same seed. */
function drawn(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Requests an hour, by the hour of the day. */
const ASKED = [2, 1, 1, 1, 1, 2, 4, 10, 18, 22, 20, 15, 9, 16, 21, 19, 15, 11, 6, 5, 4, 3, 3, 2];
const RULES = ["production", "development", "two approvals"] as const;

type Move = { readonly atMs: number; readonly request: AccessRequest; readonly from?: State };

/** One request's life, as the commits tell of it. */
function lifeOf(askedAtMs: number, draw: () => number): readonly Move[] {
  const rule = RULES[Math.floor(draw() ** 1.5 * RULES.length)] ?? RULES[0];
  const askedHour = (askedAtMs - DAY_BEGINS_MS) / HOUR;
  const isNight = askedHour < 7 || askedHour > 19;
  const waitMs = -Math.log(1 - draw()) * (isNight ? 12 : 4) * MINUTE + 15_000;
  const decidedAtMs = askedAtMs + waitMs;
  const openedAtMs =
    decidedAtMs + (4 + draw() * 9 + (isAzureFailing(decidedAtMs) ? 240 : 0)) * 1_000;
  const endsAtMs = decidedAtMs + (draw() < 0.6 ? HOUR : 2 * HOUR);
  const common = aCommon();
  const of = { promised: { ...common.promised, rule }, ask: { ...common.ask, askedAtMs } };
  const approved = { ...of, approvals: [{ by: LEA, atMs: decidedAtMs }] };
  const grant = aGrant({ startsAtMs: decidedAtMs, endsAtMs });
  const fate = draw();
  if (waitMs > HOUR || fate < 0.05)
    return [
      { atMs: askedAtMs, request: inState("pending", of) },
      { atMs: askedAtMs + HOUR, request: inState("lapsed", of), from: "pending" },
    ];
  if (fate < 0.12)
    return [
      { atMs: askedAtMs, request: inState("pending", of) },
      {
        atMs: decidedAtMs,
        request: { ...aCommon(of), state: "denied", deniedBy: LEA, deniedAtMs: decidedAtMs },
        from: "pending",
      } as Move,
    ];
  return [
    { atMs: askedAtMs, request: inState("pending", of) },
    {
      atMs: decidedAtMs,
      request: { ...aCommon(approved), state: "opening", grant },
      from: "pending",
    },
    ...(isAzureFailing(decidedAtMs) ? [retried(decidedAtMs, approved, grant)] : []),
    {
      atMs: openedAtMs,
      request: { ...aCommon(approved), state: "open", grant: { ...grant, openedAtMs } },
      from: "opening",
    },
    { atMs: endsAtMs, request: inState("ended", of), from: "open" },
  ];
}

function retried(
  decidedAtMs: number,
  approved: Parameters<typeof aCommon>[0],
  grant: ReturnType<typeof aGrant>,
): Move {
  const attempts = { azure: { count: 3, nextAtMs: decidedAtMs, fault: "x" } };
  const request: AccessRequest = { ...aCommon({ ...approved, attempts }), state: "opening", grant };
  return { atMs: decidedAtMs + 20_000, request, from: "opening" };
}

const isSlackLimiting = (nowMs: number) => between(nowMs, at(10, 20), at(10, 50));
const isAzureFailing = (nowMs: number) => between(nowMs, at(14, 5), at(14, 30));
const isSinkAway = (nowMs: number) => between(nowMs, at(11, 30), at(12, 20));
/** One replica after the other gets the new version. */
const UPGRADED = [at(16), at(16, 10)] as const;
const isStarting = (nowMs: number) => UPGRADED.some((one) => between(nowMs, one, one + 4 * MINUTE));

type Replica = {
  readonly instance: string;
  readonly startedAtMs: number;
  readonly figures: Metrics;
};

/** In OpenMetrics, as `promtool tsdb create-blocks-from openmetrics` takes it. */
export async function simulatedDay(): Promise<string> {
  const draw = drawn(14);
  const moves = Array.from({ length: 24 }, (_, hour) =>
    Array.from({ length: ASKED[hour] ?? 0 }, () => at(hour) + draw() * HOUR),
  )
    .flat()
    .flatMap((askedAtMs) => lifeOf(askedAtMs, draw))
    .toSorted((a, b) => a.atMs - b.atMs);
  const replicas = ["10.2.1.14:9464", "10.2.2.131:9464"].map((instance) => newReplica(instance, 0));
  const counts = new Map<State, number>();
  const lines: string[] = [];
  let done = 0;
  for (let nowMs = DAY_BEGINS_MS; nowMs <= DAY_ENDS_MS; nowMs += SCRAPED_EVERY_MS) {
    for (const [n, upgradedAtMs] of UPGRADED.entries()) {
      const was = replicas[n];
      if (was === undefined || upgradedAtMs !== nowMs) continue;
      replicas[n] = newReplica(was.instance, nowMs);
      replicas[1 - n]?.figures.tookOver(2 + n);
    }
    for (let move = moves[done]; move !== undefined && move.atMs <= nowMs; move = moves[done]) {
      done += 1;
      committed(replicas[done % 2]?.figures, move, counts);
    }
    for (const [n, replica] of replicas.entries()) {
      if (between(nowMs, UPGRADED[n] ?? 0, (UPGRADED[n] ?? 0) + 4 * MINUTE)) continue;
      worked(replica, nowMs, draw);
      lines.push(...(await scraped(replica, { nowMs, counts, draw })));
    }
  }
  return `${lines.join("\n")}\n# EOF\n`;
}

const newReplica = (instance: string, startedAtMs: number): Replica => ({
  instance,
  startedAtMs: startedAtMs || DAY_BEGINS_MS - 30 * HOUR,
  figures: metrics(),
});

function committed(
  figures: Metrics | undefined,
  { request, from }: Move,
  counts: Map<State, number>,
): void {
  const before = from && ({ ...request, state: from, attempts: {} } as AccessRequest);
  figures?.committed({ request, audit: [], ...(before && { before }) });
  if (from !== undefined) counts.set(from, (counts.get(from) ?? 0) - 1);
  counts.set(request.state, (counts.get(request.state) ?? 0) + 1);
}

/** What a replica calls in two minutes: a little when nothing happens, and with each request more. */
function worked({ figures }: Replica, nowMs: number, draw: () => number): void {
  const busy = (ASKED[Math.floor((nowMs - DAY_BEGINS_MS) / HOUR)] ?? 0) / 22;
  const calls = (
    service: "azure" | "slack" | "redis",
    operation: string,
    { count, ms, bad }: { count: number; ms: number; bad?: CallOutcome | false },
  ): void => {
    for (let n = 0; n < count; n++) {
      const outcome = bad && draw() < 0.35 ? bad : "ok";
      figures.called({ service, operation, outcome, ms: ms * (0.5 - Math.log(1 - draw())) });
    }
  };
  const azure = isAzureFailing(nowMs) && "failed";
  const slack = isSlackLimiting(nowMs) && "limited";
  const some = (most: number) => Math.round(most * (0.3 + busy) * (0.6 + draw() * 0.8));
  calls("redis", "read", { count: some(60), ms: 1.2 });
  calls("redis", "write", { count: some(45), ms: 1.8 });
  calls("slack", "chat.update", { count: some(9), ms: 160, bad: slack });
  calls("slack", "chat.postMessage", { count: some(7), ms: 190, bad: slack });
  calls("azure", "jit-read", { count: some(8), ms: 240, bad: azure });
  calls("azure", "jit-open", { count: some(2), ms: azure ? 2_600 : 700, bad: azure });
  if (busy > 0.8 && draw() < 0.02) figures.tooFast();
  figures.auditUnsealed(isAzureFailing(nowMs) ? 4_000 + draw() * 9_000 : draw() * 3_000);
  const sink = "tls://siem.example.com:6514";
  const lagMs = isSinkAway(nowMs) ? nowMs - at(11, 30) : draw() * 2_000;
  figures.auditStreams([{ sink, lagMs, waiting: Math.round(lagMs / 20_000) }]);
  if (isSinkAway(nowMs)) figures.auditStreamFailed(sink);
}

type Moment = {
  readonly nowMs: number;
  readonly counts: ReadonlyMap<State, number>;
  readonly draw: () => number;
};

/** The lines of one scrape, with what Prometheus adds. */
async function scraped(replica: Replica, moment: Moment): Promise<readonly string[]> {
  const { figures, instance } = replica;
  const { nowMs, counts, draw } = moment;
  const of = (...states: readonly State[]) =>
    states.reduce((sum, state) => sum + (counts.get(state) ?? 0), 0);
  const dueLagMs = isAzureFailing(nowMs) ? 1_500 + draw() * 3_000 : draw() * 300;
  figures.readFrom({
    local: async () => localAt(replica, moment),
    store: async () => ({
      nowMs,
      pending: of("pending"),
      live: of("opening", "open", "ending"),
      toReview: between(nowMs, at(3), at(9)) ? 1 : 0,
      parked: 0,
      isFrozen: false,
      replicas: isStarting(nowMs) ? 1 : 2,
      dueLagMs,
      watchedUntilMs: {},
      watchLagMs: 25_000 + draw() * 50_000,
    }),
  });
  const own = processOf(replica, moment);
  const labels = `job="jit-bot",instance="${instance}"`;
  return (await figures.text()).split("\n").flatMap((line) => {
    const [, name = "", inside = "", value = ""] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const isOwn = name.startsWith("jit_");
    if (value === "" || value === "Nan" || !(isOwn || name in own)) return [];
    const said = isOwn ? value : own[name];
    const all = inside === "" ? labels : `${inside},${labels}`;
    return [`${name}{${all}} ${said} ${nowMs / 1_000}`];
  });
}

function localAt({ startedAtMs }: Replica, { nowMs, draw }: Moment): LocalFigures {
  const isNew = startedAtMs > DAY_BEGINS_MS;
  const hour = (nowMs - DAY_BEGINS_MS) / HOUR;
  return {
    isReady: true,
    inventoryAgeMs: (nowMs % (5 * MINUTE)) + (isAzureFailing(nowMs) ? nowMs - at(14, 5) : 0),
    skews: {
      redis: 40 * Math.sin(hour / 4) + draw() * 8,
      azure: 300 + draw() * 200,
      slack: -400 + draw() * 300,
    },
    version: isNew ? "1.0.1" : "1.0.0",
    policyHash: "5c0e2a9f31b7d4",
    isPolicyFileRefused: false,
  };
}

/** What Node tells of the process: of one that has run for hours, and not of this one. */
function processOf(
  { instance, startedAtMs }: Replica,
  { nowMs, draw }: Moment,
): Readonly<Record<string, string>> {
  const hours = (nowMs - startedAtMs) / HOUR;
  const memory =
    112e6 +
    14e6 * (1 - Math.exp(-hours)) +
    ((nowMs / MINUTE + instance.length * 9) % 46) * 2.2e5 -
    (instance.length % 2) * 9e6;
  return {
    process_resident_memory_bytes: String(Math.round(memory + draw() * 2e6)),
    process_cpu_seconds_total: (hours * 3_600 * 0.011 + Math.max(0, hours) * 4).toFixed(2),
    nodejs_eventloop_lag_p90_seconds: (0.0105 + draw() * 0.004).toFixed(4),
  };
}
