// What Slack sends is signed and may come twice, late or forged; what comes back has limits.

import { describe, expect, it } from "vitest";
import { withApp } from "./apps.ts";
import { bareApp, bench, CARD, ERIN_IN_DEV } from "./support.ts";

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
    const result = await slack.command({ ...ERIN_IN_DEV, duplicate: 2 });
    expect(count()).toBe(3);
    expect(result.copies.map((one) => one.copy)).toEqual([1, 2]);
    await slack.command({ ...ERIN_IN_DEV, duplicate: 1, duplicateWhen: "after" });
    expect(slack.deliveries.slice(-2).map((one) => one.copy)).toEqual([0, 1]);
  });

  it("are refused by the app with a bad or a stale signature", async () => {
    const { slack, count } = await counting();
    const bad = await slack.command({ ...ERIN_IN_DEV, badSignature: true });
    const stale = await slack.command({ ...ERIN_IN_DEV, timestampOffsetSeconds: -301 });
    expect([bad.ack.status, stale.ack.status]).toEqual([401, 401]);
    expect(bad.ack.failure).toBe("http_client_error");
    expect(count()).toBe(0);
  });

  it("are let in by Bolt alone when they come from the future", async () => {
    const { slack, count } = await counting();
    await slack.command({ ...ERIN_IN_DEV, timestampOffsetSeconds: 86_400 });
    expect(count()).toBe(1);
  });

  it("come again as the same bytes", async () => {
    const { slack } = await bench();
    const knocks = await bareApp(slack, []);
    await slack.command({ ...ERIN_IN_DEV, text: "x", duplicate: 1 });
    await slack.command({ ...ERIN_IN_DEV, text: "x" });
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
    const { responseUrl = "", responses } = await slack.command(ERIN_IN_DEV);
    const send = (body: object) =>
      fetch(responseUrl, { method: "POST", body: JSON.stringify(body) });
    for (let use = 0; use < 5; use += 1) expect((await send({ text: `${use}` })).status).toBe(200);
    expect((await send({ text: "once more" })).status).toBe(404);
    expect(responses.map((one) => one.status)).toEqual([200, 200, 200, 200, 200, 404]);
    const later = await slack.command(ERIN_IN_DEV);
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
    const { responses } = await slack.command(ERIN_IN_DEV);
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
      (await client.chat.postMessage({ channel: "C0PROD", text: "?", blocks: CARD as never })).ts ??
      "";
    const [first, second] = [await post(), await post()];
    const who = { user: "U0LEAD", channel: "C0PROD" };
    await slack.click({ ...who, ts: first, actionId: "jit.approve" });
    await slack.click({ ...who, ts: second, actionId: "jit.deny" });
    await slack.waitFor(() => slack.messages("C0PROD").length === 1);
    await slack.waitFor(() => slack.messages("C0PROD")[0]?.text === "decided");
  });
});
