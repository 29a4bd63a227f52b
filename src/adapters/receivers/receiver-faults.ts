// What a receiver of the audit's copy did instead of taking it, as one `Fault`.

import { Fault } from "../../ports/fault.ts";

type Said = {
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
};

/** It is always tried again: nothing that a receiver says makes an entry less worth sending. */
export const receiverFault = (said: Said): Fault =>
  new Fault({ source: "receiver", retryable: true, ambiguous: true, ...said });

/** Of a connection that couldn't be made, or broke. */
export function connectionFault(thrown: unknown): Fault {
  const code = codeOf(thrown);
  return receiverFault({ code, message: `${meaning(code)} (${code}).` });
}

/** The innermost one says what it was. */
function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "unknown";
  const inner = thrown.cause instanceof Error ? codeOf(thrown.cause) : undefined;
  const own = "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
  return (inner === "unknown" ? undefined : inner) ?? own ?? "unknown";
}

function meaning(code: string): string {
  if (/CERT|TLS|SSL|SIGNED|VERIFY/.test(code)) {
    return "Its certificate isn't trusted: NODE_EXTRA_CA_CERTS can name your own authority";
  }
  switch (code) {
    case "ECONNREFUSED":
      return "Nothing listens there";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "Its name can't be resolved";
    case "ECONNRESET":
    case "EPIPE":
    case "UND_ERR_SOCKET":
      return "The connection broke";
    case "ETIMEDOUT":
    case "UND_ERR_CONNECT_TIMEOUT":
      return "It didn't answer in time";
    default:
      return "It couldn't be reached";
  }
}

export const tooLate = (limitMs: number): Fault =>
  receiverFault({ code: "ETIMEDOUT", message: `It didn't answer within ${limitMs / 1_000} s.` });

/** `Retry-After` in seconds or as a date: RFC 9110, section 10.2.3. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const untilMs = Date.parse(header);
  return Number.isNaN(untilMs) ? undefined : Math.max(0, untilMs - nowMs);
}

/** An answer that isn't a yes, by its status; what it says besides isn't kept, for it may quote what was sent. */
export const answered = (status: number, retryMs: number | undefined): Fault =>
  receiverFault({
    code: `Status${status}`,
    message: `It answered with status ${status}.`,
    retryAfterMs: retryMs,
  });
