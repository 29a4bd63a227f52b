// The Web API client with limits on everything, and the one translation of its errors into faults.

import {
  type Logger,
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
  type WebClientOptions,
} from "@slack/web-api";
import { Fault } from "../../../ports/fault.ts";

/** Slack answers within a second or two; a caller that holds a lease can't wait for longer. */
const CALL_TIMEOUT_MS = 8_000;

/**
 * A new object each time: Bolt's Socket Mode client writes its own retry policy into the one it gets.
 * No retries here: the workflow retries, and knows whether a lost answer can be asked again.
 */
export const clientOptions = (apiUrl: string, timeoutMs = CALL_TIMEOUT_MS): WebClientOptions => ({
  slackApiUrl: apiUrl,
  timeout: timeoutMs,
  retryConfig: { retries: 0 },
  // Otherwise one 429 stops every other call of this client, too.
  rejectRateLimitedCalls: true,
  // A method's name never decides to which host the token goes.
  allowAbsoluteUrls: false,
  logger: silent,
});

/** A call that ended, for metrics. `status` is `undefined` where there was no answer. */
export type SlackCallNote = {
  readonly operation: string;
  readonly status: number | undefined;
  /** Slack answers what it refuses with status 200 and `ok: false`. */
  readonly isRefused: boolean;
  /** "ok", or the error that Slack named; `undefined`: neither was found at the beginning of the answer. */
  readonly answered: string | undefined;
  readonly ms: number;
};

type SlackClientOptions = {
  readonly timeoutMs?: number;
  /** Hears Slack's time with every answer, to the second. */
  readonly onDate?: (dateMs: number) => void;
  readonly onCall?: (note: SlackCallNote) => void;
};

/** A client that answers or throws within `timeoutMs`, and tries once. */
export const slackClient = (
  token: string,
  apiUrl: string,
  { timeoutMs, onDate, onCall }: SlackClientOptions = {},
): WebClient => {
  const dated = onDate === undefined ? fetch : withDates(onDate);
  return new WebClient(token, {
    ...clientOptions(apiUrl, timeoutMs),
    fetch: onCall === undefined ? dated : withNotes(dated, onCall),
  });
};

const withDates =
  (onDate: (dateMs: number) => void): typeof fetch =>
  async (...request) => {
    const response = await fetch(...request);
    const dateMs = Date.parse(response.headers.get("date") ?? "");
    if (!Number.isNaN(dateMs)) onDate(dateMs);
    return response;
  };

const withNotes =
  (ask: typeof fetch, onCall: (note: SlackCallNote) => void): typeof fetch =>
  async (...request) => {
    const operation = methodIn(String(request[0]));
    const startedMs = performance.now();
    const note = (status: number | undefined, { isRefused, answered }: Beginning = NOTHING) =>
      onCall({ operation, status, isRefused, answered, ms: performance.now() - startedMs });
    try {
      const response = await ask(...request);
      const { status } = response;
      if (status === 200) void beginningOf(response).then((found) => note(status, found));
      else note(status);
      return response;
    } catch (thrown) {
      note(undefined);
      throw thrown;
    }
  };

/** `chat.postMessage` of `https://slack.com/api/chat.postMessage`. */
const methodIn = (url: string): string => /\/([a-z]+(?:\.[A-Za-z]+)+)$/.exec(url)?.[1] ?? "other";

/** `ok` stands first in everything that the Web API answers. */
const OK = /^\s*\{\s*"ok"\s*:\s*(true|false)/;
const ERROR = /"error"\s*:\s*"([\w.:-]{1,100})"/;

type Beginning = Pick<SlackCallNote, "isRefused" | "answered">;
const NOTHING: Beginning = { isRefused: false, answered: undefined };

/** Looks at no more than the first piece of the body, and leaves the response to be read. */
async function beginningOf(response: Response): Promise<Beginning> {
  const reader = response.clone().body?.getReader();
  try {
    const { value } = (await reader?.read()) ?? {};
    const text = new TextDecoder().decode(value);
    const [, ok] = OK.exec(text) ?? [];
    if (ok === undefined) return NOTHING;
    return ok === "true"
      ? { isRefused: false, answered: "ok" }
      : { isRefused: true, answered: ERROR.exec(text)?.[1] };
  } catch {
    return NOTHING;
  } finally {
    void reader?.cancel().catch(() => undefined);
  }
}

/** What the client would write is in the faults; its own lines are no JSON and quote message texts. */
const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

/** Slack's codes for faults that pass: https://docs.slack.dev/reference/methods/chat.postMessage#errors */
const PASSING = new Set([
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "ratelimited",
  "rate_limited",
  "team_added_to_org",
]);

/** Of these Slack says that something may have been done before the trouble. */
const AMBIGUOUS = new Set(["internal_error", "fatal_error", "service_unavailable"]);

/** With these nothing has left this machine, or nobody listened. */
const NOT_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** Translates whatever a call of the Web API threw. A fault stays as it is. */
export function slackFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  if (thrown instanceof WebAPIRateLimitedError) return limited(thrown, thrown.retryAfter * 1_000);
  if (thrown instanceof WebAPIPlatformError) return platformFault(thrown);
  if (thrown instanceof WebAPIHTTPError) return httpFault(thrown);
  if (thrown instanceof WebAPIRequestError) return networkFault(thrown.original, thrown);
  // The client's own words for a 429 without a usable Retry-After.
  if (thrown instanceof Error && thrown.message.startsWith("Retry header did not contain")) {
    return limited(thrown, undefined);
  }
  // A body that breaks off is thrown as it is, without the client's wrapping.
  return networkFault(thrown, thrown);
}

const limited = (cause: Error, retryAfterMs: number | undefined): Fault =>
  new Fault({
    source: "slack",
    code: "ratelimited",
    message: "Slack asked us to slow down",
    retryable: true,
    retryAfterMs,
    cause,
  });

function platformFault(thrown: WebAPIPlatformError): Fault {
  const word: unknown = thrown.data.error;
  // A page instead of JSON (a proxy, an outage) arrives here with the whole page as the word.
  if (typeof word !== "string" || !/^[\w.:-]{1,100}$/.test(word)) {
    return new Fault({
      source: "slack",
      code: "unreadable_answer",
      message: "Slack's answer wasn't JSON",
      retryable: true,
      ambiguous: true,
    });
  }
  return new Fault({
    source: "slack",
    code: word,
    message: `Slack answered ${word}${detail(thrown)}`,
    retryable: PASSING.has(word),
    ambiguous: AMBIGUOUS.has(word),
    cause: thrown,
  });
}

/** The missing scope, or what is wrong with the blocks: what an operator needs to mend it. */
function detail({ data }: WebAPIPlatformError): string {
  const { needed } = data as { needed?: unknown };
  if (typeof needed === "string") return ` (the app needs the scope ${needed})`;
  const said = data.response_metadata?.messages;
  return Array.isArray(said) && said.length > 0 ? ` (${said.join("; ")})` : "";
}

const httpFault = (thrown: WebAPIHTTPError): Fault =>
  new Fault({
    source: "slack",
    code: `http_${thrown.statusCode}`,
    message: `Slack answered with HTTP status ${thrown.statusCode}`,
    retryable: thrown.statusCode >= 500 || thrown.statusCode === 408,
    ambiguous: thrown.statusCode >= 500,
    cause: thrown,
  });

function networkFault(original: unknown, cause: unknown): Fault {
  const code = networkCode(original);
  return new Fault({
    source: "slack",
    code,
    message:
      code === "ETIMEDOUT" ? "Slack didn't answer in time" : `Slack can't be reached: ${code}`,
    retryable: true,
    ambiguous: !NOT_SENT.has(code),
    cause,
  });
}

/** The system's code, which fetch hides in the cause of a cause. */
function networkCode(original: unknown): string {
  let error = original;
  for (let depth = 0; depth < 5 && error instanceof Error; depth++) {
    if (error.name === "TimeoutError") return "ETIMEDOUT";
    if ("code" in error && typeof error.code === "string") return error.code;
    error = error.cause;
  }
  return "network_error";
}
