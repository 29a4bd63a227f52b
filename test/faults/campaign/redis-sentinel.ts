// A primary and two replicas of Redis, watched by three sentinels: all of them real processes.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RedisServer, serverProgram, startRedis } from "../../../src/sandbox/redis.ts";
import type { CampaignFault } from "./fault.ts";
import { commonFaults } from "./redis-faults.ts";
import { eventually, freePort, onNode } from "./redis-nodes.ts";
import { KEPT, type Topology } from "./redis-topologies.ts";

const NAME = "jit";
const SENTINELS = 3;
/** A failover begins this long after the primary has fallen silent. */
const DOWN_AFTER_MS = 1_500;

export async function startSentinel(): Promise<Topology> {
  const first = await startRedis({ args: KEPT });
  const follow = ["--replicaof", "127.0.0.1", String(first.port)];
  const others = await Promise.all([1, 2].map(() => startRedis({ args: [...KEPT, ...follow] })));
  const servers = [first, ...others];
  const folder = mkdtempSync(join(tmpdir(), "jit-sentinel-"));
  const sentinels: { port: number; child: ChildProcess }[] = [];
  for (let n = 0; n < SENTINELS; n += 1) sentinels.push(await sentinel(folder, first.port));
  const [asked] = sentinels;
  if (asked === undefined) throw new Error("there is no sentinel");
  await eventually("the sentinels to know each other and both replicas", async () => {
    const [known] = await onNode(
      asked.port,
      (node) => node.call("SENTINEL", "MASTERS") as Promise<unknown[][]>,
    );
    const facts = factsOf(known ?? []);
    return facts["num-other-sentinels"] === "2" && facts["num-slaves"] === "2";
  });
  const primary = async () => serverAt(servers, await primaryPort(asked.port));
  return {
    name: "sentinel",
    env: {
      REDIS_MODE: "sentinel",
      REDIS_SENTINEL_NAME: NAME,
      REDIS_URL: sentinels.map(({ port }) => `redis://127.0.0.1:${port}`).join(","),
    },
    faults: [
      ...commonFaults({ kind: "sentinel", ports: servers.map(({ port }) => port), primary }).map(
        longEnough,
      ),
      planned(asked.port),
      killed(primary),
    ],
    close: async () => {
      for (const { child } of sentinels) child.kill("SIGKILL");
      await Promise.all(servers.map((server) => server.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A pause is to bring about a failover as well, so that an old primary wakes into a new order. */
const longEnough = (fault: CampaignFault): CampaignFault =>
  fault.name === "redis paused" ? { ...fault, weight: 3, lastsMs: [1_000, 9_000] } : fault;

async function sentinel(folder: string, primary: number) {
  const port = await freePort();
  const file = join(folder, `${port}.conf`);
  writeFileSync(
    file,
    `port ${port}
bind 127.0.0.1
dir ${folder}
sentinel monitor ${NAME} 127.0.0.1 ${primary} 2
sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}
sentinel failover-timeout ${NAME} 6000
sentinel parallel-syncs ${NAME} 1
`,
  );
  const child = spawn(serverProgram(), [file, "--sentinel"], { stdio: "ignore" });
  const killed = () => child.kill("SIGKILL");
  process.once("exit", killed);
  child.once("exit", () => process.off("exit", killed));
  await eventually(`the sentinel on ${port}`, () => onNode(port, (node) => node.ping()));
  return { port, child };
}

const factsOf = (flat: readonly unknown[]): Record<string, string> =>
  Object.fromEntries(
    flat.flatMap((key, n) => (n % 2 === 0 ? [[String(key), String(flat[n + 1])]] : [])),
  );

async function primaryPort(sentinelPort: number): Promise<number> {
  const address = await onNode(
    sentinelPort,
    (node) => node.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME) as Promise<string[]>,
  );
  return Number(address[1]);
}

function serverAt(servers: readonly RedisServer[], port: number): RedisServer {
  const found = servers.find((server) => server.port === port);
  if (found === undefined) throw new Error(`no server listens on ${port}`);
  return found;
}

/** As an operator does before maintenance. */
const planned = (sentinelPort: number): CampaignFault => ({
  name: "sentinel failover",
  side: "redis",
  kind: "sentinel",
  weight: 6,
  lastsMs: [3_000, 8_000],
  begin: async () => {
    await onNode(sentinelPort, (node) => node.call("SENTINEL", "FAILOVER", NAME)).catch(
      (thrown: Error) => {
        // One is under way already, or no replica is fit yet.
        if (!/INPROG|NOGOODSLAVE/.test(thrown.message)) throw thrown;
      },
    );
    return async () => undefined;
  },
});

const killed = (primary: () => Promise<RedisServer>): CampaignFault => ({
  name: "sentinel primary killed",
  side: "redis",
  kind: "sentinel",
  weight: 4,
  lastsMs: [500, 8_000],
  begin: async () => {
    const server = await primary();
    await server.kill();
    return () => server.restart();
  },
});
