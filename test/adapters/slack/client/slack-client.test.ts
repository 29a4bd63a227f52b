// The Web API client against a server that fails in every way: what it throws, and that it tries once.

import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { identify } from "../../../../src/adapters/slack/client/bot-identity.ts";
import {
  type SlackCallNote,
  slackClient,
  slackFault,
} from "../../../../src/adapters/slack/client/slack-client.ts";
import { Fault, isFault } from "../../../../src/ports/fault.ts";
import { eventually } from "../../../support/eventually.ts";

async function serve(handle: RequestListener) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
  const close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    });
  onTestFinished(async () => void (await close()));
  return { apiUrl, asked, close };
}

const answering =
  (status: number, body: unknown, headers: Record<string, string> = {}): RequestListener =>
  (_, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

async function faultOf(handle: RequestListener, timeoutMs = 2_000) {
  const { apiUrl, asked } = await serve(handle);
  const client = slackClient("xoxb-secret", apiUrl, { timeoutMs });
  const thrown = await client.chat.postMessage({ channel: "C1", text: "hi" }).then(
    () => undefined,
    (error: unknown) => error,
  );
  const fault = slackFault(thrown);
  return { fault, asked };
}

describe("a call that failed is a fault of Slack's", () => {
  const refused = (error: string, more: object = {}) =>
    answering(200, { ok: false, error, ...more });

  it.each<[string, RequestListener, Partial<Fault>]>([
    [
      "refused",
      refused("not_in_channel"),
      { code: "not_in_channel", retryable: false, ambiguous: false },
    ],
    ["a bad token", refused("invalid_auth"), { code: "invalid_auth", retryable: false }],
    [
      "a free plan",
      refused("plan_upgrade_required"),
      { code: "plan_upgrade_required", retryable: false },
    ],
    [
      "troubled inside",
      refused("internal_error"),
      { code: "internal_error", retryable: true, ambiguous: true },
    ],
    [
      "broken off inside",
      refused("fatal_error"),
      { code: "fatal_error", retryable: true, ambiguous: true },
    ],
    [
      "not served",
      refused("service_unavailable"),
      { code: "service_unavailable", retryable: true },
    ],
    [
      "too much, as a word",
      refused("ratelimited"),
      { code: "ratelimited", retryable: true, ambiguous: false },
    ],
    [
      "too much",
      answering(429, "", { "retry-after": "7" }),
      { code: "ratelimited", retryable: true, ambiguous: false, retryAfterMs: 7_000 },
    ],
    [
      "too much, for nobody knows how long",
      answering(429, ""),
      { code: "ratelimited", retryable: true, retryAfterMs: undefined },
    ],
    ["500", answering(500, "oops"), { code: "http_500", retryable: true, ambiguous: true }],
    ["503", answering(503, ""), { code: "http_503", retryable: true, ambiguous: true }],
    ["404", answering(404, ""), { code: "http_404", retryable: false, ambiguous: false }],
    [
      "a page",
      answering(200, "<html>maintenance</html>"),
      { code: "unreadable_answer", retryable: true, ambiguous: true },
    ],
    [
      "nothing",
      answering(200, ""),
      { code: "unreadable_answer", retryable: true, ambiguous: true },
    ],
    [
      "an error that is no word",
      answering(200, { ok: false, error: { no: 1 } }),
      { code: "unreadable_answer", retryable: true },
    ],
    [
      "not even an error",
      answering(200, { ok: false }),
      { code: "unreadable_answer", retryable: true },
    ],
    ["cut", (request) => request.socket.resetAndDestroy(), { retryable: true, ambiguous: true }],
    [
      "sent elsewhere",
      answering(302, "", { location: "http://127.0.0.1:1/" }),
      { retryable: true, ambiguous: true },
    ],
  ])("%s", async (_, handle, expected) => {
    const { fault, asked } = await faultOf(handle);
    expect(isFault(fault)).toBe(true);
    expect(fault).toMatchObject({ source: "slack", ...expected });
    expect(asked).toEqual(["/api/chat.postMessage"]);
    expect(fault.message).not.toContain("xoxb");
  });

  it.each([
    ["that never comes", () => {}],
    [
      "that breaks off",
      (
        _request: unknown,
        response: { writeHead(s: number, h: object): void; write(t: string): void },
      ) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.write('{"ok":');
      },
    ],
  ] as [string, RequestListener][])("an answer %s", async (_, handle) => {
    const { fault } = await faultOf(handle, 60);
    expect(fault).toMatchObject({ code: "ETIMEDOUT", retryable: true, ambiguous: true });
  });

  it("nobody there", async () => {
    const { apiUrl, close } = await serve(() => {});
    await close();
    const thrown = await slackClient("x", apiUrl)
      .auth.test()
      .catch((error: unknown) => error);
    const expected = { code: "ECONNREFUSED", retryable: true, ambiguous: false };
    expect(slackFault(thrown)).toMatchObject(expected);
  });

  it("and says what is to be mended", async () => {
    const scope = await faultOf(
      refused("missing_scope", { needed: "im:write", provided: "chat:write" }),
    );
    expect(scope.fault.message).toBe(
      "Slack answered missing_scope (the app needs the scope im:write)",
    );
    const messages = ["[ERROR] no more than 50 items allowed [json-pointer:/blocks]"];
    const blocks = await faultOf(refused("invalid_blocks", { response_metadata: { messages } }));
    expect(blocks.fault.message).toContain("no more than 50 items");
  });

  it("and stays the fault that it is", () => {
    const fault = new Fault({ source: "redis", code: "x", message: "y", retryable: true });
    expect(slackFault(fault)).toBe(fault);
    expect(slackFault("text")).toMatchObject({ source: "slack", code: "network_error" });
    expect(slackFault(undefined)).toMatchObject({ source: "slack", code: "network_error" });
  });
});

it("one call that Slack slows down does not stop the others", async () => {
  const { apiUrl } = await serve((request, response) => {
    if (request.url?.endsWith("chat.update"))
      answering(429, "", { "retry-after": "60" })(request, response);
    else answering(200, { ok: true, ts: "1.2" })(request, response);
  });
  const client = slackClient("x", apiUrl);
  const slowed = client.chat.update({ channel: "C1", ts: "1.2", text: "x" });
  await expect(slowed).rejects.toThrow();
  expect((await client.chat.postMessage({ channel: "C1", text: "x" })).ok).toBe(true);
});

describe("who we are", () => {
  const AUTH = { ok: true, team_id: "T1", user_id: "U0BOT", bot_id: "B1", enterprise_id: null };
  const slack = (
    auth: object,
    bot: RequestListener = answering(200, { ok: true, bot: { app_id: "A1" } }),
  ) =>
    serve((request, response) =>
      request.url?.endsWith("auth.test")
        ? answering(200, auth)(request, response)
        : bot(request, response),
    );

  it("is asked of Slack", async () => {
    const { apiUrl, asked } = await slack(AUTH);
    const identity = await identify(slackClient("x", apiUrl));
    expect(identity).toMatchObject({ teamId: "T1", botUserId: "U0BOT", botId: "B1", appId: "A1" });
    expect(identity.enterpriseId).toBeUndefined();
    expect(asked).toEqual(["/api/auth.test", "/api/bots.info"]);
  });

  it("takes the app's id from where it is", async () => {
    const inAnswer = await slack({ ...AUTH, app_id: "A2", enterprise_id: "E1" });
    const identity = await identify(slackClient("x", inAnswer.apiUrl));
    expect(identity).toMatchObject({ appId: "A2", enterpriseId: "E1" });
    expect(inAnswer.asked).toEqual(["/api/auth.test"]);
  });

  it.each([
    ["may not be asked", answering(200, { ok: false, error: "missing_scope" })],
    ["is not said", answering(200, { ok: true })],
    ["can't be asked", answering(500, "")],
  ])("goes without the app's id where it %s, until it is learned", async (_, bot) => {
    const { apiUrl } = await slack(AUTH, bot);
    const identity = await identify(slackClient("x", apiUrl));
    const { learnAppId } = identity;
    expect(identity.appId).toBeUndefined();
    learnAppId("");
    learnAppId("B0T");
    expect(identity.appId).toBeUndefined();
    learnAppId("A0JITBOT");
    learnAppId("A0OTHER");
    expect(identity.appId).toBe("A0JITBOT");
  });

  it.each([
    ["invalid_auth", { ok: false, error: "invalid_auth" }, false],
    ["account_inactive", { ok: false, error: "account_inactive" }, false],
    ["token_revoked", { ok: false, error: "token_revoked" }, false],
    ["not_a_bot_token", { ok: true, team_id: "T1", user_id: "U1" }, false],
    ["internal_error", { ok: false, error: "internal_error" }, true],
  ])("is a fault for %s", async (code, auth, retryable) => {
    const { apiUrl } = await slack(auth);
    await expect(identify(slackClient("x", apiUrl))).rejects.toMatchObject({ code, retryable });
  });
});

describe("a client that is listened to", () => {
  it("notes each call with its method, its status, and whether Slack refused it", async () => {
    const answers = [
      answering(200, { ok: true, channel: "C1", ts: "1.2" }),
      answering(200, { ok: false, error: "not_in_channel" }),
      answering(429, { ok: false, error: "ratelimited" }, { "retry-after": "3" }),
      answering(503, "away"),
      ((_, response) => response.destroy()) satisfies RequestListener,
    ];
    let asked = 0;
    const { apiUrl } = await serve((request, response) => {
      answers[asked]?.(request, response);
      asked += 1;
    });
    const notes: SlackCallNote[] = [];
    const client = slackClient("x", apiUrl, { onCall: (note) => notes.push(note) });
    for (const _ of answers) {
      await client.chat.postMessage({ channel: "C1", text: "hi" }).catch(() => undefined);
    }
    await eventually(() => expect(notes).toHaveLength(answers.length));
    expect(notes.map(({ operation, status, isRefused }) => [operation, status, isRefused])).toEqual(
      [
        ["chat.postMessage", 200, false],
        ["chat.postMessage", 200, true],
        ["chat.postMessage", 429, false],
        ["chat.postMessage", 503, false],
        ["chat.postMessage", undefined, false],
      ],
    );
  });

  it("leaves a long answer to be read whole", async () => {
    const text = "a".repeat(500_000);
    const { apiUrl } = await serve(answering(200, { ok: true, channel: "C1", ts: "1.2", text }));
    const client = slackClient("x", apiUrl, { onCall: () => undefined });
    const answer = await client.chat.postMessage({ channel: "C1", text: "hi" });
    expect(answer).toMatchObject({ ok: true, text });
  });
});
