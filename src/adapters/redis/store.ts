// The store, kept in Redis. Every method is one atomic script: one command, one round trip.

import { userId } from "../../domain/text/ids.ts";
import type { Store } from "../../ports/storage/store.ts";
import { auditLine, floodOf, writerOf } from "./audit/new-entries.ts";
import { RECORD } from "./audit/record-script.ts";
import type { Connection } from "./connection/connection.ts";
import { LOOK, READERS } from "./people/home-scripts.ts";
import { CHANGED, CHANGED_SINCE } from "./people/people-scripts.ts";
import { announce, announced, reportPolicy } from "./policies/policy-reports.ts";
import { holders } from "./requests/holders.ts";
import { LEAVE, PROVE } from "./requests/lease-scripts.ts";
import { RANKS, TAKE_PLACE } from "./requests/queue-scripts.ts";
import * as requests from "./requests/requests.ts";
import {
  FIRST_DELIVERY,
  MESSAGE_EVERY_MS,
  NOW,
  PROBE,
  TAKE_ASK,
  TAKE_TURN,
} from "./requests/side-scripts.ts";
import * as work from "./requests/work.ts";
import { redisKeys } from "./scripts/keys.ts";
import { LOCK, UNLOCK } from "./scripts/lock-scripts.ts";
import { scriptRunner } from "./scripts/script.ts";
import type { RedisStoreOptions } from "./store-options.ts";
import { callKeys } from "./watch/call-keys.ts";

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
    takeLease: async (what, worker, leaseMs) =>
      (await run(LOCK, { keys: { ...keys, lock: keys.lock(what) }, args: { worker, leaseMs } })) ===
      1,
    giveLease: async (what, worker) => {
      await run(UNLOCK, { keys: { lock: keys.lock(what) }, args: { worker } });
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
