// A store in memory for the properties: it compares and sets, counts limits and knows deliveries as the port says.

import type { AuditNote } from "../../src/domain/request/moved.ts";
import { type AccessRequest, isLive, isWaiting } from "../../src/domain/request/request.ts";
import { type Away, isInForce } from "../../src/domain/rules/delegation.ts";
import type { Freeze } from "../../src/domain/rules/freeze.ts";
import type { RequestId, UserId } from "../../src/domain/text/ids.ts";
import type {
  Committed,
  Created,
  Limits,
  Lists,
  StoredRequest,
  Write,
} from "../../src/ports/storage/requests.ts";
import type { Storage } from "../../src/ports/storage/storage.ts";

type Recorded = { readonly id: RequestId | undefined; readonly note: AuditNote };

export type MemoryStore = Storage & {
  readonly recorded: Recorded[];
  all(): readonly AccessRequest[];
  versionOf(id: RequestId): number;
};

type Options = {
  readonly nowMs: () => number;
  /** Something else may happen before each call is answered. */
  readonly between: () => Promise<void>;
  readonly onWrite: (before: AccessRequest | undefined, after: AccessRequest) => void;
};

const nothing = (): Promise<void> => Promise.resolve();

/** All that is stored, by what it is. */
type Memory = Options & {
  readonly kept: Map<RequestId, Omit<StoredRequest, "nowMs">>;
  readonly deliveries: Set<string>;
  readonly asks: Map<string, readonly number[]>;
  readonly locks: Map<string, { owner: string; endsAtMs: number }>;
  readonly recorded: Recorded[];
  readonly away: Map<UserId, Away>;
  frozen: Freeze | undefined;
};

export function memoryStore(options: Options): MemoryStore {
  const memory: Memory = {
    ...options,
    kept: new Map(),
    deliveries: new Set(),
    asks: new Map(),
    locks: new Map(),
    recorded: [],
    away: new Map(),
    frozen: undefined,
  };
  const { kept, recorded, between, nowMs } = memory;
  return {
    recorded,
    all: () => [...kept.values()].map(({ request }) => request),
    versionOf: (id) => kept.get(id)?.version ?? 0,
    storeClock: {
      nowMs: async () => {
        await between();
        return nowMs();
      },
    },
    requests: requestsIn(memory),
    leases: leasesIn(memory),
    deliveries: deliveriesIn(memory),
    auditNotes: auditNotesIn(memory),
    rateLimits: rateLimitsIn(memory),
    absences: absencesIn(memory),
    freezes: freezesIn(memory),
    endAlls: {
      read: async () => undefined,
      commit: async () => 1,
      unfinished: async () => [],
    },
    ...idle(nowMs),
  };
}

const newestFirst = ({ kept }: Memory) =>
  [...kept.values()].map(({ request }) => request).reverse();

function write(memory: Memory, { next, audit: notes, delivery }: Write, version: number): void {
  const { kept, recorded, deliveries, onWrite } = memory;
  onWrite(kept.get(next.id)?.request, next);
  kept.set(next.id, { request: next, version });
  recorded.push(...notes.map((note) => ({ id: next.id, note })));
  if (delivery !== undefined) deliveries.add(delivery);
}

function create(memory: Memory, one: Write, limits: Limits): Created {
  const { kept, deliveries, nowMs } = memory;
  const { next, delivery } = one;
  if (delivery !== undefined && deliveries.has(delivery)) return { outcome: "repeated" };
  if (kept.has(next.id)) return { outcome: "id-taken" };
  const own = newestFirst(memory).filter(({ ask }) => ask.requester === next.ask.requester);
  const open = own.filter(isLive).length;
  const pending = own.filter(isWaiting).length;
  const held = { open, pending };
  for (const index of [isWaiting(next) ? "pending" : "open", ...(limits.along ?? [])] as const) {
    if (held.open >= limits.openPerPerson) return { outcome: "too-many-open", count: open };
    if (index === "pending" && held.pending >= limits.pendingPerPerson) {
      return { outcome: "too-many-pending", count: pending };
    }
    held[index] += 1;
  }
  write(memory, one, 1);
  return { outcome: "created", nowMs: nowMs() };
}

function commit(memory: Memory, version: number, one: Write): Committed {
  const { kept, deliveries, frozen, nowMs } = memory;
  const { next, delivery } = one;
  if (delivery !== undefined && deliveries.has(delivery)) return { outcome: "repeated" };
  if (kept.get(next.id)?.version !== version) return { outcome: "conflict" };
  if (one.opens?.anyway === false && frozen !== undefined) return { outcome: "frozen" };
  const { openMax = Number.POSITIVE_INFINITY } = one;
  const open = newestFirst(memory).filter(
    (request) =>
      request.id !== next.id && request.ask.requester === next.ask.requester && isLive(request),
  ).length;
  if (open >= openMax) return { outcome: "too-many-open", count: open };
  write(memory, one, version + 1);
  return { outcome: "written", version: version + 1, nowMs: nowMs() };
}

function isIn(request: AccessRequest, which: Lists): boolean {
  if (typeof which === "object") return request.ask.requester === which.of;
  if (which === "pending") return isWaiting(request);
  if (which === "open") return isLive(request);
  return request.review !== undefined && request.review.closed === undefined;
}

function requestsIn(memory: Memory): Storage["requests"] {
  const { kept, between, nowMs } = memory;
  const list = async (which: Lists, most: number, skip = 0): Promise<readonly AccessRequest[]> => {
    await between();
    return newestFirst(memory)
      .filter((request) => isIn(request, which))
      .slice(skip, skip + most);
  };
  return {
    create: async (one, limits) => {
      await between();
      return create(memory, one, limits);
    },
    read: async (id) => {
      await between();
      const found = kept.get(id);
      return found && { ...found, nowMs: nowMs() };
    },
    commit: async (version, one) => {
      await between();
      return commit(memory, version, one);
    },
    list,
    page: async (...asked) => ({ requests: await list(...asked), unreadable: [] }),
    holders: async (doors) => doors.map(() => []),
  };
}

const leasesIn = ({ locks, between, nowMs }: Memory): Storage["leases"] => ({
  take: async (vm, owner, leaseMs) => {
    await between();
    const lock = locks.get(vm);
    if (lock !== undefined && lock.owner !== owner && lock.endsAtMs > nowMs()) return false;
    locks.set(vm, { owner, endsAtMs: nowMs() + leaseMs });
    return true;
  },
  renew: async (vm, owner) => locks.get(vm)?.owner === owner,
  give: async (vm, owner) => {
    if (locks.get(vm)?.owner === owner) locks.delete(vm);
  },
});

const deliveriesIn = ({ deliveries, between }: Memory): Storage["deliveries"] => ({
  take: async (delivery) => {
    await between();
    if (deliveries.has(delivery)) return false;
    deliveries.add(delivery);
    return true;
  },
});

const auditNotesIn = ({ recorded, deliveries, between }: Memory): Storage["auditNotes"] => ({
  record: async (id, note, delivery) => {
    await between();
    if (delivery !== undefined && deliveries.has(delivery)) return "repeated";
    if (delivery !== undefined) deliveries.add(delivery);
    recorded.push({ id, note });
    return "recorded";
  },
});

const rateLimitsIn = ({ asks, nowMs }: Memory): Storage["rateLimits"] => ({
  takeTurn: async () => 0,
  takePlace: async () => 0,
  takeAsk: async (user, most, kind) => {
    const field = `${user} ${kind}`;
    const lately = (asks.get(field) ?? []).filter((atMs) => atMs > nowMs() - 60_000);
    if (lately.length >= most) return (lately.at(-most) ?? 0) + 60_000 - nowMs();
    asks.set(field, [...lately, nowMs()]);
    return 0;
  },
});

function absencesIn({ away, deliveries, recorded, between, nowMs }: Memory): Storage["absences"] {
  /** Once for each delivery, with its entry. */
  const noted = (note: AuditNote, delivery: string, work: () => void): "written" | "repeated" => {
    if (deliveries.has(delivery)) return "repeated";
    deliveries.add(delivery);
    work();
    recorded.push({ id: undefined, note });
    return "written";
  };
  return {
    now: async () => {
      await between();
      const now = nowMs();
      return { nowMs: now, away: [...away.values()].filter((one) => isInForce(one, now)) };
    },
    set: async (one, note, delivery) => {
      await between();
      return noted(note, delivery, () => away.set(one.user, { ...one, sinceMs: nowMs() }));
    },
    end: async (user, note, delivery) => {
      await between();
      const said = away.get(user);
      if (said === undefined || !isInForce(said, nowMs())) return "not-away";
      return noted(note, delivery, () => away.delete(user));
    },
  };
}

function freezesIn(memory: Memory): Storage["freezes"] {
  const { deliveries, between, nowMs } = memory;
  return {
    now: async () => {
      await between();
      return memory.frozen;
    },
    set: async (freeze, { delivery }) => {
      if (deliveries.has(delivery)) return "repeated";
      if (memory.frozen !== undefined) return "already";
      deliveries.add(delivery);
      memory.frozen = { ...freeze, atMs: nowMs() };
      return "frozen";
    },
    lift: async ({ delivery }) => {
      if (deliveries.has(delivery)) return "repeated";
      if (memory.frozen === undefined) return "not-frozen";
      deliveries.add(delivery);
      memory.frozen = undefined;
      return "lifted";
    },
    underway: async () => [],
  };
}

/** No worker is started: what would be due is done by the tests themselves. */
const idle = (nowMs: () => number) => ({
  workQueue: {
    claim: async () => ({
      claims: [],
      nowMs: nowMs(),
      nextInMs: undefined,
      goneCount: 0,
      takenOver: 0,
    }),
    prove: async () => 0,
    yield: nothing,
    leave: nothing,
    release: async () => false,
  },
  deadLetters: {
    park: async () => true,
    list: async () => ({ count: 0, some: [] }),
    requeue: async () => "not-parked" as const,
  },
  notices: { add: nothing, release: nothing },
  homeReaders: { add: nothing, latest: async () => [] },
  peopleChanges: { add: nothing, since: async () => ({ nowMs: nowMs(), ids: [] }) },
  announcements: { announce: async () => "announced" as const, last: async () => "" },
  policyReports: {
    report: async () => ({
      nowMs: nowMs(),
      replicas: [],
      differSinceMs: undefined,
      announced: "",
    }),
    list: async () => [],
  },
  callKeys: { current: async () => "the key of this test" },
  primary: { confirm: nothing },
});
