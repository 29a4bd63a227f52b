// What people do reaches a real Bolt app over HTTP, signed, and its answers reach the people.

import { setTimeout as wait } from "node:timers/promises";
import type { App, BlockAction } from "@slack/bolt";
import { describe, expect, it } from "vitest";
import { bareApp, bench, httpApp, refusalOf, START_MS } from "./support.ts";

const hello = { user: "U0ERIN", channel: "C0DEV" };

async function withApp(listen: (app: App) => void, options: Parameters<typeof bench>[0] = {}) {
  const on = await bench(options);
  await httpApp(on.slack, listen);
  return on;
}

const card = [
  {
    type: "actions",
    block_id: "decide",
    elements: [
      {
        type: "button",
        action_id: "jit.approve",
        value: "one",
        text: { type: "plain_text", text: "Approve" },
      },
      {
        type: "button",
        action_id: "jit.deny",
        value: "two",
        text: { type: "plain_text", text: "Deny" },
      },
    ],
  },
];

describe("commands", () => {
  it("carry what Slack sends, and show the acknowledgement to the person", async () => {
    const seen: Record<string, unknown>[] = [];
    const { slack } = await withApp((app) => {
      app.command("/jit", async ({ ack, command }) => {
        seen.push(command);
        await ack(`Understood: ${command.text}`);
      });
    });
    const result = await slack.command({ ...hello, text: " list mine " });
    expect(result.ack).toMatchObject({ status: 200, body: "Understood: list mine" });
    expect(result.shown).toBe("ephemeral");
    expect(slack.ephemerals("U0ERIN")).toMatchObject([{ text: "Understood: list mine" }]);
    expect(seen[0]).toMatchObject({
      command: "/jit",
      text: "list mine",
      user_id: "U0ERIN",
      user_name: "erin",
      channel_id: "C0DEV",
      channel_name: "dev-access",
      team_id: "T0HOME",
      api_app_id: "A0JITBOT",
      is_enterprise_install: "false",
      trigger_id: result.triggerId,
      response_url: result.responseUrl,
    });
    expect(seen[0]).not.toHaveProperty("enterprise_id");
  });

  it("escape what was typed, unless the setting is off", async () => {
    const texts: string[] = [];
    const { slack } = await withApp((app) => {
      app.command("/jit", async ({ ack, command }) => {
        texts.push(command.text);
        await ack();
      });
    });
    const text = "request vm for @sam in #prod-access: a < b & https://x.example/?a=1&b=2";
    await slack.command({ ...hello, text });
    slack.world.switches.shouldEscape = false;
    await slack.command({ ...hello, text });
    expect(texts).toEqual([
      "request vm for <@U0SAM|sam> in <#C0PROD|prod-access>: a &lt; b &amp; " +
        "<https://x.example/?a=1&amp;b=2>",
      text,
    ]);
  });

  it("hide the names of conversations that are not public", async () => {
    const names: string[] = [];
    const { slack } = await withApp((app) => {
      app.command("/jit", async ({ ack, command }) => {
        names.push(command.channel_name);
        await ack();
      });
    });
    await slack.command({ user: "U0LEAD", channel: "C0SECRET" });
    slack.direct("U0LEAD");
    await slack.command({ user: "U0LEAD", channel: "D0LEAD" });
    expect(names).toEqual(["privategroup", "directmessage"]);
  });

  it("tell the person of an acknowledgement that Slack cannot show", async () => {
    const { slack } = await withApp((app) => {
      app.command("/jit", async ({ ack }) => {
        await ack({ text: "x", blocks: [{ type: "sparkle" }] as never });
      });
    });
    const { trouble } = await slack.command(hello);
    expect(trouble).toBe('/jit failed with the error "invalid_command_response"');
    expect(slack.ephemerals("U0ERIN")).toMatchObject([{ from: "slack", text: trouble }]);
  });

  it("tell the person of an app that is too late, and of one that is not there", async () => {
    const { slack } = await withApp(
      (app) => {
        app.command("/jit", async ({ ack }) => {
          await wait(120);
          await ack();
        });
      },
      { ackTimeoutMs: 40 },
    );
    const late = await slack.command(hello);
    expect(late.trouble).toBe('/jit failed with the error "operation_timeout"');
    expect(late.ack.tookMs).toBeGreaterThanOrEqual(39);
    slack.setEventsUrl("http://127.0.0.1:1/slack/events");
    const gone = await slack.command(hello);
    expect(gone.trouble).toBe('/jit failed with the error "dispatch_failed"');
    expect(slack.ephemerals("U0ERIN").map((one) => one.from)).toEqual(["slack", "slack"]);
  });

  it("come from other teams, apps and enterprises where that is forged", async () => {
    const seen: Record<string, unknown>[] = [];
    const { slack } = await withApp((app) => {
      app.command("/jit", async ({ ack, command }) => {
        seen.push(command);
        await ack();
      });
    });
    const forge = { teamId: "T0EVIL", appId: "A0EVIL", enterpriseId: "E0EVIL" };
    await slack.command({ ...hello, forge });
    expect(seen[0]).toMatchObject({
      team_id: "T0EVIL",
      api_app_id: "A0EVIL",
      enterprise_id: "E0EVIL",
    });
  });
});

describe("deliveries", () => {
  async function counting() {
    let count = 0;
    const on = await withApp((app) => {
      app.command("/jit", async ({ ack }) => {
        count += 1;
        await ack();
      });
    });
    return { ...on, count: () => count };
  }

  it("come again, together or one after the other", async () => {
    const { slack, count } = await counting();
    const result = await slack.command({ ...hello, duplicate: 2 });
    expect(count()).toBe(3);
    expect(result.copies.map((one) => one.copy)).toEqual([1, 2]);
    await slack.command({ ...hello, duplicate: 1, duplicateWhen: "after" });
    expect(slack.deliveries.slice(-2).map((one) => one.copy)).toEqual([0, 1]);
  });

  it("are refused by the app with a bad or a stale signature", async () => {
    const { slack, count } = await counting();
    const bad = await slack.command({ ...hello, badSignature: true });
    const stale = await slack.command({ ...hello, timestampOffsetSeconds: -301 });
    expect([bad.ack.status, stale.ack.status]).toEqual([401, 401]);
    expect(bad.ack.failure).toBe("http_client_error");
    expect(count()).toBe(0);
  });

  it("are let in by Bolt alone when they come from the future", async () => {
    const { slack, count } = await counting();
    await slack.command({ ...hello, timestampOffsetSeconds: 86_400 });
    expect(count()).toBe(1);
  });

  it("come again as the same bytes", async () => {
    const { slack } = await bench();
    const knocks = await bareApp(slack, []);
    await slack.command({ ...hello, text: "x", duplicate: 1 });
    await slack.command({ ...hello, text: "x" });
    const [first, second, third] = knocks;
    expect(second).toEqual(first);
    expect(third?.body).not.toBe(first?.body);
    expect(first?.headers).toMatchObject({
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-signature": expect.stringMatching(/^v0=[0-9a-f]{64}$/),
      "x-slack-request-timestamp": expect.stringMatching(/^\d{10}$/),
    });
  });

  it("may be any bytes, signed or not", async () => {
    const { slack, count } = await counting();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const body = "command=%2Fjit&text=raw&user_id=U0ERIN";
    expect((await slack.raw({ body, headers })).status).toBe(401);
    expect((await slack.raw({ body, headers, sign: true })).status).toBe(200);
    expect(count()).toBe(1);
  });
});

describe("response URLs", () => {
  it("take five answers in half an hour", async () => {
    const { slack, pass } = await withApp((app) => {
      app.command("/jit", ({ ack }) => ack());
    });
    const { responseUrl = "", responses } = await slack.command(hello);
    const send = (body: object) =>
      fetch(responseUrl, { method: "POST", body: JSON.stringify(body) });
    for (let use = 0; use < 5; use += 1) expect((await send({ text: `${use}` })).status).toBe(200);
    expect((await send({ text: "once more" })).status).toBe(404);
    expect(responses.map((one) => one.status)).toEqual([200, 200, 200, 200, 200, 404]);
    const later = await slack.command(hello);
    pass(30 * 60_000 + 1);
    const late = await fetch(later.responseUrl ?? "", { method: "POST", body: '{"text":"x"}' });
    expect(await late.json()).toMatchObject({ error: "expired_url" });
  });

  it("answer privately, in the channel, or not at all", async () => {
    const { slack } = await withApp((app) => {
      app.command("/jit", async ({ ack, respond }) => {
        await ack();
        await respond("for your eyes");
        await respond({ text: "for all", response_type: "in_channel" });
        await respond({ text: "", blocks: [{ type: "sparkle" }] as never }).catch(() => undefined);
      });
    });
    const { responses } = await slack.command(hello);
    await slack.waitFor(() => responses.length === 3);
    expect(responses.map((one) => one.shown)).toEqual(["ephemeral", "in_channel", "nothing"]);
    expect(slack.ephemerals("U0ERIN").map((one) => one.text)).toEqual(["for your eyes"]);
    expect(slack.messages("C0DEV").map((one) => one.text)).toEqual(["for all"]);
  });

  it("replace and delete the message that was clicked", async () => {
    const { slack, client } = await withApp((app) => {
      app.action("jit.approve", async ({ ack, respond }) => {
        await ack();
        await respond({ replace_original: true, text: "decided" });
      });
      app.action("jit.deny", async ({ ack, respond }) => {
        await ack();
        await respond({ delete_original: true });
      });
    });
    const post = async () =>
      (await client.chat.postMessage({ channel: "C0PROD", text: "?", blocks: card as never })).ts ??
      "";
    const [first, second] = [await post(), await post()];
    const who = { user: "U0LEAD", channel: "C0PROD" };
    await slack.click({ ...who, ts: first, actionId: "jit.approve" });
    await slack.click({ ...who, ts: second, actionId: "jit.deny" });
    await slack.waitFor(() => slack.messages("C0PROD").length === 1);
    await slack.waitFor(() => slack.messages("C0PROD")[0]?.text === "decided");
  });
});

describe("clicks", () => {
  async function clicking(options: Parameters<typeof bench>[0] = {}) {
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
      blocks: card as never,
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
      blocks: card as never,
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
      blocks: card as never,
    });
    const click = { user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.approve" };
    expect((await on.slack.click(click)).trouble).toContain("did not respond");
    expect(on.slack.ephemerals("U0LEAD")).toHaveLength(1);
  });
});

describe("events", () => {
  const event = { type: "user_change", user: { id: "U0ERIN" } };

  it("are signed and answered by a real app", async () => {
    const seen: string[] = [];
    const { slack } = await withApp((app) => {
      app.event("user_change", async ({ body }) => void seen.push(body.event_id));
    });
    const { ack, eventId } = await slack.event({ event });
    expect(ack).toMatchObject({ status: 200, kind: "event", type: "user_change", retry: 0 });
    expect(seen).toEqual([eventId]);
  });

  it("are tried three times more: at once, after a minute, after five", async () => {
    const { slack, pass } = await bench();
    const knocks = await bareApp(slack, [500, 503, 404, 500, 500]);
    const { ack, retries, eventId } = await slack.event({ event });
    expect(ack.failure).toBe("http_service_error");
    await slack.waitFor(() => retries.length === 1);
    pass(59_999);
    await slack.runDue();
    expect(retries).toHaveLength(1);
    pass(1);
    await slack.runDue();
    expect(retries).toHaveLength(2);
    pass(300_000);
    await slack.runDue();
    pass(3_600_000);
    await slack.runDue();
    expect(retries.map((one) => one.retry)).toEqual([1, 2, 3]);
    expect(knocks.map((one) => one.headers["x-slack-retry-num"])).toEqual([
      undefined,
      "1",
      "2",
      "3",
    ]);
    expect(knocks[1]?.headers["x-slack-retry-reason"]).toBe("http_error");
    expect(knocks.every((one) => one.body.includes(eventId))).toBe(true);
  });

  it("are tried until they are answered", async () => {
    const { slack, pass } = await bench();
    await bareApp(slack, [500]);
    const { retries } = await slack.event({ event });
    await slack.waitFor(() => retries.length === 1);
    pass(3_600_000);
    await slack.runDue();
    expect(retries).toMatchObject([{ status: 200 }]);
  });

  it("are not tried again where the app or a switch forbids it", async () => {
    const { slack } = await bench();
    await bareApp(slack, [500], { "x-slack-no-retry": "1" });
    expect((await slack.event({ event })).ack.noRetry).toBe(true);
    const knocks = await bareApp(slack, [500]);
    await slack.change({ switches: { eventRetries: false } });
    await slack.event({ event });
    await slack.runDue();
    expect(knocks).toHaveLength(1);
    expect(slack.deliveries).toHaveLength(2);
  });

  it("open the home tab, which the app then fills", async () => {
    const { slack } = await withApp((app) => {
      app.event("app_home_opened", async ({ event: opened, client }) => {
        const text = { type: "mrkdwn" as const, text: "Your requests" };
        const view = { type: "home" as const, blocks: [{ type: "section" as const, text }] };
        await client.views.publish({ user_id: opened.user, view });
      });
    });
    await slack.openHome({ user: "U0ERIN" });
    const home = await slack.waitFor(() => slack.home("U0ERIN"));
    expect(slack.plainText(home)).toBe("Your requests");
  });

  it("tell of changes to people and groups where asked to", async () => {
    const types: string[] = [];
    const { slack, client } = await withApp((app) => {
      app.event("user_change", async ({ event: { type } }) => void types.push(type));
      app.event("subteam_updated", async ({ event: { type } }) => void types.push(type));
    });
    await slack.change({ user: { id: "U0ERIN", deleted: true }, tellApp: true });
    await slack.change({ group: { id: "S0ONCALL", users: ["U0SAM"] }, tellApp: true });
    await slack.change({ group: { id: "S0ONCALL", users: [] } });
    expect(types).toEqual(["user_change", "subteam_updated"]);
    expect((await client.users.info({ user: "U0ERIN" })).user?.deleted).toBe(true);
  });
});

describe("shortcuts", () => {
  it("are global, or about a message", async () => {
    const types: string[] = [];
    const { slack, client } = await withApp((app) => {
      app.shortcut("jit.request", async ({ ack, body }) => {
        types.push(body.type);
        await ack();
      });
    });
    const { ts = "" } = await client.chat.postMessage({ channel: "C0PROD", text: "hi" });
    await slack.shortcut({ user: "U0ERIN", callbackId: "jit.request" });
    await slack.shortcut({ user: "U0ERIN", callbackId: "jit.request", channel: "C0PROD", ts });
    expect(types).toEqual(["shortcut", "message_action"]);
  });
});

describe("triggers", () => {
  const view = {
    type: "modal" as const,
    title: { type: "plain_text" as const, text: "T" },
    blocks: [],
  };

  it("open one modal, within three seconds", async () => {
    const { slack, client, pass } = await withApp((app) => {
      app.command("/jit", ({ ack }) => ack());
    });
    const { triggerId: trigger_id = "" } = await slack.command(hello);
    pass(3_000);
    expect((await client.views.open({ trigger_id, view })).ok).toBe(true);
    expect(await refusalOf(client.views.open({ trigger_id, view }))).toBe("exchanged_trigger_id");
    const later = await slack.command(hello);
    pass(3_001);
    const late = client.views.open({ trigger_id: later.triggerId ?? "", view });
    expect(await refusalOf(late)).toBe("expired_trigger_id");
    expect(slack.world.nowMs()).toBe(START_MS + 6_001);
  });
});
