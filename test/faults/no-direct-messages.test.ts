// Direct messages that Slack refuses for good: the requester hears of everything another way, and once.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { notificationsOf } from "../support/notifications.ts";
import type { Bot } from "../support/world.ts";
import { POLICY } from "../support/world.ts";
import {
  type Asked,
  asked,
  click,
  direct,
  type FaultWorld,
  fault,
  faultWorld,
  killedAt,
  leaseRunsOut,
  MINUTE,
  notices,
  SECOND,
  shows,
  typed,
  until,
} from "./steps.ts";

/** Without a card: only where it was asked can the requester be told. */
const WITH_CARDLESS = POLICY.replace(
  "rules:",
  `rules:
  - name: cardless
    match: { vms: [dev-01] }
    requesters: anyone
    approvals: 0
    networks: [vpn]
    reason: optional`,
);

let world: FaultWorld;
let bot: Bot;
beforeAll(async () => {
  world = await faultWorld({ policy: WITH_CARDLESS });
  bot = await world.startBot();
});
afterAll(() => world?.close());
beforeEach(async () => {
  world.slack.faults.clear();
  await world.slack.change({ switches: { messagesTab: "off" } });
});

const MENTION = "@erin";

/** What calls the requester in the thread, in order. */
function calls({ channel, ts }: Asked): readonly string[] {
  const card = world.slack.messages(channel).find((one) => one.ts === ts);
  return (card?.replies ?? [])
    .map((one) => world.slack.plainText(one))
    .filter((text) => text.startsWith(MENTION));
}

/** What was shown to the requester alone where they asked, beside the answers to what they typed. */
const shown = (id: string): readonly string[] =>
  world.slack
    .ephemerals("U0ERIN", "C0GENERAL")
    .map((one) => world.slack.plainText(one))
    .filter((text) => text.includes(id) && text.includes("can't send you direct messages"));

const called = (request: Asked, words: string) =>
  until(world, `a call with ${words}`, () => calls(request).some((text) => text.includes(words)));

async function toTheWarning({ id }: Asked): Promise<void> {
  const endsAtMs = await world.memory.endsAtMs(id);
  await world.memory.atRest();
  world.advance(endsAtMs - world.nowMs() - 9 * MINUTE);
}

async function toTheEnd(request: Asked): Promise<void> {
  const endsAtMs = await world.memory.endsAtMs(request.id);
  await world.memory.atRest();
  world.advance(endsAtMs - world.nowMs() - 2 * SECOND);
  await shows(world, request, "Ended");
  await until(world, "the notice", () => notices(world, request.id).length > 0);
  await world.memory.atRest();
}

/** How often each kind of news came, in whatever order. */
const count = (texts: readonly string[]) => ({
  pending: texts.filter((text) => text.includes("Pending")).length,
  open: texts.filter((text) => text.includes("Open until")).length,
  warning: texts.filter((text) => text.includes("left")).length,
  ended: texts.filter((text) => text.includes("Ended")).length,
});
const ONCE = { pending: 1, open: 1, warning: 1, ended: 1 };
/** Of what the card above shows anyway, nobody is called. */
const CALLED_ONCE = { pending: 0, open: 1, warning: 1, ended: 0 };

/** That it waits is shown where it was typed, to the requester alone. */
const isShownPending = ({ id }: Asked) =>
  until(world, "what was asked", () => shown(id).join().includes("Pending"));

describe("with the Messages Tab off", () => {
  it("calls the requester in the card's thread over a whole life, within the budget of each person", async () => {
    const of = (user: string) => notificationsOf(world.slack, user);
    const before = new Map(["U0ERIN", "U0LEAD"].map((user) => [user, of(user).length]));
    const since = (user: string) => of(user).slice(before.get(user));
    const request = await asked(world);
    await isShownPending(request);
    await click(world, request);
    await called(request, "Open until");
    await toTheWarning(request);
    await called(request, "left");
    await toTheEnd(request);
    const all = calls(request);
    expect(all).toHaveLength(2);
    expect(count(all)).toEqual(CALLED_ONCE);
    expect(direct(world, request.id)).toEqual([]);
    expect(count(shown(request.id))).toEqual({ pending: 1, open: 0, warning: 0, ended: 0 });
    // The requester no more often than by direct messages; an approver by the card, and what is called below it.
    expect(since("U0ERIN")).toEqual([
      expect.stringContaining("Open until"),
      expect.stringContaining("left"),
    ]);
    expect(since("U0LEAD")).toEqual([
      expect.stringContaining("Pending"),
      expect.stringContaining("Open until"),
      expect.stringContaining("left"),
    ]);
    // The whole channel reads along: neither where the VM is, nor from where they connect.
    for (const text of all) expect(text).not.toMatch(/\d+\.\d+\.\d+\.\d+|mstsc|ssh /);
  });

  it("shows the way in to the requester who asks for it, and to nobody else", async () => {
    const request = await asked(world);
    await click(world, request);
    await called(request, "/jit status");
    await shows(world, request, "Open until");
    expect(await typed(world, "U0ERIN", `status ${request.id}`)).toContain("mstsc /v:");
    expect(await typed(world, "U0LEAD", `status ${request.id}`)).not.toContain("mstsc");
    // What one did oneself, the card shows: nobody is called about it.
    await typed(world, "U0ERIN", `end ${request.id}`);
    await shows(world, request, "Ended early");
    await world.memory.atRest();
    expect(count(calls(request))).toMatchObject({ open: 1, ended: 0 });
  });

  it.each([
    ["a denial", "deny", "Denied"],
    ["an expiry", "expire", "Nobody decided in time"],
    ["a failure", "fail", "Couldn't open the port"],
  ])("tells of %s", async (_what, how, words) => {
    const request = await asked(world, "vm-01 3389 1h");
    await isShownPending(request);
    if (how === "fail") {
      const body = { error: { code: "AuthorizationFailed", message: "no" } };
      fault(world.azure, { method: "POST", path: "/initiate", act: { status: 403, body } });
      await click(world, request);
    } else if (how === "deny") {
      await click(world, request, { button: "deny" });
      const form = await world.slack.waitFor(() => world.slack.modal("U0LEAD"));
      const input = JSON.stringify(form.view).match(/"action_id":"([^"]+)"/)?.[1] ?? "";
      await world.slack.submitView({ user: "U0LEAD", values: { [input]: "not now" } });
    } else {
      world.advance(61 * MINUTE);
    }
    await called(request, words);
    await world.memory.atRest();
    expect(calls(request).filter((text) => text.includes(words))).toHaveLength(1);
    world.azure.faults.clear();
  });

  it("sends what comes after it was switched on again directly, and nothing twice", async () => {
    const request = await asked(world);
    await isShownPending(request);
    await click(world, request);
    await called(request, "Open until");
    await world.slack.change({ switches: { messagesTab: "on" } });
    await toTheWarning(request);
    await until(world, "the warning", () => direct(world, request.id).length > 0);
    await toTheEnd(request);
    expect(count(calls(request))).toEqual({ pending: 0, open: 1, warning: 0, ended: 0 });
    expect(count(direct(world, request.id))).toEqual({ pending: 0, open: 0, warning: 1, ended: 1 });
  });

  it.each([
    ["while Slack refuses the direct message", "channel=D0ERIN"],
    ["before the call is posted", "thread_ts"],
  ])("killed %s: the next replica calls, once", async (_when, bodyIncludes) => {
    const request = await asked(world);
    await isShownPending(request);
    await click(world, request);
    await called(request, "Open until");
    const rule = { path: "chat.postMessage", bodyIncludes, act: "hang" as const };
    await killedAt(world, { bot, at: world.slack, rule }, () => toTheWarning(request));
    bot = await world.startBot();
    leaseRunsOut(world);
    await called(request, "left");
    await toTheEnd(request);
    expect(count(calls(request))).toEqual(CALLED_ONCE);
  });
});

describe("the doctor and the notices channel", () => {
  const FIX = "messages_tab_enabled: true";
  const MENDED = "takes my direct messages again";
  const count = (words: string) =>
    world.slack
      .messages("C0NOTICES")
      .map((one) => world.slack.plainText(one))
      .join("\n")
      .split(words).length - 1;
  const isFound = async () => (await typed(world, "U0ADMIN", "doctor")).includes(FIX);
  /** The bot writes to the requester, or tries to. */
  const somethingIsTold = async () => {
    const request = await asked(world);
    await typed(world, "U0ERIN", `cancel ${request.id}`);
  };

  it("are told once with the fix, and once more when it is on again", async () => {
    const mendedBefore = count(MENDED);
    const wasFound = await isFound();
    await world.slack.change({ switches: { messagesTab: "on" } });
    await somethingIsTold();
    await until(world, "no finding", async () => !(await isFound()));
    // What it was before is told a moment after it is known.
    if (wasFound) await until(world, "earlier news", () => count(MENDED) > mendedBefore);
    await world.memory.atRest();
    const alarms = count(FIX);
    const mended = count(MENDED);
    await world.slack.change({ switches: { messagesTab: "off" } });
    for (let time = 0; time < 2; time++) await somethingIsTold();
    await until(world, "the finding", isFound);
    await until(world, "the alarm", () => count(FIX) > alarms);
    await world.slack.change({ switches: { messagesTab: "on" } });
    await somethingIsTold();
    await until(world, "the news", () => count(MENDED) > mended);
    await until(world, "no finding", async () => !(await isFound()));
    await world.memory.atRest();
    expect([count(FIX), count(MENDED)]).toEqual([alarms + 1, mended + 1]);
  });
});

describe("where a mention in the card's thread reaches nobody", () => {
  it("shows all of it where it was asked, to the requester alone", async () => {
    const members = [...(world.slack.world.channels.get("C0PROD")?.members ?? [])];
    await world.slack.change({
      channel: { id: "C0PROD", members: members.filter((one) => one !== "U0ERIN") },
    });
    // Who is in a channel is read once a minute.
    bot = await restarted();
    const request = await asked(world);
    await until(world, "what was asked", () => shown(request.id).length === 1);
    await click(world, request);
    await until(world, "the way in", () => shown(request.id).join().includes("mstsc /v:"));
    await toTheWarning(request);
    await until(world, "the warning", () => shown(request.id).join().includes("left:"));
    await toTheEnd(request);
    expect(count(shown(request.id))).toEqual(ONCE);
    expect(calls(request)).toEqual([]);
    await world.slack.change({ channel: { id: "C0PROD", members } });
    bot = await restarted();
  });

  it("calls in the thread all the same where the bot isn't where it was asked", async () => {
    const { channels } = world.slack.world;
    const members = [...(channels.get("C0PROD")?.members ?? [])];
    const others = members.filter((one) => one !== "U0ERIN");
    await world.slack.change({ channel: { id: "C0PROD", members: others } });
    await world.slack.change({ channel: { id: "C0GENERAL", bot: false } });
    bot = await restarted();
    const request = await asked(world);
    // Whoever decides reads that the requester hears nothing, and can tell them.
    await called(request, "Pending");
    expect(shown(request.id)).toEqual([]);
    await typed(world, "U0ERIN", `cancel ${request.id}`);
    await shows(world, request, "Cancelled");
    await world.slack.change({ channel: { id: "C0PROD", members } });
    await world.slack.change({ channel: { id: "C0GENERAL", bot: true } });
    bot = await restarted();
  });

  it("calls in the thread where Slack doesn't let the bot see who is in the channel", async () => {
    const body = { ok: false, error: "missing_scope", needed: "channels:read" };
    fault(world.slack, { path: "conversations.members", act: { status: 200, body } });
    bot = await restarted();
    const request = await asked(world);
    await isShownPending(request);
    await click(world, request);
    await called(request, "Open until");
    await typed(world, "U0ERIN", `cancel ${request.id}`);
  });

  it("does so, too, for what has no card", async () => {
    const id =
      /JIT-[0-9A-Z]{6}/.exec(await typed(world, "U0ERIN", "request dev-01 22 1h"))?.[0] ?? "";
    await until(world, "the way in", () => shown(id).join().includes("ssh"));
    await typed(world, "U0ERIN", `end ${id}`);
    await until(world, "its end", () => shown(id).join().includes("Ended early"), {
      stepMs: 4 * SECOND,
    });
    await world.memory.atRest();
    expect(count(shown(id))).toMatchObject({ open: 1, ended: 1 });
  });
});

describe("one person whom Slack writes nothing to", () => {
  it.each(["user_is_restricted", "restricted_action", "cannot_dm_bot"])(
    "%s: is called in the thread",
    async (code) => {
      await world.slack.change({ switches: { messagesTab: "on" } });
      await world.slack.change({ user: { id: "U0ERIN", refusesDirect: code } });
      const request = await asked(world);
      await isShownPending(request);
      await click(world, request);
      await called(request, "Open until");
      await world.slack.change({ user: { id: "U0ERIN", refusesDirect: "" } });
      await typed(world, "U0ERIN", `end ${request.id}`);
      await until(world, "its end, directly", () => direct(world, request.id).length === 1);
      await world.memory.atRest();
      expect(calls(request)).toHaveLength(1);
    },
  );
});

async function restarted(): Promise<Bot> {
  await bot.terminate();
  return world.startBot();
}
