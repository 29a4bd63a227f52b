// Turns whatever a call to Azure threw into one `Fault`, with Azure's own code and words in it.

import { STATUS_CODES } from "node:http";
import { z } from "zod";
import { Fault, isFault } from "../../ports/fault.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { Call } from "./wire.ts";

/** Statuses below 500 that pass: signed out, time-out, something else in progress, throttled. */
const PASSING = new Set([401, 408, 409, 429]);

/** Nobody was there to listen, or nobody whom we trust: nothing was sent. */
const NOTHING_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|(CERT|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)_\w+)$/;

/** How much of a thrown error's own text is kept as the cause, for logs. */
const CAUSE_CHARACTERS_MAX = 1_000;

export function faultFrom(thrown: unknown, call: Call, nowMs: number): Fault {
  if (isFault(thrown)) return thrown;
  const { status } = call;
  if (status === undefined) return unreached(thrown, call);
  if (status >= 200 && status < 300) return unreadable(thrown, status);
  const said = azureWords(thrown);
  const code = said.code || (STATUS_CODES[status] ?? `Status${status}`).replace(/\W/g, "");
  return new Fault({
    world: "azure",
    code,
    message: said.message || `Azure answered with status ${status} and gave no reason.`,
    retryable: status >= 500 || PASSING.has(status),
    ambiguous: status >= 500 || status === 408,
    retryAfterMs: retryAfterMs(call.header, nowMs),
    cause: causeOf(thrown),
  });
}

export function tooLate(call: Call, timeoutMs: number): Fault {
  const seconds = `${Math.ceil(timeoutMs / 1_000)} s`;
  // Before the request goes out there is only the token to wait for.
  if (!call.sent) return noToken(undefined, `None came within ${seconds}.`);
  return new Fault({
    world: "azure",
    code: "ETIMEDOUT",
    message: `Azure did not answer within ${seconds}.`,
    retryable: true,
    ambiguous: true,
  });
}

export function stopped(call: Call): Fault {
  const message = "The bot is stopping.";
  return new Fault({
    world: "azure",
    code: "Stopped",
    message,
    retryable: true,
    ambiguous: call.sent,
  });
}

/** What Entra says may hold tenant and application ids: of it only its numbered code is passed on. */
export function noToken(thrown: unknown, why = ""): Fault {
  if (isFault(thrown)) return thrown;
  const said = thrown instanceof Error ? thrown.message : "";
  const entraCode = /AADSTS\d+/.exec(said)?.[0];
  const misset = /AZURE_TOKEN_CREDENTIALS/.exec(said)?.[0];
  const detail = [why, entraCode && `Microsoft Entra ID answered ${entraCode}.`]
    .concat(misset && `${misset} has a value that is not known.`)
    .filter(Boolean);
  const advice =
    "The bot could get no token for Azure: check its managed or workload identity, or " +
    "AZURE_TENANT_ID, AZURE_CLIENT_ID and the client's secret or certificate.";
  return new Fault({
    world: "azure",
    code: entraCode === undefined ? "CredentialUnavailableError" : "AuthenticationFailed",
    message: [advice, ...detail].join(" "),
    retryable: true,
  });
}

function unreached(thrown: unknown, call: Call): Fault {
  const code = codeOf(thrown) || nameOf(thrown);
  const certificate = /CERT|TLS|SSL|SIGNED|VERIFY/.test(code);
  return new Fault({
    world: "azure",
    code,
    message: certificate
      ? `The certificate of Azure's address is not trusted (${code}).`
      : `Azure could not be reached (${code}).`,
    retryable: true,
    ambiguous: call.sent && !NOTHING_SENT.test(code),
    cause: causeOf(thrown),
  });
}

function unreadable(thrown: unknown, status: number): Fault {
  return new Fault({
    world: "azure",
    code: "UnreadableAnswer",
    message: `Azure answered with status ${status} and something that is not what was asked for.`,
    retryable: true,
    cause: causeOf(thrown),
  });
}

const text = z.string().catch("");
/** ARM's shape, and that of older services, which write their names with capitals. */
const wordsSchema = z
  .object({ code: text, message: text, Code: text, Message: text, details: z.unknown().optional() })
  .transform(({ code, message, Code, Message, details }) => ({
    code: code || Code,
    message: message || Message,
    details: Array.isArray(details) ? details : [],
  }));
const bodySchema = z.object({ error: z.unknown().optional() });

/** Resource Graph's outer message only says what to tell the support: the reason is in the details. */
const FOR_SUPPORT = /^Please provide below info when asking for support/;

function azureWords(thrown: unknown): { code: string; message: string } {
  const body = bodyOf(thrown);
  const outer = wordsIn(bodySchema.safeParse(body).data?.error) ?? wordsIn(body);
  if (outer === undefined) return { code: "", message: "" };
  const { code, message } = outer;
  const inner = wordsIn(outer.details[0]);
  if (!inner?.message || message.includes(inner.message)) return { code, message };
  if (message === "" || FOR_SUPPORT.test(message)) {
    return { code: inner.code || code, message: inner.message };
  }
  const more = [inner.code, inner.message].filter(Boolean).join(": ");
  return { code, message: `${message} (${more})` };
}

function wordsIn(value: unknown): z.output<typeof wordsSchema> | undefined {
  const words = wordsSchema.safeParse(value).data;
  return words && (words.code || words.message) ? words : undefined;
}

const thrownSchema = z.object({
  code: text,
  name: text,
  message: text,
  details: z.unknown().optional(),
  response: z.object({ bodyAsText: text }).catch({ bodyAsText: "" }),
});

/** The two SDKs keep the body in different places: one as text, the other decoded. */
function bodyOf(thrown: unknown): unknown {
  const { response, details } = thrownSchema.safeParse(thrown).data ?? {};
  try {
    return JSON.parse(response?.bodyAsText ?? "");
  } catch {
    return details;
  }
}

const codeOf = (thrown: unknown): string => thrownSchema.safeParse(thrown).data?.code ?? "";
const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : "Unknown");

/** Not the error itself: the SDKs' errors hold the request, and that holds the token. */
function causeOf(thrown: unknown): Error | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const cause = new Error(thrown.message.slice(0, CAUSE_CHARACTERS_MAX));
  cause.name = thrown.name;
  if (thrown.stack !== undefined) cause.stack = thrown.stack.slice(-CAUSE_CHARACTERS_MAX);
  return cause;
}
