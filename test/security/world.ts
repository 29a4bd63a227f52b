// A whole workspace in memory: people and groups that change, an Azure with policies, a clock that is moved.
// Whatever may be read old is read as old as it may be.

import { type App, buildApp } from "../../src/app.ts";
import type { Shift } from "../../src/domain/on-call/rota.ts";
import type { AccessRequest } from "../../src/domain/request/request.ts";
import type { Policy } from "../../src/domain/rules/policy.ts";
import {
  type ChannelId,
  channelId,
  type GroupId,
  type UserId,
  userId,
  vmKey,
} from "../../src/domain/text/ids.ts";
import type { JitVmPolicy, Vm } from "../../src/domain/vm/vm.ts";
import type { Deps } from "../../src/flows/deps.ts";
import { type PersonLimitRates, personLimits } from "../../src/flows/limits/person-limits.ts";
import { onCallPeople } from "../../src/flows/people/on-call.ts";
import type { Azure, InventorySnapshot } from "../../src/ports/azure.ts";
import type { Chat, Person } from "../../src/ports/chat.ts";
import { Fault } from "../../src/ports/fault.ts";
import type { Sender } from "../../src/ports/inbound.ts";
import { NO_TRACING } from "../../src/ports/metrics/tracing.ts";
import type { Rotas } from "../../src/ports/rotas.ts";
import { UNHURRIED } from "../support/unhurried.ts";
import { type MemoryStore, memoryStore } from "./store.ts";

export type Kind = Person["kind"] | "unknown";

/** Something that changes, with what it was before. */
type Past<Value> = {
  set(value: Value): void;
  now(): Value;
  /** What it was so long ago. */
  ago(ms: number): Value;
  /** Everything that it was since then, what it was then included. */
  within(ms: number): readonly Value[];
};

export type WorldOptions = {
  readonly policy: Policy;
  readonly people: ReadonlyMap<UserId, Kind>;
  readonly groups: ReadonlyMap<GroupId, readonly UserId[]>;
  readonly vms: readonly Vm[];
  readonly covers: readonly JitVmPolicy[];
  /** The bot, or one with a fault put into it. */
  readonly build?: typeof buildApp;
  /** Left out: nobody is ever too fast. */
  readonly paces?: PersonLimitRates;
};

export type World = {
  readonly desk: App["desk"];
  readonly deps: Deps;
  readonly store: MemoryStore;
  readonly people: ReadonlyMap<UserId, Past<Kind>>;
  readonly groups: ReadonlyMap<GroupId, Past<readonly UserId[]>>;
  readonly policy: Past<Policy>;
  readonly vms: Past<readonly Vm[]>;
  /** As they are at Azure; the bot's picture of them is of the last `photograph`. */
  readonly covers: Past<readonly JitVmPolicy[]>;
  photograph(): void;
  picture(): InventorySnapshot;
  /** `groups`: Slack answers, but not who is in a group. */
  readonly away: { slack: boolean; groups: boolean; azure: boolean; rotas: boolean };
  /** What every rota says, to whom it is asked. */
  readonly shifts: Past<readonly Shift[]>;
  readonly rotas: Rotas;
  readonly shared: Set<ChannelId>;
  /** Of ids that are another one's person, that one's. */
  readonly identities: Map<UserId, UserId>;
  nowMs(): number;
  advance(ms: number): void;
  /** Before the call of a port that is so many away, something else happens. */
  interrupt(calls: number, by: () => Promise<unknown>): void;
  /** Every step of every request from one state to another, in order. */
  readonly moves: { readonly before: AccessRequest | undefined; readonly after: AccessRequest }[];
  sender(user: UserId, change?: Partial<Sender>): Sender;
};

export const GENERAL = channelId("C0GENERAL");
const T0 = Date.UTC(2026, 10, 1, 12, 0, 0);
const silent = (): void => undefined;

export function startWorld(options: WorldOptions): World {
  let nowMs = T0;
  const past = <Value>(first: Value): Past<Value> => {
    const all = [{ sinceMs: 0, value: first }];
    const last = () => all[all.length - 1] ?? { sinceMs: 0, value: first };
    const ago = (ms: number): Value =>
      (all.findLast((one) => one.sinceMs <= nowMs - ms) ?? { value: first }).value;
    return {
      set: (value) => void all.push({ sinceMs: nowMs, value }),
      now: () => last().value,
      // What was set at this very moment counts as now.
      ago: (ms) => (ms === 0 ? last().value : ago(ms)),
      within: (ms) => [
        ago(ms),
        ...all.filter((one) => one.sinceMs > nowMs - ms).map(({ value }) => value),
      ],
    };
  };

  let interruption: { calls: number; by: () => Promise<unknown> } | undefined;
  const between = async (): Promise<void> => {
    if (interruption === undefined) return;
    interruption.calls -= 1;
    if (interruption.calls > 0) return;
    const { by } = interruption;
    interruption = undefined;
    await by();
  };

  const people = new Map([...options.people].map(([user, kind]) => [user, past(kind)]));
  const groups = new Map([...options.groups].map(([group, users]) => [group, past(users)]));
  const policy = past(options.policy);
  const vms = past(options.vms);
  const covers = past(options.covers);
  const away = { slack: false, groups: false, azure: false, rotas: false };
  const shifts = past<readonly Shift[]>([]);
  const shared = new Set<ChannelId>();
  const identities = new Map<UserId, UserId>();
  const moves: World["moves"] = [];
  const store = memoryStore({
    nowMs: () => nowMs,
    between,
    onWrite: (before, after) => void moves.push({ before, after }),
  });

  const orFault = (part: keyof typeof away) => {
    if (!away[part]) return;
    const world = part === "azure" ? part : part === "rotas" ? "rota" : "slack";
    throw new Fault({ world, code: "ETIMEDOUT", message: "no answer", retryable: true });
  };
  let picture: InventorySnapshot;
  const photograph = () => {
    const byVm = new Map(vms.now().map((vm) => [vm.key, vm]));
    const found = [...byVm.keys()].map(
      (key) => [key, covers.now().filter((cover) => cover.vm === key)] as const,
    );
    picture = {
      atMs: nowMs,
      vms: byVm,
      covers: new Map(found.filter(([, list]) => list.length > 0)),
      unread: [],
    };
    return picture;
  };
  photograph();

  const azure: Azure = {
    snapshot: () => picture,
    principal: () => undefined,
    refresh: async () => {
      await between();
      orFault("azure");
      return photograph();
    },
    readVm: async (id) => {
      await between();
      orFault("azure");
      return vms.now().find((vm) => vm.key === vmKey(id));
    },
    readRawPolicy: async () => undefined,
    writePolicy: async () => {},
    deletePolicy: async () => {},
    readPolicy: async (id) => {
      await between();
      orFault("azure");
      const own = covers.now().filter((cover) => cover.policyId === id);
      return own.length === 0 ? undefined : { id, covers: own, entries: [] };
    },
    open: async () => undefined,
    openRules: async () => [],
    deleteRule: async () => undefined,
    activity: async () => [],
    skewMs: () => 0,
  };
  let posted = 0;
  const message = (to: string) => ({ channel: channelId(to), ts: `${1_700_000_000 + posted++}.0` });
  const chat = {
    person: async (id: UserId, maxAgeMs: number) => {
      await between();
      orFault("slack");
      const kind = people.get(id)?.ago(maxAgeMs) ?? "unknown";
      return kind === "unknown"
        ? undefined
        : { id, identity: identities.get(id) ?? id, name: id.toLowerCase(), kind };
    },
    personByAddress: async (address: string, maxAgeMs: number) => {
      await between();
      orFault("slack");
      const id = userId(address.split("@")[0]?.toUpperCase() ?? "");
      const kind = people.get(id)?.ago(maxAgeMs) ?? "unknown";
      return kind === "unknown"
        ? undefined
        : { id, identity: identities.get(id) ?? id, name: address, email: address, kind };
    },
    groupMembers: async (group: GroupId, maxAgeMs: number) => {
      await between();
      orFault("slack");
      orFault("groups");
      return groups.get(group)?.ago(maxAgeMs) ?? [];
    },
    // What may be read old is: that it is dropped is tested where it is kept.
    forget: silent,
    reach: async (channel: ChannelId) => (shared.has(channel) ? "shared" : "own"),
    isShared: async (channel: ChannelId) => shared.has(channel),
    postCard: async (_: AccessRequest, to: string) => message(to),
    editCard: async () => undefined,
    closeLostCard: async () => undefined,
    findCards: async () => [],
    postHistory: async (_: AccessRequest, card: { channel: ChannelId; ts: string }) => card,
    postLive: async ({ ask }: AccessRequest) => message(ask.requester),
    findLive: async () => undefined,
    editLive: async () => undefined,
    pingRequester: async () => undefined,
    foldWarning: async () => undefined,
    isIn: async () => true,
    callRequester: async (_: AccessRequest, card: { channel: ChannelId; ts: string }) => card,
    whisper: async () => undefined,
    editEndMessage: async () => undefined,
    warn: async () => undefined,
    publishHome: async () => undefined,
    tell: async () => undefined,
    postChange: async () => ({ channel: channelId("D0"), ts: "1" }),
    editChange: async () => undefined,
    postEndAll: async () => ({ channel: channelId("D0"), ts: "1" }),
    editEndAll: async () => undefined,
    sendFile: async () => {},
    postNotices: async (_: ChannelId, notices: readonly unknown[]) => notices.length,
  } satisfies Chat;

  const rotas: Rotas = async () => {
    await between();
    orFault("rotas");
    return { shifts: shifts.now(), unread: 0 };
  };

  let drawn = 0;
  const ports = {
    ...store,
    azure,
    chat,
    rotas,
    clock: {
      nowMs: () => nowMs,
      monotonicMs: () => nowMs,
      // Whatever would take time here takes none; what waits for time to pass is not part of these tests.
      sleep: (ms: number) => (ms === 0 ? Promise.resolve() : new Promise<void>(() => undefined)),
    },
    random: {
      bytes: (count: number) => {
        drawn += 1;
        return Uint8Array.from({ length: count }, (_, i) => (drawn * 2_654_435_761) >>> (i * 5));
      },
    },
    log: { debug: silent, info: silent, warn: silent, error: silent },
  };
  let deliveries = 0;
  return {
    desk: (options.build ?? buildApp)(ports, {
      policy: policy.now,
      paces: options.paces ?? UNHURRIED,
    }).desk,
    deps: {
      ...{
        ...ports,
        policy: policy.now,
        tracing: NO_TRACING,
        onCommitted: silent,
        applyChange: silent,
        applyEndAll: silent,
      },
      limits: personLimits(ports.clock, UNHURRIED),
      onCall: onCallPeople({ ...ports, policy: policy.now }),
    },
    ...{
      store,
      people,
      groups,
      policy,
      vms,
      covers,
      away,
      shifts,
      rotas,
      shared,
      identities,
      moves,
    },
    photograph: () => {
      photograph();
    },
    picture: () => picture,
    nowMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
    interrupt: (calls, by) => {
      interruption = { calls, by };
    },
    sender: (user, change = {}) => ({
      user,
      outsider: false,
      channel: GENERAL,
      delivery: `delivery-${deliveries++}`,
      ...change,
    }),
  };
}
