// A request held by a worker: the document as last known, changes written in order, the lease watched.

import type { WorldAct } from "../../domain/request/acts/world-act.ts";
import type { Moved } from "../../domain/request/moved.ts";
import { outstanding } from "../../domain/request/outstanding.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import { transition } from "../../domain/request/transition.ts";
import type { Clock } from "../../ports/clock.ts";
import { isFault } from "../../ports/fault.ts";
import type { Opens, StoredRequest } from "../../ports/storage/requests.ts";
import type { Claim } from "../../ports/storage/work-queue.ts";
import type { Deps } from "../deps.ts";
import { changeRequest } from "../requests/change-request.ts";
import { type Lease, type Moment, momentOf } from "./lease.ts";

type Needs = Pick<Deps, "requests" | "clock" | "policy" | "onCommitted">;

/** Applied to the newest document, possibly more than once: keep it pure. */
type Change = (request: AccessRequest, nowMs: number) => AccessRequest | Moved;

export type LeasedRequest = {
  /** Names this claim: of no other claim, and of no other replica. */
  readonly owner: string;
  /** Nobody knows how its last worker fared: what that was to edit it may have sent. */
  readonly isSuspect: boolean;
  /** The newest known document, with what was noted. */
  current(): AccessRequest;
  version(): number;
  /** The store's time, carried forward by this process's own clock. */
  nowMs(): number;
  /** Whether it is worth beginning anything: what goes out asks the store besides (see `fenced`). */
  leaseHolds(): boolean;
  /**
   * Writes a change, merged into whatever the document has become meanwhile. A Redis that is away for a
   * moment is waited for while the lease holds: what was done outside must not be forgotten.
   */
  record(change: Change): Promise<void>;
  /**
   * As `record`, and waits for nothing: it is written with the next change, or with `flush`. For what is only done
   * again where it is lost: a message that was edited.
   */
  note(change: Change): void;
  isNoted(): boolean;
  /** Writes what was noted and isn't written yet. */
  flush(): Promise<void>;
  /**
   * Stores that Azure is about to be asked to open it; false: access is frozen, and nothing was written. Azure must not
   * be asked then.
   */
  beginOpening(opens: Opens): Promise<boolean>;
  /** Tells the request a piece of news. */
  news(act: WorldAct): Promise<void>;
  /** Tells it news that opens it; the count where its requester has as many open as the limit allows: nothing was written. */
  opens(act: WorldAct): Promise<number | undefined>;
  /** Looks whether somebody else has written meanwhile. Never rejects for a fault. */
  refresh(): Promise<void>;
  /** Whether it was given back with the last write, because nothing was outstanding after it. */
  isGivenBack(): boolean;
};

/** It would open, and access is frozen. */
class Frozen extends Error {
  override readonly name = "Frozen";
}

/** It would open, and its requester has as many open as the limit allows. */
class TooManyOpen extends Error {
  override readonly name = "TooManyOpen";
  readonly count: number;
  constructor(count: number) {
    super(`not opened: ${count} are open`);
    this.count = count;
  }
}

type RequestClaim = Extract<Claim, { kind: "request" }>;

/** The lease is left alone this long before it runs out: a call takes at most a third of it. */
const LEASE_USED_SHARE = 2 / 3;

/** Between two attempts to write while Redis is away. */
const WRITE_AGAIN_MS = 250;

export function leasedRequest(
  deps: Needs,
  claim: RequestClaim,
  { lease, leaseMs, claimedAt }: { lease: Lease; leaseMs: number; claimedAt: Moment },
): LeasedRequest {
  const { requests, clock } = deps;
  const document = knownDocument(claim, clock);
  const { nowMs } = document;
  let leasedAtMs = claimedAt.ownMs;
  let givenBack = false;
  const leaseHolds = () =>
    !givenBack && !lease.isLost() && clock.monotonicMs() - leasedAtMs < leaseMs * LEASE_USED_SHARE;

  const write = async (changes: readonly Change[], opens?: Opens): Promise<boolean> => {
    const known = document.known();
    const { id } = known.request;
    let startedAt = momentOf(clock);
    const change = (stored: StoredRequest): Moved => {
      if (stored.version !== document.known().version) document.adopt(stored);
      startedAt = momentOf(clock);
      return { ...applied(stored.request, changes, nowMs()), ...(opens && { opens }) };
    };
    // Saves the step of giving it back. What an effect may still write is merged as everybody's is.
    const givesBack = (next: AccessRequest) =>
      queue.isEmpty() && outstanding(next, nowMs()).length === 0;
    const lent = { owner: lease.owner, known, givesBack };
    const changed = await changeRequest(deps, id, change, { lease: lent });
    if (changed.outcome === "frozen") throw new Frozen(`${id} isn't opened: access is frozen`);
    if (changed.outcome === "too-many-open") throw new TooManyOpen(changed.count);
    if (changed.outcome === "missing") throw new Error(`request ${id} vanished while it was held`);
    if (changed.outcome !== "changed") return changed.outcome !== "contended";
    document.adopt(changed);
    leasedAtMs = startedAt.ownMs;
    givenBack ||= changed.isGivenBack;
    if (changed.isGivenBack) lease.giveUp();
    else if (changed.holdsMs !== undefined) lease.heard(startedAt, changed.holdsMs);
    return true;
  };

  const untilWritten = writtenOnceBack({ clock, write, leaseHolds });
  const queue = changeQueue(untilWritten);

  return {
    owner: lease.owner,
    isSuspect: claim.isSuspect,
    current: () => queue.withNotes(document.known().request, nowMs()),
    version: () => document.known().version,
    nowMs,
    leaseHolds,
    record: (change) => queue.record({ change }),
    note: (change) => queue.note(change),
    isNoted: () => !queue.isEmpty(),
    flush: () => queue.flush(),
    beginOpening: (opens) => begun(queue.record({ change: SENDING, opens, isAlone: true })),
    isGivenBack: () => givenBack,
    news: (act) => queue.record({ change: told(act) }),
    opens: (act) => counted(queue.record({ change: told(act), isAlone: true })),
    refresh: async () => {
      const fresh = await requests.read(document.known().request.id).catch(() => undefined);
      if (fresh !== undefined) document.heard(fresh);
    },
  };
}

type Write<Written> = (changes: readonly Change[], opens?: Opens) => Promise<Written>;

type Patient = Pick<Needs, "clock"> & {
  /** Answers false where others have written in between again and again. */
  readonly write: Write<boolean>;
  readonly leaseHolds: () => boolean;
};

/** Waits for a Redis that is away for a moment, and for others' writes, as long as the lease holds. */
function writtenOnceBack({ clock, write, leaseHolds }: Patient): Write<void> {
  return async (changes, opens) => {
    for (;;) {
      try {
        if (await write(changes, opens)) return;
      } catch (thrown) {
        const passes = isFault(thrown) && thrown.source === "redis" && thrown.retryable;
        if (!passes || !leaseHolds()) throw thrown;
        await clock.sleep(WRITE_AGAIN_MS);
      }
    }
  };
}

const told =
  (act: WorldAct): Change =>
  (current, atMs) =>
    transition(current, act, atMs);

const SENDING = told({ act: "sending", to: "open" });

/** Whether it was written: access may be frozen. */
async function begun(writing: Promise<void>): Promise<boolean> {
  try {
    await writing;
    return true;
  } catch (thrown) {
    if (thrown instanceof Frozen) return false;
    throw thrown;
  }
}

/** How many are open, where that is too many. */
async function counted(writing: Promise<void>): Promise<number | undefined> {
  try {
    await writing;
    return undefined;
  } catch (thrown) {
    if (thrown instanceof TooManyOpen) return thrown.count;
    throw thrown;
  }
}

/** The document as last heard of, and the store's time since. */
function knownDocument(claim: RequestClaim, clock: Clock) {
  let { request, version } = claim;
  let heardAt = { storeMs: claim.nowMs, ownMs: clock.monotonicMs() };
  const nowMs = () => heardAt.storeMs + (clock.monotonicMs() - heardAt.ownMs);

  const adopt = (fresh: StoredRequest): void => {
    request = fresh.request;
    version = fresh.version;
    heardAt = { storeMs: fresh.nowMs, ownMs: clock.monotonicMs() };
  };

  return {
    nowMs,
    known: () => ({ request, version, nowMs: nowMs() }),
    adopt,
    /** A reading may be overtaken by a write of ours. */
    heard: (fresh: StoredRequest): void => {
      if (fresh.version > version) adopt(fresh);
      else heardAt = { storeMs: fresh.nowMs, ownMs: clock.monotonicMs() };
    },
  };
}

/**
 * `isAlone`: it may be refused, and nothing else with it; `isNote`: it waits for the next one that isn't, and isn't
 * lost by being done again.
 */
type Queued = {
  readonly change: Change;
  readonly opens?: Opens;
  readonly isAlone?: true;
  readonly isNote?: true;
};

/** Changes that arrive while a write is under way go together into the next one, but for what goes alone. */
function changeQueue(write: Write<void>) {
  type Waiting = Queued & { done: () => void; failed: (thrown: unknown) => void };
  const nobodyWaits = { done: () => {}, failed: () => {} };
  const queue: Waiting[] = [];
  let writing: readonly Waiting[] = [];
  let isWriting = false;

  /** All up to what goes alone; that one goes before the notes that came before it. */
  const takeBatch = (): readonly Waiting[] => {
    const alone = queue.findIndex(({ isAlone }) => isAlone === true);
    const isNext = alone >= 0 && queue.slice(0, alone).every(isNote);
    const count = alone >= 0 ? alone : queue.length;
    return isNext ? queue.splice(alone, 1) : queue.splice(0, count);
  };

  const drain = async () => {
    isWriting = true;
    while (!queue.every(isNote)) {
      writing = takeBatch();
      try {
        await write(
          writing.map((one) => one.change),
          writing[0]?.opens,
        );
        for (const one of writing) one.done();
      } catch (thrown) {
        for (const one of writing) one.failed(thrown);
      }
      writing = [];
    }
    isWriting = false;
  };

  const record = (one: Queued): Promise<void> =>
    new Promise((done, failed) => {
      queue.push({ ...one, done, failed });
      if (!isWriting) void drain();
    });

  return {
    isEmpty: () => queue.length === 0,
    /** The document as it will be once they are written. */
    withNotes: (request: AccessRequest, nowMs: number): AccessRequest => {
      const notes = [...writing, ...queue].filter(isNote).map(({ change }) => change);
      return notes.length === 0 ? request : applied(request, notes, nowMs).request;
    },
    record,
    note: (change: Change): void => void queue.push({ change, isNote: true, ...nobodyWaits }),
    flush: async (): Promise<void> => {
      // Whatever waits is written before it.
      if (queue.length > 0) await record({ change: (request) => request });
    },
  };
}

const isNote = ({ isNote }: Queued): boolean => isNote === true;

function applied(before: AccessRequest, changes: readonly Change[], nowMs: number): Moved {
  return changes.reduce<Moved>(
    ({ request, audit }, change) => {
      const changed = change(request, nowMs);
      return "request" in changed
        ? { request: changed.request, audit: [...audit, ...changed.audit] }
        : { request: changed, audit };
    },
    { request: before, audit: [] },
  );
}
