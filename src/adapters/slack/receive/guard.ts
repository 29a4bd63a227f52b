// The guard before Bolt: only fresh, signed, well-formed requests come through; all others are answered here.

import { isUtf8 } from "node:buffer";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Log } from "../../../ports/log.ts";
import { FORM_TYPE, shapeOfText } from "./body-shape.ts";
import { httpDelivery, isSigned, readStamp } from "./signature.ts";
import { unsignedCount } from "./unsigned-count.ts";

/** What the web server hands over. */
export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** `undefined`: longer than allowed (which has been answered), or the client has gone. */
  readBody(bytesMax: number): Promise<Buffer | undefined>;
};

/** Slack's largest payloads (a form with its whole view) are some 100 kB. */
const BODY_BYTES_MAX = 256 * 1024;
/** `token=…&ssl_check=1` */
const SSL_CHECK_BYTES_MAX = 1_000;

export type GuardOptions = {
  /** The one in force now. */
  readonly signingSecret: () => string;
  readonly log: Log;
  readonly nowMs: () => number;
  /** False while stopping. */
  readonly accepting: () => boolean;
  /** Bolt's. It finds the body read already in `rawBody`, and our key of the delivery in `delivery`. */
  readonly pass: RequestListener;
};

/** Answers `POST /slack/events`. Never rejects for what was sent. */
export function guard(options: GuardOptions): (exchange: Exchange) => Promise<void> {
  const { log, pass, signingSecret } = options;
  const unsigned = unsignedCount(log);
  return async ({ request, response, readBody }) => {
    if (!options.accepting()) return status(response, 503);
    const mediaType = mediaTypeOf(request);
    const stamp = readStamp(request.headers, options.nowMs());
    if (typeof stamp === "string") {
      if (stamp === "missing" && (await isSslCheck(request, readBody)))
        return status(response, 200);
      unsigned(stamp);
      return status(response, 401);
    }
    const body = await readBody(BODY_BYTES_MAX);
    if (body === undefined) return;
    // Asked again: a body may be long in coming, and nobody waits for what is begun after the stop.
    if (!options.accepting()) return status(response, 503);
    if (!isSigned(body, stamp, signingSecret())) {
      unsigned("mismatch");
      return status(response, 401);
    }
    const found = isUtf8(body)
      ? shapeOfText(mediaType, body.toString())
      : ({ shape: "malformed" } as const);
    switch (found.shape) {
      case "dispatch":
        // Bolt compares the header as a whole and would read `…; charset=utf-8` as JSON.
        request.headers["content-type"] = mediaType;
        pass(Object.assign(request, { rawBody: body, delivery: httpDelivery(stamp) }), response);
        return;
      case "url-verification":
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ challenge: found.challenge }));
        return;
      case "ignore":
        log.debug({ type: found.type }, "Ignored a payload of Slack's");
        return status(response, 200);
      case "ssl-check":
        return status(response, 200);
      case "malformed":
        log.warn({ bytes: body.length }, "Refused a signed request that isn't well-formed");
        return status(response, 400);
    }
  };
}

const mediaTypeOf = (request: IncomingMessage): string =>
  (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";

/** Slack checks the certificate with an unsigned form; it is answered, and nothing is done. */
async function isSslCheck(
  request: IncomingMessage,
  readBody: Exchange["readBody"],
): Promise<boolean> {
  const bytes = Number(request.headers["content-length"] ?? Number.NaN);
  if (mediaTypeOf(request) !== FORM_TYPE || !(bytes <= SSL_CHECK_BYTES_MAX)) return false;
  const body = await readBody(SSL_CHECK_BYTES_MAX);
  return body !== undefined && shapeOfText(FORM_TYPE, body.toString()).shape === "ssl-check";
}

function status(response: ServerResponse, code: number): void {
  if (response.headersSent) return;
  response.writeHead(code, { "content-length": 0, "cache-control": "no-store" });
  response.end();
}
