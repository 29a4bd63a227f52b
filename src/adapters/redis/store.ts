// The store, kept in Redis. Every method is one atomic script: one command, one round trip.

import type { Store } from "../../ports/store.ts";
import { userId } from "../../request/ids.ts";
import { auditLine, floodOf, type WriterOptions, writerOf } from "./audit.ts";
import { callKeys } from "./call-keys.ts";
import { holders } from "./holders.ts";
import { LOOK, READERS } from "./home-scripts.ts";
import { redisKeys } from "./keys.ts";
import { LEAVE, PROVE } from "./lease-scripts.ts";
import { CHANGED, CHANGED_SINCE } from "./people-scripts.ts";
import { announce, announced, reportPolicy } from "./policies.ts";
import type { ConfirmPrimary } from "./primary.ts";
import { RANKS, TAKE_PLACE } from "./queue-scripts.ts";
import * as requests from "./requests.ts";
import { type Connection, scriptRunner } from "./script.ts";
import {
  FIRST_DELIVERY,
  LOCK,
  MESSAGE_EVERY_MS,
  NOW,
  PROBE,
  RECORD,
  TAKE_ASK,
  TAKE_TURN,
  UNLOCK,
} from "./side-scripts.ts";
import * as work from "./work.ts";

export type RedisStoreOptions = WriterOptions & {
  /** Slack's id of the workspace. Tenants share a Redis without seeing each other. */
  readonly tenant: string;
  /** Added to Redis's clock: for tests, which move it instead of sleeping. */
  readonly clockOffsetMs?: () => number;
  /** How many replicas must have a write before it counts as kept; left out: none. */
  readonly waitReplicas?: number;
  /** Left out: the server that is connected to is taken for the primary. */
  readonly confirmPrimary?: ConfirmPrimary;
};

export type RedisStore = Store;

/** More at once nobody reads. */
const ASIDE_MAX = 1_000;

/** Use a connection made by `connectRedis`: it neither queues for ever nor sends anything twice. */
export function redisStore(connection: Connection, options: RedisStoreOptions): RedisStore {
  const { tenant, clockOffsetMs = () => 0, waitReplicas } = options;
  const keys = redisKeys(tenant);
  const run = scriptRunner(connection, clockOffsetMs, waitReplicas);
  const writer = writerOf(options);
  const tools = { run, keys, writer };
  const nowMs = () => run(NOW, { keys });
  return {
    nowMs,
    create: (write, limits) => requests.create(tools, write, limits),
    read: (id) => requests.read(tools, id),
    commit: (version, write, worker) => requests.commit(tools, write, { version, worker }),
    list: (which, most, skip = 0) => requests.list(tools, which, { most, skip }),
    claim: (worker, how) => work.claim(tools, worker, how),
    prove: (worker, member) => run(PROVE, { keys, args: { worker, member } }),
    yield: (worker, member, how) => work.yieldMember(tools, worker, { member, ...how }),
    leave: async (replica) => {
      await run(LEAVE, { keys, args: { replica } });
    },
    release: (worker, id, known) => work.release(tools, worker, { id, ...known }),
    releaseNotices: (worker, channel, done) =>
      work.releaseNotices(tools, worker, { channel, ...done }),
    setAside: (member, write) => work.setAside(tools, member, write),
    listAside: (most = ASIDE_MAX) => work.listAside(tools, most),
    requeue: (member, write) => work.requeue(tools, member, write),
    notify: (channel, notice) => work.notify(tools, channel, notice),
    holders: (doors) => holders(tools, doors),
    lockVm: async (vm, worker, leaseMs) =>
      (await run(LOCK, { keys: { ...keys, lock: keys.lock(vm) }, args: { worker, leaseMs } })) ===
      1,
    unlockVm: async (vm, worker) => {
      await run(UNLOCK, { keys: { lock: keys.lock(vm) }, args: { worker } });
    },
    lookedAtHome: async (user) => {
      await run(LOOK, { keys: { homes: keys.homes }, args: { user } });
    },
    homeReaders: async () => (await run(READERS, { keys: { homes: keys.homes } })).map(userId),
    peopleChanged: async (ids) => {
      if (ids.length > 0) await run(CHANGED, { keys: { changed: keys.changed }, args: { ids } });
    },
    peopleChangedSince: async (sinceMs) => {
      const [now, ids] = await run(CHANGED_SINCE, {
        keys: { changed: keys.changed },
        args: { sinceMs },
      });
      return { nowMs: now, ids };
    },
    takeAsk: (user, most, kind) =>
      run(TAKE_ASK, { keys: { asks: keys.asks(user, kind) }, args: { most } }),
    firstDelivery: async (delivery) => {
      const seen = { keys: { delivery: keys.delivery(delivery) }, args: { delivered: true } };
      return (await run(FIRST_DELIVERY, seen)) === "first";
    },
    record: (id, note, delivery) =>
      run(RECORD, {
        keys: { ...keys, delivery: keys.delivery(delivery ?? "") },
        args: {
          note: auditLine(note, { id }, writer),
          flood: floodOf(note, writer),
          delivered: delivery !== undefined,
        },
      }),
    announce: (matter, news) => announce(tools, matter, news),
    announced: (matter) => announced(tools, matter),
    reportPolicy: (replica, hash) => reportPolicy(tools, replica, hash),
    callKey: callKeys(tools),
    takeTurn: (channel, everyMs = MESSAGE_EVERY_MS) =>
      run(TAKE_TURN, { keys: { rate: keys.rate(channel) }, args: { everyMs } }),
    confirmPrimary: options.confirmPrimary ?? (async () => undefined),
    takePlace: (channel, { what, of, rank }) =>
      run(TAKE_PLACE, {
        keys: { rate: keys.rate(channel), ...keys.queue(channel) },
        args: { what, of, rank: RANKS.indexOf(rank), everyMs: MESSAGE_EVERY_MS },
      }),
    ping: async () => {
      await run(PROBE, { keys });
    },
    close: () => close(connection),
  };
}

/** Lets what was sent be answered; a connection that is not there is not waited for. */
async function close(connection: Connection): Promise<void> {
  if (connection.status === "ready") await connection.quit().catch(() => undefined);
  connection.disconnect();
}
