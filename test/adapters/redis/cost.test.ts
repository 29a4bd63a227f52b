// What it costs: one command for every method, with all its keys declared, and bytes for an open grant.
// Of src/adapters/redis/storage.ts.

import type { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { dueAtMs } from "../../../src/domain/request/outstanding.ts";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import { channelId, groupId, userId, vmKey } from "../../../src/domain/text/ids.ts";
import { vmLease } from "../../../src/ports/storage/leases.ts";
import { ERIN, jitPolicyId, vmId } from "../../support/requests.ts";
import {
  benchPerFile,
  ended,
  idOf,
  LEASE,
  LIMITS,
  OPS,
  open,
  opening,
  TENANT,
  unposted,
  WARNING_AFTER_MS,
  write,
} from "./with-store.ts";

const bench = benchPerFile();

type Seen = { readonly command: readonly string[]; readonly isInScript: boolean };

/** What Redis does, as it sees it itself, while `act` runs. */
async function monitored(redis: Redis, act: () => Promise<unknown>): Promise<readonly Seen[]> {
  const monitor = await redis.monitor();
  const seen: Seen[] = [];
  monitor.on("monitor", (_time: string, command: string[], source: string) =>
    seen.push({ command, isInScript: source === "lua" }),
  );
  await act();
  await redis.echo("the end");
  const isOver = () => seen.some(({ command }) => command[1] === "the end");
  while (!isOver()) await new Promise((resolve) => setImmediate(resolve));
  monitor.disconnect();
  return seen.filter(({ command }) => command[1] !== "the end");
}

/** Asked for, posted, approved, opened, seen open, warned, ended, told: as a worker would. */
async function wholeLife(): Promise<void> {
  const { store } = bench;
  const nowMs = await store.storeClock.nowMs();
  let version = 0;
  const commit = async (next: AccessRequest, worker?: string) => {
    const written = await store.requests.commit(
      version,
      write(next, worker ? undefined : "click"),
      worker,
    );
    if (written.outcome === "written") version = written.version;
  };
  const work = async (...states: readonly AccessRequest[]) => {
    expect((await store.workQueue.claim("w", LEASE)).claims).toHaveLength(1);
    for (const next of states) await commit(next, "w");
    const last = states.at(-1);
    if (last === undefined) return;
    await store.workQueue.release("w", last.id, { version, dueAtMs: dueAtMs(last) });
  };
  await store.requests.create(write(unposted(nowMs), "command"), LIMITS);
  version = 1;
  await work(unposted(nowMs, { revision: 2 }), unposted(nowMs, { revision: 2, cards: [] }));
  await commit(opening(nowMs));
  await store.leases.take(vmLease(opening(nowMs).ask.vm.key), "w", 1_000);
  await store.requests.holders([{ vm: opening(nowMs).ask.vm.key, port: 3389, source: "*" }]);
  await work(opening(nowMs, { revision: 3 }), open(nowMs));
  await store.leases.give(vmLease(opening(nowMs).ask.vm.key), "w");
  bench.advance(WARNING_AFTER_MS);
  await work({ ...open(nowMs), grant: { ...open(nowMs).grant, warnedAtMs: nowMs } });
  bench.advance(WARNING_AFTER_MS);
  const over = {
    ...write(ended(open(nowMs))),
    notices: [{ channel: OPS, notice: { what: "ended", atMs: nowMs } as const }],
  };
  await store.workQueue.claim("w", LEASE);
  const written = await store.requests.commit(version, over, "w");
  version = written.outcome === "written" ? written.version : 0;
  await store.workQueue.release("w", over.next.id, { version, dueAtMs: undefined });
  bench.advance(2_000);
  await store.workQueue.claim("w", LEASE);
  await store.rateLimits.takeTurn(OPS);
  await store.notices.release("w", OPS, { count: 1 });
  await store.requests.list({ of: ERIN }, 10);
  await store.requests.read(over.next.id);
}

const CALLS_IN_LIFE = 30;

describe("the whole life of a request", () => {
  it("costs one command for every call, and no more calls than it needs", async () => {
    await wholeLife();
    await bench.redis.flushall();
    const seen = await monitored(bench.redis, wholeLife);
    const sent = seen.filter((one) => !one.isInScript).map((one) => one.command[0]);
    expect(new Set(sent)).toEqual(new Set(["evalsha"]));
    expect(sent.length).toBeLessThanOrEqual(CALLS_IN_LIFE);
    expect(bench.redis.status).toBe("ready");
  });

  it("touches no key that the script did not declare, and names none after people's words", async () => {
    const seen = await monitored(bench.redis, wholeLife);
    const touched = new Set<string>();
    let declared: readonly string[] = [];
    for (const { command, isInScript } of seen) {
      const [name = "", ...args] = command;
      if (!isInScript && /^eval/.test(name)) declared = args.slice(2, 2 + Number(args[1]));
      if (!isInScript || name.toUpperCase() === "TIME") continue;
      const key = name.toUpperCase() === "XINFO" ? args[1] : args[0];
      expect(declared).toContain(key);
      touched.add(key ?? "");
    }
    expect(touched.size).toBeGreaterThan(12);
    for (const key of touched) {
      expect(key).toMatch(/^\{jit:T0TEST\}:[a-z]+(:(U0ERIN|[\w-]{22}))?$/);
    }
  });
});

describe("one more open grant", () => {
  /** As they are in life: Slack's ids, long names, a reason of 100 characters, one of three approvers. */
  const grantOf = (nowMs: number, n: number): AccessRequest => {
    const id = vmId(`vm-payments-api-${String(n).padStart(4, "0")}`, "rg-payments-prod-westeurope");
    const users = ["U07ABCDEF01", "U07ABCDEF02", "U07ABCDEF03"].map(userId);
    const by = userId("U07ABCDEF02");
    const channel = channelId("C07ABCDEF99");
    const request = open(nowMs, {
      id: idOf(n),
      nonce: "k3Jx9QmW2vTz8LbR",
      approvals: [{ by, atMs: nowMs }],
      cards: [{ to: channel, channel, ts: "1793534400.123456", shown: 1 }],
    });
    return {
      ...request,
      grant: { ...request.grant, approvedBy: [by] },
      promised: { ...request.promised, approvers: { users, groups: [groupId("S07ABCDEF01")] } },
      ask: {
        ...request.ask,
        requester: userId(`U${String(n).padStart(10, "0")}`),
        vm: { key: vmKey(id), id, name: id.split("/").at(-1) ?? "", os: "linux" },
        jitPolicyId: jitPolicyId("rg-payments-prod-westeurope"),
        reason: "x".repeat(100),
      },
    };
  };

  const bytes = async (isCounted: (key: string) => boolean) => {
    const keys = (await bench.redis.keys("*")).filter(isCounted);
    const usage = keys.map((key) => bench.redis.memory("USAGE", key, "SAMPLES", 0));
    return (await Promise.all(usage)).reduce<number>((sum, one) => sum + (one ?? 0), 0);
  };

  it("takes at most 2.25 KB in Redis, with its doors, indexes and due time", async () => {
    const nowMs = await bench.store.storeClock.nowMs();
    const isAudit = (key: string) => /:(audit|people|texts|seals)$/.test(key);
    const add = async (from: number, to: number) => {
      for (let n = from; n < to; n++) {
        await bench.store.requests.create(write(grantOf(nowMs, n)), LIMITS);
      }
    };
    // Enough that the tables have grown beyond their compact form for a few.
    await add(0, 1_000);
    const before = await bytes((key) => !isAudit(key));
    await add(1_000, 2_000);
    const each = ((await bytes((key) => !isAudit(key))) - before) / 1_000;
    expect(each).toBeLessThan(2_304);
    expect(await bench.redis.exists(`{jit:${TENANT}}:held`)).toBe(0);
  });
});
