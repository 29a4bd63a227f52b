// Events with their retries, the home tab, changes of the workspace, and shortcuts.

import { describe, expect, it } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { withApp } from "./apps.ts";
import { bareApp, bench } from "./support.ts";

describe("events", () => {
  const event = { type: "user_change", user: { id: "U0ERIN" } };

  it("are signed and answered by a real app", async () => {
    const seen: string[] = [];
    const { slack } = await withApp((app) => {
      app.event("user_change", async ({ body }) => void seen.push(body.event_id));
    });
    const { ack, eventId } = await slack.event({ event });
    expect(ack).toMatchObject({ status: 200, kind: "event", type: "user_change", retry: 0 });
    // Bolt acknowledges an event before it hands it on.
    await eventually(() => expect(seen).toEqual([eventId]));
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
    await eventually(() => expect(types).toEqual(["user_change", "subteam_updated"]));
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
