// A script that Redis runs as one atomic step: its keys by name, its arguments as one JSON object.

import type { z } from "zod";
import { batch } from "../connection/batched.ts";
import type { Connection } from "../connection/connection.ts";
import { faultOf, inTime, isUnsent, nextReady } from "../connection/redis-faults.ts";
import { replicated } from "../connection/replicated.ts";

export type Script<Key extends string, Result> = {
  /** The command under which the connection knows it. */
  readonly name: string;
  /** Given by name to the script as `key.<name>`; any number of further keys as `more`. */
  readonly keys: readonly Key[];
  /** Whether it may have changed something when its answer is lost. */
  readonly writes: boolean;
  readonly result: z.ZodType<Result>;
  readonly lua: string;
};

type Call<Key extends string> = {
  readonly keys: Readonly<Record<Key, string>>;
  readonly more?: readonly string[];
  /** Decoded once by the script, as `args`. Keep what isn't given out of it: JSON's null is truthy there. */
  readonly args?: Readonly<Record<string, unknown>>;
  /** Long texts that the script stores as they are: `ARGV[3]`. */
  readonly text?: string;
};

export type Run = <Key extends string, Result>(
  script: Script<Key, Result>,
  call: Call<Key>,
) => Promise<Result>;

/** How every script begins: names for its keys, its arguments, and the one clock. */
const prelude = (keys: readonly string[]): string => `
local key, more = {}, {}
for i, name in ipairs({${keys.map((key) => `'${key}'`).join(", ")}}) do key[name] = KEYS[i] end
for i = ${keys.length + 1}, #KEYS do more[#more + 1] = KEYS[i] end
local args = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[2])
`;

/** A script that ended. `refused`: Redis answered with an error; `unanswered`: it didn't answer in time. */
export type ScriptNote = {
  readonly writes: boolean;
  readonly ms: number;
  readonly outcome: "ok" | "refused" | "unanswered";
};

const listeners = new WeakMap<Connection, (note: ScriptNote) => void>();

/** From now on `listener` hears of every script that runs on this connection, for metrics. */
export function listenToScripts(
  connection: Connection,
  listener: (note: ScriptNote) => void,
): void {
  listeners.set(connection, listener);
}

/** As `running`, and noted. */
async function noted<T>(connection: Connection, writes: boolean, running: () => Promise<T>) {
  const listener = listeners.get(connection);
  if (listener === undefined) return running();
  const startedMs = performance.now();
  const note = (outcome: ScriptNote["outcome"]) =>
    listener({ writes, ms: performance.now() - startedMs, outcome });
  try {
    const reply = await running();
    note("ok");
    return reply;
  } catch (thrown) {
    const { code } = faultOf(thrown, writes);
    note(UNANSWERED.has(code) ? "unanswered" : "refused");
    throw thrown;
  }
}

/** The codes of faults that are no answer of Redis's. */
const UNANSWERED = new Set(["Timeout", "Disconnected", "Broken"]);

/**
 * Runs scripts on a connection. Every store method is one call of one script: one command.
 * Throws a `Fault` from `redis` where Redis doesn't answer in time, or answers an error.
 */
export function scriptRunner(
  connection: Connection,
  clockOffsetMs: () => number,
  waitReplicas = 0,
): Run {
  const ready = nextReady(connection);
  const defined = new Set<string>();
  return async (script, { keys, more = [], args = {}, text = "" }) => {
    if (!defined.has(script.name)) {
      connection.defineCommand(script.name, { lua: prelude(script.keys) + script.lua });
      defined.add(script.name);
    }
    const names = [...script.keys.map((key) => keys[key]), ...more];
    const values = [jsonOf(args), Math.round(clockOffsetMs()), text];
    const send = () => {
      batch(connection);
      return inTime(command(connection, script.name)(names.length, ...names, ...values));
    };
    // Nothing is sent before the connection is ready: so nothing of it is done later by surprise.
    const sent = () =>
      (connection.status === "ready" ? send() : ready().then(send)).catch((thrown: unknown) => {
        if (isUnsent(thrown)) return ready().then(send);
        throw thrown;
      });
    const reply = await noted(connection, script.writes, sent).catch((thrown: unknown) => {
      throw faultOf(thrown, script.writes);
    });
    if (script.writes && waitReplicas > 0) await replicated(connection, waitReplicas, names[0]);
    return script.result.parse(reply);
  };
}

type Command = (...args: readonly (string | number)[]) => Promise<unknown>;

/** `defineCommand` adds methods that the type of the connection can't know. */
function command(connection: Connection, name: string): Command {
  const method: unknown = Reflect.get(connection, name);
  if (typeof method !== "function") throw new Error(`${name} is not a command of this connection.`);
  return (...args) => Reflect.apply(method, connection, args);
}

/** Looking at each text by itself takes far longer than looking for an escape, which is seldom there. */
function jsonOf(args: object): string {
  const text = JSON.stringify(args);
  return /\\u[dD]/.test(text) ? JSON.stringify(args, wellFormed) : text;
}

/** Half of a surrogate pair, as cutting a text can leave it, is no JSON to Redis. */
const wellFormed = (_key: string, value: unknown): unknown =>
  typeof value === "string" ? value.toWellFormed() : value;
