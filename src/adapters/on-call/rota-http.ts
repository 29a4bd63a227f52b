// A question to a source of rotas over HTTP: bounded in time and length, and every way to fail is a fault.

import { Fault } from "../../ports/fault.ts";

/** A page of a hundred shifts has far less; calendars of many years are as long as this. */
const BYTES_MAX = 5 * 1024 * 1024;

/** Where a source names no time. */
const THROTTLED_MS = 10_000;
const THROTTLED_MAX_MS = 10 * 60_000;

export type Question = {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Ends every question of one reading. */
  readonly signal: AbortSignal;
};

/** The text of a good answer; anything else is thrown as a `Fault`. No address is ever part of one. */
export async function askRota({ url, headers, signal }: Question): Promise<string> {
  try {
    const answer = await fetch(url, { headers, signal, redirect: "manual" });
    if (answer.ok) return await textOf(answer);
    await answer.body?.cancel();
    throw refusalOf(answer);
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown : networkFault(thrown);
  }
}

export const nonsense = (message: string, cause?: unknown): Fault =>
  new Fault({ source: "rota", code: "nonsense", message, retryable: true, cause });

export const notSet = (name: string): Fault =>
  new Fault({ source: "rota", code: "not-set", message: `${name} isn't set`, retryable: false });

async function textOf(answer: Response): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let bytes = 0;
  let text = "";
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > BYTES_MAX) throw nonsense(`The answer is longer than ${BYTES_MAX} bytes`);
    text += decoded(decoder, chunk);
  }
  return text + decoded(decoder);
}

function decoded(decoder: InstanceType<typeof TextDecoder>, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch (thrown) {
    throw nonsense("The answer isn't text", thrown);
  }
}

function refusalOf({ status, headers }: Response): Fault {
  const isThrottled = status === 429;
  // PagerDuty names seconds in a header of its own.
  const named = Number(headers.get("ratelimit-reset") ?? headers.get("retry-after") ?? Number.NaN);
  const waitMs = Number.isFinite(named) && named >= 0 ? named * 1_000 : THROTTLED_MS;
  return new Fault({
    source: "rota",
    code: isThrottled ? "ratelimited" : String(status),
    message: status >= 300 && status < 400 ? "It leads to another address" : `HTTP ${status}`,
    retryable: isThrottled || status >= 500,
    ...(isThrottled && { retryAfterMs: Math.min(waitMs, THROTTLED_MAX_MS) }),
  });
}

function networkFault(thrown: unknown): Fault {
  const isLate = thrown instanceof DOMException && thrown.name === "TimeoutError";
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : "";
  return new Fault({
    source: "rota",
    code: isLate ? "ETIMEDOUT" : typeof code === "string" && code !== "" ? code : "ENETWORK",
    message: isLate ? "It didn't answer in time" : "The connection failed",
    retryable: true,
  });
}

/** What an answer should be; `undefined` where it isn't JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
