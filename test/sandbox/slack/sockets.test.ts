// Socket Mode with a real Bolt app and with bare sockets: envelopes, answers, lost connections.

import type { App } from "@slack/bolt";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { SimulatedSlack } from "../../../src/sandbox/slack/start.ts";
import { eventually } from "../../support/eventually.ts";
import { socketApp } from "./apps.ts";
import { bench, TOKENS, webClient } from "./support.ts";

const hello = { user: "U0ERIN", channel: "C0DEV" };

async function withApp(listen: (app: App) => void, options: Parameters<typeof bench>[0] = {}) {
  const on = await bench({ socketMode: true, ...options });
  await socketApp(on.slack, listen);
  return on;
}

type Message = { type: string; envelope_id?: string; [key: string]: unknown };

/** A socket that keeps what it is told, and answers nothing by itself. */
async function bareSocket(slack: SimulatedSlack) {
  const { url = "" } = await webClient(slack, TOKENS.appToken).apps.connections.open();
  const socket = new WebSocket(url);
  onTestFinished(() => socket.terminate());
  const told: Message[] = [];
  let listener = (): void => undefined;
  socket.on("message", (data) => {
    told.push(JSON.parse(String(data)) as Message);
    listener();
  });
  const next = (count: number) =>
    new Promise<Message[]>((resolve) => {
      listener = () => told.length >= count && resolve(told);
      listener();
    });
  await next(1);
  return { socket, told, next, url };
}

describe("Socket Mode with Bolt", () => {
  it("delivers commands, clicks, options and events, and takes their answers", async () => {
    const events: string[] = [];
    const { slack, client } = await withApp((app) => {
      app.command("/jit", ({ ack, command }) => ack(`got ${command.text}`));
      app.action("go", ({ ack }) => ack());
      app.options("pick", ({ ack }) => ack({ options: [] }));
      app.event("user_change", async ({ event }) => void events.push(event.type));
    });
    const command = await slack.command({ ...hello, text: "list" });
    expect(command.ack).toMatchObject({ over: "socket", body: { text: "got list" } });
    expect(slack.ephemerals("U0ERIN")).toMatchObject([{ text: "got list" }]);
    const elements = [
      { type: "button", action_id: "go", text: { type: "plain_text", text: "Go" } },
      { type: "external_select", action_id: "pick", min_query_length: 0 },
    ];
    const blocks = [{ type: "actions", elements }] as never;
    const { ts = "" } = await client.chat.postMessage({ channel: "C0DEV", text: "?", blocks });
    const click = await slack.click({ ...hello, ts, actionId: "go" });
    expect(click.ack.failure).toBeUndefined();
    const options = await slack.suggest({ ...hello, ts, actionId: "pick" });
    expect(options).toMatchObject({ sent: true, options: [] });
    await slack.event({ event: { type: "user_change", user: { id: "U0ERIN" } } });
    // Bolt acknowledges an event before it hands it on.
    await eventually(() => expect(events).toEqual(["user_change"]));
    expect(slack.deliveries.map((one) => one.failure)).toEqual(Array(4).fill(undefined));
  });

  it("comes back after a refresh and after a cut", async () => {
    const { slack } = await bench({ socketMode: true });
    await socketApp(slack, (app) => app.command("/jit", ({ ack }) => ack()), 200);
    for (const end of [() => slack.sockets.disconnect("refresh_requested"), slack.sockets.drop]) {
      end();
      await slack.waitFor(() => slack.sockets.count() === 0);
      await slack.waitFor(() => slack.sockets.count() > 0);
      await eventually(async () => {
        expect((await slack.command(hello)).ack.failure).toBeUndefined();
      });
    }
  });

  it("tells the person where no app is connected, or none answers", async () => {
    const { slack } = await withApp(() => undefined, { ackTimeoutMs: 30 });
    expect((await slack.command(hello)).trouble).toContain("operation_timeout");
    slack.sockets.drop();
    await slack.waitFor(() => slack.sockets.count() === 0);
    expect((await slack.command(hello)).trouble).toContain("dispatch_failed");
  });
});

describe("bare sockets", () => {
  it("are greeted, and get envelopes like Slack's", async () => {
    const { slack } = await bench({ socketMode: true });
    const { told, next, socket } = await bareSocket(slack);
    expect(told[0]).toMatchObject({
      type: "hello",
      num_connections: 1,
      connection_info: { app_id: "A0JITBOT" },
    });
    const acting = slack.command({ ...hello, text: "list" });
    const [, envelope] = await next(2);
    expect(envelope).toMatchObject({
      type: "slash_commands",
      accepts_response_payload: true,
      payload: { command: "/jit", text: "list" },
    });
    socket.send(JSON.stringify({ envelope_id: envelope?.envelope_id }));
    expect((await acting).ack).toMatchObject({ over: "socket" });
  });

  it("share the envelopes, each going to one of them", async () => {
    const { slack } = await bench({ socketMode: true, ackTimeoutMs: 20 });
    const [one, two] = [await bareSocket(slack), await bareSocket(slack)];
    for (let count = 0; count < 4; count += 1) await slack.command(hello);
    await Promise.all([one.next(3), two.next(3)]);
    expect([one.told.length, two.told.length]).toEqual([3, 3]);
  });

  it("get the same envelope again as a duplicate", async () => {
    const { slack } = await bench({ socketMode: true });
    const { next, socket } = await bareSocket(slack);
    const acting = slack.command({ ...hello, duplicate: 1 });
    const [, first, second] = await next(3);
    expect(second).toEqual(first);
    for (const { envelope_id } of [first, second] as Message[]) {
      socket.send(JSON.stringify({ envelope_id }));
    }
    const { ack, copies } = await acting;
    expect([ack.failure, copies[0]?.failure]).toEqual([undefined, undefined]);
  });

  it("get an event again, numbered, when it was not acknowledged", async () => {
    const { slack } = await bench({ socketMode: true, ackTimeoutMs: 20 });
    const { next } = await bareSocket(slack);
    void slack.event({ event: { type: "team_join" } });
    const [, first, second] = await next(3);
    expect(first).toMatchObject({ type: "events_api", retry_attempt: 0 });
    expect(second).toMatchObject({ retry_attempt: 1, retry_reason: "http_timeout" });
    expect(second?.envelope_id).not.toBe(first?.envelope_id);
  });

  it("lose what is under way when they are cut", async () => {
    const { slack } = await bench({ socketMode: true });
    const { next } = await bareSocket(slack);
    const acting = slack.command(hello);
    await next(2);
    slack.sockets.drop();
    expect((await acting).ack.failure).toBe("dispatch_failed");
  });

  it("are told to go, all of them when the link is disabled", async () => {
    const { slack } = await bench({ socketMode: true });
    const [one, two] = [await bareSocket(slack), await bareSocket(slack)];
    slack.sockets.disconnect("warning");
    expect((await one.next(2))[1]).toMatchObject({ type: "disconnect", reason: "warning" });
    expect(slack.sockets.count()).toBe(2);
    slack.sockets.disconnect("refresh_requested", 1);
    expect((await two.next(2))[1]).toMatchObject({ reason: "refresh_requested" });
    expect(slack.sockets.count()).toBe(1);
    slack.sockets.disconnect("link_disabled");
    expect((await one.next(3))[2]).toMatchObject({ reason: "link_disabled" });
    expect(slack.sockets.count()).toBe(0);
  });

  it("are pinged, until the network is dead", async () => {
    const { slack } = await bench({ socketMode: true, socketPingEveryMs: 5 });
    const { socket } = await bareSocket(slack);
    await new Promise((resolve) => socket.once("ping", resolve));
    slack.sockets.freeze();
    const answered = new Promise((resolve) => socket.once("pong", () => resolve("pong")));
    socket.ping();
    const silence = new Promise((resolve) => setTimeout(() => resolve("silence"), 40));
    expect(await Promise.race([answered, silence])).toBe("silence");
  });

  it("need a ticket, which is good once", async () => {
    const { slack } = await bench({ socketMode: true });
    const { url } = await bareSocket(slack);
    const again = new WebSocket(url);
    const error = await new Promise<Error>((resolve) => again.once("error", resolve));
    expect(error.message).toContain("403");
  });
});
