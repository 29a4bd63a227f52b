// Sends the audit's copy to a syslog receiver, over TCP (RFC 6587, by octet counting) or TLS (RFC 5425).
//
// Syslog has no acknowledgement. What TCP can tell is whether the other side read everything: it closes its side of
// the connection in order only after it has read the end of ours. So each batch has a connection of its own, which
// is closed after it, and counts as taken when the receiver closes it in return. A receiver that dies with something
// unread resets the connection; one that is gone doesn't answer at all.

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

export function syslogReceiver(
  sink: Syslog,
  { hostname, withinMs = WITHIN_MS }: { hostname: string; withinMs?: number },
): Receiver {
  return {
    unsureForMs: UNSURE_FOR_MS,
    send: (entries) => {
      const frames = entries.map((entry) => frameOf(entry, sink.format, hostname));
      return deliver(sink, Buffer.concat(frames), withinMs);
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

/** Resolves when the other side has closed in order, after our end. */
function deliver({ host, port, isTls }: Syslog, bytes: Buffer, withinMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = isTls ? tls.connect({ host, port }) : net.connect({ host, port });
    let isOver = false;
    let isEnded = false;
    let hasAnswered = false;
    let pause: NodeJS.Timeout | undefined;
    const limit = setTimeout(() => finish(isOver ? unclosed() : tooLate(withinMs)), withinMs);
    const finish = (fault?: Error) => {
      clearTimeout(limit);
      clearTimeout(pause);
      socket.destroy();
      if (fault === undefined) resolve();
      else reject(fault);
    };
    socket.once(isTls ? "secureConnect" : "connect", () => {
      socket.write(bytes, () => {
        pause = setTimeout(() => {
          // By now it can't be an answer to our end.
          if (isEnded) return finish(early());
          isOver = true;
          socket.end();
        }, QUIET_MS);
      });
    });
    socket.once("end", () => {
      isEnded = true;
      hasAnswered = isOver;
    });
    socket.once("error", (error) => finish(connectionFault(error)));
    socket.once("close", () => finish(hasAnswered ? undefined : early()));
    // Nothing is expected, and what comes must not keep the end from being seen.
    socket.resume();
  });
}

const early = () =>
  receiverFault({
    code: "ClosedEarly",
    message: "It closed the connection before it had everything (ClosedEarly).",
  });

const unclosed = () =>
  receiverFault({
    code: "NotClosed",
    message:
      "It didn't close the connection when everything was sent, so nobody knows whether it has it (NotClosed).",
  });
