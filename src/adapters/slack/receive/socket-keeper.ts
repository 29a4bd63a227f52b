// Keeps one Socket Mode connection: connects again whenever it is lost, until stopped or turned away for good.

import { setTimeout as sleep } from "node:timers/promises";
import { type Backoff, backoffMs } from "../../../ports/backoff.ts";
import { Fault } from "../../../ports/fault.ts";
import type { Log } from "../../../ports/log.ts";
import { inRealTime } from "../../real-time.ts";
import { slackFault } from "../client/slack-client.ts";

export type SocketLimits = {
  /** From asking for an address to Slack's "hello": longer than a call and a connection may take. */
  readonly helloMs: number;
  /** Between attempts. */
  readonly waits: Backoff;
  /** A connection that lived shorter than this counts as a failed attempt. */
  readonly livedMs: number;
  /** How long the other side may take to close with us. */
  readonly closeMs: number;
};

const LIMITS: SocketLimits = {
  helloMs: 25_000,
  waits: { firstMs: 1_000, mostMs: 30_000 },
  livedMs: 10_000,
  closeMs: 1_000,
};

/**
 * What we need of Slack's client, which must not reconnect by itself. `start` rejects with nothing where
 * the socket closed before the greeting; `disconnect`, asked a second time, doesn't wait any more.
 */
export type SocketClient = {
  start(): Promise<unknown>;
  disconnect(): Promise<void>;
  on(event: "connected" | "disconnected", listener: () => void): unknown;
  once(event: "disconnected", listener: () => void): unknown;
};

export type SocketKeeper = {
  /** Resolves after the first attempt, which may have failed for now; rejects if Slack turns us away. */
  start(): Promise<void>;
  connected(): boolean;
  /** Slack said that it closes: makes sure that it does. */
  farewell(): void;
  /** Resolves when the connection is closed. */
  stop(): Promise<void>;
};

export function keepConnected(
  client: SocketClient,
  options: Partial<SocketLimits> & {
    readonly log: Log;
    /** Slack will not let us connect again (token revoked, Socket Mode switched off). Called once. */
    readonly onLost: (fault: Fault) => void;
  },
): SocketKeeper {
  const { log, onLost, ...given } = options;
  const limits = { ...LIMITS, ...given };
  const stopping = new AbortController();
  let connected = false;
  client.on("connected", () => {
    connected = true;
  });
  client.on("disconnected", () => {
    connected = false;
  });

  async function disconnection(): Promise<void> {
    // Stopped while the connection was being made.
    if (stopping.signal.aborted) await close(client, { asked: false, limitMs: limits.closeMs });
    if (connected) await new Promise<void>((resolve) => client.once("disconnected", resolve));
  }

  /** `tried` hears of the first attempt, and of a fault that ends it all. */
  async function supervise(tried: (fault?: Fault) => void): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      const fault = await connect(client, limits).then(() => undefined, slackFault);
      if (fault?.retryable === false) return tried(fault);
      tried();
      const connectedAtMs = performance.now();
      if (fault === undefined) {
        log.info({}, "Connected to Slack's socket");
        await disconnection();
      }
      if (stopping.signal.aborted) return;
      const lived = fault === undefined && performance.now() - connectedAtMs >= limits.livedMs;
      failures = lived ? 0 : failures + 1;
      const waitMs = Math.max(waitAfter(failures, limits), fault?.retryAfterMs ?? 0);
      const say = failures === 0 ? log.info : log.warn;
      say.call(
        log,
        { code: fault?.code, waitMs },
        "Disconnected from Slack's socket; will connect",
      );
      await pause(waitMs, stopping.signal);
    }
  }

  return {
    start: () =>
      new Promise((resolve, reject) => {
        let started = false;
        void supervise((fault) => {
          if (fault === undefined) resolve();
          else if (started) onLost(fault);
          else reject(fault);
          started = true;
        });
      }),
    connected: () => connected,
    farewell: () => void close(client, { asked: true, limitMs: limits.closeMs }),
    async stop() {
      stopping.abort();
      await close(client, { asked: false, limitMs: limits.closeMs });
    },
  };
}

/** Resolves when Slack has greeted us; rejects with what went wrong. */
async function connect(client: SocketClient, limits: SocketLimits): Promise<void> {
  const greeted = client.start().then(
    () => undefined,
    (thrown: unknown) => thrown ?? CLOSED_AT_ONCE,
  );
  const first = await inRealTime(greeted, limits.helloMs);
  if (first !== "late") return rethrow(first);
  await close(client, { asked: false, limitMs: limits.closeMs });
  // Waited for once more: two attempts at a time would make two connections.
  const second = await inRealTime(greeted, limits.helloMs);
  if (second !== undefined) throw NO_HELLO;
}

/** Closes the connection; by force, where the other side doesn't close with us in time. */
async function close(
  client: SocketClient,
  { asked, limitMs }: { asked: boolean; limitMs: number },
): Promise<void> {
  const closed = new AbortController();
  client.once("disconnected", () => closed.abort());
  if (!asked) void client.disconnect();
  await pause(limitMs, closed.signal);
  if (!closed.signal.aborted) await client.disconnect();
}

function waitAfter(failures: number, { waits }: SocketLimits): number {
  if (failures === 0) return 0;
  // Spread out: opening connections is rationed, and all replicas lose theirs together.
  return backoffMs(failures, waits) * (0.5 + Math.random() / 2);
}

const passing = (code: string, message: string): Fault =>
  new Fault({ source: "slack", code, message, retryable: true });
const CLOSED_AT_ONCE = passing("socket_closed", "Slack closed the socket before greeting us");
const NO_HELLO = passing("no_hello", "Slack didn't greet us on the socket in time");

function rethrow(thrown: unknown): void {
  if (thrown !== undefined) throw thrown;
}

/** Resolves after `ms`, or when aborted. Never rejects. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => {});
