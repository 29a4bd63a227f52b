// The server side of Socket Mode: tickets, connections, envelopes and their acknowledgements.

import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { performance } from "node:perf_hooks";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { asObject, asText, type Json, parseJson } from "../json.ts";
import type { SlackWorkspace } from "../slack-workspace.ts";
import type { Answer, Parcel, Retry } from "./parcel.ts";

export type DisconnectReason = "warning" | "refresh_requested" | "link_disabled";

export type Sockets = {
  /** A one-time address. */
  openUrl(): string;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** How many connections take envelopes. */
  count(): number;
  /** The same envelope again when the id is given. Never throws. */
  send(envelope: Envelope): Promise<Answer>;
  /**
   * Tells one connection (the oldest, or the one numbered from 0) that it is to end, or with
   * `link_disabled` all of them. After anything but a warning it gets no more envelopes.
   */
  disconnect(reason: DisconnectReason, index?: number): void;
  /** Cuts one connection, or all, without a word. */
  drop(index?: number): void;
  /** Stops answering and pinging on all connections, without closing them: a dead network. */
  freeze(): void;
  close(): void;
};

type Envelope = { id: string; parcel: Parcel; retry?: Retry | undefined; timeoutMs: number };

type Connection = { socket: WebSocket; isLeaving: boolean; isFrozen: boolean };

export type SocketOptions = { world: SlackWorkspace; origin: () => string; pingEveryMs: number };

const CONNECTIONS_MAX = 10;

type Hub = { world: SlackWorkspace; connections: Connection[]; waiting: Map<string, Waiting> };

export function createSockets({ world, origin, pingEveryMs }: SocketOptions): Sockets {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const hub: Hub = { world, connections: [], waiting: new Map() };
  const { connections } = hub;
  let turn = 0;

  return {
    openUrl() {
      const ticket = randomUUID();
      tickets.add(ticket);
      const url = new URL("/link/", origin().replace(/^http/, "ws"));
      url.searchParams.set("ticket", ticket);
      url.searchParams.set("app_id", world.bot.appId);
      return url.href;
    },
    upgrade(request, socket, head) {
      const ticket = new URL(request.url ?? "/", "ws://here").searchParams.get("ticket") ?? "";
      if (!tickets.delete(ticket) || connections.length >= CONNECTIONS_MAX) {
        socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n");
        return;
      }
      server.handleUpgrade(request, socket, head, (opened) => admit(hub, opened, pingEveryMs));
    },
    count: () => connections.filter((one) => !one.isLeaving).length,
    send(envelope) {
      const able = connections.filter((one) => !one.isLeaving);
      turn += 1;
      const connection = able[turn % able.length];
      if (!connection) {
        return Promise.resolve({ failure: "dispatch_failed", tookMs: 0, noRetry: false });
      }
      connection.socket.send(JSON.stringify(wireEnvelope(envelope)));
      return waitForAck(hub.waiting, envelope, connection);
    },
    disconnect(reason, index = 0) {
      const chosen = reason === "link_disabled" ? [...connections] : connections.slice(index)[0];
      for (const connection of [chosen ?? []].flat()) {
        connection.isLeaving ||= reason !== "warning";
        connection.socket.send(JSON.stringify({ type: "disconnect", reason, debug_info: DEBUG }));
      }
    },
    drop(index) {
      const chosen = index === undefined ? [...connections] : connections.slice(index, index + 1);
      for (const { socket } of chosen) socket.terminate();
    },
    freeze() {
      for (const connection of connections) {
        connection.isFrozen = true;
        connection.socket.pause();
      }
    },
    close() {
      for (const { socket } of [...connections]) socket.terminate();
      server.close();
    },
  };
}

function admit({ world, connections, waiting }: Hub, socket: WebSocket, pingEveryMs: number): void {
  const connection: Connection = { socket, isLeaving: false, isFrozen: false };
  connections.push(connection);
  socket.on("message", (data) => settleAck(waiting, parseJson(String(data))));
  socket.on("error", () => socket.terminate());
  const pings = setInterval(() => {
    if (!connection.isFrozen) socket.ping("Ping from applink-sandbox");
  }, pingEveryMs);
  socket.on("close", () => {
    clearInterval(pings);
    connections.splice(connections.indexOf(connection), 1);
    failAll(waiting, connection);
    world.changes.tell({ kind: "socket" });
  });
  socket.send(JSON.stringify(hello(world, connections.length)));
  world.changes.tell({ kind: "socket" });
}

const DEBUG = { host: "applink-sandbox" };

function hello(world: SlackWorkspace, count: number): Json {
  return {
    type: "hello",
    num_connections: count,
    debug_info: { ...DEBUG, build_number: 1, approximate_connection_time: 18_060 },
    connection_info: { app_id: world.bot.appId },
  };
}

const ENVELOPE_TYPES = {
  command: "slash_commands",
  interactive: "interactive",
  options: "interactive",
  event: "events_api",
} as const;

function wireEnvelope({ id, parcel, retry }: Envelope): Json {
  const again = retry ? { retry_attempt: retry.num, retry_reason: retry.reason } : {};
  const first = parcel.kind === "event" ? { retry_attempt: 0, retry_reason: "" } : {};
  return {
    envelope_id: id,
    type: ENVELOPE_TYPES[parcel.kind],
    payload: parcel.payload,
    accepts_response_payload: parcel.kind !== "event",
    ...first,
    ...again,
  };
}

type Waiting = { connection: Connection; settle(answer: Omit<Answer, "tookMs">): void };

function waitForAck(
  waiting: Map<string, Waiting>,
  envelope: Envelope,
  connection: Connection,
): Promise<Answer> {
  const startedMs = performance.now();
  // A duplicate carries the id of an envelope that may still be waited for: they are told apart.
  const key = waiting.has(envelope.id) ? `${envelope.id} ${randomUUID()}` : envelope.id;
  return new Promise((resolve) => {
    const settle = (answer: Omit<Answer, "tookMs">): void => {
      clearTimeout(timer);
      waiting.delete(key);
      resolve({ ...answer, tookMs: performance.now() - startedMs });
    };
    const timer = setTimeout(
      () => settle({ failure: "operation_timeout", noRetry: false }),
      envelope.timeoutMs,
    );
    waiting.set(key, { connection, settle });
  });
}

function settleAck(waiting: Map<string, Waiting>, message: unknown): void {
  const ack = asObject(message);
  const id = asText(ack?.envelope_id);
  if (id === undefined) return;
  const key = [...waiting.keys()].find((one) => one === id || one.startsWith(`${id} `));
  const payload = asObject(ack?.payload);
  const isEmpty = !payload || Object.keys(payload).length === 0;
  if (key) waiting.get(key)?.settle({ noRetry: false, ...(isEmpty ? {} : { body: payload }) });
}

function failAll(waiting: Map<string, Waiting>, connection: Connection): void {
  for (const one of [...waiting.values()]) {
    if (one.connection === connection) one.settle({ failure: "dispatch_failed", noRetry: false });
  }
}
