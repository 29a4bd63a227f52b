// The control surface does over HTTP what tests do in the process, and only for local callers.

import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { WaitTimedOut } from "../../../src/sandbox/slack/change-listeners.ts";
import { startSlack } from "../../../src/sandbox/slack/start.ts";
import { channel, person, workspace } from "../../../src/sandbox/slack/workspace-builder.ts";
import { httpApp } from "./apps.ts";
import { bench, TOKENS } from "./support.ts";

const asJson = { "content-type": "application/json" };

async function controlled() {
  const on = await bench();
  const get = async (path: string) => (await fetch(`${on.slack.origin}${path}`)).json();
  const post = async (path: string, body: unknown) => {
    const init = { method: "POST", headers: asJson, body: JSON.stringify(body) };
    const answer = await fetch(`${on.slack.origin}${path}`, init);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  return { ...on, get, post };
}

describe("the control surface", () => {
  it("shows what one person sees", async () => {
    const { slack, client, get } = await controlled();
    await client.chat.postMessage({ channel: "C0PROD", text: "for <@U0ERIN>" });
    await client.chat.postEphemeral({ channel: "C0PROD", user: "U0SAM", text: "for Sam" });
    const erin = (await get("/_sandbox/state?as=U0ERIN")) as ReturnType<typeof slack.stateAs>;
    expect(erin).toMatchObject({ me: { id: "U0ERIN" }, modals: [], home: null });
    const channels = erin.channels as { id: string; messages: unknown[]; ephemerals: unknown[] }[];
    expect(channels.find((one) => one.id === "C0PROD")).toMatchObject({
      messages: [{ plain: "for @erin" }],
      ephemerals: [],
    });
    expect(channels.map((one) => one.id)).not.toContain("C0SECRET");
    expect(channels.map((one) => one.id)).toContain("D0ERIN");
    expect(await get("/_sandbox/state?as=U0X")).toEqual({ error: "there is no user U0X" });
  });

  it("acts, and says what cannot be done", async () => {
    const { slack, post } = await controlled();
    await httpApp(slack, (app) => {
      app.command("/jit", ({ ack }) => ack("done"));
    });
    const act = { act: "command", user: "U0ERIN", channel: "C0DEV", text: "help" };
    const done = await post("/_sandbox/act", act);
    expect(done).toMatchObject({ status: 200, body: { result: { ack: { body: "done" } } } });
    const unknown = await post("/_sandbox/act", { act: "dance" });
    expect(unknown).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining("command") },
    });
    const nobody = await post("/_sandbox/act", { ...act, user: "U0X" });
    expect(nobody.body).toEqual({ error: "there is no user U0X" });
    const malformed = await post("/_sandbox/act", { ...act, colour: "red" });
    expect(malformed.status).toBe(400);
  });

  it("changes the workspace and the switches", async () => {
    const { slack, post } = await controlled();
    const switches = { plan: "free" };
    const user = { id: "U0ERIN", deleted: true };
    await post("/_sandbox/act", { act: "change", switches, user, scopes: ["chat:write"] });
    expect(slack.world.switches.plan).toBe("free");
    expect(slack.world.users.get("U0ERIN")?.deleted).toBe(true);
    expect([...slack.world.scopes]).toEqual(["chat:write"]);
    const wrong = { act: "change", user: { id: "U0X", deleted: true } };
    expect((await post("/_sandbox/act", wrong)).body).toEqual({ error: "there is no U0X" });
  });

  it("orders faults and shows the calls that they befell", async () => {
    const { client, get, post } = await controlled();
    await post("/_sandbox/faults", { path: "auth.test", times: 1, act: { status: 500 } });
    await expect(client.auth.test()).rejects.toThrow();
    await client.auth.test();
    const { calls } = (await get("/_sandbox/calls")) as { calls: unknown[] };
    expect(calls).toMatchObject([
      { status: 500, handled: false },
      { status: 200, handled: true },
    ]);
  });

  it("tells of changes as they happen", async () => {
    const { slack, client } = await controlled();
    const stream = await fetch(`${slack.origin}/_sandbox/events`);
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toContain(":");
    const { ts } = await client.chat.postMessage({ channel: "C0PROD", text: "hi" });
    let seen = "";
    while (!seen.includes("message")) seen += (await reader?.read())?.value ?? "";
    expect(seen).toContain(`data: {"kind":"message","channel":"C0PROD","ts":"${ts}"}`);
    await reader?.cancel();
  });

  it("keeps web pages of other origins out", async () => {
    const { slack } = await controlled();
    const url = `${slack.origin}/_sandbox/act`;
    const simple = await fetch(url, { method: "POST", body: '{"act":"change"}' });
    expect(simple.status).toBe(415);
    const status = await new Promise<number | undefined>((resolve) => {
      const headers = { host: "evil.example" };
      request(`${slack.origin}/_sandbox/calls`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(status).toBe(403);
  });

  it("drives the sockets, and knows its own paths", async () => {
    const { post, get } = await controlled();
    expect((await post("/_sandbox/socket", { do: "drop" })).body).toEqual({ connections: 0 });
    expect((await post("/_sandbox/socket", { do: "jump" })).status).toBe(400);
    expect(await get("/_sandbox/nothing")).toEqual({ error: "there is nothing here" });
  });

  it("leaves other paths to a web page", async () => {
    const on = await bench({ fallback: (_request, response) => void response.end("the page") });
    expect(await (await fetch(`${on.slack.origin}/`)).text()).toBe("the page");
  });
});

describe("waiting", () => {
  it("ends with the change that was waited for, or in time", async () => {
    const { slack, client } = await bench();
    const waiting = slack.waitFor(() => slack.messages("C0PROD")[0]);
    await client.chat.postMessage({ channel: "C0PROD", text: "hi" });
    expect((await waiting).text).toBe("hi");
    const never = slack.waitFor(() => false, { timeoutMs: 5, what: "the end of days" });
    await expect(never).rejects.toThrow(WaitTimedOut);
    await expect(never).rejects.toThrow("the end of days");
  });
});

describe("a workspace of one's own", () => {
  it("is a few lines, and is not changed by what happens in it", async () => {
    const own = workspace({
      team: { id: "T0MINE", enterprise: { id: "E0MINE", name: "Mine" } },
      people: [person("U0A", "a", "Ann"), person("U0B", "b", "Bo", { isRestricted: true })],
      channels: [channel("C0A", "all")],
    });
    const { slack, client } = await bench({ workspace: own });
    expect(slack.world.channels.get("C0A")?.members).toEqual(["U0A", "U0JITBOT"]);
    expect(await client.auth.test()).toMatchObject({ enterprise_id: "E0MINE" });
    await slack.change({ user: { id: "U0A", deleted: true } });
    expect(own.users[0]?.deleted).toBe(false);
  });

  it("listens on the port that it is given", async () => {
    const probe = createServer().listen(0);
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const slack = await startSlack({ ...TOKENS, nowMs: Date.now, port });
    onTestFinished(() => slack.close());
    expect(slack.url).toBe(`http://127.0.0.1:${port}/api/`);
  });
});
