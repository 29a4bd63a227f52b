// Turns whatever a call to Azure threw into one `Fault`, with Azure's own code and words in it.

import { STATUS_CODES } from "node:http";
import { redacted } from "../../../domain/text/redacted.ts";
import { Fault, isFault } from "../../../ports/fault.ts";
import { azureWords, sdkCode } from "./azure-words.ts";
import type { Call } from "./pipeline.ts";
import { retryAfterMs } from "./retry-after.ts";

/** Statuses below 500 that pass: signed out, time-out, something else in progress, throttled. */
const PASSING = new Set([401, 408, 409, 429]);

/** Conflicts that nothing but an administrator ends. */
const LASTING =
  /^(MissingSubscriptionRegistration|ReadOnlyDisabledSubscription|ScopeLocked|DisallowedOperation)$/;

/** Nobody was there to listen, or nobody whom we trust: nothing was sent. */
const NOTHING_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|(CERT|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)_\w+)$/;

/** How much of a thrown error's own text and stack is kept as the cause, for logs. */
const CAUSE_CHARACTERS_MAX = 1_000;
const CAUSE_FRAMES_MAX = 8;

export function faultFrom(thrown: unknown, call: Call, nowMs: number): Fault {
  if (isFault(thrown)) return thrown;
  const { status } = call;
  if (status === undefined) return unreached(thrown, call);
  if (status >= 200 && status < 300) return unreadable(thrown, status);
  const said = azureWords(thrown);
  const code = said.code || (STATUS_CODES[status] ?? `Status${status}`).replace(/\W/g, "");
  return new Fault({
    source: "azure",
    code,
    message: said.message || `Azure answered with status ${status} and gave no reason.`,
    retryable: status >= 500 || (PASSING.has(status) && !LASTING.test(code)),
    ambiguous: status >= 500 || status === 408,
    retryAfterMs: retryAfterMs(call.header, nowMs),
    cause: causeOf(thrown),
  });
}

export function tooLate(call: Call, timeoutMs: number): Fault {
  const seconds = `${Math.ceil(timeoutMs / 1_000)} s`;
  // Before the request goes out there is only the token to wait for.
  if (!call.sent) return noToken(undefined, `No answer within ${seconds}.`);
  return new Fault({
    source: "azure",
    code: "ETIMEDOUT",
    message: `Azure didn't answer within ${seconds}.`,
    retryable: true,
    ambiguous: true,
  });
}

export function stopped(call: Call): Fault {
  const message = "The bot is stopping.";
  return new Fault({
    source: "azure",
    code: "Stopped",
    message,
    retryable: true,
    ambiguous: call.sent,
  });
}

/** What Entra says may hold tenant and application ids: people are shown its numbered code only. */
export function noToken(thrown: unknown, why = ""): Fault {
  if (isFault(thrown)) return thrown;
  const said = thrown instanceof Error ? thrown.message : "";
  const entraCode = /AADSTS\d+/.exec(said)?.[0];
  const misset = /AZURE_TOKEN_CREDENTIALS/.exec(said)?.[0];
  const detail = [why, entraCode && `Microsoft Entra ID answered ${entraCode}.`]
    .concat(misset && `${misset} has an unknown value.`)
    .filter(Boolean);
  const advice =
    "The bot couldn't get a token for Azure: check its managed or workload identity, or " +
    "AZURE_TENANT_ID, AZURE_CLIENT_ID and the client's secret or certificate.";
  return new Fault({
    source: "azure",
    code: entraCode === undefined ? "CredentialUnavailableError" : "AuthenticationFailed",
    message: [advice, ...detail].join(" "),
    retryable: true,
    cause: causeOf(thrown),
  });
}

function unreached(thrown: unknown, call: Call): Fault {
  const code = sdkCode(thrown);
  const certificate = /CERT|TLS|SSL|SIGNED|VERIFY/.test(code);
  return new Fault({
    source: "azure",
    code,
    message: certificate
      ? `The certificate of Azure's address isn't trusted (${code}).`
      : `Azure couldn't be reached (${code}).`,
    retryable: true,
    ambiguous: call.sent && !NOTHING_SENT.test(code),
    cause: causeOf(thrown),
  });
}

function unreadable(thrown: unknown, status: number): Fault {
  return new Fault({
    source: "azure",
    code: "UnreadableAnswer",
    message: `Azure answered with status ${status} and an unexpected response.`,
    retryable: true,
    cause: causeOf(thrown),
  });
}

/** Not the error itself: the SDKs' errors hold the request, and that holds the token. */
function causeOf(thrown: unknown): Error | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const cause = new Error(redacted(thrown.message).slice(0, CAUSE_CHARACTERS_MAX));
  cause.name = thrown.name;
  const frames = (thrown.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  cause.stack = [`${cause.name}: ${cause.message}`, ...frames.slice(0, CAUSE_FRAMES_MAX)].join(
    "\n",
  );
  return cause;
}
