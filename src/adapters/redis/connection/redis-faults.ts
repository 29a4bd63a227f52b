// What can be wrong with Redis, translated once: whether trying again helps, and whether it may have acted.

import { Fault } from "../../../ports/fault.ts";
import type { Connection } from "./connection.ts";

/** A command that takes longer counts as unanswered; people wait for it. */
export const ANSWERS_WITHIN_MS = 1_500;

/** A short break, such as a reconnection, is waited out; people aren't kept longer than this. */
const READY_WITHIN_MS = 700;

/** Resolves at the next moment when the connection is ready, and rejects where none comes soon. */
export type NextReady = () => Promise<void>;

/** All who wait at the same time share one listener. */
export function nextReady(connection: Connection): NextReady {
  let waiting: Promise<void> | undefined;
  return () => {
    if (connection.status === "end") return Promise.reject(disconnected(connection));
    waiting ??= becomesReady(connection).finally(() => {
      waiting = undefined;
    });
    return waiting;
  };
}

/** As `reply`, or a time-out: for the client's own doesn't run everywhere, as in a cluster's queue. */
export function inTime<T>(reply: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(TIMED_OUT)), ANSWERS_WITHIN_MS);
    reply.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** The client's own words. */
const TIMED_OUT = "Command timed out";

function becomesReady(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (isReady: boolean) => {
      clearTimeout(timer);
      connection.off("ready", onReady);
      connection.off("end", onEnd);
      if (isReady) resolve();
      else reject(disconnected(connection));
    };
    const onReady = () => settle(true);
    const onEnd = () => settle(false);
    const timer = setTimeout(onEnd, READY_WITHIN_MS);
    connection.once("ready", onReady);
    connection.once("end", onEnd);
  });
}

const disconnected = (connection: Connection): Fault =>
  new Fault({
    source: "redis",
    code: "Disconnected",
    message: `Redis can't be reached: the connection is in state "${connection.status}".`,
    retryable: true,
  });

/**
 * Redis's own answers that pass with time; any other means that something is wrong. Redis 6 hides them
 * in the middle of the sentence that it makes of an error in a script.
 */
const PASSING =
  /\b(BUSY|CLUSTERDOWN|LOADING|MASTERDOWN|MISCONF|NOAUTH|NOREPLICAS|OOM|READONLY|TRYAGAIN|WRONGPASS)\b/;

/**
 * Translates what the client threw. `writes`: the command could have changed something; then a lost
 * answer is ambiguous, whereas an answer, or a command that was never sent, isn't.
 */
export function faultOf(thrown: unknown, writes: boolean): Fault {
  if (thrown instanceof Fault) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const cause = withoutArguments(error);
  const { message } = error;
  if (error.name === "ReplyError") {
    const passing = PASSING.exec(message)?.[0];
    const code = passing ?? /^[A-Z]+/.exec(message)?.[0] ?? "ERR";
    return new Fault({ source: "redis", code, message, retryable: passing !== undefined, cause });
  }
  const unsent = isUnsent(error);
  const code = message === TIMED_OUT ? "Timeout" : unsent ? "Disconnected" : "Broken";
  const ambiguous = writes && !unsent;
  return new Fault({ source: "redis", code, message, retryable: true, ambiguous, cause });
}

/** The connection was lost, and the client had not noticed when it was given the command. */
export const isUnsent = (thrown: unknown): boolean =>
  thrown instanceof Error && /enableOfflineQueue/.test(thrown.message);

/** A document that can't be decoded: no retry mends it. */
export const unreadable = (id: string, why: string): Fault =>
  new Fault({
    source: "redis",
    code: "Unreadable",
    message: `The stored document of ${id} can't be read: ${why}`,
    retryable: false,
  });

/** The client hangs the whole command on its errors, which could be a document or a password. */
function withoutArguments(error: Error): Error {
  const bare = new Error(error.message);
  bare.name = error.name;
  if (error.stack !== undefined) bare.stack = error.stack;
  return bare;
}
