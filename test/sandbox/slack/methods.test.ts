// Every Web API method answers the real client as Slack does when all is well.

import type { WebClient } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import { METHODS } from "../../../src/sandbox/slack/api/methods.ts";
import { bench, TOKENS, webClient } from "./support.ts";

const HISTORY = ["channels:history", "groups:history", "im:history"];
const ALL = ["chat:write", "users:read", "usergroups:read", "im:write", "im:read", "channels:read"];
const GRANTED = [...ALL, "groups:read", "files:write", "team:read", ...HISTORY];

async function granted() {
  return bench({ scopes: GRANTED });
}

const card = { event_type: "jit_request", event_payload: { id: "JIT-0A1B2C", version: 3 } };
const hello = { channel: "C0PROD", text: "hello" };

async function posted(client: WebClient, text = "hello"): Promise<string> {
  const { ts } = await client.chat.postMessage({ ...hello, text });
  return ts ?? "";
}

describe("people", () => {
  it("says who the bot is", async () => {
    const { client } = await granted();
    const answer = await client.auth.test();
    expect(answer).toMatchObject({ team_id: "T0HOME", user_id: "U0JITBOT", bot_id: "B0JITBOT" });
    expect(answer.response_metadata?.scopes).toEqual(GRANTED);
  });

  it("says whose app an app-level token belongs to, and no more", async () => {
    const { slack } = await granted();
    const answer = await webClient(slack, TOKENS.appToken).auth.test();
    expect(answer).toMatchObject({ app_id: "A0JITBOT" });
    expect(answer).not.toHaveProperty("team_id");
  });

  it("tells what kind of person somebody is", async () => {
    const { client } = await granted();
    const flags = async (user: string) => (await client.users.info({ user })).user;
    expect(await flags("U0ERIN")).toMatchObject({ deleted: false, is_restricted: false });
    expect(await flags("U0MULTI")).toMatchObject({ is_restricted: true });
    expect(await flags("U0SINGLE")).toMatchObject({
      is_restricted: true,
      is_ultra_restricted: true,
    });
    expect(await flags("U0STRANGER")).toMatchObject({ is_stranger: true, team_id: "T0PARTNER" });
    expect(await flags("U0GONE")).toMatchObject({ deleted: true });
    expect(await flags("U0OTHERBOT")).toMatchObject({ is_bot: true });
    expect(await flags("U0GONE")).not.toHaveProperty("is_admin");
  });

  it("shows e-mail addresses only with their scope", async () => {
    const { client } = await granted();
    const { user } = await client.users.info({ user: "U0ERIN" });
    expect(user?.profile).not.toHaveProperty("email");
    const open = await bench();
    const seen = await open.client.users.info({ user: "U0ERIN" });
    expect(seen.user?.profile?.email).toBe("erin@contoso.example");
  });

  it("lists people page by page", async () => {
    const { client } = await granted();
    const seen: unknown[] = [];
    for await (const page of client.paginate("users.list", { limit: 5 })) {
      const { members = [] } = page as { members?: unknown[] };
      expect(members.length).toBeLessThanOrEqual(5);
      seen.push(...members);
    }
    expect(seen).toHaveLength(12);
  });

  it("lists user groups and their members", async () => {
    const { client } = await granted();
    const { usergroups } = await client.usergroups.list({ include_users: true });
    expect(usergroups).toMatchObject([{ id: "S0ONCALL", users: ["U0LEAD", "U0OMAR"] }]);
    const { users } = await client.usergroups.users.list({ usergroup: "S0ONCALL" });
    expect(users).toEqual(["U0LEAD", "U0OMAR"]);
  });

  it("knows the app and the team", async () => {
    const { client } = await granted();
    const { bot } = await client.bots.info({ bot: "B0JITBOT" });
    expect(bot).toMatchObject({ app_id: "A0JITBOT" });
    expect((await client.team.info()).team).toMatchObject({ id: "T0HOME", domain: "contoso" });
  });
});

describe("messages", () => {
  it("posts, with blocks and metadata, and answers the message", async () => {
    const { client, slack } = await granted();
    const blocks = [{ type: "section", text: { type: "mrkdwn", text: "*hi*" } }];
    const answer = await client.chat.postMessage({ ...hello, blocks, metadata: card });
    expect(answer.channel).toBe("C0PROD");
    expect(answer.message).toMatchObject({ text: "hello", bot_id: "B0JITBOT", metadata: card });
    expect(slack.messages("C0PROD")).toMatchObject([{ ts: answer.ts, text: "hello" }]);
  });

  it("gives every message a later timestamp, even within one millisecond", async () => {
    const { client } = await granted();
    const all = [await posted(client), await posted(client), await posted(client)];
    expect([...new Set(all)].sort()).toEqual(all);
  });

  it("edits in place and remembers what stood there", async () => {
    const { client, slack } = await granted();
    const ts = await posted(client, "before");
    const answer = await client.chat.update({ channel: "C0PROD", ts, text: "after" });
    expect(answer).toMatchObject({ ts, text: "after" });
    const [message] = slack.messages("C0PROD");
    expect(message?.earlier.map((one) => one.text)).toEqual(["before"]);
  });

  it("takes blocks away when text comes without them, and keeps metadata", async () => {
    const { client, slack } = await granted();
    const blocks = [{ type: "divider" }];
    const { ts = "" } = await client.chat.postMessage({ ...hello, blocks, metadata: card });
    await client.chat.update({ channel: "C0PROD", ts, text: "only text" });
    const [message] = slack.messages("C0PROD");
    expect(message).toMatchObject({ blocks: [], metadata: card });
  });

  it("deletes a message, leaving a tombstone where there are replies", async () => {
    const { client, slack } = await granted();
    const [lone, parent] = [await posted(client), await posted(client)];
    await client.chat.postMessage({ ...hello, thread_ts: parent });
    await client.chat.delete({ channel: "C0PROD", ts: lone });
    await client.chat.delete({ channel: "C0PROD", ts: parent });
    expect(slack.messages("C0PROD")).toMatchObject([{ ts: parent, isTombstone: true }]);
  });

  it("threads replies, and posts in the channel what answers a message that is gone", async () => {
    const { client, slack } = await granted();
    const parent = await posted(client, "parent");
    const reply = await client.chat.postMessage({ ...hello, thread_ts: parent });
    expect(reply.message).toMatchObject({ thread_ts: parent });
    await client.chat.delete({ channel: "C0PROD", ts: reply.ts ?? "" });
    await client.chat.delete({ channel: "C0PROD", ts: parent });
    const orphan = await client.chat.postMessage({ ...hello, thread_ts: parent });
    expect(orphan.message).not.toHaveProperty("thread_ts");
    expect(slack.world.warnings.at(-1)?.what).toContain("posted in the channel instead");
  });

  it("shows ephemeral messages to one person, unless they are switched to get lost", async () => {
    const { client, slack } = await granted();
    await client.chat.postEphemeral({ ...hello, user: "U0ERIN" });
    expect(slack.ephemerals("U0ERIN")).toHaveLength(1);
    expect(slack.ephemerals("U0SAM")).toHaveLength(0);
    slack.world.switches.ephemerals = "lost";
    const { ok } = await client.chat.postEphemeral({ ...hello, user: "U0ERIN" });
    expect(ok).toBe(true);
    expect(slack.ephemerals("U0ERIN")).toHaveLength(1);
  });

  it("reaches a person by a direct channel or by the person's id", async () => {
    const { client, slack } = await granted();
    const { channel } = await client.conversations.open({ users: "U0ERIN" });
    await client.chat.postMessage({ channel: channel?.id ?? "", text: "one" });
    await client.chat.postMessage({ channel: "U0ERIN", text: "two" });
    expect(slack.direct("U0ERIN").map((one) => one.text)).toEqual(["one", "two"]);
  });

  it("links to a message", async () => {
    const { client } = await granted();
    const message_ts = await posted(client);
    const { permalink } = await client.chat.getPermalink({ channel: "C0PROD", message_ts });
    expect(permalink).toBe(
      `https://contoso.slack.com/archives/C0PROD/p${message_ts.replace(".", "")}`,
    );
  });

  it("records a message with blocks but without text", async () => {
    const { client, slack } = await granted();
    await client.chat.postMessage({ channel: "C0PROD", blocks: [{ type: "divider" }] } as never);
    expect(slack.world.warnings).toMatchObject([{ method: "chat.postMessage" }]);
  });
});

describe("files", () => {
  it("takes an upload from the real client and shares it", async () => {
    const { client, slack } = await granted();
    await client.filesUploadV2({
      channel_id: "C0PROD",
      filename: "audit.csv",
      file: Buffer.from("id,who\n1,erin\n"),
      initial_comment: "the audit",
    });
    const [message] = slack.messages("C0PROD");
    expect(message).toMatchObject({ text: "the audit", files: [{ name: "audit.csv" }] });
    const [file] = [...slack.world.files.values()];
    expect(file?.bytes?.toString()).toBe("id,who\n1,erin\n");
  });
});

describe("the record of calls", () => {
  it("has the method, the arguments and the answer, and not the token", async () => {
    const { client, slack } = await granted();
    await posted(client);
    const [call] = slack.callsTo("chat.postMessage");
    expect(call).toMatchObject({ args: hello, status: 200, tokenOk: true, answer: { ok: true } });
    expect(JSON.stringify(slack.calls)).not.toContain(TOKENS.botToken);
  });

  it("takes JSON bodies and tokens in forms, too", async () => {
    const { slack } = await granted();
    const json = await fetch(`${slack.url}chat.postMessage`, {
      method: "POST",
      headers: {
        "content-type": "application/json; charset=utf-8",
        authorization: `Bearer ${TOKENS.botToken}`,
      },
      body: JSON.stringify({ ...hello, blocks: [{ type: "divider" }] }),
    });
    expect(await json.json()).toMatchObject({ ok: true });
    const form = await fetch(`${slack.url}auth.test`, {
      method: "POST",
      body: new URLSearchParams({ token: TOKENS.botToken }),
    });
    expect(await form.json()).toMatchObject({ ok: true, user_id: "U0JITBOT" });
  });

  it("gives a socket address to the app token", async () => {
    const { slack } = await granted();
    const { url } = await webClient(slack, TOKENS.appToken).apps.connections.open();
    expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/link\/\?ticket=/);
  });

  it("knows every method that the bot may need", () => {
    expect(Object.keys(METHODS)).toHaveLength(27);
  });
});
