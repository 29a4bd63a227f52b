// Lets Bolt write into our log: one JSON line each, bounded, without secrets.

import { type Logger, LogLevel } from "@slack/bolt";
import type { Log } from "../../../ports/log.ts";

const CHARACTERS_MAX = 500;

/** Bolt's debug lines quote whole payloads with their response_urls: they aren't written at any level. */
export const boltLog = (log: Log): Logger => ({
  debug: () => {},
  info: (...said: unknown[]) => log.debug({ from: "bolt" }, line(said)),
  warn: (...said: unknown[]) => log.warn({ from: "bolt" }, line(said)),
  error: (...said: unknown[]) => log.error({ from: "bolt" }, line(said)),
  setLevel: () => {},
  getLevel: () => LogLevel.INFO,
  setName: () => {},
});

const line = (said: readonly unknown[]): string =>
  withoutSecrets(said.map((one) => (one instanceof Error ? one.message : String(one))).join(" "));

/** Tokens, the tickets of sockets, and the addresses at which one may answer in our name. */
const withoutSecrets = (text: string): string =>
  text
    .replace(/\b(xox[a-z]|xapp)-[\w-]+/g, "$1-…")
    .replace(/\b(wss?):\/\/\S+/g, "$1://…")
    .replace(/\bhttps?:\/\/hooks\.\S+/g, "https://hooks…")
    .slice(0, CHARACTERS_MAX);

/**
 * The last line of defence, for `process.on("unhandledRejection", …)`: Bolt and its socket client have
 * closures of their own that can reject outside every handler, and one of them must not end the process.
 */
export const survive =
  (log: Log) =>
  (reason: unknown): void => {
    const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
    log.error({ from: "unhandled rejection" }, withoutSecrets(text));
  };
