// Socket Mode with another side that sends what it should not: the process goes on, and so does the connection.
// Of src/adapters/slack/slack-inbound.ts.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { slackClient } from "../../../src/adapters/slack/client/slack-client.ts";
import { slackInbound } from "../../../src/adapters/slack/slack-inbound.ts";
import { userId } from "../../../src/domain/text/ids.ts";
import { eventually } from "../../support/eventually.ts";
import { APP_TOKEN, BOT_TOKEN, notingLog, stubInbound } from "./bench.ts";

const SOON = { intervalMs: 5 };
const HELLO = JSON.stringify({ type: "hello", num_connections: 1 });

/** Answers apps.connections.open, and does what it is told with each socket. */
async function oddSlack(admit: (socket: WebSocket, count: number) => void, helloMs = 5_000) {
  const sockets: WebSocket[] = [];
  const received: string[] = [];
  const server = createServer((_, response) => {
    const { port } = server.address() as AddressInfo;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ ok: true, url: `ws://127.0.0.1:${port}/link` }));
  });
  const wire = new WebSocketServer({ server });
  wire.on("connection", (socket) => {
    sockets.push(socket);
    socket.on("message", (data) => received.push(String(data)));
    admit(socket, sockets.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;

  const log = notingLog();
  const stub = stubInbound();
  const inbound = slackInbound({
    settings: { mode: "socket", botToken: BOT_TOKEN, apiUrl, appToken: APP_TOKEN },
    identity: {
      teamId: "T0HOME",
      enterpriseId: undefined,
      botUserId: userId("U0BOT"),
      botId: "B0BOT",
      appId: "A0JITBOT",
      learnAppId: () => {},
    },
    inbound: stub.inbound,
    client: slackClient(BOT_TOKEN, apiUrl),
    log,
    server: { route: () => {} },
    onLost: () => {},
    limits: {
      socket: { helloMs, waits: { firstMs: 5, mostMs: 20 }, livedMs: 0, closeMs: 30 },
    },
  });
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  process.on("unhandledRejection", note);
  onTestFinished(async () => {
    process.off("unhandledRejection", note);
    await inbound.stop();
    for (const socket of sockets) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  });
  const command = (text: string, envelope: object = {}) =>
    JSON.stringify({
      type: "slash_commands",
      envelope_id: "e1",
      payload: {
        command: "/jit",
        text,
        user_id: "U0ERIN",
        team_id: "T0HOME",
        api_app_id: "A0JITBOT",
        trigger_id: text,
      },
      ...envelope,
    });
  return { inbound, stub, log, sockets, received, rejections, command };
}

const ODD: readonly (readonly [string, string | Buffer])[] = [
  ["no JSON", "nonsense"],
  ["null", "null"],
  ["a number", "1"],
  ["a list", "[]"],
  ["nothing", ""],
  ["bytes", Buffer.from([0, 255])],
  ["no type", "{}"],
  ["a type that is a number", '{"type":1}'],
  ["no payload", '{"type":"slash_commands","envelope_id":"e"}'],
  ["a payload that is null", '{"type":"interactive","envelope_id":"e","payload":null}'],
  ["a payload that is text", '{"type":"interactive","envelope_id":"e","payload":"x"}'],
  ["an event without a payload", '{"type":"events_api","envelope_id":"e"}'],
  ["an event without an event", '{"type":"events_api","envelope_id":"e","payload":{}}'],
  ["no envelope", '{"type":"interactive","payload":{"type":"block_actions"}}'],
  [
    "a click without actions",
    '{"type":"interactive","envelope_id":"e","payload":{"type":"block_actions","user":{"id":"U1"}}}',
  ],
  [
    "a kind that isn't known",
    '{"type":"interactive","envelope_id":"e","payload":{"type":"workflow_step_edit"}}',
  ],
  [
    "a farewell that is none",
    '{"type":"interactive","envelope_id":"e","payload":{"type":"disconnect"}}',
  ],
  ["an event named like ours", '{"type":"disconnected","envelope_id":"e","payload":{}}'],
  ["another error", '{"type":"error","envelope_id":"e","payload":{}}'],
  ["a second slack_event", '{"type":"slack_event","envelope_id":"e","payload":{}}'],
  ["a message in a message", '{"type":"ws_message","envelope_id":"e","payload":{}}'],
];

it.each(ODD)("goes on after %s", async (_, message) => {
  const odd = await oddSlack((socket) => socket.send(HELLO));
  await odd.inbound.start();
  odd.sockets.at(-1)?.send(message);
  odd.sockets.at(-1)?.send(odd.command("good"));
  await eventually(() => expect(odd.stub.calls).toMatchObject([{ text: "good" }]), SOON);
  expect(odd.sockets).toHaveLength(1);
  expect(odd.rejections).toEqual([]);
});

it("gives up a connection on which nobody greets, and makes another", async () => {
  const odd = await oddSlack((socket, count) => count > 2 && socket.send(HELLO), 200);
  await odd.inbound.start();
  expect(odd.inbound.connected()).toBe(false);
  await eventually(() => expect(odd.inbound.connected()).toBe(true), SOON);
  expect(odd.sockets.length).toBeGreaterThanOrEqual(3);
  expect(odd.sockets.filter((socket) => socket.readyState === socket.OPEN)).toHaveLength(1);
  expect(odd.log.text()).toContain("no_hello");
});

it("makes another connection where one is closed before the greeting", async () => {
  const odd = await oddSlack((socket, count) => (count > 2 ? socket.send(HELLO) : socket.close()));
  await odd.inbound.start();
  await eventually(() => expect(odd.inbound.connected()).toBe(true), SOON);
  expect(odd.log.text()).toContain("socket_closed");
});

it("closes by itself where Slack says farewell and then does not go", async () => {
  const odd = await oddSlack((socket, count) => {
    socket.send(HELLO);
    if (count > 1) return;
    socket.send(JSON.stringify({ type: "disconnect", reason: "refresh_requested" }));
    // Never reads our closing frame.
    socket.pause();
  });
  await odd.inbound.start();
  await eventually(() => expect(odd.sockets).toHaveLength(2), SOON);
  await eventually(() => expect(odd.inbound.connected()).toBe(true), SOON);
  odd.sockets[1]?.send(odd.command("after"));
  await eventually(() => expect(odd.stub.calls).toMatchObject([{ text: "after" }]), SOON);
});

it("does what reached it although the acknowledgement did not get out", async () => {
  const odd = await oddSlack((socket, count) => {
    socket.send(HELLO);
    if (count > 1) return;
    socket.send(odd.command("last"));
    socket.terminate();
  });
  await odd.inbound.start();
  await eventually(() => expect(odd.stub.calls).toMatchObject([{ text: "last" }]), SOON);
  expect(odd.rejections).toEqual([]);
});

it("takes nothing more once it is stopped", async () => {
  const odd = await oddSlack((socket) => socket.send(HELLO));
  await odd.inbound.start();
  odd.sockets[0]?.pause();
  const stopped = odd.inbound.stop();
  odd.sockets[0]?.send(odd.command("too late"));
  odd.sockets[0]?.resume();
  await stopped;
  expect(odd.stub.calls).toEqual([]);
  expect(odd.received).toEqual([]);
});
