// Slash commands reach a real Bolt app, and its answers and modals reach the person.

import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { withApp } from "./apps.ts";
import { ERIN_IN_DEV, refusalOf, START_MS } from "./support.ts";

describe("commands", () => {
  it("carry what Slack sends, and show the acknowledgement to the person", async () => {
    const seen: Record<string, unknown>[] = [];
    const { slack } = await withApp((app) => {
      app.command("/jit", async ({ ack, command }) => {
        seen.push(command);
        await ack(`Understood: ${command.text}`);
      });
    });
    const result = await slack.command({ ...ERIN_IN_DEV, text: " list mine " });
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
    await slack.command({ ...ERIN_IN_DEV, text });
    slack.world.switches.shouldEscape = false;
    await slack.command({ ...ERIN_IN_DEV, text });
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
    const { trouble } = await slack.command(ERIN_IN_DEV);
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
    const late = await slack.command(ERIN_IN_DEV);
    expect(late.trouble).toBe('/jit failed with the error "operation_timeout"');
    expect(late.ack.tookMs).toBeGreaterThanOrEqual(39);
    slack.setEventsUrl("http://127.0.0.1:1/slack/events");
    const gone = await slack.command(ERIN_IN_DEV);
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
    await slack.command({ ...ERIN_IN_DEV, forge });
    expect(seen[0]).toMatchObject({
      team_id: "T0EVIL",
      api_app_id: "A0EVIL",
      enterprise_id: "E0EVIL",
    });
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
    const { triggerId: trigger_id = "" } = await slack.command(ERIN_IN_DEV);
    pass(3_000);
    expect((await client.views.open({ trigger_id, view })).ok).toBe(true);
    expect(await refusalOf(client.views.open({ trigger_id, view }))).toBe("exchanged_trigger_id");
    const later = await slack.command(ERIN_IN_DEV);
    pass(3_001);
    const late = client.views.open({ trigger_id: later.triggerId ?? "", view });
    expect(await refusalOf(late)).toBe("expired_trigger_id");
    expect(slack.world.nowMs()).toBe(START_MS + 6_001);
  });
});
