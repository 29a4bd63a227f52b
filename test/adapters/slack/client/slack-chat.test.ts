// The chat port against a simulated Slack: what is posted, edited, found, and what faults become.

import { describe, expect, it } from "vitest";
import type { Card } from "../../../../src/domain/request/document/sent-messages.ts";
import { channelId, userId } from "../../../../src/domain/text/ids.ts";
import { words } from "../../../../src/domain/text/words.ts";
import type { Message } from "../../../../src/sandbox/slack/slack-workspace.ts";
import {
  DECIDED_AT_MS,
  ENDS_AT_MS,
  ERIN,
  ended,
  LEAD,
  open,
  PLAIN,
  PROD,
  pending,
  step,
} from "../requests.ts";
import { bench, faultOf } from "../workspace.ts";

const HISTORY = ["channels:history", "groups:history", "im:history"];
const SCOPES = ["chat:write", "users:read", "im:write", "channels:read", "usergroups:read"];

const only = (messages: readonly Message[]): Message => {
  const [message, ...others] = messages;
  if (message === undefined || others.length > 0) throw new Error(`${messages.length} messages`);
  return message;
};

describe("a card", () => {
  it("is posted to its channel, with its metadata and without unfurling", async () => {
    const { slack, chat, appIds } = await bench();
    const ref = await chat.postCard(pending(), PROD);
    const card = only(slack.messages(PROD));
    expect(ref).toEqual({ channel: PROD, ts: card.ts });
    expect(card.metadata).toEqual({
      event_type: "jit_request",
      event_payload: { id: "JIT-ABC123", version: 7 },
    });
    expect(slack.plainText(card)).toContain("Needs 1 approval.");
    const { args } = slack.callsTo("chat.postMessage")[0] ?? {};
    expect(args).toMatchObject({ unfurl_links: "false", unfurl_media: "false", parse: "none" });
    expect(args).not.toHaveProperty("link_names");
    expect(slack.world.warnings).toEqual([]);
    expect(appIds).toEqual(["A0JITBOT"]);
  });

  it("mentions the approvers where it is posted", async () => {
    const { slack, chat } = await bench();
    await chat.postCard(pending(), PROD);
    const named = slack.broadcasts(only(slack.messages(PROD))).map((live) => live.token);
    expect(named).toEqual(expect.arrayContaining(["<!subteam^S0ONCALL>", "<@U0LEAD>"]));
  });

  it("is edited in place, and shows the new revision", async () => {
    const { slack, chat } = await bench();
    const ref = await chat.postCard(pending(), PROD);
    await chat.editCard({ ...open(), revision: 9 }, ref);
    const card = only(slack.messages(PROD));
    expect(slack.plainText(card)).toContain("🟢 Open");
    expect(card.metadata?.event_payload).toEqual({ id: "JIT-ABC123", version: 9 });
  });

  it("goes to one person privately, with nothing hidden", async () => {
    const privacy = { hideOnCard: ["source", "reason"] } as const;
    const policy = () => ({ privacy, endEarly: "off", rules: [] }) as const;
    const { slack, chat } = await bench({ chat: { policy } });
    const [inChannel, inPrivate] = [
      await chat.postCard(pending(), PROD),
      await chat.postCard(pending(), LEAD),
    ];
    expect(slack.plainText(only(slack.messages(PROD)))).not.toContain("OPS-4711");
    expect(slack.plainText(only(slack.direct(LEAD)))).toContain("OPS-4711");
    expect(inPrivate.channel).toMatch(/^D/);
    await chat.editCard(open(), inPrivate);
    await chat.editCard(open(), inChannel);
    expect(slack.plainText(only(slack.messages(PROD)))).not.toContain("OPS-4711");
    expect(slack.plainText(only(slack.direct(LEAD)))).toContain("OPS-4711");
    // The policy lets nothing be ended early, so no card offers it.
    expect(slack.plainText(only(slack.direct(LEAD)))).not.toContain("[End now]");
  });

  it.each<[string, Card["to"], string]>([
    ["a channel that the bot isn't in", channelId("C0SECRET"), "channel_not_found"],
    ["an archived channel", channelId("C0OLD"), "is_archived"],
    ["a channel that doesn't exist", channelId("C0NOWHERE"), "channel_not_found"],
    ["a bot", userId("U0OTHERBOT"), "cannot_dm_bot"],
    ["somebody who left", userId("U0GONE"), "user_disabled"],
  ])("cannot ever be posted to %s", async (_where, to, code) => {
    const { chat } = await bench();
    expect(await faultOf(chat.postCard(pending(), to))).toMatchObject({
      source: "slack",
      code,
      retryable: false,
    });
  });

  it("that is gone cannot ever be edited", async () => {
    const { chat } = await bench();
    const gone = { channel: PROD, ts: "1.000001" };
    expect(await faultOf(chat.editCard(pending(), gone))).toMatchObject({
      code: "message_not_found",
      retryable: false,
    });
  });

  it("may have been posted although the answer was lost: the fault says so", async () => {
    const { slack, chat } = await bench();
    slack.faults.add({ path: "chat.postMessage", when: "after", act: "reset" });
    expect(await faultOf(chat.postCard(pending(), PROD))).toMatchObject({
      retryable: true,
      ambiguous: true,
    });
    expect(slack.messages(PROD)).toHaveLength(1);
  });

  it("is not believed to be posted where the answer does not name it", async () => {
    const { slack, chat } = await bench();
    slack.faults.add({ path: "chat.postMessage", act: { status: 200, body: { ok: true } } });
    expect(await faultOf(chat.postCard(pending(), PROD))).toMatchObject({
      code: "unreadable_answer",
      retryable: true,
      ambiguous: true,
    });
  });

  it("waits as long as Slack asks", async () => {
    const { slack, chat } = await bench();
    const headers = { "retry-after": "7" };
    slack.faults.add({ path: "chat.postMessage", act: { status: 429, headers } });
    expect(await faultOf(chat.postCard(pending(), PROD))).toMatchObject({
      retryable: true,
      ambiguous: false,
      retryAfterMs: 7_000,
    });
  });
});

describe("a lost card", () => {
  const lost = { slack: { scopes: [...SCOPES, ...HISTORY] } };

  it("is found by its metadata", async () => {
    const { slack, chat, pass } = await bench(lost);
    await chat.postCard({ ...pending(), id: "JIT-000000" as never }, PROD);
    await chat.tell(ERIN, words`something else`);
    const ref = await chat.postCard(pending(), PROD);
    await chat.postHistory(pending(), ref, [step("approved", { by: LEAD })]);
    pass(60_000);
    expect(await chat.findCards(pending(), PROD, DECIDED_AT_MS)).toEqual([ref]);
    expect(slack.callsTo("conversations.history")).toHaveLength(1);
  });

  it("is found in a person's direct messages", async () => {
    const { chat } = await bench(lost);
    const ref = await chat.postCard(pending(), LEAD);
    expect(await chat.findCards(pending(), LEAD, DECIDED_AT_MS)).toEqual([ref]);
  });

  it("is found with all of its copies, oldest first, however much was said since", async () => {
    const { slack, chat } = await bench(lost);
    const first = await chat.postCard(pending(), PROD);
    const second = await chat.postCard(pending(), PROD);
    for (let count = 0; count < 450; count++) {
      await slack.say({ user: ERIN, channel: PROD, text: "chatter" });
    }
    expect(await chat.findCards(pending(), PROD, DECIDED_AT_MS)).toEqual([first, second]);
    expect(slack.callsTo("conversations.history")).toHaveLength(3);
  });

  it("is not one from before it was tried to be posted", async () => {
    const { chat, pass } = await bench(lost);
    await chat.postCard(pending(), PROD);
    pass(3_600_000);
    expect(await chat.findCards(pending(), PROD, DECIDED_AT_MS + 3_600_000)).toEqual([]);
  });

  it("isn't what somebody else marked as ours", async () => {
    const { slack, chat } = await bench(lost);
    await chat.postCard(pending(), PROD);
    const forged = only(slack.messages(PROD));
    Object.assign(forged, { user: "U0OTHERBOT", byApp: false });
    expect(await chat.findCards(pending(), PROD, DECIDED_AT_MS)).toEqual([]);
  });

  it("can't be looked for without the right to read history, which is no fault", async () => {
    const { chat } = await bench();
    await chat.postCard(pending(), PROD);
    expect(await chat.findCards(pending(), PROD, DECIDED_AT_MS)).toEqual([]);
  });

  it("has to be looked for again after a passing fault", async () => {
    const { slack, chat } = await bench(lost);
    slack.faults.add({ path: "conversations.history", act: { status: 503 } });
    const fault = await faultOf(chat.findCards(pending(), PROD, DECIDED_AT_MS));
    expect(fault.retryable).toBe(true);
  });
});

describe("what is told", () => {
  it("stands in the thread of the card", async () => {
    const { slack, chat } = await bench();
    const ref = await chat.postCard(pending(), PROD);
    await chat.postHistory(open(), ref, [step("approved", { by: LEAD }), step("open")]);
    const history = only(only(slack.messages(PROD)).replies);
    expect(history.threadTs).toBe(ref.ts);
    expect(history.broadcast).toBe(false);
    expect(slack.plainText(history)).toContain("Approved by @lea.");
  });

  it.each(["missing_scope", "unknown_method"])(
    "is told by the person's own id where no channel can be opened: %s",
    async (error) => {
      const { slack, chat } = await bench();
      slack.faults.add({
        path: "conversations.open",
        act: { status: 200, body: { ok: false, error } },
      });
      await chat.postLive(pending(), [step("asked")]);
      expect(slack.direct("U0ERIN")).toHaveLength(1);
    },
  );

  it("reaches the requester privately, through one direct channel", async () => {
    const { slack, chat } = await bench();
    await chat.postLive(pending(), [step("asked")]);
    await chat.postLive(open(), [step("open")]);
    const [first, second] = slack.direct(ERIN).map((message) => slack.plainText(message));
    expect(first).toContain("Requested. Approvers decide in #prod-access.");
    expect(second).toContain("ssh <user>@198.51.100.7");
    expect(slack.callsTo("conversations.open")).toHaveLength(1);
  });

  it("tells of the Azure Bastion that serves the network of the VM", async () => {
    const served = open();
    const { slack, chat } = await bench({
      chat: { hasBastion: (vm) => vm === served.ask.vm.key },
    });
    const elsewhere = open({ ...PLAIN, vm: "vm-02" });
    await chat.postLive(served, [step("open")]);
    await chat.postLive(elsewhere, [step("open")]);
    const said = slack.direct(ERIN).map((message) => slack.plainText(message));
    expect(said.map((text) => text.includes("AzureBastionSubnet"))).toEqual([true, false]);
  });

  it("reaches people even where the bot may not open direct messages", async () => {
    const { slack, chat } = await bench({ slack: { scopes: ["chat:write"] } });
    await chat.tell(ERIN, words`Tell ${{ user: LEAD }} <!channel>.`);
    expect(slack.plainText(only(slack.direct(ERIN)))).toBe("Tell @lea <!channel>.");
    expect(slack.broadcasts(only(slack.direct(ERIN))).map((live) => live.kind)).toEqual([
      "user",
      "user",
    ]);
  });

  it("warns of the end only while the access is open", async () => {
    const { slack, chat, pass } = await bench();
    await chat.warn(ended(), new Map());
    expect(slack.direct(ERIN)).toEqual([]);
    pass(ENDS_AT_MS - DECIDED_AT_MS - 600_000);
    await chat.warn(open(), new Map());
    expect(slack.plainText(only(slack.direct(ERIN)))).toContain("10m left:");
  });

  it("is merged in a channel of notices, and counted", async () => {
    const { slack, chat } = await bench();
    const channel = channelId("C0NOTICES");
    const notice = { what: "ended", vm: PLAIN.vm, requester: ERIN, atMs: ENDS_AT_MS } as const;
    expect(await chat.postNotices(channel, [notice, { ...notice, vm: "vm-02" }])).toBe(2);
    expect(slack.plainText(only(slack.messages(channel)))).toContain("vm-02");
    expect(await chat.postNotices(channel, [])).toBe(0);
    expect(slack.messages(channel)).toHaveLength(1);
  });
});
