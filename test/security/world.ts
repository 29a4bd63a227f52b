// A whole workspace in memory: people and groups that change, an Azure with policies, a clock that is moved.
// Whatever may be read old is read as old as it may be.

import { type App, buildApp, type Ports } from "../../src/app.ts";
import type { Shift } from "../../src/domain/on-call/rota.ts";
import type { AccessRequest } from "../../src/domain/request/request.ts";
import type { Policy } from "../../src/domain/rules/policy.ts";
import { channelId, type GroupId, type UserId } from "../../src/domain/text/ids.ts";
import type { JitVmPolicy, Vm } from "../../src/domain/vm/vm.ts";
import type { Deps } from "../../src/flows/deps.ts";
import { type PersonLimitRates, personLimits } from "../../src/flows/limits/person-limits.ts";
import { onCallPeople } from "../../src/flows/people/on-call.ts";
import type { InventorySnapshot } from "../../src/ports/azure.ts";
import type { Clock, Random } from "../../src/ports/clock.ts";
import type { Sender } from "../../src/ports/inbound.ts";
import { NO_TRACING } from "../../src/ports/metrics/tracing.ts";
import type { Rotas } from "../../src/ports/rotas.ts";
import { UNHURRIED } from "../support/unhurried.ts";
import { azureOf, chatOf, type Facts, type Kind, rotasOf, silent } from "./outside.ts";
import { type Past, pastOf } from "./past.ts";
import { type MemoryStore, memoryStore } from "./store.ts";

export type WorldOptions = {
  readonly policy: Policy;
  readonly people: ReadonlyMap<UserId, Kind>;
  readonly groups: ReadonlyMap<GroupId, readonly UserId[]>;
  readonly vms: readonly Vm[];
  readonly vmPolicies: readonly JitVmPolicy[];
  /** The bot, or one with a fault put into it. */
  readonly build?: typeof buildApp;
  /** Left out: nobody is ever too fast. */
  readonly paces?: PersonLimitRates;
};

export type World = Facts & {
  readonly inbound: App["inbound"];
  readonly deps: Deps;
  readonly store: MemoryStore;
  readonly policy: Past<Policy>;
  photograph(): void;
  snapshot(): InventorySnapshot;
  readonly rotas: Rotas;
  nowMs(): number;
  advance(ms: number): void;
  /** Before the call of a port that is this many away, something else happens. */
  interrupt(calls: number, by: () => Promise<unknown>): void;
  /** Every step of every request from one state to another, in order. */
  readonly moves: { readonly before: AccessRequest | undefined; readonly after: AccessRequest }[];
  sender(user: UserId, change?: Partial<Sender>): Sender;
};

export const GENERAL = channelId("C0GENERAL");
const T0 = Date.UTC(2026, 10, 1, 12, 0, 0);

export function startWorld(options: WorldOptions): World {
  let nowMs = T0;
  const now = () => nowMs;
  const past = <Value>(first: Value): Past<Value> => pastOf(first, now);
  const { between, interrupt } = interruptions();
  const facts: Facts = {
    people: new Map([...options.people].map(([user, kind]) => [user, past(kind)])),
    groups: new Map([...options.groups].map(([group, users]) => [group, past(users)])),
    vms: past(options.vms),
    vmPolicies: past(options.vmPolicies),
    away: { slack: false, groups: false, azure: false, rotas: false },
    shifts: past<readonly Shift[]>([]),
    shared: new Set(),
    identities: new Map(),
  };
  const policy = past(options.policy);
  const moves: World["moves"] = [];
  const onWrite = (before: AccessRequest | undefined, after: AccessRequest) =>
    void moves.push({ before, after });
  const store = memoryStore({ nowMs: now, between, onWrite });
  const { azure, photograph, snapshot } = azureOf(facts, between, now);
  const rotas = rotasOf(facts, between);
  const ports = {
    ...store,
    azure,
    chat: chatOf(facts, between),
    rotas,
    clock: clockOf(now),
    random: newRandom(),
    log: { debug: silent, info: silent, warn: silent, error: silent },
  };
  const config = { policy: policy.now, paces: options.paces ?? UNHURRIED };
  return {
    ...facts,
    inbound: (options.build ?? buildApp)(ports, config).inbound,
    deps: depsOf(ports, policy.now),
    store,
    policy,
    rotas,
    moves,
    photograph: () => void photograph(),
    snapshot,
    nowMs: now,
    advance: (ms) => {
      nowMs += ms;
    },
    interrupt,
    sender: newSenders(),
  };
}

/** What happens before the call of a port that is this many away. */
function interruptions() {
  let next: { calls: number; by: () => Promise<unknown> } | undefined;
  return {
    between: async (): Promise<void> => {
      if (next === undefined) return;
      next.calls -= 1;
      if (next.calls > 0) return;
      const { by } = next;
      next = undefined;
      await by();
    },
    interrupt: (calls: number, by: () => Promise<unknown>): void => {
      next = { calls, by };
    },
  };
}

/** Whatever would take time here takes none; what waits for time to pass is not part of these tests. */
const clockOf = (nowMs: () => number): Clock => ({
  nowMs,
  monotonicMs: nowMs,
  sleep: (ms) => (ms === 0 ? Promise.resolve() : new Promise<void>(() => undefined)),
});

/** The same in every run. */
function newRandom(): Random {
  let drawn = 0;
  return {
    bytes: (count) => {
      drawn += 1;
      return Uint8Array.from({ length: count }, (_, i) => (drawn * 2_654_435_761) >>> (i * 5));
    },
  };
}

/** For flows that are called by themselves, and not by way of the inbound port. */
const depsOf = (ports: Ports, policy: () => Policy): Deps => ({
  ...ports,
  policy,
  tracing: NO_TRACING,
  onCommitted: silent,
  applyChange: silent,
  applyEndAll: silent,
  limits: personLimits(ports.clock, UNHURRIED),
  onCall: onCallPeople({ ...ports, policy }),
});

function newSenders(): World["sender"] {
  let deliveries = 0;
  return (user, change = {}) => ({
    user,
    outsider: false,
    channel: GENERAL,
    delivery: `delivery-${deliveries++}`,
    ...change,
  });
}
