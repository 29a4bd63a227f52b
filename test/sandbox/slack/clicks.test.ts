// Clicks and menus in messages, as a real Bolt app gets them: true, stale and forged.

import type { BlockAction } from "@slack/bolt";
import { describe, expect, it } from "vitest";
import { withApp } from "./apps.ts";
import { CARD } from "./support.ts";

describe("clicks", () => {
  async function clicking(options: Parameters<typeof withApp>[1] = {}) {
    const bodies: BlockAction[] = [];
    const on = await withApp((app) => {
      app.action(/.*/, async ({ ack, body }) => {
        bodies.push(body as BlockAction);
        await ack();
      });
    }, options);
    const { ts = "" } = await on.client.chat.postMessage({
      channel: "C0PROD",
      text: "a request",
      blocks: CARD as never,
      metadata: { event_type: "jit_request", event_payload: { id: "JIT-0A1B2C" } },
    });
    return { ...on, ts, bodies, at: { user: "U0LEAD", channel: "C0PROD", ts } };
  }

  it("say who clicked what, where", async () => {
    const { slack, at, ts, bodies } = await clicking();
    const { responseUrl, triggerId } = await slack.click({ ...at, actionId: "jit.approve" });
    expect(bodies[0]).toMatchObject({
      type: "block_actions",
      user: { id: "U0LEAD", team_id: "T0HOME" },
      team: { id: "T0HOME", domain: "contoso" },
      enterprise: null,
      api_app_id: "A0JITBOT",
      container: { type: "message", message_ts: ts, channel_id: "C0PROD", is_ephemeral: false },
      channel: { id: "C0PROD", name: "prod-access" },
      message: { ts, text: "a request", bot_id: "B0JITBOT" },
      actions: [{ type: "button", action_id: "jit.approve", block_id: "decide", value: "one" }],
      response_url: responseUrl,
      trigger_id: triggerId,
    });
    expect(bodies[0]?.message).not.toHaveProperty("metadata");
  });

  it("are sent only when what Slack asks first is confirmed, and it asks no more than it should", async () => {
    const { slack, client, at, bodies } = await clicking();
    const plain = (text: string) => ({ type: "plain_text" as const, text });
    const confirm = { title: plain("Sure?"), text: plain("It ends."), confirm: plain("End it") };
    const asks = { type: "button", action_id: "jit.end", text: plain("End"), confirm };
    await client.chat.update({
      channel: "C0PROD",
      ts: at.ts,
      text: "open",
      blocks: [{ type: "actions", elements: [asks as never] }],
    });
    await expect(slack.click({ ...at, actionId: "jit.end" })).rejects.toThrow("nobody confirmed");
    expect(bodies).toEqual([]);
    await slack.click({ ...at, actionId: "jit.end", confirmed: true });
    expect(bodies).toMatchObject([{ actions: [{ action_id: "jit.end" }] }]);
    const approve = { ...at, actionId: "jit.approve", versionsBack: 1, confirmed: true } as const;
    await expect(slack.click(approve)).rejects.toThrow("asks nothing first");
  });

  it("may carry the message's metadata where that is switched on", async () => {
    const { slack, at, bodies } = await clicking({ switches: { metadataInClicks: true } });
    await slack.click({ ...at, actionId: "jit.approve" });
    expect(bodies[0]?.message).toMatchObject({ metadata: { event_type: "jit_request" } });
  });

  it("come from a screen that was not redrawn, with the message as it is now", async () => {
    const { slack, client, at, ts, bodies } = await clicking();
    await client.chat.update({ channel: "C0PROD", ts, text: "decided" });
    await expect(slack.click({ ...at, actionId: "jit.approve" })).rejects.toThrow("no jit.approve");
    await slack.click({ ...at, actionId: "jit.approve", versionsBack: 1 });
    expect(bodies[0]).toMatchObject({ message: { text: "decided" }, actions: [{ value: "one" }] });
    const forge = { staleMessage: true };
    await slack.click({ ...at, actionId: "jit.approve", versionsBack: 1, forge });
    expect(bodies[1]).toMatchObject({ message: { text: "a request" } });
  });

  it("are forged in every way", async () => {
    const { slack, at, bodies } = await clicking();
    const forge = {
      teamId: "T0EVIL",
      userTeamId: "T0EVIL",
      appId: "A0EVIL",
      enterpriseId: "E0EVIL",
      isEnterpriseInstall: false,
      value: "three",
      actionId: "jit.extend",
      messageTs: "1.000001",
      channelId: "C0DEV",
    };
    await slack.click({ ...at, actionId: "jit.approve", forge });
    expect(bodies[0]).toMatchObject({
      team: { id: "T0EVIL" },
      user: { team_id: "T0EVIL" },
      api_app_id: "A0EVIL",
      enterprise: { id: "E0EVIL" },
      actions: [{ action_id: "jit.extend", value: "three" }],
      container: { message_ts: "1.000001", channel_id: "C0DEV" },
      message: { ts: "1.000001" },
      channel: { id: "C0DEV" },
    });
  });

  it("carry a stranger's own team", async () => {
    const { slack, at, bodies } = await clicking();
    await slack.click({ ...at, user: "U0STRANGER", actionId: "jit.deny" });
    expect(bodies[0]).toMatchObject({ user: { team_id: "T0PARTNER" }, team: { id: "T0HOME" } });
  });

  it("on an ephemeral message bring no message along", async () => {
    const { slack, client, bodies } = await clicking();
    const { message_ts: ts = "" } = await client.chat.postEphemeral({
      channel: "C0PROD",
      user: "U0ERIN",
      text: "choose",
      blocks: CARD as never,
    });
    const own = { user: "U0ERIN", channel: "C0PROD", ts, actionId: "jit.approve" };
    await slack.click(own);
    expect(bodies[0]).toMatchObject({ container: { is_ephemeral: true } });
    expect(bodies[0]).not.toHaveProperty("message");
    await expect(slack.click({ ...own, user: "U0SAM" })).rejects.toThrow("can see");
  });

  it("that the app leaves unanswered are told to the person", async () => {
    const on = await withApp(() => undefined, { ackTimeoutMs: 60 });
    const { ts = "" } = await on.client.chat.postMessage({
      channel: "C0PROD",
      text: "?",
      blocks: CARD as never,
    });
    const click = { user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.approve" };
    expect((await on.slack.click(click)).trouble).toContain("did not respond");
    expect(on.slack.ephemerals("U0LEAD")).toHaveLength(1);
  });
});

describe("menus in messages", () => {
  const elements = [
    { type: "external_select", action_id: "vm", min_query_length: 1 },
    { type: "static_select", action_id: "hours", options: [option("1h"), option("2h")] },
    { type: "overflow", action_id: "more", options: [option("explain")] },
    { type: "button", action_id: "go", text: { type: "plain_text", text: "Go" } },
  ];

  it("offer what the app suggests, and are remembered for the next click", async () => {
    const bodies: BlockAction[] = [];
    const { slack, client } = await withApp((app) => {
      app.options("vm", ({ ack, options }) => ack({ options: [option(`${options.value}-01`)] }));
      app.action(/.*/, async ({ ack, body }) => {
        bodies.push(body as BlockAction);
        await ack();
      });
    });
    const blocks = [{ type: "actions", block_id: "ask", elements }] as never;
    const { ts = "" } = await client.chat.postMessage({ channel: "C0DEV", text: "?", blocks });
    const at = { user: "U0ERIN", channel: "C0DEV", ts };
    await expect(slack.select({ ...at, actionId: "vm", value: "web-01" })).rejects.toThrow(
      "offered",
    );
    await slack.suggest({ ...at, actionId: "vm", text: "web" });
    await slack.select({ ...at, actionId: "vm", value: "web-01" });
    await slack.select({ ...at, actionId: "more", value: "explain" });
    await slack.click({ ...at, actionId: "go" });
    expect(bodies.map((one) => one.actions[0])).toMatchObject([
      { type: "external_select", selected_option: { value: "web-01" } },
      { type: "overflow", selected_option: { value: "explain" } },
      { type: "button" },
    ]);
    expect(bodies[2]?.state?.values).toMatchObject({
      ask: { vm: { selected_option: { value: "web-01" } }, hours: { selected_option: null } },
    });
    expect(bodies[2]?.state?.values.ask).not.toHaveProperty("more");
  });

  it("are told apart from buttons", async () => {
    const { slack, client } = await withApp(() => undefined);
    const blocks = [{ type: "actions", elements }] as never;
    const { ts = "" } = await client.chat.postMessage({ channel: "C0DEV", text: "?", blocks });
    const at = { user: "U0ERIN", channel: "C0DEV", ts };
    await expect(slack.click({ ...at, actionId: "hours" })).rejects.toThrow("use select");
    await expect(slack.suggest({ ...at, actionId: "hours" })).rejects.toThrow("does not ask");
    await expect(slack.click({ user: "U0ERIN", actionId: "go" })).rejects.toThrow("no such view");
  });
});

function option(value: string) {
  return { text: { type: "plain_text" as const, text: value }, value };
}
