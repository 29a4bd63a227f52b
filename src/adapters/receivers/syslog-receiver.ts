// Sends the audit's copy to a syslog receiver, over TCP (RFC 6587, by octet counting) or TLS (RFC 5425).
//
// Syslog has no acknowledgement. What TCP can tell is whether the other side read everything: it closes its side of
// the connection in order only after it has read the end of ours. So each batch has a connection of its own, which
// is closed after it, and counts as taken when the receiver closes it in return. A receiver that dies with something
// unread resets the connection; one that is gone doesn't answer at all. Where one neither closes nor breaks, what it
// was sent counts as taken if it still takes connections.

import net from "node:net";
import tls from "node:tls";
import { cefOf } from "../../domain/audit/stream/cef.ts";
import {
  type StreamEntry,
  streamFields,
  streamLine,
} from "../../domain/audit/stream/stream-line.ts";
import type { AuditSink } from "../../domain/rules/policy.ts";
import type { Receiver } from "../../ports/audit-stream.ts";
import { connectionFault, receiverFault, tooLate } from "./receiver-faults.ts";

type Syslog = Extract<AuditSink, { kind: "syslog" }>;

/** From the first byte to the other side's end. */
const WITHIN_MS = 10_000;
/**
 * From the last byte to our end: longer than it takes there and back. So what isn't read by a receiver that dies
 * in between breaks the connection, instead of crossing with its end.
 */
const QUIET_MS = 250;

/** A receiver may have read what it hasn't kept yet. */
const UNSURE_FOR_MS = 10_000;
/** Those that close at all do so at once. */
const CLOSES_WITHIN_MS = 2_000;

export function syslogReceiver(
  sink: Syslog,
  { hostname, withinMs = WITHIN_MS }: { hostname: string; withinMs?: number },
): Receiver {
  return {
    unsureForMs: UNSURE_FOR_MS,
    send: (entries) => {
      const frames = entries.map((entry) => frameOf(entry, sink.format, hostname));
      return deliver(sink, Buffer.concat(frames), withinMs).then((outcome) =>
        outcome === "closed" ? undefined : reach(sink, withinMs),
      );
    },
  };
}

/** Facility 13 (log audit), severity 6 (informational): RFC 5424, section 6.2.1. */
const PRIORITY = 13 * 8 + 6;
const HOSTNAME_MAX = 255;
const MSGID_MAX = 32;

/** RFC 5424, section 6, behind its length in bytes. */
function frameOf(entry: StreamEntry, format: Syslog["format"], hostname: string): Buffer {
  const { atMs, what } = streamFields(entry);
  const time = new Date(atMs).toISOString();
  const host = printable(hostname, HOSTNAME_MAX);
  const header = `<${PRIORITY}>1 ${time} ${host} jit - ${printable(what, MSGID_MAX)} -`;
  const message = format === "cef" ? cefOf(entry) : streamLine(entry);
  const bytes = Buffer.from(`${header} ${message}`);
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes]);
}

/** PRINTUSASCII, or the nil value. */
const printable = (text: string, most: number): string =>
  text.replace(/[^\x21-\x7e]/g, "").slice(0, most) || "-";

type Outcome = "closed" | "left open";

/** Resolves when the other side has closed in order, after our end; or has neither closed nor broken for a while. */
function deliver(sink: Syslog, bytes: Buffer, withinMs: number): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const socket = connect(sink);
    let isOver = false;
    let isEnded = false;
    let hasAnswered = false;
    let pause: NodeJS.Timeout | undefined;
    const limit = setTimeout(() => fail(tooLate(withinMs)), withinMs);
    const stop = () => {
      clearTimeout(limit);
      clearTimeout(pause);
      socket.destroy();
    };
    const fail = (fault: Error) => {
      stop();
      reject(fault);
    };
    const succeed = (outcome: Outcome) => {
      stop();
      resolve(outcome);
    };
    const end = () => {
      // By now it can't be an answer to our end.
      if (isEnded) return fail(early());
      isOver = true;
      socket.end();
      pause = setTimeout(() => succeed("left open"), CLOSES_WITHIN_MS);
    };
    socket.once(sink.isTls ? "secureConnect" : "connect", () => {
      socket.write(bytes, () => {
        pause = setTimeout(end, QUIET_MS);
      });
    });
    socket.once("end", () => {
      isEnded = true;
      hasAnswered = isOver;
    });
    socket.once("error", (error) => fail(connectionFault(error)));
    socket.once("close", () => (hasAnswered ? succeed("closed") : fail(early())));
    // Nothing is expected, and what comes must not keep the end from being seen.
    socket.resume();
  });
}

/** A receiver behind a shared address shows the certificate of the name that it is asked for; addresses are no names. */
function connect({ host, port, isTls }: Syslog) {
  if (!isTls) return net.connect({ host, port });
  return tls.connect({ host, port, ...(net.isIP(host) === 0 && { servername: host }) });
}

/** Resolves when it takes a connection. */
function reach(sink: Syslog, withinMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(sink);
    const limit = setTimeout(() => finish(tooLate(withinMs)), withinMs);
    const finish = (fault?: Error) => {
      clearTimeout(limit);
      socket.destroy();
      if (fault === undefined) resolve();
      else reject(fault);
    };
    socket.once(sink.isTls ? "secureConnect" : "connect", () => finish());
    socket.once("error", (error) => finish(connectionFault(error)));
  });
}

const early = () =>
  receiverFault({
    code: "ClosedEarly",
    message: "It closed the connection before it had everything (ClosedEarly).",
  });
