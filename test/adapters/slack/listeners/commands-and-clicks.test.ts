// Commands, clicks and forms from Slack to the inbound port, and the inbound port's answers back to the person.

import { describe, expect, it } from "vitest";
import { words } from "../../../../src/domain/text/words.ts";
import type { Answer } from "../../../../src/ports/inbound.ts";
import {
  ID,
  NONCE,
  postButton,
  SENTENCE,
  SENTENCE_SHOWN,
  said,
  started,
  toldTo,
} from "../bench.ts";

const command = { user: "U0ERIN", channel: "C0PROD", command: "/jit", text: "request vm-01" };

describe("a command", () => {
  it("comes to the inbound port with who, where and what", async () => {
    const { slack, stub } = await started();
    await slack.command({ ...command, text: "request vm-01 for <!channel> & more" });
    expect(stub.calls).toEqual([
      {
        act: "command",
        text: "request vm-01 for &lt;!channel&gt; &amp; more",
        sender: {
          user: "U0ERIN",
          outsider: false,
          channel: "C0PROD",
          delivery: expect.stringMatching(/^http:[0-9a-f]{32}$/),
        },
      },
    ]);
  });

  it("is acknowledged, with nothing, before the inbound port answers", async () => {
    const { slack, stub, inbound } = await started();
    const { promise, resolve } = Promise.withResolvers<Answer>();
    stub.answers(() => promise);
    const { ack, responses } = await slack.command(command);
    expect(ack).toMatchObject({ status: 200 });
    expect(ack.body).toBeUndefined();
    expect(inbound.inFlight()).toBe(1);
    expect(responses).toEqual([]);
    resolve(said(SENTENCE));
    expect(await inbound.drain(10_000)).toBe(true);
    expect(responses).toMatchObject([
      {
        shown: "ephemeral",
        args: { response_type: "ephemeral", replace_original: false, text: SENTENCE_SHOWN },
      },
    ]);
  });

  it("is answered in as many paragraphs as there are lines", async () => {
    const { slack, stub, inbound } = await started();
    stub.answers(said(words`One.`, words`Two ${{ code: "/jit help" }}.`));
    await slack.command(command);
    await inbound.drain(10_000);
    expect(toldTo(slack, "U0ERIN")).toEqual(["One.\nTwo `/jit help`."]);
  });

  it("is answered in sections where a message would be too long", async () => {
    const { slack, stub, inbound } = await started();
    const line = words`${"<x> & more ".repeat(100)}`;
    stub.answers(said(...Array.from({ length: 20 }, () => line)));
    const { responses } = await slack.command(command);
    await inbound.drain(10_000);
    const [response] = responses;
    expect(response).toMatchObject({ status: 200, shown: "ephemeral" });
    const blocks = response?.args.blocks as { text: { text: string } }[];
    expect(JSON.stringify(blocks).length).toBeLessThanOrEqual(9_000);
    expect(blocks.length).toBeGreaterThan(2);
    for (const block of blocks) expect(block.text.text.length).toBeLessThanOrEqual(3_000);
    expect(blocks.at(-1)?.text.text).toContain("and more");
  });

  it("is not answered where there is nothing to say", async () => {
    const { slack, inbound } = await started();
    const { responses } = await slack.command(command);
    await inbound.drain(10_000);
    expect(responses).toEqual([]);
    expect(toldTo(slack, "U0ERIN")).toEqual([]);
  });

  it("sent twice has the same key both times", async () => {
    const { slack, stub } = await started();
    await slack.command({ ...command, duplicate: 1 });
    const [first, again] = stub.calls.map((call) => call.sender.delivery);
    expect(again).toBe(first);
  });
});

describe("an answer", () => {
  const FAST = { limits: { responseUrlMs: 100 } };

  it.each([
    ["answers 404", { status: 404 }],
    ["answers 500", { status: 500 }],
    ["hangs", "hang" as const],
    ["is cut", "reset" as const],
    ["leads elsewhere", { status: 302, headers: { location: "http://127.0.0.1:1/" } }],
  ])("comes as an ephemeral message where the response_url %s", async (_, act) => {
    const { slack, stub, inbound } = await started(FAST);
    slack.faults.add({ path: "^/response/", act });
    stub.answers(said(SENTENCE));
    const { responses } = await slack.command(command);
    await inbound.drain(10_000);
    expect(responses).toEqual([]);
    expect(slack.faults.list()).toMatchObject([{ befell: 1 }]);
    expect(slack.callsTo("chat.postEphemeral")).toHaveLength(1);
    expect(toldTo(slack, "U0ERIN")).toEqual([SENTENCE_SHOWN]);
  });

  it("comes as a direct message where the bot isn't in the channel", async () => {
    const { slack, stub, inbound } = await started();
    slack.faults.add({ path: "^/response/", act: { status: 404 } });
    stub.answers(said(SENTENCE));
    await slack.command({ ...command, user: "U0LEAD", channel: "C0SECRET" });
    await inbound.drain(10_000);
    expect(toldTo(slack, "U0LEAD")).toEqual([SENTENCE_SHOWN]);
    expect(slack.callsTo("chat.postMessage")).toHaveLength(1);
  });

  it("that gets through no way is logged, and nothing else", async () => {
    const { slack, stub, inbound, log } = await started();
    slack.faults.add({ path: "^/(response|api/chat)", act: { status: 500 } });
    stub.answers(said(SENTENCE));
    await slack.command(command);
    expect(await inbound.drain(10_000)).toBe(true);
    expect(log.lines.filter((line) => line.level === "error")).toMatchObject([
      { facts: { user: "U0ERIN" }, text: "A private answer didn't get through" },
    ]);
    expect(log.text()).not.toContain("/response/");
  });

  it("says what is true where the inbound port fails for a mistake of ours", async () => {
    const { slack, stub, inbound, client, log } = await started();
    stub.answers(() => Promise.reject(new Error("bug in the inbound port")));
    await slack.command(command);
    const ts = await postButton({ client }, { actionId: "jit.approve" });
    await slack.click({ user: "U0ERIN", channel: "C0PROD", ts, actionId: "jit.approve" });
    await inbound.drain(10_000);
    const [first, second] = toldTo(slack, "U0ERIN");
    expect(first).toContain("`/jit list mine`");
    expect(second).toContain("`/jit status JIT-ABC123`");
    expect(log.text()).toContain("bug in the inbound port");
    expect(log.lines.at(-1)?.facts).toMatchObject({ id: ID });
  });
});

describe("a click", () => {
  const press = async (actionId: string, more: object = {}) => {
    const made = await started({ limits: { denyPatienceMs: 50 } });
    const ts = await postButton(made, { actionId, ...more });
    const click = (user = "U0LEAD", options: object = {}) =>
      made.slack.click({ user, channel: "C0PROD", ts, actionId, ...options });
    return { ...made, ts, click };
  };

  it.each(["approve", "take-back", "retry", "extend", "end", "cancel"] as const)(
    "on %s comes to the inbound port with what the button carries",
    async (button) => {
      const { click, stub, ts } = await press(`jit.${button}`);
      const at = { forge: { actionTs: "1796144323.105300" } };
      expect((await click("U0LEAD", at)).trouble).toBeUndefined();
      expect(stub.calls).toEqual([
        {
          act: "click",
          click: { button, id: ID, nonce: NONCE, message: { channel: "C0PROD", ts } },
          sender: {
            user: "U0LEAD",
            outsider: false,
            channel: "C0PROD",
            doneAtMs: 1796144323105,
            delivery: expect.stringMatching(/^http:/),
          },
        },
      ]);
    },
  );

  it.each(["", "soon", "-1", null, {}])("at %j is taken for one of now", async (actionTs) => {
    const { click, stub } = await press("jit.approve");
    expect((await click("U0LEAD", { forge: { actionTs } })).trouble).toBeUndefined();
    expect(stub.calls).toMatchObject([{ act: "click", sender: { doneAtMs: undefined } }]);
  });

  it("is acknowledged before the inbound port answers, and answered where it was made", async () => {
    const { click, stub, inbound, slack } = await press("jit.approve");
    const { promise, resolve } = Promise.withResolvers<Answer>();
    stub.answers(() => promise);
    const { ack, responses } = await click();
    expect(ack.status).toBe(200);
    resolve(said(SENTENCE));
    await inbound.drain(10_000);
    expect(responses).toMatchObject([{ shown: "ephemeral" }]);
    // The card itself stays as it is.
    expect(slack.world.messages.get("C0PROD")?.at(-1)?.text).toBe("A card");
  });

  it("says the person's own workspace", async () => {
    const { click, stub } = await press("jit.approve");
    await click("U0LEAD", { forge: { userTeamId: "T0PARTNER" } });
    expect(stub.calls).toMatchObject([{ sender: { outsider: true } }]);
  });

  it.each([
    "",
    "JIT-ABC123",
    "JIT-ABC123 a b",
    "jit-abc123 x",
    "x y",
    `JIT-ABC123 ${"n".repeat(65)}`,
  ])(
    "on a button that carries %j is answered, and does not come to the inbound port",
    async (value) => {
      const { click, stub, inbound, slack } = await press("jit.approve");
      await click("U0LEAD", { forge: { value } });
      await inbound.drain(10_000);
      expect(stub.calls).toEqual([]);
      expect(toldTo(slack, "U0LEAD")[0]).toContain("nothing was changed");
    },
  );

  it.each(["jit.opened", "jit.", "jit.constructor"])(
    "on %s is answered, and does nothing",
    async (id) => {
      const { click, stub, inbound, slack } = await press(id);
      expect((await click()).ack.status).toBe(200);
      await inbound.drain(10_000);
      expect(stub.calls).toEqual([]);
      expect(toldTo(slack, "U0LEAD")).toHaveLength(1);
    },
  );

  it.each(["other", "jitter", "JIT.approve", "xjit.approve"])(
    "on %s is nobody's",
    async (actionId) => {
      const { click, stub, inbound, slack, log } = await press(actionId);
      expect((await click()).ack.status).toBe(200);
      await inbound.drain(10_000);
      expect(stub.calls).toEqual([]);
      expect(toldTo(slack, "U0LEAD")).toEqual([]);
      expect(log.lines.at(-1)).toMatchObject({ level: "debug", facts: { name: actionId } });
    },
  );
});

describe("for others", () => {
  it.each([
    ["another app", { appId: "A0OTHER" }, "other-app"],
    ["another workspace", { teamId: "T0OTHER" }, "other-team"],
    ["another organisation", { teamId: "T0OTHER", enterpriseId: "E0OTHER" }, "other-team"],
  ])("a payload for %s is acknowledged and ignored", async (_, forge, why) => {
    const { slack, stub, inbound, client, log } = await started();
    const ts = await postButton({ client }, { actionId: "jit.approve" });
    const before = slack.calls.length;
    const { ack, responses } = await slack.command({ ...command, forge });
    const where = { user: "U0LEAD", channel: "C0PROD", ts };
    const click = await slack.click({ ...where, actionId: "jit.approve", forge });
    await inbound.drain(10_000);
    expect([ack.status, click.ack.status]).toEqual([200, 200]);
    expect([...responses, ...click.responses]).toEqual([]);
    expect(stub.calls).toEqual([]);
    expect(slack.calls.length).toBe(before);
    expect(log.lines.filter((line) => line.level === "warn")).toMatchObject([
      { facts: { why, user: "U0ERIN" } },
      { facts: { why, user: "U0LEAD" } },
    ]);
  });

  it("an app that nobody told us is not compared until it is known", async () => {
    const { slack, stub, identity } = await started({ scopes: ["chat:write", "commands"] });
    expect(identity.appId).toBeUndefined();
    await slack.command({ ...command, forge: { appId: "A0OTHER" } });
    expect(stub.calls).toHaveLength(1);
    identity.learnAppId("A0JITBOT");
    identity.learnAppId("A0OTHER");
    await slack.command({ ...command, forge: { appId: "A0OTHER" } });
    await slack.command(command);
    expect(stub.calls).toHaveLength(2);
  });
});

describe("a denial", () => {
  const deny = async (options: Parameters<typeof started>[0] = {}) => {
    const made = await started({ limits: { denyPatienceMs: 50 }, ...options });
    const ts = await postButton(made, { actionId: "jit.deny" });
    const click = () =>
      made.slack.click({ user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.deny" });
    const opened = () => made.slack.world.stacks.get("U0LEAD")?.at(-1);
    return { ...made, click, opened };
  };
  const FORM: Answer = { answer: "deny-form", id: ID, nonce: NONCE };

  it("asks for the reason in a form, and takes it to the inbound port to the letter", async () => {
    const { click, opened, slack, stub, inbound } = await deny();
    stub.answers((call) => (call.act === "deny" ? said(SENTENCE) : FORM));
    await click();
    await inbound.drain(10_000);
    expect(slack.callsTo("views.open")).toHaveLength(1);
    expect(opened()?.view).toMatchObject({ title: { text: "Deny JIT-ABC123" } });
    const reason = "Not now:\n<!channel> & <@U0ERIN> 🚪";
    const sent = await slack.submitView({ user: "U0LEAD", values: { reason } });
    expect(sent.outcome).toBe("closed");
    await inbound.drain(10_000);
    expect(stub.calls.at(-1)).toEqual({
      act: "deny",
      form: { id: ID, nonce: NONCE, reason },
      sender: {
        user: "U0LEAD",
        outsider: false,
        channel: undefined,
        delivery: expect.stringMatching(/^http:/),
      },
    });
    expect(toldTo(slack, "U0LEAD")).toEqual([SENTENCE_SHOWN]);
  });

  it("that is refused opens no form", async () => {
    const { click, opened, slack, stub, inbound } = await deny();
    stub.answers(said(SENTENCE));
    await click();
    await inbound.drain(10_000);
    expect(opened()).toBeUndefined();
    expect(toldTo(slack, "U0LEAD")).toEqual([SENTENCE_SHOWN]);
  });

  it("opens the form where the inbound port takes too long, and tells what it said then", async () => {
    const { click, opened, slack, stub, inbound } = await deny();
    const { promise, resolve } = Promise.withResolvers<Answer>();
    stub.answers(() => promise);
    await click();
    await slack.waitFor(opened);
    expect(toldTo(slack, "U0LEAD")).toEqual([]);
    resolve(said(SENTENCE));
    await inbound.drain(10_000);
    expect(toldTo(slack, "U0LEAD")).toEqual([SENTENCE_SHOWN]);
  });

  it("opens one form only where the inbound port agrees late", async () => {
    const { click, opened, slack, stub, inbound } = await deny();
    const { promise, resolve } = Promise.withResolvers<Answer>();
    stub.answers(() => promise);
    await click();
    await slack.waitFor(opened);
    resolve(FORM);
    await inbound.drain(10_000);
    expect(slack.callsTo("views.open")).toHaveLength(1);
    expect(toldTo(slack, "U0LEAD")).toEqual([]);
  });

  it.each([
    [
      "refuses",
      { status: 200, body: { ok: false, error: "expired_trigger_id" } },
      "expired_trigger_id",
    ],
    ["fails", { status: 500 }, "http_500"],
    ["hangs", "hang" as const, "ETIMEDOUT"],
  ])("says how to go on where Slack %s to open the form", async (_, act, code) => {
    const { click, slack, stub, inbound } = await deny({ callMs: 1_000 });
    slack.faults.add({ path: "views.open", act });
    stub.answers(FORM);
    await click();
    await inbound.drain(10_000);
    expect(toldTo(slack, "U0LEAD")).toEqual([
      `Slack didn't open the form (\`${code}\`). Nothing was changed: press *Deny* again.`,
    ]);
  });

  it("of blanks, or too long, is sent back to its form", async () => {
    const { click, slack, stub, inbound } = await deny();
    stub.answers(FORM);
    await click();
    await inbound.drain(10_000);
    const sent = await slack.submitView({ user: "U0LEAD", values: { reason: " \n " } });
    expect(sent).toMatchObject({
      outcome: "errors",
      errors: { reason: expect.stringMatching(/^Give a reason/) },
    });
    expect(stub.calls.filter((call) => call.act === "deny")).toEqual([]);
    const again = await slack.submitView({ user: "U0LEAD", values: { reason: "No." } });
    expect(again.outcome).toBe("closed");
  });

  it("from another workspace's form is ignored", async () => {
    const { click, slack, stub, inbound } = await deny();
    stub.answers(FORM);
    await click();
    await inbound.drain(10_000);
    const forge = { teamId: "T0OTHER" };
    await slack.submitView({ user: "U0LEAD", values: { reason: "No." }, forge });
    await inbound.drain(10_000);
    expect(stub.calls.filter((call) => call.act === "deny")).toEqual([]);
    expect(toldTo(slack, "U0LEAD")).toEqual([]);
  });
});

describe("stopping", () => {
  it("waits for what is in flight, and no longer than it may", async () => {
    const { slack, stub, inbound } = await started();
    const { promise, resolve } = Promise.withResolvers<Answer>();
    stub.answers(() => promise);
    await slack.command(command);
    await inbound.stop();
    expect(await inbound.drain(20)).toBe(false);
    const drained = inbound.drain(10_000);
    resolve(said(SENTENCE));
    expect(await drained).toBe(true);
    expect(toldTo(slack, "U0ERIN")).toEqual([SENTENCE_SHOWN]);
  });
});
