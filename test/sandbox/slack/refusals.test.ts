// Every refusal that the bot must be ready for, with Slack's own error codes.

import type { WebClient } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import type { Switches } from "../../../src/sandbox/slack/world.ts";
import { bench, refusalDataOf, refusalOf, TOKENS, webClient } from "./support.ts";

const HISTORY = ["channels:history", "groups:history", "im:history"];
const SCOPES = [
  "chat:write",
  "users:read",
  "usergroups:read",
  "im:write",
  "channels:read",
  "groups:read",
  "files:write",
  ...HISTORY,
];

type Refused = [what: string, code: string, call: (client: WebClient) => Promise<unknown>];

const hi = { text: "hi" };
const post =
  (channel: string, more: object = {}) =>
  (client: WebClient) =>
    client.chat.postMessage({ channel, ...hi, ...more });

const REFUSED: Refused[] = [
  ["an unknown method", "unknown_method", (c) => c.apiCall("chat.shout")],
  ["a method named like a property", "unknown_method", (c) => c.apiCall("constructor")],
  ["a missing argument", "invalid_arguments", (c) => c.apiCall("users.info")],
  ["an unknown user", "user_not_found", (c) => c.users.info({ user: "U0NOBODY" })],
  ["an unknown group", "no_such_subteam", (c) => c.usergroups.users.list({ usergroup: "S0X" })],
  ["an unknown bot", "bot_not_found", (c) => c.bots.info({ bot: "B0X" })],
  ["a bad cursor", "invalid_cursor", (c) => c.users.list({ cursor: "bm8=" })],
  ["posting nowhere", "channel_not_found", post("C0NOWHERE")],
  ["posting where the bot is not", "channel_not_found", post("C0SECRET")],
  ["posting to an archived channel", "is_archived", post("C0OLD")],
  ["posting to somebody gone", "channel_not_found", post("U0GONE")],
  ["posting to a bot", "cannot_dm_bot", post("U0OTHERBOT")],
  ["posting nothing", "no_text", post("C0PROD", { text: "" })],
  ["posting blanks", "no_text", post("C0PROD", { text: "  \n" })],
  ["posting 40,001 characters", "msg_too_long", post("C0PROD", { text: "x".repeat(40_001) })],
  ["broken blocks", "invalid_blocks_format", post("C0PROD", { blocks: "[{" })],
  ["blocks in no list", "invalid_blocks_format", post("C0PROD", { blocks: { type: "divider" } })],
  ["broken metadata", "invalid_metadata_format", post("C0PROD", { metadata: "{" })],
  [
    "metadata without payload",
    "invalid_metadata_schema",
    post("C0PROD", { metadata: { event_type: "x" } }),
  ],
  [
    "metadata with a null in it",
    "invalid_metadata_schema",
    post("C0PROD", { metadata: { event_type: "x", event_payload: { a: null } } }),
  ],
  [
    "metadata of 17 kB",
    "metadata_too_large",
    post("C0PROD", { metadata: { event_type: "x", event_payload: { a: "y".repeat(17_000) } } }),
  ],
  ["attachments in no list", "invalid_attachments", post("C0PROD", { attachments: "x" })],
  [
    "attachments with bad blocks",
    "invalid_attachments",
    post("C0PROD", { attachments: [{ blocks: [{ type: "sparkle" }] }] }),
  ],
  [
    "editing nothing",
    "message_not_found",
    (c) => c.chat.update({ channel: "C0PROD", ts: "1.000001", ...hi }),
  ],
  [
    "deleting nothing",
    "message_not_found",
    (c) => c.chat.delete({ channel: "C0PROD", ts: "1.000001" }),
  ],
  [
    "a link to nothing",
    "message_not_found",
    (c) => c.chat.getPermalink({ channel: "C0PROD", message_ts: "1.000001" }),
  ],
  [
    "whispering to somebody who is not there",
    "user_not_in_channel",
    (c) => c.chat.postEphemeral({ channel: "C0SHARED", user: "U0SAM", ...hi }),
  ],
  [
    "opening a conversation with nobody",
    "users_list_not_supplied",
    (c) => c.apiCall("conversations.open"),
  ],
  [
    "opening one with a stranger to all",
    "user_not_found",
    (c) => c.conversations.open({ users: "U0X" }),
  ],
  [
    "opening one with somebody gone",
    "user_disabled",
    (c) => c.conversations.open({ users: "U0GONE" }),
  ],
  ["opening one with a bot", "cannot_dm_bot", (c) => c.conversations.open({ users: "U0OTHERBOT" })],
  [
    "a group conversation without scope",
    "missing_scope",
    (c) => c.conversations.open({ users: "U0ERIN,U0SAM" }),
  ],
  ["an unknown channel", "channel_not_found", (c) => c.conversations.info({ channel: "C0X" })],
  [
    "a private channel without the bot",
    "channel_not_found",
    (c) => c.conversations.info({ channel: "C0SECRET" }),
  ],
  ["an unknown kind of channel", "invalid_types", (c) => c.conversations.list({ types: "tunnel" })],
  [
    "a thread that is not there",
    "thread_not_found",
    (c) => c.conversations.replies({ channel: "C0PROD", ts: "1.000001" }),
  ],
  [
    "a made-up trigger",
    "invalid_trigger_id",
    (c) => c.views.open({ trigger_id: "1.2.x", view: modal }),
  ],
  ["updating no view", "not_found", (c) => c.views.update({ view_id: "V0X", view: modal })],
  [
    "a home for nobody",
    "invalid_arguments",
    (c) => c.views.publish({ user_id: "U0X", view: home }),
  ],
  [
    "completing an upload that never was",
    "file_not_found",
    (c) => c.files.completeUploadExternal({ files: [{ id: "F0X" }], channel_id: "C0PROD" }),
  ],
  [
    "an app-level method with the bot token",
    "not_allowed_token_type",
    (c) => c.apps.connections.open(),
  ],
];

const modal = {
  type: "modal" as const,
  title: { type: "plain_text" as const, text: "T" },
  blocks: [],
};
const home = { type: "home" as const, blocks: [] };

describe("refusals", () => {
  it.each(REFUSED)("refuses %s with %s", async (_what, code, call) => {
    const { client } = await bench({ scopes: SCOPES });
    expect(await refusalOf(call(client))).toBe(code);
  });

  it("refuses to post, whisper and read where the bot has been removed", async () => {
    const { client, slack } = await bench({ scopes: SCOPES });
    await slack.change({ channel: { id: "C0PROD", bot: false } });
    const where = { channel: "C0PROD", ...hi };
    expect(await refusalOf(client.chat.postMessage(where))).toBe("not_in_channel");
    const whisper = client.chat.postEphemeral({ ...where, user: "U0ERIN" });
    expect(await refusalOf(whisper)).toBe("not_in_channel");
    expect(await refusalOf(client.conversations.history(where))).toBe("not_in_channel");
  });

  it("lets chat:write.public post where the bot is not", async () => {
    const { client, slack } = await bench({ scopes: [...SCOPES, "chat:write.public"] });
    await slack.change({ channel: { id: "C0PROD", bot: false } });
    expect((await client.chat.postMessage({ channel: "#prod-access", ...hi })).ok).toBe(true);
  });

  it("takes 40,000 characters in a new message, but only 4,000 in an edit", async () => {
    const { client } = await bench();
    const text = "x".repeat(40_000);
    const { ts = "" } = await client.chat.postMessage({ channel: "C0PROD", text });
    const edit = (length: number) =>
      client.chat.update({ channel: "C0PROD", ts, text: text.slice(0, length) });
    expect(await refusalOf(edit(4_001))).toBe("msg_too_long");
    expect((await edit(4_000)).ok).toBe(true);
  });

  it("edits and deletes only the app's own messages, and none in an archived channel", async () => {
    const { client, slack } = await bench();
    const { ts } = await slack.say({ user: "U0ERIN", channel: "C0PROD", text: "mine" });
    const theirs = { channel: "C0PROD", ts };
    expect(await refusalOf(client.chat.update({ ...theirs, ...hi }))).toBe("cant_update_message");
    expect(await refusalOf(client.chat.delete(theirs))).toBe("cant_delete_message");
    const own = await client.chat.postMessage({ channel: "C0PROD", ...hi });
    await slack.change({ channel: { id: "C0PROD", isArchived: true } });
    const edit = client.chat.update({ channel: "C0PROD", ts: own.ts ?? "", ...hi });
    expect(await refusalOf(edit)).toBe("is_inactive");
  });
});

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
    expect(await refusalOf(webClient(slack, TOKENS.appToken).auth.test())).toBe(
      "not_allowed_token_type",
    );
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
