// How requests reach the simulated Azure: read, put on record, brought under the faults, answered.

import type {
  IncomingHttpHeaders,
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from "node:http";
import type { Faults, Reply } from "../faults.ts";
import type { ArmReply } from "./arm.ts";

export type ReceivedRequest = {
  method: string;
  /** As it was sent, percent signs included. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
  callerAddress: string;
};

/** A request as tests and the page see it. */
export type Call = {
  atMs: number;
  server: "arm" | "identity";
  method: string;
  path: string;
  query: Record<string, string>;
  /** Decoded, if it was JSON; `undefined` if there was none. */
  body: unknown;
  /** Without the token: `authorization` says `present`, if it was there. */
  headers: Record<string, string>;
  clientRequestId: string | undefined;
  callerAddress: string;
  /** What the caller got; `undefined` as long as it got nothing, and where it had hung up by then. */
  answered: number | "reset" | "hang" | undefined;
  /** When it was. */
  answeredAtMs: number | undefined;
  /** The status that was reached, if a fault kept it from the caller. */
  handled: number | undefined;
  /** When that status was reached. */
  handledAtMs: number | undefined;
};

export type Receive = (request: ReceivedRequest) => Reply | undefined;

type Traffic = {
  server: Call["server"];
  nowMs: () => number;
  /** What the answers' `date` header says. */
  headerMs: () => number;
  faults: Faults;
  calls: Call[];
  /** The oldest calls go first, so that a long demonstration doesn't fill the memory. */
  callsMax: number;
  /** Answers what is under `/_sandbox`, which is neither recorded nor subject to faults. */
  control: Receive;
  handle: (request: ReceivedRequest) => Reply;
};

const BODY_MAX_BYTES = 4_000_000;

export function receiver(traffic: Traffic): RequestListener {
  return (message, response) => {
    answer(traffic, message, response).catch((fault: unknown) => {
      // The caller may be gone; anything else is a bug here and must be visible.
      if (!message.destroyed) process.emitWarning(String(fault));
      response.destroy();
    });
  };
}

export function jsonReply({ status, body, headers = {} }: ArmReply): Reply {
  if (body === undefined) return { status, headers, body: "" };
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(body),
  };
}

async function answer(
  traffic: Traffic,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = await read(message);
  if (request === undefined) {
    send(traffic, response, jsonReply({ status: 413, body: { error: { code: "TooLarge" } } }));
    return;
  }
  if (request.path.startsWith("/_sandbox")) {
    send(traffic, response, traffic.control(request) ?? jsonReply({ status: 404 }));
    return;
  }
  const call = record(traffic, request);
  const target = { method: request.method, path: message.url ?? "/", body: request.body };
  const fate = await traffic.faults.around(target, () => {
    const reply = traffic.handle(request);
    call.handled = reply.status;
    call.handledAtMs = traffic.nowMs();
    return reply;
  });
  if (message.socket.destroyed) return;
  call.answered = typeof fate === "string" ? fate : fate.status;
  call.answeredAtMs = traffic.nowMs();
  if (fate === "hang") return;
  if (fate === "reset") message.socket.destroy();
  else send(traffic, response, fate);
}

async function read(message: IncomingMessage): Promise<ReceivedRequest | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += chunk.length;
    if (size > BODY_MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  const url = new URL(message.url ?? "/", "https://sandbox");
  return {
    method: message.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers: message.headers,
    body: Buffer.concat(chunks).toString(),
    callerAddress: message.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "",
  };
}

function record(traffic: Traffic, request: ReceivedRequest): Call {
  const { method, path, query, callerAddress } = request;
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    name === "authorization" ? "present" : String(value),
  ]);
  const call: Call = {
    atMs: traffic.nowMs(),
    server: traffic.server,
    method,
    path,
    query: Object.fromEntries(query),
    body: decode(request.body),
    headers: Object.fromEntries(headers),
    clientRequestId: request.headers["x-ms-client-request-id"]?.toString(),
    callerAddress,
    answered: undefined,
    answeredAtMs: undefined,
    handled: undefined,
    handledAtMs: undefined,
  };
  traffic.calls.push(call);
  if (traffic.calls.length > traffic.callsMax) traffic.calls.shift();
  return call;
}

function decode(body: string): unknown {
  if (body === "") return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function send(traffic: Traffic, response: ServerResponse, reply: Reply): void {
  // Clients measure their clocks by this header.
  response.sendDate = false;
  response.writeHead(reply.status, {
    date: new Date(traffic.headerMs()).toUTCString(),
    ...reply.headers,
  });
  response.end(reply.body);
}
