// A Redis Cluster of three primaries and three replicas, failed over and resharded while it is used.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Redis } from "ioredis";
import { type RedisServer, startRedis } from "../../../src/sandbox/redis.ts";
import type { CampaignFault } from "./fault.ts";
import { commonFaults } from "./redis-faults.ts";
import { eventually, freePort, onNode } from "./redis-nodes.ts";
import { KEPT, type Topology } from "./redis-topologies.ts";

const NODES = 6;
const NODE_TIMEOUT_MS = 2_000;
/** The part of a key that decides its slot: all keys of a workspace have it in common. */
const HASH_TAG = "jit:T0HOME";

type Member = { id: string; port: number; isPrimary: boolean; follows: string; slots: string[] };

export async function startCluster(): Promise<Topology> {
  const servers = await Promise.all(Array.from({ length: NODES }, clusterNode));
  const ports = servers.map(({ port }) => port);
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  await promisify(execFile)("redis-cli", [
    ...["--cluster", "create", ...addresses],
    ...["--cluster-replicas", "1", "--cluster-yes"],
  ]);
  const cluster: Cluster = { servers, ports, members: () => membersOf(ports) };
  await eventually("the cluster to be whole", async () => {
    const info = await Promise.all(
      ports.map((port) => onNode(port, (node) => node.cluster("INFO"))),
    );
    const members = await cluster.members();
    return (
      info.every((text) => text.includes("cluster_state:ok")) &&
      members.filter((member) => !member.isPrimary).length === NODES / 2
    );
  });
  const primary = async () => serverOf(cluster, await ownerOf(cluster));
  return {
    name: "cluster",
    env: {
      REDIS_MODE: "cluster",
      REDIS_URL: addresses.map((address) => `redis://${address}`).join(","),
    },
    faults: [
      ...commonFaults({ kind: "cluster", ports, primary }),
      failover(cluster),
      killed(primary),
      resharded(cluster),
    ],
    close: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

type Cluster = {
  readonly servers: readonly RedisServer[];
  readonly ports: readonly number[];
  members(): Promise<readonly Member[]>;
};

async function clusterNode(): Promise<RedisServer> {
  const busPort = String(await freePort());
  return startRedis({
    args: [
      ...KEPT,
      ...["--cluster-enabled", "yes", "--cluster-port", busPort],
      ...["--cluster-announce-ip", "127.0.0.1"],
      ...["--cluster-node-timeout", String(NODE_TIMEOUT_MS)],
    ],
  });
}

/** As the first node that answers sees it. */
async function membersOf(ports: readonly number[]): Promise<readonly Member[]> {
  const text = await Promise.any(
    ports.map((port) => onNode(port, (node) => node.cluster("NODES") as Promise<string>)),
  );
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [id = "", address = "", flags = "", follows = "", , , , , ...slots] = line.split(" ");
      const port = Number(/:(\d+)@/.exec(address)?.[1]);
      const isPrimary = flags.includes("master") && !flags.includes("fail");
      return { id, port, isPrimary, follows, slots };
    });
}

const slotOfBot = (node: Redis): Promise<number> => node.cluster("KEYSLOT", HASH_TAG);

/** While nodes fail over, nobody may serve the slot for a moment. */
const ownerOf = (cluster: Cluster): Promise<Member> =>
  eventually("somebody to serve the bot's slot", async () => {
    const members = await cluster.members();
    const [port = 0] = cluster.ports;
    const slot = await onNode(port, slotOfBot).catch(() =>
      onNode(members[1]?.port ?? 0, slotOfBot),
    );
    const holds = (range: string) => {
      const [first = Number.NaN, last = first] = range.split("-").map(Number);
      return slot >= first && slot <= last;
    };
    return members.find((member) => member.isPrimary && member.slots.some(holds));
  });

function serverOf({ servers }: Cluster, { port }: Member): RedisServer {
  const found = servers.find((server) => server.port === port);
  if (found === undefined) throw new Error(`no server listens on ${port}`);
  return found;
}

/** The replica takes over in order, having caught up. */
const failover = (cluster: Cluster): CampaignFault => ({
  name: "cluster failover",
  side: "redis",
  kind: "cluster",
  weight: 5,
  lastsMs: [2_000, 5_000],
  begin: async () => {
    const owner = await ownerOf(cluster);
    const replica = (await cluster.members()).find((member) => member.follows === owner.id);
    if (replica !== undefined) {
      await onNode(replica.port, (node) => node.cluster("FAILOVER")).catch(() => undefined);
    }
    return async () => undefined;
  },
});

const killed = (primary: () => Promise<RedisServer>): CampaignFault => ({
  name: "cluster primary killed",
  side: "redis",
  kind: "cluster",
  weight: 3,
  lastsMs: [500, 8_000],
  begin: async () => {
    const server = await primary();
    await server.kill();
    return () => server.restart();
  },
});

/** The bot's slot moves to another primary, key by key, under its hands. */
const resharded = (cluster: Cluster): CampaignFault => ({
  name: "cluster resharded",
  side: "redis",
  kind: "cluster",
  weight: 4,
  lastsMs: [1_000, 3_000],
  begin: async (random) => {
    const from = await ownerOf(cluster);
    const primaries = (await cluster.members()).filter((member) => member.isPrimary);
    const others = primaries.filter(({ id }) => id !== from.id);
    if (others.length === 0) return async () => undefined;
    const to = random.pick(others);
    const slot = await onNode(from.port, slotOfBot);
    await onNode(to.port, (node) => node.cluster("SETSLOT", slot, "IMPORTING", from.id));
    await onNode(from.port, (node) => node.cluster("SETSLOT", slot, "MIGRATING", to.id));
    // The rest moves when the fault is over: until then, keys are here and there.
    await eventually("the first keys to have moved", () => move(from, to, slot, 1));
    return async () => {
      await eventually("the slot to have moved", () =>
        move(from, to, slot, Number.POSITIVE_INFINITY),
      );
      for (const { port } of [to, from, ...primaries]) {
        await eventually(`${port} to know the slot's place`, () =>
          onNode(port, (node) => node.cluster("SETSLOT", slot, "NODE", to.id)),
        );
      }
    };
  },
});

const KEYS_AT_ONCE = 20;

/** Moves this many handfuls of keys; answers true when none is left, or the handfuls are used up. */
async function move(from: Member, to: Member, slot: number, handfuls: number): Promise<true> {
  return onNode<true>(from.port, async (node) => {
    for (let n = 0; n < handfuls; n += 1) {
      const keys = (await node.cluster("GETKEYSINSLOT", slot, KEYS_AT_ONCE)) as string[];
      if (keys.length === 0) return true;
      await node.call("MIGRATE", "127.0.0.1", to.port, "", 0, 3_000, "KEYS", ...keys);
    }
    return true;
  });
}
