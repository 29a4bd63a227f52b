// Starts a real redis-server (or valkey-server) for the demo and the tests: on a free port, in a folder of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";

export type RedisServer = {
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now: a restart changes it. */
  readonly pid: number;
  /** Ends it in order, and deletes its directory. */
  stop(): Promise<void>;
  /** SIGKILL: nothing is written any more. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, on the same port with the same directory. */
  restart(): Promise<void>;
  /** Deletes everything in it. */
  flush(): Promise<void>;
};

export type RedisServerOptions = {
  /** Keeps an append-only file, synchronised at every write: what was acknowledged survives `kill`. */
  readonly appendOnly?: boolean;
  /** More of redis-server's own, e.g. `["--cluster-enabled", "yes"]`. */
  readonly args?: readonly string[];
};

/** One for a test file is enough: `flush` between the tests. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), "jit-redis-"));
  const appendOnly = options.appendOnly ? ["yes", "--appendfsync", "always"] : ["no"];
  const args = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--dir",
    directory,
    "--save",
    "",
    "--appendonly",
    ...appendOnly,
    ...(options.args ?? []),
  ];
  let child = await started(args, port);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return child.pid ?? 0;
    },
    stop: async () => {
      await ended(child, "SIGTERM");
      rmSync(directory, { recursive: true, force: true });
    },
    kill: () => ended(child, "SIGKILL"),
    restart: async () => {
      child = await started(args, port);
    },
    flush: async () => {
      await ask(port, "FLUSHALL");
    },
  };
}

const PROGRAMS = ["redis-server", "valkey-server"];

/** `REDIS_SERVER` names another one, such as `valkey-server` beside a redis-server, or the path of one. */
export function serverProgram(): string {
  const { REDIS_SERVER: named, PATH = "" } = process.env;
  const names = named === undefined || named === "" ? PROGRAMS : [named];
  const paths = names.flatMap((name) =>
    isAbsolute(name) ? [name] : PATH.split(delimiter).map((directory) => join(directory, name)),
  );
  const found = paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error(`None of ${names.join(", ")} is on the PATH.`);
  return found;
}

const STARTS_WITHIN_MS = 20_000;
const ASK_AGAIN_MS = 10;

async function started(args: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn(serverProgram(), [...args], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout?.on("data", (data: Buffer) => {
    said = (said + data).slice(-4_000);
  });
  // A test run that is broken off leaves nothing behind.
  const killed = () => child.kill("SIGKILL");
  process.once("exit", killed);
  child.once("exit", () => process.off("exit", killed));
  const until = Date.now() + STARTS_WITHIN_MS;
  while (Date.now() < until && child.exitCode === null && child.signalCode === null) {
    // It says PONG only when it has read its append-only file.
    const answer = await ask(port, "PING").catch(() => "");
    if (answer.startsWith("+PONG")) return child;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
  child.kill("SIGKILL");
  throw new Error(`redis-server didn't start: ${said}`);
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill(signal);
    // A stopped process would not see any other signal before it is continued.
    child.kill("SIGCONT");
  });
}

/** The first piece of the answer to one inline command. */
function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.write(`${command}\r\n`));
    socket.once("error", reject);
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString());
    });
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
