// Tokens, scopes, the plan, rates and ordered faults: what may come between a call and its answer.

import type { WebClient } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import type { Switches } from "../../../src/sandbox/slack/slack-workspace.ts";
import { bench, refusalDataOf, refusalOf, TOKENS, webClient } from "./support.ts";

describe("tokens", () => {
  it.each<[Switches["tokens"]]>([["token_revoked"], ["account_inactive"], ["invalid_auth"]])(
    "answers %s when that has happened to the token",
    async (tokens) => {
      const { client } = await bench({ switches: { tokens } });
      expect(await refusalOf(client.auth.test())).toBe(tokens);
    },
  );

  it("tells no token, a wrong one, and one of the wrong kind apart", async () => {
    const { slack } = await bench();
    expect(await refusalOf(webClient(slack, "").auth.test())).toBe("not_authed");
    expect(await refusalOf(webClient(slack, "xoxb-wrong").auth.test())).toBe("invalid_auth");
    const app = webClient(slack, TOKENS.appToken);
    expect(await refusalOf(app.users.info({ user: "U0ERIN" }))).toBe("not_allowed_token_type");
    expect(slack.calls.map((one) => one.tokenOk)).toEqual([false, false, false]);
  });
});

describe("scopes", () => {
  it("names the scope that is missing and those that there are", async () => {
    const { client } = await bench({ scopes: ["commands", "chat:write"] });
    const refusal = await refusalDataOf(client.users.info({ user: "U0ERIN" }));
    expect(refusal).toMatchObject({
      error: "missing_scope",
      needed: "users:read",
      provided: "commands,chat:write",
    });
  });

  it("asks for the scope of the kind of channel", async () => {
    const { client, slack } = await bench({ scopes: ["channels:read", "im:write"] });
    expect((await client.conversations.info({ channel: "C0PROD" })).ok).toBe(true);
    await slack.change({ channel: { id: "C0PROD", kind: "private" } });
    const refusal = await refusalDataOf(client.conversations.info({ channel: "C0PROD" }));
    expect(refusal).toMatchObject({ error: "missing_scope", needed: "groups:read" });
  });

  it("keeps the history closed without its optional scopes", async () => {
    const { client } = await bench();
    const history = client.conversations.history({ channel: "C0PROD" });
    expect(await refusalOf(history)).toBe("missing_scope");
  });
});

describe("the free plan", () => {
  it("has no user groups", async () => {
    const { client } = await bench({ switches: { plan: "free" } });
    expect(await refusalOf(client.usergroups.list())).toBe("plan_upgrade_required");
    const members = client.usergroups.users.list({ usergroup: "S0ONCALL" });
    expect(await refusalOf(members)).toBe("plan_upgrade_required");
  });
});

describe("rates", () => {
  const sending = (client: WebClient) => (channel: string) =>
    client.chat.postMessage({ channel, text: "hi" });

  it("let one message a second into a channel after a burst", async () => {
    const { client, pass, slack } = await bench({
      switches: { rateLimits: "real", channelBurst: 2 },
    });
    const send = sending(client);
    await send("C0PROD");
    await send("C0PROD");
    await expect(send("C0PROD")).rejects.toMatchObject({ retryAfter: 1 });
    await send("C0DEV");
    pass(1_000);
    await send("C0PROD");
    expect(slack.messages("C0PROD")).toHaveLength(3);
    expect(slack.calls.map((one) => one.status)).toEqual([200, 200, 429, 200, 200]);
  });

  it("follow the tiers of the methods", async () => {
    const { slack, client, pass } = await bench({ switches: { rateLimits: "real" } });
    const open = () => webClient(slack, TOKENS.appToken).apps.connections.open();
    await open();
    await expect(open()).rejects.toMatchObject({ retryAfter: 60 });
    pass(60_000);
    await open();
    const list = () => client.usergroups.users.list({ usergroup: "S0ONCALL" });
    for (let call = 0; call < 20; call += 1) await list();
    await expect(list()).rejects.toMatchObject({ retryAfter: 3 });
  });
});

describe("faults", () => {
  it("lose the reply of a message that was posted", async () => {
    const { client, slack } = await bench();
    slack.faults.add({ path: "chat.postMessage", when: "after", act: "reset", times: 1 });
    const send = () => client.chat.postMessage({ channel: "C0PROD", text: "once" });
    await expect(send()).rejects.toMatchObject({ code: "slack_webapi_request_error" });
    expect(slack.messages("C0PROD")).toHaveLength(1);
    await send();
    expect(slack.messages("C0PROD")).toHaveLength(2);
    expect(slack.calls).toMatchObject([{ status: "reset", handled: true }, { status: 200 }]);
  });

  it("cut, refuse, throttle without saying for how long, and hang", async () => {
    const { slack } = await bench();
    const call = (signal?: AbortSignal) =>
      fetch(`${slack.url}auth.test`, { method: "POST", ...(signal ? { signal } : {}) });
    slack.faults.add({ act: "reset", times: 1 });
    slack.faults.add({ act: { status: 503 }, times: 1 });
    slack.faults.add({ act: { status: 429 }, times: 1 });
    slack.faults.add({ act: "hang", times: 1 });
    await expect(call()).rejects.toThrow();
    expect((await call()).status).toBe(503);
    expect((await call()).headers.has("retry-after")).toBe(false);
    await expect(call(AbortSignal.timeout(50))).rejects.toThrow();
    expect(slack.calls.map((one) => one.handled)).toEqual([false, false, false, false]);
  });
});
