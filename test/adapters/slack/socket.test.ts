// Socket Mode: the same acts as over HTTP, and a connection that comes back whatever happens to it.
// Of src/adapters/slack/slack-inbound.ts.

import { describe, expect, it } from "vitest";
import type { Answer } from "../../../src/ports/inbound.ts";
import { eventually } from "../../support/eventually.ts";
import {
  bench,
  commandBody,
  ID,
  NONCE,
  post,
  postButton,
  SENTENCE,
  SENTENCE_SHOWN,
  said,
  signed,
  toldTo,
} from "./bench.ts";

const FAST = { helloMs: 5_000, waits: { firstMs: 10, mostMs: 40 }, livedMs: 0, closeMs: 50 };
const SOON = { intervalMs: 5 };
const command = { user: "U0ERIN", channel: "C0PROD", text: "help" };

async function socket(limits = FAST) {
  const made = await bench({ mode: "socket", limits: { socket: limits, denyPatienceMs: 50 } });
  const reconnected = (times: number) =>
    eventually(() => {
      expect(made.slack.callsTo("apps.connections.open").length).toBeGreaterThan(times);
      expect(made.inbound.connected()).toBe(true);
    }, SOON);
  return { ...made, reconnected };
}

async function connected(limits = FAST) {
  const made = await socket(limits);
  await made.inbound.start();
  expect(made.inbound.connected()).toBe(true);
  return made;
}

describe("acts over the socket", () => {
  it("come to the inbound port and are answered", async () => {
    const { slack, stub, inbound, client } = await connected();
    stub.answers(({ act }) =>
      act === "click" ? { answer: "deny-form", id: ID, nonce: NONCE } : said(SENTENCE),
    );
    expect((await slack.command(command)).ack).toMatchObject({ over: "socket" });
    const ts = await postButton({ client }, { actionId: "jit.deny" });
    const click = { user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.deny" };
    expect((await slack.click(click)).trouble).toBeUndefined();
    await inbound.drain(10_000);
    const sent = await slack.submitView({ user: "U0LEAD", values: { reason: "No." } });
    expect(sent.outcome).toBe("closed");
    await inbound.drain(10_000);
    expect(stub.calls.map((call) => call.act)).toEqual(["command", "click", "deny"]);
    expect(toldTo(slack, "U0ERIN")).toEqual([SENTENCE_SHOWN]);
    expect(toldTo(slack, "U0LEAD")).toEqual([SENTENCE_SHOWN]);
  });

  it("are acknowledged before the inbound port answers", async () => {
    const { slack, stub, inbound } = await connected();
    const { promise, resolve } = Promise.withResolvers<Answer>();
    stub.answers(() => promise);
    const { ack, responses } = await slack.command(command);
    expect(ack.failure).toBeUndefined();
    expect(ack.body).toBeUndefined();
    resolve(said(SENTENCE));
    await inbound.drain(10_000);
    expect(responses).toMatchObject([{ shown: "ephemeral" }]);
  });

  it("have the same key when they are sent again, and another one when done again", async () => {
    const { slack, stub, client } = await connected();
    const ts = await postButton({ client }, { actionId: "jit.approve" });
    const click = { user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.approve" };
    await slack.command({ ...command, duplicate: 1, duplicateWhen: "after" });
    await slack.command(command);
    await slack.click({ ...click, duplicate: 1, duplicateWhen: "after" });
    await slack.click(click);
    const keys = stub.calls.map((call) => call.sender.delivery);
    expect(keys).toHaveLength(6);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[4]).toBe(keys[3]);
    expect(new Set(keys).size).toBe(4);
  });

  it("for others are acknowledged and ignored", async () => {
    const { slack, stub } = await connected();
    const { ack } = await slack.command({ ...command, forge: { teamId: "T0OTHER" } });
    expect(ack.failure).toBeUndefined();
    expect(stub.calls).toEqual([]);
  });

  it("do not come in over HTTP as well", async () => {
    const { url } = await connected();
    const body = commandBody();
    expect((await post(url, body, signed(body))).status).toBe(404);
  });
});

describe("a connection", () => {
  it.each(["refresh_requested", "warning"] as const)("is made again after %s", async (reason) => {
    const { slack, stub, reconnected } = await connected();
    slack.sockets.disconnect(reason);
    await reconnected(1);
    await slack.command(command);
    expect(stub.calls).toHaveLength(1);
  });

  it("is made again when it was cut, time after time", async () => {
    const { slack, stub, reconnected, lost } = await connected();
    for (const times of [1, 2, 3]) {
      slack.sockets.drop();
      await reconnected(times);
    }
    await slack.command(command);
    expect(stub.calls).toHaveLength(1);
    expect(lost).toEqual([]);
  });

  it("is not ready while it is gone, and is tried until Slack is back", async () => {
    const { slack, inbound, reconnected } = await connected();
    const fault = slack.faults.add({ path: "connections.open", act: { status: 503 } });
    slack.sockets.drop();
    await slack.waitFor(() => slack.callsTo("apps.connections.open").length >= 5);
    expect(inbound.connected()).toBe(false);
    slack.faults.clear(fault);
    await reconnected(5);
  });

  it("waits as long as Slack asks for", async () => {
    const { slack, log, reconnected } = await connected();
    const act = { status: 429, headers: { "retry-after": "1" } };
    slack.faults.add({ path: "connections.open", times: 1, act });
    slack.sockets.drop();
    await reconnected(2);
    const waits = log.lines.map((line) => line.facts as { code?: string; waitMs?: number });
    expect(waits.find((line) => line.code === "ratelimited")?.waitMs).toBe(1_000);
  });

  it("is tried in the background where Slack can't be reached at the start", async () => {
    const { slack, inbound, reconnected } = await socket();
    slack.faults.add({ path: "connections.open", times: 2, act: "reset" });
    await inbound.start();
    expect(inbound.connected()).toBe(false);
    await reconnected(2);
  });

  it("is not tried where Slack turns us away at the start", async () => {
    const { slack, inbound, lost } = await socket();
    slack.world.switches.tokens = "invalid_auth";
    await expect(inbound.start()).rejects.toMatchObject({ code: "invalid_auth", retryable: false });
    expect(lost).toEqual([]);
    expect(slack.callsTo("apps.connections.open")).toHaveLength(1);
  });

  it("is lost where Slack turns us away later", async () => {
    const { slack, inbound, lost } = await connected();
    slack.world.switches.tokens = "token_revoked";
    slack.sockets.drop();
    await eventually(() => expect(lost).toHaveLength(1), SOON);
    expect(lost).toMatchObject([{ code: "token_revoked" }]);
    expect(inbound.connected()).toBe(false);
  });

  it("ends when it is stopped, and what is in flight is finished", async () => {
    const { slack, stub, inbound } = await connected();
    const { promise, resolve } = Promise.withResolvers<Answer>();
    stub.answers(() => promise);
    const { responses } = await slack.command(command);
    await inbound.stop();
    expect(inbound.connected()).toBe(false);
    await slack.waitFor(() => slack.sockets.count() === 0);
    resolve(said(SENTENCE));
    expect(await inbound.drain(10_000)).toBe(true);
    expect(responses).toMatchObject([{ shown: "ephemeral" }]);
    expect(slack.callsTo("apps.connections.open")).toHaveLength(1);
  });

  it("ends by force where the other side says nothing any more", async () => {
    const { slack, inbound } = await connected();
    slack.sockets.freeze();
    const startedMs = performance.now();
    await inbound.stop();
    expect(performance.now() - startedMs).toBeLessThan(4_000);
  });
});
