// The bot as several processes behind a balancer, and what befalls them: killed, ended in order, paused.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { bundledScript } from "../../support/bundled.ts";
import { BOT } from "../../support/world.ts";
import type { CampaignFault } from "./fault.ts";
import { eventually, freePort } from "./redis-nodes.ts";

export type Replicas = {
  /** Of the balancer in front of them. */
  readonly url: string;
  readonly faults: readonly CampaignFault[];
  /** What was seen of the processes that ought not to be. */
  readonly wrong: string[];
  /** Kills all of them at once; answers how to start them again. */
  crash(): Promise<() => Promise<void>>;
  /** Ends one of them, in order or as a crash, and starts it again. */
  restart(place: number, signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** What each uses that runs now, by its place. */
  memory(): Promise<readonly MemoryUsed[]>;
  tellOffset(offsetMs: number): void;
  ready(): Promise<void>;
  /** The last words of every process. */
  output(): string;
  close(): Promise<void>;
};

type MemoryUsed = {
  readonly place: number;
  readonly residentBytes: number;
  /** Without what is garbage. */
  readonly usedBytes: number;
};

export type ReplicasOptions = {
  readonly count: number;
  /** The top of the repository, or of a copy of it with something wrong in it. */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly offsetMs: () => number;
  /** They die by themselves, and are started again. */
  readonly dying?: boolean;
  /** Of Node.js. */
  readonly flags?: readonly string[];
};

const STOP_WITHIN_MS = 10_000;
/** A busy machine takes long to start several at once. */
const READY_WITHIN_MS = 90_000;
const OUTPUT_SHOWN = 4_000;
const OUTPUT_KEPT = 200_000;

type Replica = {
  child: ChildProcess;
  port: number;
  /** Until then the signal to end in order ends it like any other process. */
  isStarted: boolean;
  isPaused: boolean;
  said: string;
};

/** As one file, which starts in a third of the processor time; of a copy with something wrong in it, module by module. */
const programIn = async (root: string): Promise<URL> => {
  const program = pathToFileURL(join(root, "test/support/bot.ts"));
  return program.href === BOT.href ? bundledScript(BOT) : program;
};

/** Each at its place, or none while it is away. */
class Fleet {
  readonly replicas: (Replica | undefined)[];
  readonly #options: ReplicasOptions;
  #past = "";
  #isClosing = false;

  constructor(options: ReplicasOptions) {
    this.#options = options;
    this.replicas = Array.from({ length: options.count });
  }

  async start(place: number): Promise<void> {
    const port = await freePort();
    const program = await programIn(this.#options.root);
    if (this.#isClosing || this.replicas[place] !== undefined) return;
    const { flags = [], env, offsetMs, dying } = this.#options;
    const child = fork(program, {
      silent: true,
      execArgv: [...flags],
      env: {
        ...env,
        PORT: String(port),
        TEST_CLOCK_OFFSET_MS: String(offsetMs()),
        ...(dying === true && { CRASHES: "yes" }),
      },
    });
    const replica: Replica = { child, port, isStarted: false, isPaused: false, said: "" };
    child.once("message", () => {
      replica.isStarted = true;
    });
    const keep = (chunk: unknown): void => {
      replica.said = (replica.said + String(chunk)).slice(-OUTPUT_KEPT);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    this.replicas[place] = replica;
    child.once("exit", (code, signal) => {
      this.#past = `${this.#past}--- ${place}: ${code ?? signal}\n${replica.said}`.slice(
        -10 * OUTPUT_KEPT,
      );
      if (this.replicas[place] === replica) this.replicas[place] = undefined;
      // By itself: an orchestrator would start it again.
      const isToLive = dying === true || (signal === null && code !== 0);
      if (!this.#isClosing && isToLive) void wait(500).then(() => this.start(place));
    });
  }

  async startAll(): Promise<void> {
    await Promise.all(this.replicas.map((_, place) => this.start(place)));
  }

  async restart(place: number, signal: NodeJS.Signals): Promise<void> {
    const child = this.replicas[place]?.child;
    if (child === undefined) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
    await this.start(place);
  }

  async crash(): Promise<void> {
    const gone = this.replicas.flatMap((one) => (one ? [once(one.child, "exit")] : []));
    this.killAll();
    await Promise.all(gone);
  }

  killAll(): void {
    for (const one of this.replicas) one?.child.kill("SIGKILL");
  }

  living(): readonly { replica: Replica; place: number }[] {
    return this.replicas.flatMap((replica, place) =>
      replica === undefined || replica.isPaused ? [] : [{ replica, place }],
    );
  }

  async ready(): Promise<void> {
    const isEnough = async () => {
      const states = await Promise.all(this.replicas.map(isReady));
      return this.#options.dying === true ? states.includes(true) : !states.includes(false);
    };
    try {
      await eventually("the replicas to be ready", isEnough, READY_WITHIN_MS);
    } catch (thrown) {
      throw new Error(`${String(thrown)}\n${this.said().slice(-OUTPUT_SHOWN)}`);
    }
  }

  async memory(): Promise<readonly MemoryUsed[]> {
    const used = this.replicas.map((one, place) =>
      one?.child.connected === true ? memoryOf(one.child, place) : undefined,
    );
    return (await Promise.all(used)).filter((one) => one !== undefined);
  }

  said(): string {
    const present = this.replicas.map((one, place) => `--- ${place}: runs\n${one?.said ?? ""}`);
    return this.#past + present.join("\n");
  }

  /** Starts none from now on. */
  retire(): void {
    this.#isClosing = true;
  }
}

export async function startReplicas(options: ReplicasOptions): Promise<Replicas> {
  const fleet = new Fleet(options);
  const wrong: string[] = [];
  // One that is paused would not notice that whoever started it is gone.
  const killAll = () => fleet.killAll();
  process.once("exit", killAll);
  await fleet.startAll();
  const balancer = await balance(() => fleet.replicas.flatMap((one) => (one ? [one.port] : [])));
  return {
    url: `http://127.0.0.1:${balancer.port}`,
    wrong,
    faults: processFaults({
      living: () => fleet.living(),
      start: (place) => fleet.start(place),
      wrong,
    }),
    crash: async () => {
      await fleet.crash();
      return () => fleet.startAll();
    },
    restart: (place, signal) => fleet.restart(place, signal),
    memory: () => fleet.memory(),
    tellOffset: (offsetMs) => {
      for (const one of fleet.replicas) if (one?.child.connected) one.child.send({ offsetMs });
    },
    ready: () => fleet.ready(),
    output: () => fleet.said(),
    close: async () => {
      process.off("exit", killAll);
      fleet.retire();
      await balancer.close();
      await fleet.crash();
    },
  };
}

const ANSWERS_WITHIN_MS = 5_000;

async function memoryOf(child: ChildProcess, place: number): Promise<MemoryUsed | undefined> {
  const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS);
  const answer: Promise<unknown[]> = once(child, "message", { signal }).catch(() => []);
  child.send("memory?");
  const [said] = await answer;
  if (typeof said !== "object" || said === null || !("usedBytes" in said)) return undefined;
  return { ...(said as Omit<MemoryUsed, "place">), place };
}

async function isReady(one: Replica | undefined): Promise<boolean> {
  if (one === undefined) return false;
  const answer = await fetch(`http://127.0.0.1:${one.port}/readyz`).catch(() => undefined);
  return answer?.status === 200;
}

type Processes = {
  living(): readonly { replica: Replica; place: number }[];
  start(place: number): Promise<void>;
  readonly wrong: string[];
};

function processFaults({ living, start, wrong }: Processes): readonly CampaignFault[] {
  const nothing = async () => undefined;
  return [
    {
      name: "killed",
      side: "bot",
      kind: "kill",
      weight: 4,
      lastsMs: [200, 6_000],
      begin: async (random) => {
        if (living().length === 0) return nothing;
        const { replica, place } = random.pick(living());
        const gone = once(replica.child, "exit");
        replica.child.kill("SIGKILL");
        await gone;
        return () => start(place);
      },
    },
    {
      name: "terminated",
      side: "bot",
      kind: "kill",
      weight: 3,
      lastsMs: [200, 3_000],
      begin: async (random) => {
        if (living().length === 0) return nothing;
        const { replica, place } = random.pick(living());
        const gone = once(replica.child, "exit");
        const { isStarted } = replica;
        replica.child.kill("SIGTERM");
        return async () => {
          const late = wait(STOP_WITHIN_MS + 1_000, "late" as const, { ref: false });
          const how = await Promise.race([gone, late]);
          if (how === "late") {
            wrong.push("a replica did not end within ten seconds of SIGTERM");
            replica.child.kill("SIGKILL");
            await gone;
          } else if (how[0] !== 0 && isStarted)
            wrong.push(`a replica ended with ${how[0]} at SIGTERM`);
          await start(place);
        };
      },
    },
    {
      name: "paused",
      side: "bot",
      kind: "pause",
      weight: 3,
      lastsMs: [1_000, 15_000],
      begin: async (random) => {
        if (living().length === 0) return nothing;
        const { replica } = random.pick(living());
        replica.isPaused = true;
        replica.child.kill("SIGSTOP");
        return async () => {
          replica.child.kill("SIGCONT");
          replica.isPaused = false;
        };
      },
    },
  ];
}

/** Hands every connection to the next process that takes it. */
async function balance(ports: () => readonly number[]) {
  let turn = 0;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
  };
  const server = createServer((inside) => {
    keep(inside);
    const targets = ports();
    const attempt = (left: number): void => {
      turn += 1;
      const port = targets[turn % targets.length];
      if (port === undefined || left === 0) return void inside.destroy();
      const outside = connect({ port, host: "127.0.0.1" });
      keep(outside);
      outside.once("error", () => {
        if (!inside.destroyed && outside.bytesRead === 0) attempt(left - 1);
      });
      outside.once("connect", () => {
        outside.removeAllListeners("error");
        outside.on("error", () => inside.destroy());
        outside.once("close", () => inside.destroy());
        inside.once("close", () => outside.destroy());
        inside.pipe(outside).pipe(inside);
      });
    };
    attempt(targets.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
