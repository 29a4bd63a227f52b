// What a large tenant costs: 100,000 open grants in Redis, a month of requests that are over, 50,000 VMs.
// Usage: node test/bench/tenant.ts [redis|vms]

import { fork } from "node:child_process";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Redis } from "ioredis";
import { type ArmAzure, armAzure } from "../../src/adapters/azure/arm-azure.ts";
import { azureCredential } from "../../src/adapters/azure/client/credential.ts";
import { connectRedis, type RedisTarget } from "../../src/adapters/redis/connection/connect.ts";
import { redisSnapshotShare } from "../../src/adapters/redis/inventory/snapshot-share.ts";
import { redisStorage } from "../../src/adapters/redis/storage.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { azureEndpoint } from "../../src/config/clouds.ts";
import type { AccessRequest, In } from "../../src/domain/request/request.ts";
import { requestIdFrom, userId, vmKey } from "../../src/domain/text/ids.ts";
import { vmDirectory } from "../../src/flows/inventory/vm-directory.ts";
import type { Log } from "../../src/ports/log.ts";
import type { Storage } from "../../src/ports/storage/storage.ts";
import { trustInProcess } from "../../src/sandbox/tls.ts";
import { startRedis } from "../support/redis.ts";
import {
  aGrant,
  anAsk,
  aPolicy,
  aRule,
  HOUR,
  inState,
  jitPolicyId,
  PROD,
  vmId,
} from "../support/requests.ts";
import { ask } from "./rpc.ts";
import type { TenantAzure } from "./tenant-azure.ts";

const TENANT = "T0BENCH";
const OPEN = 100_000;
/** Five thousand a day are kept for thirty days; a tenth is enough to know what one takes. */
const OVER = 15_000;
const TOGETHER = 200;

const say = (text: string) => process.stdout.write(`${text}\n`);
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** As they are in life: long names, a reason of 100 characters, a card, everybody another person. */
function common(n: number, nowMs: number): Parameters<typeof inState>[1] {
  const group = `rg-payments-prod-${n % 700}`;
  const id = vmId(`vm-payments-api-${String(n % 50_000).padStart(5, "0")}`, group);
  return {
    id: requestIdFrom(Uint8Array.from({ length: 6 }, (_, i) => Math.floor(n / 32 ** i) & 31)),
    cards: [{ to: PROD, channel: PROD, ts: "1793534400.123456", shown: 1 }],
    ask: anAsk({
      requester: userId(`U07${String(n % 5_000).padStart(8, "0")}`),
      vm: { key: vmKey(id), id, name: id.split("/").at(-1) ?? "", os: "linux" },
      jitPolicyId: jitPolicyId(group),
      reason: "The print spooler hangs again. ".repeat(4).slice(0, 100),
      askedAtMs: nowMs,
    }),
  };
}

function openGrant(n: number, nowMs: number): AccessRequest {
  const request = inState("open", common(n, nowMs)) as In<"open">;
  // Their ends are spread over eight hours: now and then one comes due.
  const endsAtMs = nowMs + HOUR + (n % 28_800) * 1_000;
  return { ...request, grant: aGrant({ startsAtMs: nowMs, endsAtMs, openedAtMs: nowMs }) };
}

const overOf = (n: number, nowMs: number): AccessRequest => ({
  ...(inState("ended", common(n, nowMs)) as In<"ended">),
  closing: "closed",
});

const LIMITS = { openPerPerson: 10_000, pendingPerPerson: 10_000 };

async function fill(store: Storage, count: number, make: (n: number) => AccessRequest) {
  for (let n = 0; n < count; n += TOGETHER) {
    const some = Array.from({ length: TOGETHER }, (_, i) => make(n + i));
    const made = await Promise.all(
      some.map((next) => store.requests.create({ next, audit: [] }, LIMITS)),
    );
    if (made.some((one) => one.outcome !== "created")) throw new Error("A request was not made.");
  }
}

async function usedBytes(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))?.[1]);
}

async function medianMs(times: number, act: () => Promise<unknown>): Promise<number> {
  const tookMs: number[] = [];
  for (let n = 0; n < times; n++) {
    const startedMs = performance.now();
    await act();
    tookMs.push(performance.now() - startedMs);
  }
  return tookMs.sort((a, b) => a - b)[times >> 1] ?? Number.NaN;
}

const kilobytes = (bytes: number) => `${(bytes / 1_024).toFixed(2)} KB`;
const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;

const targetOf = (port: number): RedisTarget => ({
  mode: "single",
  nodes: [{ host: "127.0.0.1", port }],
  tls: false,
  username: undefined,
  password: undefined,
  database: 0,
  sentinelName: undefined,
  auth: "password",
});

async function redisCost(): Promise<void> {
  const server = await startRedis();
  const redis = new Redis(server.port);
  const store = redisStorage(connectRedis(targetOf(server.port), quiet), { tenant: TENANT });
  const claim = async () =>
    (await store.workQueue.claim("bench", { leaseMs: 30_000, most: 16 })).claims;
  const nowMs = await store.storeClock.nowMs();
  const emptyMs = await medianMs(200, claim);
  const before = await usedBytes(redis);
  await fill(store, OPEN, (n) => openGrant(n, nowMs));
  const open = (await usedBytes(redis)) - before;
  say(`${OPEN} open grants: ${megabytes(open)}, ${kilobytes(open / OPEN)} each.`);
  const fullMs = await medianMs(200, claim);
  say(
    `A look for work: ${emptyMs.toFixed(2)} ms with none, ${fullMs.toFixed(2)} ms with all of them.`,
  );
  const full = await usedBytes(redis);
  await fill(store, OVER, (n) => overOf(OPEN + n, nowMs));
  const over = (await usedBytes(redis)) - full;
  say(`Requests that are over: ${kilobytes(over / OVER)} each, for thirty days.`);
  await store.close();
  redis.disconnect();
  await server.stop();
}

/** Read as the bot reads them, with Azure's own limits on the queries, and taken over by another replica. */
async function vmCost(): Promise<void> {
  const stored = await startRedis();
  const redis = new Redis(stored.port);
  const connection = connectRedis(targetOf(stored.port), quiet);
  await once(connection, "ready");
  const server = fork(fileURLToPath(new URL("./tenant-azure.ts", import.meta.url)));
  const served = await ask<TenantAzure>(server, "served");
  trustInProcess(served.caPem);
  process.env.IDENTITY_ENDPOINT = served.identityEndpoint;
  process.env.IDENTITY_HEADER = served.identityHeader;
  const { scope, authorityHost } = azureEndpoint("public", served.url);
  const options = {
    ...{ credential: azureCredential(authorityHost), endpoint: served.url, scope },
    ...{ subscriptions: [], managementGroups: [], clock: systemClock, log: quiet },
  };
  const nothing = "00000000-0000-4000-8000-000000000000";
  // Loads Azure's SDKs, which are no part of what VMs take.
  const without = armAzure({ ...options, subscriptions: [nothing] });
  await Promise.allSettled([without.refresh(), without.readPolicy(jitPolicyId("rg-none"))]);
  const replica = () => {
    const azure = armAzure(options);
    azure.share((of) => redisSnapshotShare(connection, { tenant: TENANT, ...of }));
    return azure;
  };
  const azure = replica();
  const policy = aPolicy({ rules: [aRule({ match: { tags: { env: ["prod"] } } })] });
  const directory = vmDirectory({ azure, policy: () => policy, clock: systemClock });
  const callsBefore = await ask<number>(server, "calls");
  const emptyBytes = await usedBytes(redis);
  const before = heapBytes();
  const startedMs = performance.now();
  const { vms } = await azure.refresh();
  const seconds = (performance.now() - startedMs) / 1_000;
  const snapshotBytes = heapBytes() - before;
  await directory.current();
  const searched = heapBytes() - before - snapshotBytes;
  const calls = (await ask<number>(server, "calls")) - callsBefore;
  const sharedBytes = (await usedBytes(redis)) - emptyBytes;
  const takenMs = await takenOverMs(replica(), vms.size);
  say(
    `${vms.size} VMs with their JIT policies: ${megabytes(snapshotBytes)} of the bot's memory, and`,
  );
  say(`${megabytes(searched)} for the search over them; read with ${calls} calls in`);
  say(`${Math.round(seconds)} s (Azure allows three queries a second).`);
  say(`In Redis it is ${(sharedBytes / 2 ** 20).toFixed(1)} MB in ${await redis.dbsize()} keys;`);
  say(
    `another replica takes it over in ${(takenMs / 1_000).toFixed(1)} s, without a call to Azure.`,
  );
  server.disconnect();
  connection.disconnect();
  redis.disconnect();
  await stored.stop();
}

async function takenOverMs(azure: ArmAzure, size: number): Promise<number> {
  const startedMs = performance.now();
  azure.start();
  while (azure.snapshot().vms.size < size) await systemClock.sleep(5);
  const tookMs = performance.now() - startedMs;
  await azure.stop();
  return tookMs;
}

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const only = process.argv[2];
if (only !== "vms") await redisCost();
if (only !== "redis") await vmCost();
