// `npm run test:soak`: three replicas with 100,000 stored grants lead lives and are restarted meanwhile. What
// each uses of memory, and what all ask of Redis, has to stay level. Ends with 1 where it does not.

import { cpus } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Redis } from "ioredis";
import { connectRedis } from "../../../src/adapters/redis/connection/connect.ts";
import { redisKeys } from "../../../src/adapters/redis/scripts/keys.ts";
import { redisStorage } from "../../../src/adapters/redis/storage.ts";
import { dueAtMs } from "../../../src/domain/request/outstanding.ts";
import type { AccessRequest, In } from "../../../src/domain/request/request.ts";
import { requestIdFrom, userId, vmKey } from "../../../src/domain/text/ids.ts";
import { aGrant, anAsk, HOUR, inState, jitPolicyId, PROD, vmId } from "../../support/requests.ts";
import { ownerAt } from "./estate.ts";
import { eventually } from "./redis-nodes.ts";
import { runRound } from "./round.ts";
import { rise } from "./slope.ts";
import type { RoundWorld } from "./world.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "20" },
    grants: { type: "string", default: "100000" },
    seed: { type: "string" },
  },
});
const MINUTES = Number(values.minutes);
const GRANTS = Number(values.grants);
const SEED = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));

const MINUTE_MS = 60_000;
/** Until lives end as often as they begin, and what is compiled and cached is there. */
const WARMS_UP_MS = 1.5 * MINUTE_MS;
const LIVES_PER_SECOND = 0.5;
/** Of the replicas other than the first, which stays to be measured from beginning to end. */
const RESTART_EVERY_MS = 20_000;
/** What may be left of chance. */
const RISE_MAX = 0.15;
const TOGETHER = 100;
const MEGABYTE = 2 ** 20;

const say = (line: string) => process.stdout.write(`${line}\n`);

type Measured = {
  readonly commands: number;
  /** Of the first replica, without garbage. */
  readonly usedBytes: number;
  /** Of all that ran at that moment, the most. */
  readonly residentBytes: number;
};

function grant(n: number, nowMs: number): AccessRequest {
  const id = vmId(`vm-stored-${n % 50_000}`, `rg-stored-${n % 700}`);
  const open = inState("open", {
    id: requestIdFrom(Uint8Array.from({ length: 6 }, (_, i) => Math.floor(n / 32 ** i) & 31)),
    cards: [{ to: PROD, channel: PROD, ts: "1793534400.123456", shown: 1 }],
    ask: anAsk({
      // Whoever is not in the workspace would have left it, and lost every access.
      requester: userId(ownerAt(n)),
      vm: { key: vmKey(id), id, name: `vm-stored-${n % 50_000}`, os: "linux" },
      jitPolicyId: jitPolicyId(`rg-stored-${n % 700}`),
      askedAtMs: nowMs,
    }),
  }) as In<"open">;
  // None of them comes due while it is measured.
  const endsAtMs = nowMs + 12 * HOUR + n * 100;
  return { ...open, grant: aGrant({ startsAtMs: nowMs, endsAtMs, openedAtMs: nowMs }) };
}

async function store(world: RoundWorld): Promise<void> {
  const port = Number(new URL(world.env.REDIS_URL ?? "").port);
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const own = redisStorage(
    connectRedis(
      {
        mode: "single",
        nodes: [{ host: "127.0.0.1", port }],
        tls: false,
        username: undefined,
        password: undefined,
        database: 0,
        sentinelName: undefined,
        auth: "password",
      },
      quiet,
    ),
    { tenant: world.slack.world.team.id },
  );
  const nowMs = await eventually("Redis to answer", own.storeClock.nowMs);
  const limits = { openPerPerson: GRANTS, pendingPerPerson: GRANTS };
  const keys = redisKeys(world.slack.world.team.id);
  const redis = new Redis(port);
  for (let n = 0; n < GRANTS; n += TOGETHER) {
    const all = Array.from({ length: Math.min(TOGETHER, GRANTS - n) }, (_, i) =>
      grant(n + i, nowMs),
    );
    const some = all.map((next) =>
      // Its answer may have been lost: then it is there already.
      eventually("a grant to be stored", () => own.requests.create({ next, audit: [] }, limits)),
    );
    await Promise.all(some);
    // What is new is looked at: that has been done with these long ago.
    const due = all.flatMap((next) => [dueAtMs(next) ?? 0, next.id]);
    await redis.zadd(keys.due, "XX", ...due);
  }
  await own.close();
  const stored = await redis.hlen(keys.documents);
  redis.disconnect();
  if (stored < GRANTS) throw new Error(`only ${stored} of ${GRANTS} grants were stored`);
  say(`${stored} grants are stored`);
}

async function restartAgainAndAgain({ replicas }: RoundWorld, untilMs: number): Promise<number> {
  let count = 0;
  while (Date.now() < untilMs) {
    await wait(RESTART_EVERY_MS);
    await replicas.restart(1 + (count % 2), count % 4 < 2 ? "SIGTERM" : "SIGKILL");
    count += 1;
  }
  return count;
}

async function measure(world: RoundWorld): Promise<readonly Measured[]> {
  const redis = new Redis(world.env.REDIS_URL ?? "");
  const commandsSoFar = async () =>
    Number(/^total_commands_processed:(\d+)/m.exec(await redis.info("stats"))?.[1]);
  const all: Measured[] = [];
  await wait(WARMS_UP_MS);
  let before = await commandsSoFar();
  for (let n = 0; n < MINUTES; n += 1) {
    await wait(MINUTE_MS);
    const now = await commandsSoFar();
    const memory = await world.replicas.memory();
    const one = {
      commands: now - before,
      usedBytes: memory.find(({ place }) => place === 0)?.usedBytes ?? Number.NaN,
      residentBytes: Math.max(...memory.map(({ residentBytes }) => residentBytes)),
    };
    before = now;
    all.push(one);
    say(
      `| ${n + 1} | ${one.commands} | ${megabytes(one.usedBytes)} | ${megabytes(one.residentBytes)} |`,
    );
  }
  redis.disconnect();
  return all;
}

const megabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(1);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

async function main(): Promise<number> {
  say(
    `soak of seed ${SEED}: ${MINUTES} minutes after a warm-up, on ${cpus().length} × ${cpus()[0]?.model}`,
  );
  const measured: Measured[] = [];
  let restarts = 0;
  let isOver = false;
  const round = await runRound({
    seed: SEED,
    lives: Number.MAX_SAFE_INTEGER,
    topology: "single",
    perSecond: LIVES_PER_SECOND,
    kinds: ["plain", "by rule", "denied", "cancelled"],
    sides: [],
    isCalm: false,
    azureBehindMs: 0,
    flags: ["--expose-gc"],
    limitMs: (MINUTES + 30) * MINUTE_MS,
    isEnough: () => isOver,
    before: store,
    meanwhile: async (world) => {
      const untilMs = Date.now() + WARMS_UP_MS + MINUTES * MINUTE_MS;
      say("| minute | Redis commands | first replica, MB | largest resident, MB |");
      const [all, count] = await Promise.all([
        measure(world),
        restartAgainAndAgain(world, untilMs),
      ]);
      measured.push(...all);
      restarts = count;
      isOver = true;
    },
  });
  const rises = {
    "Redis commands a minute": rise(measured.map(({ commands }) => commands)),
    "memory of the first replica": rise(measured.map(({ usedBytes }) => usedBytes)),
    "largest resident memory": rise(measured.map(({ residentBytes }) => residentBytes)),
  };
  say(`${round.answered} lives, ${restarts} restarts`);
  let isFine = round.verdicts.length + round.wrong.length === 0;
  for (const [what, share] of Object.entries(rises)) {
    const isLevel = share <= RISE_MAX;
    isFine &&= isLevel;
    say(`${isLevel ? "level" : "RISES"}: ${what}, ${percent(share)} over ${MINUTES} minutes`);
  }
  for (const line of round.wrong) say(`  WRONG ${line}`);
  for (const { rule, id, says } of round.verdicts) say(`  ${rule}: ${id}: ${says}`);
  return isFine ? 0 : 1;
}

process.exitCode = await main();
