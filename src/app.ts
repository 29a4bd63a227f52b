// The bot without its adapters: what tests build with ports of their own, and `main.ts` with the real ones.

import type { Policy } from "./domain/rules/policy.ts";
import { historyKeeper } from "./flows/audit/history-keeper.ts";
import { endingAllInBackground } from "./flows/brake/ending-all.ts";
import { watchedDirect } from "./flows/channels/direct-messages.ts";
import { conversation } from "./flows/conversation.ts";
import type { Deps, Page } from "./flows/deps.ts";
import { limitedInbound } from "./flows/limited-inbound.ts";
import {
  meteredLimits,
  type PersonLimitRates,
  personLimits,
} from "./flows/limits/person-limits.ts";
import { homeKeeper } from "./flows/lists/home.ts";
import { onCallPeople } from "./flows/people/on-call.ts";
import { peopleNews } from "./flows/people/people-news.ts";
import { applyingInBackground } from "./flows/policies/applying.ts";
import { policyFollower } from "./flows/policy-file/follow-policy.ts";
import { readableAgain } from "./flows/requests/parked/readable-again.ts";
import { recovery } from "./flows/requests/recover.ts";
import { leaverSweep } from "./flows/requests/revoke-for-leavers.ts";
import { tracedInbound } from "./flows/traced-inbound.ts";
import { createWatch } from "./flows/watch/watch.ts";
import { exposureWatch } from "./flows/watch/watch-exposure.ts";
import { type DueNews, workerLoop } from "./flows/worker/worker-loop.ts";
import type { Azure } from "./ports/azure.ts";
import type { Chat } from "./ports/chat.ts";
import type { Checkup } from "./ports/checkup.ts";
import type { Clock, Random } from "./ports/clock.ts";
import { type CommitHeard, heardSafely, type OnCommitted } from "./ports/commit-heard.ts";
import type { Inbound } from "./ports/inbound.ts";
import type { Log } from "./ports/log.ts";
import type { Meter } from "./ports/metrics/meter.ts";
import { NO_TRACING, type Tracing } from "./ports/metrics/tracing.ts";
import type { Rotas } from "./ports/rotas.ts";
import { type Service, together } from "./ports/service.ts";
import type { Audit } from "./ports/storage/audit.ts";
import type { History } from "./ports/storage/people/history.ts";
import type { Changes } from "./ports/storage/policies/policy-changes.ts";
import type { Storage } from "./ports/storage/storage.ts";
import type { WatchRepository } from "./ports/storage/watch-repository.ts";

export type Ports = Storage & {
  readonly azure: Azure;
  readonly chat: Chat;
  readonly rotas: Rotas;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
};

/** Stopped, it takes no new work; what is in hand is finished, or handed over after a moment. */
export type App = Service & {
  /** Where Slack's commands and clicks go. */
  readonly inbound: Inbound;
  /** Another replica made something due, by the store's clock. */
  heard(news: DueNews): void;
};

/** A claim is another replica's after this long without a sign of progress, */
const LEASE_MS = 30_000;
/** and at once where the replica that has it wasn't heard of for this long, though it looks for work more often. */
const LIFE_MS = 4_000;

type AppConfig = {
  readonly policy: () => Policy;
  readonly leaseMs?: number;
  /** Of each person's commands and clicks; left out: the usual ones. */
  readonly paces?: PersonLimitRates;
  /** Names this replica among those that live; left out: by chance. */
  readonly replica?: string;
  /** Hears of all that this replica commits. */
  readonly onCommitted?: OnCommitted;
  readonly meter?: Meter;
  /** Left out: nothing is followed. */
  readonly tracing?: Tracing;
  /** Another replica is gone, and what it held is free. */
  readonly onGone?: () => void;
  /** Left out: there is no page on which people could prove their address. */
  readonly page?: Page | undefined;
  /** Left out: nobody can look into the audit from Slack. */
  readonly audit?: Audit | undefined;
  /** Left out: cards say nothing beside what was asked. */
  readonly history?: History | undefined;
  readonly checkup?: Checkup | undefined;
  /** Left out: what is done at Azure behind the bot's back is not watched. */
  readonly watchRepository?: WatchRepository | undefined;
  /** Left out: JIT policies cannot be changed from Slack. */
  readonly changes?: Changes | undefined;
};

export function buildApp(ports: Ports, config: AppConfig): App {
  const name = config.replica ?? newReplica(ports.random);
  /** Home tabs, workers and counters go by what was committed. */
  const onCommitted = heardSafely((heard) => {
    if (heard.request !== undefined) homes.changed(heard.request);
    if (heard.isDue === true) loop.wake();
    logMove(ports.log, heard);
    config.onCommitted?.(heard);
  }, ports.log);
  const { tracing = NO_TRACING } = config;
  const deps: Deps = {
    ...ports,
    tracing,
    chat: watchedDirect(ports.chat, { ...ports, onCommitted, policy: config.policy }),
    onCall: onCallPeople({ ...ports, policy: config.policy }),
    policy: config.policy,
    page: config.page,
    audit: config.audit,
    history: config.history,
    checkup: config.checkup,
    limits: meteredLimits(personLimits(ports.clock, config.paces), config.meter),
    onCommitted,
    changes: config.changes,
    applyChange: (id) => applying.now(id),
    applyEndAll: (id) => endingAll.now(id),
  };
  const homes = homeKeeper(deps);
  const applying = applyingInBackground(deps, name);
  const endingAll = endingAllInBackground(deps, name);
  const { watchRepository } = config;
  const watch = watchRepository && createWatch({ ...deps, watchRepository }, `${name}@watch`);
  const onGone = (leases: number) => {
    config.meter?.tookOver(leases);
    watch?.wake();
    applying.wake();
    endingAll.wake();
    config.onGone?.();
  };
  const worker = { name, leaseMs: config.leaseMs ?? LEASE_MS, lifeMs: LIFE_MS };
  const loop = workerLoop(deps, worker, onGone);
  const services = together([
    loop,
    ...(watch === undefined ? [] : [watch]),
    applying,
    endingAll,
    homes,
    leaverSweep(deps, name),
    peopleNews(deps),
    policyFollower(deps),
    readableAgain(deps),
    ...(deps.history === undefined ? [] : [historyKeeper({ ...deps, history: deps.history })]),
    recovery({ ...deps, watchRepository }),
    ...(watchRepository === undefined ? [] : [exposureWatch({ ...deps, watchRepository })]),
  ]);
  return {
    ...services,
    inbound: tracedInbound(tracing, limitedInbound(deps, conversation(deps, homes))),
    heard: loop.heard,
  };
}

/** One line for each state that a request comes into: by its id they tell its life, over all replicas. */
function logMove(log: Log, { request, before }: CommitHeard): void {
  if (request === undefined || request.state === before?.state) return;
  const { id, state, promised } = request;
  const from = before && { from: before.state };
  log.info({ request: id, state, ...from, rule: promised.rule }, "a request moved");
}

/** A name that no other replica has. It is the first part of the owner of every lease: `<replica>@<task>`. */
const newReplica = (random: Random): string => Buffer.from(random.bytes(6)).toString("hex");
