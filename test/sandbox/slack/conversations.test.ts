// Channels and their history, as the real client reads them.

import type { WebClient } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import { bench } from "./support.ts";

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

describe("conversations", () => {
  it("describes channels, shared and archived ones too", async () => {
    const { client } = await granted();
    const info = async (channel: string) => (await client.conversations.info({ channel })).channel;
    expect(await info("C0PROD")).toMatchObject({ name: "prod-access", is_member: true });
    expect(await info("C0SHARED")).toMatchObject({ is_ext_shared: true });
    expect(await info("C0OLD")).toMatchObject({ is_archived: true });
  });

  it("lists channels that the bot may know of", async () => {
    const { client } = await granted();
    const types = "public_channel,private_channel";
    const { channels } = await client.conversations.list({ types, exclude_archived: true });
    const names = channels?.map((one) => one.name);
    expect(names).toContain("prod-access");
    expect(names).not.toContain("old-access");
    expect(names).not.toContain("secret");
    const mine = await client.users.conversations({ user: "U0STRANGER" });
    expect(mine.channels).toMatchObject([{ id: "C0SHARED" }]);
  });

  it("lists members page by page", async () => {
    const { client } = await granted();
    const first = await client.conversations.members({ channel: "C0DEV", limit: 3 });
    const cursor = first.response_metadata?.next_cursor ?? "";
    const second = await client.conversations.members({ channel: "C0DEV", limit: 9, cursor });
    expect([...(first.members ?? []), ...(second.members ?? [])]).toHaveLength(8);
    expect(second.response_metadata?.next_cursor).toBe("");
  });

  it("reads back the newest first, with metadata in full only when asked", async () => {
    const { client } = await granted();
    await posted(client, "old");
    await client.chat.postMessage({ ...hello, text: "new", metadata: card });
    const brief = await client.conversations.history({ channel: "C0PROD" });
    expect(brief.messages?.map((one) => one.text)).toEqual(["new", "old"]);
    expect(brief.messages?.[0]?.metadata).toEqual({ event_type: "jit_request" });
    const whole = await client.conversations.history({
      channel: "C0PROD",
      include_all_metadata: true,
    });
    expect(whole.messages?.[0]?.metadata).toEqual(card);
  });

  it("reads a part of the history, and a thread", async () => {
    const { client } = await granted();
    const parent = await posted(client, "parent");
    await client.chat.postMessage({ ...hello, text: "reply", thread_ts: parent });
    const oldest = await posted(client, "later");
    const channel = "C0PROD";
    const part = await client.conversations.history({ channel, oldest, inclusive: true });
    expect(part.messages?.map((one) => one.text)).toEqual(["later"]);
    const thread = await client.conversations.replies({ channel, ts: parent });
    expect(thread.messages?.map((one) => one.text)).toEqual(["parent", "reply"]);
    expect(thread.messages?.[0]).toMatchObject({ reply_count: 1 });
  });
});
