// One process: the bot's own timers. Open requests are stored, each to be warned of at its time, and the real
// worker on the real store does it; only Slack is left out.

import { once } from "node:events";
import { connectRedis } from "../../src/adapters/redis/connection/connect.ts";
import { hearWakes } from "../../src/adapters/redis/requests/wakes.ts";
import { redisStorage } from "../../src/adapters/redis/storage.ts";
import { systemClock, systemRandom } from "../../src/adapters/system-clock.ts";
import { warnsAtMs } from "../../src/domain/request/outstanding.ts";
import type { AccessRequest, In } from "../../src/domain/request/request.ts";
import { requestIdFrom, userId, vmKey } from "../../src/domain/text/ids.ts";
import type { Deps } from "../../src/flows/deps.ts";
import { workerLoop } from "../../src/flows/worker/worker-loop.ts";
import { NO_TRACING } from "../../src/ports/metrics/tracing.ts";
import {
  aGrant,
  anAsk,
  aPolicy,
  HOUR,
  inState,
  jitPolicyId,
  MINUTE,
  vmId,
} from "../support/requests.ts";
import {
  dueOf,
  inPortions,
  isKnownBefore,
  numbers,
  type Spread,
  trickle,
  watchLateness,
} from "./lateness.ts";
import { answer } from "./rpc.ts";

const TENANT = "T0BENCH";
const LIMITS = { openPerPerson: 10_000, pendingPerPerson: 10_000 };
const TOGETHER = 100;
const log = { debug() {}, info() {}, warn() {}, error: console.error };
const target = {
  mode: "single",
  nodes: [{ host: "127.0.0.1", port: Number(process.env.TIMERS_REDIS_PORT) }],
  tls: false,
  username: undefined,
  password: undefined,
  database: 0,
  sentinelName: undefined,
  auth: "password",
} as const;

const connection = connectRedis(target, log);
await once(connection, "ready");
const store = redisStorage(connection, { tenant: TENANT });

/** As in life: open, with a card and a reason, on a VM of its own; its warning is due at that time. */
function openRequest(n: number, warnedAtMs: number): AccessRequest {
  const id = vmId(`vm-payments-api-${n}`, `rg-payments-${n % 700}`);
  const request = inState("open", {
    id: requestIdFrom(Uint8Array.from({ length: 6 }, (_, i) => Math.floor(n / 32 ** i) & 31)),
    ask: anAsk({
      requester: userId(`U0${String(n % 5_000).padStart(8, "0")}`),
      vm: { key: vmKey(id), id, name: id.split("/").at(-1) ?? "", os: "linux" },
      jitPolicyId: jitPolicyId(`rg-payments-${n % 700}`),
      askedAtMs: warnedAtMs - HOUR,
    }),
  }) as In<"open">;
  const endsAtMs = warnedAtMs + 10 * MINUTE;
  const startsAtMs = endsAtMs - 2 * HOUR;
  return { ...request, grant: aGrant({ startsAtMs, endsAtMs, openedAtMs: startsAtMs }) };
}

async function keep(n: number, dueAtMs: number): Promise<void> {
  const made = await store.requests.create({ next: openRequest(n, dueAtMs), audit: [] }, LIMITS);
  if (made.outcome !== "created") throw new Error("A request was not made.");
}

const fill = (spread: Spread) =>
  inPortions(numbers(spread.count), TOGETHER, (some) =>
    Promise.all(some.map((n) => keep(n, dueOf(n, spread)))),
  );

const fillSome = (spread: Spread) =>
  inPortions(numbers(spread.count).filter(isKnownBefore), TOGETHER, (some) =>
    Promise.all(some.map((n) => keep(n, dueOf(n, spread)))),
  );

async function run({ count }: Spread) {
  const watch = watchLateness(count);
  const warn = async (request: AccessRequest) => {
    const { grant, promised } = request as In<"open">;
    watch.note(warnsAtMs(grant, promised.warnBeforeMs));
  };
  const policy = aPolicy();
  const world: Partial<Deps> = { ...store, clock: systemClock, random: systemRandom, log };
  const deps = {
    ...world,
    chat: { warn },
    azure: {},
    policy: () => policy,
    tracing: NO_TRACING,
    onCommitted: () => {},
  } as unknown as Deps;
  const worker = { name: "bench", leaseMs: 30_000, lifeMs: 4_000 };
  const loop = workerLoop(deps, worker, () => undefined);
  const ear = connectRedis(target, log);
  hearWakes(ear, { tenant: TENANT, log, onWake: loop.heard });
  loop.start();
  const found = await watch.done;
  await loop.stop(1_000);
  ear.disconnect();
  return found;
}

answer({ fill, fillSome, trickle: (spread: Spread) => trickle(spread, keep), run });
