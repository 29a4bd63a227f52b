// Every refusal that the bot must be ready for, with Slack's own error codes.

import type { WebClient } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import { bench, refusalDataOf, refusalOf } from "./support.ts";

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

  it("opens direct messages while the Messages Tab is off, and takes no post in them", async () => {
    const { client, slack } = await bench({ scopes: SCOPES });
    const { channel } = await client.conversations.open({ users: "U0ERIN" });
    const where = { channel: channel?.id ?? "", ...hi };
    const { ts = "" } = await client.chat.postMessage(where);
    await slack.change({ switches: { messagesTab: "off" } });
    expect((await client.conversations.open({ users: "U0ERIN" })).ok).toBe(true);
    expect(await refusalOf(client.chat.postMessage(where))).toBe("messages_tab_disabled");
    expect((await client.chat.update({ ...where, ts })).ok).toBe(true);
    expect((await client.chat.postMessage({ channel: "C0PROD", ...hi })).ok).toBe(true);
    await expect(
      slack.command({ user: "U0ERIN", channel: where.channel, text: "help" }),
    ).rejects.toThrow("Messages Tab is off");
    await slack.change({ switches: { messagesTab: "on" } });
    await slack.change({ user: { id: "U0ERIN", refusesDirect: "restricted_action" } });
    expect(await refusalOf(client.chat.postMessage(where))).toBe("restricted_action");
    expect((await client.chat.postMessage({ channel: "U0SAM", ...hi })).ok).toBe(true);
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

  it("edits nothing into nothing", async () => {
    const { client } = await bench();
    const { ts = "" } = await client.chat.postMessage({ channel: "C0PROD", ...hi });
    const edit = (more: object) => client.chat.update({ channel: "C0PROD", ts, ...more } as never);
    expect(await refusalOf(edit({}))).toBe("no_text");
    expect(await refusalOf(edit({ blocks: [] }))).toBe("no_text");
    expect(await refusalOf(edit({ text: " " }))).toBe("no_text");
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

describe("blocks", () => {
  const plain = (text: string) => ({ type: "plain_text", text });

  it("are refused over the wire with the place of the fault", async () => {
    const { client } = await bench();
    const blocks = [{ type: "header", text: plain("x".repeat(151)) }];
    const refusal = await refusalDataOf(
      client.chat.postMessage({ channel: "C0PROD", text: "hi", blocks } as never),
    );
    const fault = "must be less than 151 characters [json-pointer:/blocks/0/text/text]";
    expect(refusal).toMatchObject({
      error: "invalid_blocks",
      errors: [fault],
      response_metadata: { messages: [`[ERROR] ${fault}`] },
    });
  });

  it("get the ids and defaults that were left out", async () => {
    const { client, slack } = await bench();
    const blocks = [
      { type: "section", text: { type: "mrkdwn", text: "hi" } },
      { type: "actions", elements: [{ type: "button", text: plain("Go") }] },
    ];
    await client.chat.postMessage({ channel: "C0PROD", text: "hi", blocks } as never);
    const [first, second] = slack.messages("C0PROD")[0]?.blocks ?? [];
    expect(first).toMatchObject({ block_id: expect.any(String), text: { verbatim: false } });
    expect(second).toMatchObject({
      elements: [{ action_id: expect.any(String), text: { emoji: true } }],
    });
  });
});
