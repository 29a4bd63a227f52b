// Starts what is measured: the bot and the floor, each a process beside servers of its own.

import { type ChildProcess, fork, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { POLICY } from "./estate.ts";
import { ask } from "./rpc.ts";
import type { Calls, Served } from "./servers.ts";
import { TELLS_USAGE } from "./usage.ts";

export const NAMES = ["bot", "floor"] as const;
export type Name = (typeof NAMES)[number];

/** One process, beside servers that outlive it. */
export type Replica = {
  /** Of its HTTP server. */
  readonly port: number;
  /** Starts it; answers how long it took from spawning to being ready. */
  start(more?: Readonly<Record<string, string>>): Promise<number>;
  /** Resolves when it has ended. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** The processor time that it has used since it was started, user and system. */
  usedMs(): Promise<number>;
};

export type Program = Replica & {
  readonly name: Name;
  readonly served: Served;
  /** Another process of it, beside the same servers; Slack knows the first one until it is pointed elsewhere. */
  another(): Promise<Replica>;
  pointSlackTo(replica: Replica): Promise<void>;
  /** The people of its Slack. */
  wholeLife(place: number): Promise<void>;
  openGrant(place: number): Promise<void>;
  /** Twenty VMs in one request, and in one request each. */
  together(): Promise<void>;
  oneByOne(): Promise<void>;
  /** How many answers came in at `answersUrl`. */
  answers(): Promise<number>;
  /** How many messages stand in the places' channels. */
  cards(): Promise<number>;
  calls(): Promise<Calls>;
  forgetCalls(): Promise<void>;
  /** A request is approved, and Azure doesn't answer; resolves when it was asked. */
  hangAtAzure(place: number): Promise<void>;
  /** Resolves with the time of the next call about a JIT policy. */
  nextPolicyCall(): Promise<number>;
  /** Ends the program and its servers. */
  close(): Promise<void>;
};

export type Bench = {
  readonly programs: Readonly<Record<Name, Program>>;
  readonly redis: RedisServer;
  readonly policyFile: string;
  close(): Promise<void>;
};

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export async function startBench(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), "jit-bench-"));
  const policyFile = join(folder, "jit.yaml");
  writeFileSync(policyFile, POLICY);
  const redis = await startRedis();
  const bot = await botProgram({ REDIS_URL: redis.url, JIT_CONFIG: policyFile });
  const floor = await program("floor", [KEEPS_COMPILED, path("./floor.ts")], {});
  return {
    programs: { bot, floor },
    redis,
    policyFile,
    close: async () => {
      await Promise.all([bot.close(), floor.close()]);
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** As `jit` does: with what is kept compiled, a start needs no compiler of TypeScript. */
const KEEPS_COMPILED = `--import=data:text/javascript,${encodeURIComponent(
  `process.getBuiltinModule("node:module").enableCompileCache(${JSON.stringify(path("../../node_modules/.cache/compiled"))});`,
)}`;

/** The bot beside servers of its own; `own` says at least which Redis and which policy file. */
export const botProgram = (own: Readonly<Record<string, string>>): Promise<Program> =>
  program("bot", [path("../../src/cli/launcher/jit"), "start"], {
    METRICS_PORT: "0",
    AUDIT_KEY: "0".repeat(64),
    ...own,
  });

async function program(
  name: Name,
  args: readonly string[],
  own: Readonly<Record<string, string>>,
): Promise<Program> {
  const servers = fork(path("./servers.ts"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const served = await ask<Served>(servers, "served");
  const env = {
    PATH: process.env.PATH ?? "",
    NODE_EXTRA_CA_CERTS: served.caFile,
    SLACK_BOT_TOKEN: served.botToken,
    SLACK_SIGNING_SECRET: served.signingSecret,
    SLACK_API_URL: served.slackUrl,
    IDENTITY_ENDPOINT: served.identityEndpoint,
    IDENTITY_HEADER: served.identityHeader,
    AZURE_RESOURCE_MANAGER_URL: served.azureUrl,
    FLOOR_POLICY: served.policyId,
    FLOOR_VMS: served.vmsId,
    ...own,
  };
  const another = () => replicaOf(name, args, env);
  const pointSlackTo = ({ port }: Replica) =>
    ask<void>(servers, "pointTo", `http://127.0.0.1:${port}/slack/events`);
  const first = await another();
  await pointSlackTo(first);
  return {
    ...first,
    name,
    served,
    another,
    pointSlackTo,
    wholeLife: (place) => ask(servers, "wholeLife", place),
    openGrant: (place) => ask(servers, "openGrant", place),
    together: () => ask(servers, "together"),
    oneByOne: () => ask(servers, "oneByOne"),
    answers: () => ask(servers, "answers"),
    cards: () => ask(servers, "cards"),
    calls: () => ask(servers, "calls"),
    forgetCalls: () => ask(servers, "forgetCalls"),
    hangAtAzure: (place) => ask(servers, "hangAtAzure", place),
    nextPolicyCall: () => ask(servers, "nextPolicyCall"),
    close: async () => {
      await first.stop();
      servers.disconnect();
    },
  };
}

/** For a profile, say. */
const MORE_ARGS = (process.env.BENCH_ARGS ?? "").split(" ").filter(Boolean);

async function replicaOf(
  name: Name,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Replica> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  return {
    port,
    start: async (more = {}) => {
      const startedMs = performance.now();
      child = spawn(process.execPath, [...MORE_ARGS, TELLS_USAGE, ...args], {
        env: { ...env, PORT: String(port), ...more },
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      });
      await ready(name, port, child);
      return performance.now() - startedMs;
    },
    stop: async (signal = "SIGTERM") => {
      if (child === undefined) return;
      const ended = new Promise((resolve) => child?.once("exit", resolve));
      child.kill(signal);
      await ended;
      child = undefined;
    },
    usedMs: async () => {
      if (child === undefined) throw new Error(`The ${name} is not running.`);
      const { user, system } = await ask<NodeJS.CpuUsage>(child, "usage");
      return (user + system) / 1_000;
    },
  };
}

const READY_WITHIN_MS = 30_000;
const ASK_AGAIN_MS = 5;

/** The bot is ready when it says so; the floor when it answers anything at all. */
async function ready(name: Name, port: number, child: ChildProcess): Promise<void> {
  const untilMs = performance.now() + READY_WITHIN_MS;
  while (performance.now() < untilMs && child.exitCode === null) {
    const status = await statusOf(`http://127.0.0.1:${port}/readyz`);
    if (name === "bot" ? status === 200 : status !== undefined) return;
    await wait(ASK_AGAIN_MS);
  }
  throw new Error(`The ${name} was not ready within ${READY_WITHIN_MS} ms.`);
}

function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).once("error", () => resolve(undefined));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("There is no free port."));
      });
    });
  });
}
