// What befalls any Redis, whatever its topology: cut, slow, full, paused.

import { setTimeout as wait } from "node:timers/promises";
import type { CampaignFault, Kind } from "./fault.ts";
import { eventually, onNode } from "./redis-nodes.ts";

type Nodes = {
  readonly kind: Kind;
  /** The ports of all servers that hold data. */
  readonly ports: readonly number[];
  /** The port and process of the server that takes the bot's writes now. */
  primary(): Promise<{ port: number; pid: number }>;
};

/** Repeats an errand on every server until it is stopped; a server that is away is left out. */
function again(ports: readonly number[], everyMs: number, command: readonly [string, ...string[]]) {
  let stopped = false;
  const loop = async () => {
    while (!stopped) {
      await Promise.allSettled(
        ports.map((port) =>
          onNode(port, (node) => node.call(command[0], ...command.slice(1)) as Promise<unknown>),
        ),
      );
      await wait(everyMs);
    }
  };
  const running = loop();
  return async () => {
    stopped = true;
    await running;
  };
}

const set = (ports: readonly number[], key: string, value: string) =>
  Promise.all(
    ports.map((port) =>
      eventually(`${key} ${value} on ${port}`, () =>
        onNode(port, (node) => node.config("SET", key, value)),
      ),
    ),
  );

/** Connections are broken as soon as they are made. */
const cut = ({ kind, ports }: Nodes): CampaignFault => ({
  name: "redis cut",
  side: "redis",
  kind,
  weight: 3,
  lastsMs: [500, 6_000],
  begin: async () => again(ports, 30, ["CLIENT", "KILL", "TYPE", "normal"]),
});

/** Every command waits for up to a second and a half: at the edge of what the bot waits for. */
const slow = ({ kind, ports }: Nodes): CampaignFault => ({
  name: "redis slow",
  side: "redis",
  kind,
  weight: 3,
  lastsMs: [3_000, 12_000],
  begin: async (random) => {
    const stop = again(ports, 200, ["CLIENT", "PAUSE", String(random.between(300, 2_200)), "ALL"]);
    return async () => {
      await stop();
      await Promise.allSettled(
        ports.map((port) => onNode(port, (node) => node.call("CLIENT", "UNPAUSE"))),
      );
    };
  },
});

/** Reading goes on, and every write is refused. */
const full = ({ kind, ports }: Nodes): CampaignFault => ({
  name: "redis full",
  side: "redis",
  kind,
  weight: 2,
  lastsMs: [1_000, 8_000],
  begin: async () => {
    await set(ports, "maxmemory", "1");
    return async () => void (await set(ports, "maxmemory", "0"));
  },
});

/** The server's process stands still, and its connections swallow what is sent. */
const frozen = ({ kind, primary }: Nodes): CampaignFault => ({
  name: "redis paused",
  side: "redis",
  kind,
  weight: 2,
  lastsMs: [1_000, 5_000],
  begin: async () => {
    const { pid } = await primary();
    process.kill(pid, "SIGSTOP");
    return async () => void process.kill(pid, "SIGCONT");
  },
});

export const commonFaults = (nodes: Nodes): readonly CampaignFault[] => [
  cut(nodes),
  slow(nodes),
  full(nodes),
  frozen(nodes),
];
