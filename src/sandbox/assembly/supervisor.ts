// Keeps one bot running as a process: starts it again when it ends, as an orchestrator does.

import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";

export type BotState = "starting" | "ready" | "down";

export type Supervisor = {
  state(): BotState;
  pid(): number | undefined;
  /** How often it was started. */
  starts(): number;
  /** The last that it wrote, for when it doesn't start. */
  output(): string;
  /** Moves the bot's clock. */
  tellOffset(offsetMs: number): void;
  /** As a crash: it is started again after a moment. */
  kill(): void;
  /** Off: it is killed and stays down. On: it is started. */
  hold(down: boolean): void;
  isHeld(): boolean;
  /** Ends it in order, and starts it no more. */
  stop(): Promise<void>;
};

export type SupervisorOptions = {
  entry: URL;
  env: () => Record<string, string>;
  /** Told the address whenever a new process listens. */
  onListening: (url: string) => void;
  onChange: () => void;
};

/** Long enough for a person to see that it is down. */
const START_AGAIN_MS = 1_500;
const ASK_AGAIN_MS = 50;
const STOP_WITHIN_MS = 10_000;
const OUTPUT_KEPT = 4_000;

export function supervise(options: SupervisorOptions): Supervisor {
  let child: ChildProcess | undefined;
  let state: BotState = "down";
  let starts = 0;
  let said = "";
  let held = false;
  let stopping = false;

  const become = (next: BotState): void => {
    if (state === next) return;
    state = next;
    options.onChange();
  };

  const start = (): void => {
    if (stopping || held || child) return;
    starts += 1;
    const started = fork(options.entry, { env: options.env(), silent: true, execArgv: [] });
    child = started;
    become("starting");
    const keep = (chunk: unknown): void => {
      said = (said + String(chunk)).slice(-OUTPUT_KEPT);
    };
    started.stdout?.on("data", keep);
    started.stderr?.on("data", keep);
    started.once("message", (message) => {
      const { port } = message as { port: number };
      const url = `http://127.0.0.1:${port}`;
      options.onListening(url);
      void untilReady(url, () => child === started).then((isReady) => {
        if (isReady) become("ready");
      });
    });
    started.once("exit", () => {
      child = undefined;
      become("down");
      if (!stopping && !held) setTimeout(start, START_AGAIN_MS).unref();
    });
  };

  start();
  return {
    state: () => state,
    pid: () => child?.pid,
    starts: () => starts,
    output: () => said,
    tellOffset(offsetMs) {
      if (child?.connected) child.send({ offsetMs });
    },
    kill: () => void child?.kill("SIGKILL"),
    hold(down) {
      held = down;
      if (down) child?.kill("SIGKILL");
      else start();
      options.onChange();
    },
    isHeld: () => held,
    async stop() {
      stopping = true;
      if (child) await endInOrder(child);
    },
  };
}

/** Told to end, and killed if it takes too long. */
async function endInOrder(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const late = new AbortController();
  await Promise.race([gone, wait(STOP_WITHIN_MS, undefined, { signal: late.signal })]).catch(
    () => undefined,
  );
  late.abort();
  child.kill("SIGKILL");
  await gone;
}

/** Polls `/readyz` for as long as the process lives. */
async function untilReady(url: string, lives: () => boolean): Promise<boolean> {
  while (lives()) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.status === 200) return true;
    await wait(ASK_AGAIN_MS);
  }
  return false;
}
