// The worker of a replica: takes what is due, does whatever is outstanding, gives it back. Any replica can
// carry on where another one stopped, because everything is read off the stored document.

import { isFault } from "../ports/fault.ts";
import type { Claim, Notice } from "../ports/store.ts";
import { type ChannelId, channelId, groupId } from "../request/ids.ts";
import { dueAtMs } from "../request/outstanding.ts";
import { words } from "../request/words.ts";
import type { Worker } from "./azure-calls.ts";
import { carryOn } from "./carry-on.ts";
import { barredFrom } from "./channel-reach.ts";
import type { Deps } from "./deps.ts";
import { type Held, held } from "./held.ts";
import { isForAdmins } from "./notices.ts";
import { backoffMs } from "./pace.ts";
import { SEEING_AGE_MS } from "./people.ts";
import { runEffect } from "./run-effect.ts";

export type WorkerLoop = {
  start(): void;
  /** Something is due at once: look now instead of at the next second. */
  wake(): void;
  /** Takes nothing new; resolves when what is in hand is done, or handed over by its lease. */
  stop(limitMs: number): Promise<void>;
};

/** Nobody sleeps longer than this, so that work of other replicas and timers is found in time. */
const POLL_MS = 1_000;
const IN_HAND_MAX = 16;
/** Without a reason of its own an abort makes an error with a stack, for nobody. */
const WOKEN = "woken";
/** A document that was claimed so often without any result is set aside. */
const CLAIMS_MAX = 6;

export function workerLoop(deps: Deps, worker: Worker): WorkerLoop {
  const inHand = new Set<Promise<void>>();
  const stopping = new AbortController();
  let woken = new AbortController();
  let running: Promise<void> | undefined;

  /** Answers whether there may be more. */
  const takeWhatIsDue = async (): Promise<boolean> => {
    const claimedAtMs = deps.clock.monotonicMs();
    const most = IN_HAND_MAX - inHand.size;
    if (most <= 0) return false;
    const claims = await deps.store.claim(worker.name, { leaseMs: worker.leaseMs, most });
    for (const claim of claims) {
      const taken = { claim, claimedAtMs, signal: stopping.signal };
      const task = workOn(deps, worker, taken).then((dueInMs) => {
        const wasFull = inHand.size >= IN_HAND_MAX;
        inHand.delete(task);
        wakeIn(wasFull ? 0 : dueInMs);
      });
      inHand.add(task);
    }
    return claims.length === most;
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      woken = new AbortController();
      const isMore = await takeWhatIsDue().catch((thrown: unknown) => {
        deps.log.warn(factsOf(thrown), "the store could not be asked for work");
        return false;
      });
      if (!isMore) {
        await deps.clock.sleep(POLL_MS, AbortSignal.any([woken.signal, stopping.signal]));
      }
    }
  };

  const wake = () => woken.abort(WOKEN);

  /** What was given back is looked at when it comes due; what takes longer is found by the poll. */
  const wakeIn = (dueInMs: number | undefined): void => {
    if (dueInMs === undefined || dueInMs >= POLL_MS) return;
    if (dueInMs <= 0) wake();
    else void deps.clock.sleep(dueInMs, stopping.signal).then(wake);
  };

  return {
    start: () => {
      running ??= loop();
    },
    wake,
    stop: async (limitMs) => {
      stopping.abort();
      // What was claimed in the last moment is in hand only when the loop has ended.
      const done = Promise.resolve(running).then(() => Promise.allSettled(inHand));
      await Promise.race([done, deps.clock.sleep(limitMs)]);
    },
  };
}

type Taken = {
  readonly claim: Claim;
  readonly claimedAtMs: number;
  /** The replica is to stop. */
  readonly signal: AbortSignal;
};

/**
 * Works on one claimed thing; never rejects. What failed comes due again when its lease runs out. Answers
 * in how many milliseconds it is due again, where that is known.
 */
async function workOn(deps: Deps, worker: Worker, taken: Taken): Promise<number | undefined> {
  const { claim, claimedAtMs, signal } = taken;
  try {
    if (claim.claims > CLAIMS_MAX) {
      await setAside(deps, claim);
      return undefined;
    }
    switch (claim.kind) {
      case "unreadable":
        // A newer replica may be able to read it: only after several claims is it set aside.
        deps.log.error({ request: claim.id, why: claim.why }, "a stored request cannot be read");
        return undefined;
      case "notices":
        await postNotices(deps, worker, claim);
        return undefined;
      case "request": {
        const hold = held(deps, claim, { ...worker, worker: worker.name, claimedAtMs });
        await carryOn(deps, hold, {
          run: (effect) => runEffect(deps, worker, hold, effect),
          signal,
        });
        return await givenBack(deps, worker, hold);
      }
    }
  } catch (thrown) {
    const what = claim.kind === "notices" ? claim.channel : claim.id;
    deps.log.error({ ...factsOf(thrown), due: what }, "work stopped; it is taken up again");
    return undefined;
  }
}

/** Gives it back, unless its last write has; answers in how many milliseconds it is due again. */
async function givenBack(deps: Deps, worker: Worker, hold: Held): Promise<number | undefined> {
  const request = hold.current();
  const atMs = dueAtMs(request);
  const known = { version: hold.version(), dueAtMs: atMs };
  const isDueNow =
    !hold.isGivenBack() && (await deps.store.release(worker.name, request.id, known));
  if (isDueNow) return 0;
  return atMs === undefined ? undefined : atMs - hold.nowMs();
}

/** Three messages at once, then one in this time: at most ten in any minute. */
const NOTICES_EVERY_MS = 10_000;

async function postNotices(
  deps: Deps,
  worker: Worker,
  claim: Extract<Claim, { kind: "notices" }>,
): Promise<void> {
  const { channel, notices, nowMs } = claim;
  const put = (done: { count: number; retryAtMs?: number }) =>
    deps.store.releaseNotices(worker.name, channel, done);
  try {
    if (isGroup(channel)) return await put({ count: await toMembers(deps, channel, notices) });
    if ((await barredFrom(deps, channel, 0)) !== undefined) {
      return await put({ count: await insteadToAdmins(deps, notices) });
    }
    // Those that come while a crowd of notices waits for its turn are told with it.
    const waitMs =
      (await deps.store.takeTurn(channel)) ||
      (await deps.store.takeTurn(`notices:${channel}`, NOTICES_EVERY_MS));
    if (waitMs > 0) return await put({ count: 0, retryAtMs: nowMs + waitMs });
    return await put({ count: await deps.chat.postNotices(channel, notices) });
  } catch (thrown) {
    if (!isFault(thrown) || thrown.world !== "slack") throw thrown;
    deps.log.error({ channel, code: thrown.code }, "notices could not be posted; they are kept");
    return put({ count: 0, retryAtMs: nowMs + backoffMs(thrown.retryable ? 3 : 6, thrown) });
  }
}

/** A notice for a user group goes to each of its members, privately. */
const isGroup = (place: ChannelId): boolean => place.startsWith("S");

async function toMembers(
  deps: Deps,
  place: ChannelId,
  notices: readonly Notice[],
): Promise<number> {
  const members = await deps.chat.groupMembers(groupId(place), SEEING_AGE_MS);
  for (const member of members) {
    for (const notice of notices) await deps.store.notify(channelId(member), notice);
  }
  return notices.length;
}

/** Nothing goes to a channel that others can read; admins who have not heard of it anyway do so privately. */
async function insteadToAdmins(deps: Deps, notices: readonly Notice[]): Promise<number> {
  const { users, groups } = deps.policy().admins;
  for (const notice of notices.filter(({ what }) => !isForAdmins(what))) {
    for (const admin of [...users, ...groups]) await deps.store.notify(channelId(admin), notice);
  }
  return notices.length;
}

/** Nobody can work on it: it is put where it harms nothing, and the admins are told. */
async function setAside(deps: Deps, claim: Claim): Promise<void> {
  const id = claim.kind === "notices" ? `n:${claim.channel}` : claim.id;
  const why =
    claim.kind === "unreadable" ? claim.why : `claimed ${claim.claims} times without result`;
  deps.log.error({ due: id, why, claims: claim.claims }, "set aside: an admin has to look at it");
  await deps.store.setAside(id, why);
  const policy = deps.policy();
  await deps.store.notify(policy.channels.notices, {
    what: "set-aside",
    atMs: await deps.store.nowMs(),
    text: `${id}: ${why}`,
  });
  const sentence = words`${{ strong: id }} was set aside because it could not be worked on (${why}). Look at the bot's log; what it opened at Azure ends by itself.`;
  await Promise.allSettled(policy.admins.users.map((user) => deps.chat.tell(user, sentence)));
}

const factsOf = (thrown: unknown): object =>
  isFault(thrown)
    ? { code: thrown.code, world: thrown.world, message: thrown.message }
    : { err: thrown };
