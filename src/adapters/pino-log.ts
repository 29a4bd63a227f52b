// Logs: JSON lines on standard output, without secrets and without end.

import { type Logger, pino } from "pino";
import { redacted } from "../domain/text/redacted.ts";

/** Whatever is called like this never reaches the log, at any depth that we log. */
const SECRET_KEYS = [
  "token",
  "authorization",
  "password",
  "signingSecret",
  "botToken",
  "appToken",
  "auditKey",
  "auditKeysBefore",
  "access_token",
];

/** Each line names the replica that wrote it; `ofLine` adds what it is about, where the line doesn't say. */
export function jsonLog(
  level: string,
  replica: string,
  ofLine: (facts: object) => object = () => ({}),
): Logger {
  return pino({
    level,
    mixin: ofLine,
    base: { app: "jit-bot", replica },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`, `*.*.*.${key}`]),
      censor: "[redacted]",
    },
    // A stack with a whole page of somebody's HTML in it is cut.
    serializers: { err: (error: unknown) => bounded(pino.stdSerializers.err(asError(error))) },
  });
}

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));

const TEXT_MAX = 4_000;

const bounded = (error: { type?: string; message?: string; stack?: string }) => ({
  type: error.type,
  message: error.message && redacted(error.message).slice(0, TEXT_MAX),
  stack: error.stack && redacted(error.stack).slice(0, TEXT_MAX),
});
