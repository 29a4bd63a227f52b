// Sends signed commands over many connections at once, each the next as soon as the last is acknowledged.

import { createHmac, randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { crowdOf, GENERAL } from "./estate.ts";

const CONNECTIONS = 32;

export type Burst = {
  /** From the first command sent to the last one acknowledged. */
  readonly tookMs: number;
  /** Of each command, from its last byte sent to its acknowledgement received. */
  readonly latenciesMs: readonly number[];
};

export type Target = {
  readonly port: number;
  readonly signingSecret: string;
  readonly responseUrl: string;
};

/** Every command has a signature of its own: a repeated one would be recognised, and be less work. */
export async function burst(
  target: Target,
  text: (n: number) => string,
  count: number,
): Promise<Burst> {
  const requests = Array.from({ length: count }, (_, n) => signedCommand(target, text(n), n));
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => opened(target.port)));
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  const sendAll = async (socket: Socket) => {
    for (let next = requests.pop(); next !== undefined; next = requests.pop()) {
      const sentMs = performance.now();
      await exchange(socket, next);
      latenciesMs.push(performance.now() - sentMs);
    }
  };
  await Promise.all(sockets.map(sendAll));
  const tookMs = performance.now() - startedMs;
  for (const socket of sockets) socket.destroy();
  return { tookMs, latenciesMs };
}

function signedCommand(target: Target, text: string, n: number): Buffer {
  const body = new URLSearchParams({
    token: "legacy",
    team_id: "T0HOME",
    team_domain: "contoso",
    channel_id: GENERAL,
    channel_name: "general",
    user_id: crowdOf(n),
    user_name: "erin",
    command: "/jit",
    text,
    api_app_id: "A0JITBOT",
    is_enterprise_install: "false",
    response_url: target.responseUrl,
    trigger_id: randomUUID(),
  }).toString();
  const timestamp = Math.floor(Date.now() / 1_000);
  const digest = createHmac("sha256", target.signingSecret)
    .update(`v0:${timestamp}:${body}`)
    .digest("hex");
  const head = [
    "POST /slack/events HTTP/1.1",
    "host: 127.0.0.1",
    "content-type: application/x-www-form-urlencoded",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-slack-request-timestamp: ${timestamp}`,
    `x-slack-signature: v0=${digest}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket));
    socket.once("error", reject);
  });
}

/** Resolves when the whole answer is there; it has to be a 200. */
function exchange(socket: Socket, request: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    const end = (error?: Error) => {
      socket.off("data", onData);
      socket.off("close", onClose);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onClose = () => end(new Error("The connection was closed instead of an answer."));
    const onData = (data: Buffer) => {
      text += data.toString("latin1");
      if (!isWhole(text)) return;
      const refused = text.startsWith("HTTP/1.1 200") ? undefined : new Error(text.slice(0, 200));
      end(refused);
    };
    socket.on("data", onData);
    socket.once("close", onClose);
    socket.write(request);
  });
}

function isWhole(text: string): boolean {
  const headEnds = text.indexOf("\r\n\r\n");
  if (headEnds < 0) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, headEnds))?.[1];
  return length === undefined
    ? text.endsWith("0\r\n\r\n") || /^HTTP\/1.1 204/.test(text)
    : text.length >= headEnds + 4 + Number(length);
}
