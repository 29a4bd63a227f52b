// Slack, Azure and the rotas of a world in memory: each answers from what is so, or was, and may be away.

import type { Shift } from "../../src/domain/on-call/rota.ts";
import type { AccessRequest } from "../../src/domain/request/request.ts";
import {
  type ChannelId,
  channelId,
  type GroupId,
  type UserId,
  userId,
  vmKey,
} from "../../src/domain/text/ids.ts";
import type { JitVmPolicy, Vm } from "../../src/domain/vm/vm.ts";
import type { Azure, InventorySnapshot } from "../../src/ports/azure.ts";
import type { Chat, Person } from "../../src/ports/chat.ts";
import { Fault } from "../../src/ports/fault.ts";
import type { Rotas } from "../../src/ports/rotas.ts";
import type { Past } from "./past.ts";

export type Kind = Person["kind"] | "unknown";

export const silent = (): void => undefined;

/** What is so, and what of it can't be asked for just now. */
export type Facts = {
  readonly people: ReadonlyMap<UserId, Past<Kind>>;
  readonly groups: ReadonlyMap<GroupId, Past<readonly UserId[]>>;
  readonly vms: Past<readonly Vm[]>;
  /** As they are at Azure; the bot's snapshot of them is of the last `photograph`. */
  readonly vmPolicies: Past<readonly JitVmPolicy[]>;
  /** `groups`: Slack answers, but not who is in a group. */
  readonly away: { slack: boolean; groups: boolean; azure: boolean; rotas: boolean };
  /** What every rota says, to whom it is asked. */
  readonly shifts: Past<readonly Shift[]>;
  readonly shared: Set<ChannelId>;
  /** Of ids that are another one's person, that one's. */
  readonly identities: Map<UserId, UserId>;
};

/** Something else may happen before each call is answered. */
type Between = () => Promise<void>;

/** Fails where any of these is away. */
const orFault = ({ away }: Facts, ...parts: readonly (keyof Facts["away"])[]): void => {
  const part = parts.find((one) => away[one]);
  if (part === undefined) return;
  const source = part === "azure" ? part : part === "rotas" ? "rota" : "slack";
  throw new Fault({ source, code: "ETIMEDOUT", message: "no answer", retryable: true });
};

export type Photographed = {
  readonly azure: Azure;
  photograph(): InventorySnapshot;
  snapshot(): InventorySnapshot;
};

/** Nothing is ever opened there: no worker is started. */
export function azureOf(facts: Facts, between: Between, nowMs: () => number): Photographed {
  const { vms, vmPolicies } = facts;
  const taken = (): InventorySnapshot => {
    const byVm = new Map(vms.now().map((vm) => [vm.key, vm]));
    const found = [...byVm.keys()].map(
      (key) => [key, vmPolicies.now().filter((vmPolicy) => vmPolicy.vm === key)] as const,
    );
    const known = new Map(found.filter(([, list]) => list.length > 0));
    return { atMs: nowMs(), vms: byVm, vmPolicies: known, unread: [] };
  };
  let snapshot = taken();
  const photograph = (): InventorySnapshot => {
    snapshot = taken();
    return snapshot;
  };
  const azure: Azure = {
    snapshot: () => snapshot,
    principal: () => undefined,
    refresh: async () => {
      await between();
      orFault(facts, "azure");
      return photograph();
    },
    readVm: async (id) => {
      await between();
      orFault(facts, "azure");
      return vms.now().find((vm) => vm.key === vmKey(id));
    },
    readRawPolicy: async () => undefined,
    writePolicy: async () => {},
    deletePolicy: async () => {},
    readPolicy: async (id) => {
      await between();
      orFault(facts, "azure");
      const own = vmPolicies.now().filter((vmPolicy) => vmPolicy.policyId === id);
      return own.length === 0 ? undefined : { id, vmPolicies: own, entries: [] };
    },
    open: async () => undefined,
    openRules: async () => [],
    deleteRule: async () => undefined,
    activity: async () => [],
    skewMs: () => 0,
  };
  return { azure, photograph, snapshot: () => snapshot };
}

type Directory = Pick<Chat, "person" | "personByAddress" | "groupMembers">;

/** Who is who, and who is in which group. */
function directoryOf(facts: Facts, between: Between): Directory {
  const { people, groups, identities } = facts;
  const kindOf = (id: UserId, maxAgeMs: number) => people.get(id)?.ago(maxAgeMs) ?? "unknown";
  return {
    person: async (id, maxAgeMs) => {
      await between();
      orFault(facts, "slack");
      const kind = kindOf(id, maxAgeMs);
      return kind === "unknown"
        ? undefined
        : { id, identity: identities.get(id) ?? id, name: id.toLowerCase(), kind };
    },
    personByAddress: async (address, maxAgeMs) => {
      await between();
      orFault(facts, "slack");
      const id = userId(address.split("@")[0]?.toUpperCase() ?? "");
      const kind = kindOf(id, maxAgeMs);
      return kind === "unknown"
        ? undefined
        : { id, identity: identities.get(id) ?? id, name: address, email: address, kind };
    },
    groupMembers: async (group, maxAgeMs) => {
      await between();
      orFault(facts, "slack", "groups");
      return groups.get(group)?.ago(maxAgeMs) ?? [];
    },
  };
}

/** What is posted goes nowhere; it has a place all the same. */
export function chatOf(facts: Facts, between: Between): Chat {
  const { shared } = facts;
  let posted = 0;
  const message = (to: string) => ({ channel: channelId(to), ts: `${1_700_000_000 + posted++}.0` });
  return {
    ...directoryOf(facts, between),
    // What may be read old is: that it is dropped is tested where it is kept.
    forget: silent,
    reach: async (channel) => (shared.has(channel) ? "shared" : "own"),
    isShared: async (channel) => shared.has(channel),
    postCard: async (_, to) => message(to),
    editCard: async () => undefined,
    closeLostCard: async () => undefined,
    findCards: async () => [],
    postHistory: async (_, card) => card,
    postLive: async ({ ask }: AccessRequest) => message(ask.requester),
    findLive: async () => undefined,
    editLive: async () => undefined,
    pingRequester: async () => undefined,
    foldWarning: async () => undefined,
    isIn: async () => true,
    callRequester: async (_, card) => card,
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
    postNotices: async (_, notices) => notices.length,
  };
}

export function rotasOf(facts: Facts, between: Between): Rotas {
  return async () => {
    await between();
    orFault(facts, "rotas");
    return { shifts: facts.shifts.now(), unread: 0 };
  };
}
