// Messages that Slack refuses, throttles or loses the answer of: who has to know is told all the same.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { group, person } from "../../src/sandbox/slack/workspace-builder.ts";
import { notificationsOf } from "../support/notifications.ts";
import { POLICY } from "../support/world.ts";
import {
  type Asked,
  asked,
  cardTexts,
  click,
  direct,
  type FaultWorld,
  fault,
  faultWorld,
  history,
  INITIATE,
  initiates,
  lives,
  MINUTE,
  notices,
  opened,
  refused,
  SECOND,
  SLACK_API,
  shows,
  soon,
  typed,
  until,
} from "./steps.ts";

/** One rule's channel is archived, in the others the bot is not. */
const WITH_BAD_CHANNELS = POLICY.replace(
  "rules:",
  `rules:
  - name: archived
    match: { vms: [web-02] }
    requesters: anyone
    approvers: { users: [U0LEAD, U0ERIN], groups: [S0ONCALL] }
    channel: C0OLD
    networks: [vpn]
    reason: optional
  - name: slow
    match: { vms: [win-dev-01] }
    requesters: anyone
    approvers: { users: [U0LEAD, U0OMAR] }
    channel: C0OLD
    networks: [vpn]
    reason: optional
    expireAfter: 1h
    remindAfter: 10m
    escalate: { after: 20m, to: { users: [U0ADMIN] } }
  - name: uninvited
    match: { vms: [jump-01] }
    requesters: anyone
    approvers: { users: [U0ADMIN] }
    channel: C0GUESTS
    networks: [vpn]
    reason: optional
  - name: hidden
    match: { vms: [db-02] }
    requesters: anyone
    approvers: { users: [U0ADMIN] }
    channel: C0SECRET
    networks: [vpn]
    reason: optional
  - name: deserted
    match: { vms: [dev-01] }
    requesters: anyone
    approvers: { users: [U0GONE, U0MULTI, U0NOBODY] }
    channel: C0SECRET
    networks: [vpn]
    reason: optional
  - name: mostly deserted
    match: { vms: [build-01] }
    requesters: anyone
    approvers: { users: [U0GONE], groups: [S0MANY] }
    channel: C0SECRET
    networks: [vpn]
    reason: optional`,
);

let world: FaultWorld;
beforeAll(async () => {
  world = await faultWorld({ policy: WITH_BAD_CHANNELS });
  await world.slack.change({ channel: { id: "C0GUESTS", bot: false } });
  // The first twenty have left.
  const many = Array.from({ length: 22 }, (_, n) => `U0MANY${n}`);
  const users = world.slack.world.users;
  for (const [n, id] of many.entries()) {
    const traits = { deleted: n < 20, teamId: world.slack.world.team.id };
    users.set(id, person(id, `living${n}`, `Living ${n}`, traits));
  }
  world.slack.world.groups.set("S0MANY", group("S0MANY", "many", many, "Many"));
  await world.startBot();
});
afterAll(() => world?.close());
afterEach(() => {
  world.slack.faults.clear();
  world.azure.faults.clear();
});

const UNASKED = "No approver could be reached";

const idOf = (text: string): string => /JIT-[0-9A-Z]{6}/.exec(text)?.[0] ?? "";
const channel = (of: string) => ({ path: "chat.postMessage", bodyIncludes: `channel=${of}` });

/** The private card of an approver. */
async function privateCard(id: string, user: string): Promise<Asked> {
  const card = await until(world, `a private card for ${user}`, () =>
    world.slack.direct(user).find((one) => one.metadata?.event_payload.id === id),
  );
  return { id, ts: card.ts, channel: card.channel };
}

/** Somebody asks the requester by their own card, and the requester answers. */
async function answeredTo(user: string, { channel, ts }: Asked, question: string): Promise<void> {
  const { slack } = world;
  await slack.click({ user, channel, ts, actionId: "jit.ask" });
  await slack.waitFor(() => slack.modal(user));
  await slack.submitView({ user, values: { reason: question } });
  const told = await slack.waitFor(() =>
    slack.direct("U0SAM").find((one) => slack.plainText(one).includes(question)),
  );
  const answers = { user: "U0SAM", channel: told.channel, ts: told.ts, actionId: "jit.answer" };
  await slack.click(answers);
  await slack.waitFor(() => slack.modal("U0SAM"));
  await slack.submitView({ user: "U0SAM", values: { reason: "It's quiet." } });
}

describe("a card that can't be posted in its channel", () => {
  it.each([
    ["web-02 22 1h", "is_archived", ["U0LEAD", "U0OMAR"]],
    ["jump-01 22 1h", "not_in_channel", ["U0ADMIN"]],
    ["db-02 22 1h", "channel_not_found", ["U0ADMIN"]],
  ])(
    "%s: the requester is told at once, and the approvers decide privately",
    async (text, code, approvers) => {
      const id = idOf(await typed(world, "U0ERIN", `request ${text}`));
      await until(world, "the requester to be told", () =>
        direct(world, id).some((told) => told.includes(code)),
      );
      const cards = await Promise.all(approvers.map((user) => privateCard(id, user)));
      // An approver who is the requester gets none.
      expect(
        world.slack.direct("U0ERIN").filter((one) => one.metadata?.event_payload.id === id),
      ).toEqual([]);
      const [card] = cards;
      if (card === undefined) throw new Error("somebody approves");
      await click(world, card, { user: approvers[0] ?? "" });
      for (const one of cards) await shows(world, one, "Open until");
      expect(initiates(world, id)).toHaveLength(1);
      await typed(world, "U0ERIN", `end ${id}`);
      for (const one of cards) await shows(world, one, "Ended early", { stepMs: 4 * SECOND });
    },
  );

  it("reminds those who were asked privately, and asks further ones when it's escalated", async () => {
    const id = idOf(await typed(world, "U0SAM", "request win-dev-01 3389 1h"));
    const first = [await privateCard(id, "U0LEAD"), await privateCard(id, "U0OMAR")] as const;
    world.advance(10 * MINUTE);
    for (const card of first) {
      await until(world, "the reminder", () =>
        history(world, card).includes("Still waiting for a decision"),
      );
    }
    await answeredTo("U0LEAD", first[0], "Why now?");
    await until(world, "word of the answer, to who asked", () =>
      history(world, first[0]).includes("answered your question"),
    );
    expect(history(world, first[1])).not.toContain("answered your question");
    world.advance(10 * MINUTE);
    const further = await privateCard(id, "U0ADMIN");
    for (const card of first) {
      await until(world, "word of the escalation", () =>
        history(world, card).includes("these people can decide, too"),
      );
      expect(history(world, card).split("Still waiting for a decision")).toHaveLength(2);
    }
    await click(world, further, { user: "U0ADMIN" });
    for (const card of [...first, further]) await shows(world, card, "Open until");
    await typed(world, "U0SAM", `end ${id}`);
  });

  it("asks only those of a large group who are still here, and says whom it reached", async () => {
    const id = idOf(await typed(world, "U0ERIN", "request build-01 22 1h"));
    await until(world, "the requester to be told", () =>
      direct(world, id).some((told) => told.includes("Asked privately instead")),
    );
    const told = direct(world, id).join();
    for (const here of ["@living20", "@living21"]) expect(told).toContain(here);
    expect(told).not.toMatch(/@gus|@living[0-9]\b/);
    await privateCard(id, "U0MANY20");
    await privateCard(id, "U0MANY21");
    await typed(world, "U0ERIN", `cancel ${id}`);
  });

  it("says so to the requester, the notices channel and the admins where nobody could be asked", async () => {
    const id = idOf(await typed(world, "U0ERIN", "request dev-01 22 1h"));
    await until(world, "the requester to be told", () =>
      direct(world, id).some((told) => told.includes("Nobody has been asked")),
    );
    expect(direct(world, id).join()).not.toContain("privately instead");
    await until(world, "the notice", () => notices(world, id).some((one) => one.includes(UNASKED)));
    await until(world, "the admin's message", () =>
      direct(world, id, "U0ADMIN").some((one) => one.includes(UNASKED)),
    );
    const fix = notices(world, id).find((one) => one.includes(UNASKED));
    expect(fix).toContain("Invite the bot to the rule's channel");
    await typed(world, "U0ERIN", `cancel ${id}`);
  });

  it("says so, too, where no direct message reaches an approver, and after it was tried", async () => {
    fault(world.slack, {
      ...channel("D0ADMIN"),
      act: { status: 200, body: { ok: false, error: "messages_tab_disabled" } },
    });
    const id = idOf(await typed(world, "U0ERIN", "request db-02 22 1h"));
    await until(world, "the requester to be told", () =>
      direct(world, id).some((told) => told.includes("Nobody has been asked")),
    );
    expect(direct(world, id).join()).not.toContain("privately instead");
    await until(world, "the notice", () => notices(world, id).some((one) => one.includes(UNASKED)));
    await typed(world, "U0ERIN", `cancel ${id}`);
  });

  it("can't be decided by clicking somebody else's private card", async () => {
    const id = idOf(await typed(world, "U0SAM", "request web-02 3389 1h"));
    const card = await privateCard(id, "U0LEAD");
    expect(await refused(world, card, { user: "U0SAM" })).toContain("You requested");
    expect((await world.memory.request(id)).state).toBe("pending");
    await typed(world, "U0SAM", `cancel ${id}`);
    await shows(world, card, "Cancelled");
  });
});

describe("a throttling Slack", () => {
  it("is left alone for as long as it asks, and then everything is posted once", async () => {
    const act = { status: 429, headers: { "retry-after": "20" }, body: { ok: false } };
    const throttled = fault(world.slack, { path: "chat.postMessage", act });
    const id = idOf(await typed(world, "U0ERIN", "request vm-01 3389 1h"));
    await soon(world, "the throttling", () => throttled.struck() >= 2);
    await world.memory.atRest();
    const struck = throttled.struck();
    world.advance(15 * SECOND);
    await world.memory.atRest();
    expect(throttled.struck()).toBe(struck);
    world.slack.faults.clear();
    const request = { id, channel: "C0PROD", ts: "" };
    await shows(world, request, "Pending");
    await until(world, "the requester to be told", () => direct(world, id).length > 0);
    await world.memory.atRest();
    expect(cardTexts(world, request)).toHaveLength(1);
    expect(direct(world, id)).toHaveLength(1);
    await typed(world, "U0ERIN", `cancel ${id}`);
  });

  it("keeps a channel to one message a second, without asking all the time", async () => {
    const requests: string[] = [];
    for (let count = 0; count < 6; count++) {
      // Each for another time: what one waits for already isn't asked for twice.
      requests.push(idOf(await typed(world, "U0ERIN", `request vm-01 3389 ${60 + count}m`)));
    }
    expect(new Set(requests).size).toBe(6);
    for (const id of requests) await shows(world, { id, channel: "C0PROD" }, "Pending");
    await world.memory.atRest();
    for (const id of requests) {
      expect(cardTexts(world, { id, channel: "C0PROD" })).toHaveLength(1);
      const [version] = (await world.memory.redis.hget(world.memory.keys.documents, id))?.split(
        "|",
      ) ?? [""];
      expect(Number(version)).toBeLessThan(25);
      await typed(world, "U0ERIN", `cancel ${id}`);
    }
  });
});

const IN_THREAD = { path: "chat.postMessage", bodyIncludes: "thread_ts" };
const edited = (where: string) => ({ path: "chat.update", bodyIncludes: `channel=${where}` });
/** What the requester is notified of, by the messages as they were posted. */
const notified = (id: string, user = "U0ERIN") =>
  notificationsOf(world.slack, user).filter((text) => text.includes(id));

describe("a message whose answer got lost", () => {
  it.each([
    ["to the requester", "vm-01", channel("D0ERIN")],
    ["that was edited for the requester", "win-02", edited("D0ERIN")],
  ])("%s is there at least once, and nothing else suffers", async (_where, vm, rule) => {
    const request = await asked(world, `${vm} 22 1h`);
    await world.memory.atRest();
    const lost = fault(world.slack, { ...rule, when: "after", act: "reset", times: 1 });
    await click(world, request);
    const shown = await shows(world, request, "Open until");
    await until(world, "the notification", () =>
      notified(request.id).some((text) => text.includes("Open until")),
    );
    await until(world, "the way in", () => lives(world, request.id).join().includes("ssh"));
    await world.memory.atRest();
    expect(lost.struck()).toBe(1);
    expect(shown).toContain("Approved by @lea");
    expect(lives(world, request.id)).toHaveLength(1);
    expect(cardTexts(world, request)).toHaveLength(1);
    expect(initiates(world, request.id)).toHaveLength(1);
  });

  it("in the thread is there at least once, and nothing else suffers", async () => {
    const request = await asked(world, "vm-01 3389 1h");
    await world.memory.atRest();
    const lost = fault(world.slack, { ...IN_THREAD, when: "after", act: "reset", times: 1 });
    // The thread says what the card doesn't keep, and calls who is to act.
    const body = { error: { code: "AuthorizationFailed", message: "The client may not do that." } };
    fault(world.azure, { ...INITIATE, times: 1, act: { status: 403, body } });
    await click(world, request);
    await shows(world, request, "Failed");
    await until(world, "the history", () =>
      history(world, request).includes("Couldn't open the port"),
    );
    await until(world, "the notification", () =>
      notified(request.id).some((text) => text.includes("Failed")),
    );
    await until(world, "the notice", () => notices(world, request.id).length > 0);
    await world.memory.atRest();
    expect(lost.struck()).toBe(1);
    expect(lives(world, request.id)).toEqual([expect.stringContaining("Failed")]);
    expect(cardTexts(world, request)).toHaveLength(1);
    expect(initiates(world, request.id)).toHaveLength(1);
  });

  it("that was the requester's live one: the copy that is known shows how it is", async () => {
    const lost = fault(world.slack, {
      ...channel("D0ERIN"),
      when: "after",
      act: "reset",
      times: 1,
    });
    const request = await asked(world, "db-01 5432 1h");
    await until(world, "it to be posted again", () => lives(world, request.id).length === 2);
    await world.memory.atRest();
    expect(lost.struck()).toBe(1);
    await click(world, request);
    await shows(world, request, "Open until");
    await until(world, "the way in", () => lives(world, request.id).at(-1)?.includes("Open until"));
    await world.memory.atRest();
    expect(lives(world, request.id)).toHaveLength(2);
    expect(notified(request.id).filter((text) => text.includes("Open until"))).toHaveLength(1);
  });
});

describe("what will never arrive", () => {
  it.each([
    ["no message", "22", "chat.postMessage"],
    ["neither a message nor an edit", "3389", "chat.(postMessage|update)"],
  ])(
    "at a requester's, %s: the card, the thread and the notice are as they should be",
    async (_what, port, path) => {
      const request = await asked(world, `win-02 ${port} 1h`, { user: "U0SAM" });
      await world.memory.atRest();
      const dead = fault(world.slack, {
        path,
        bodyIncludes: "channel=D0SAM",
        act: { status: 200, body: { ok: false, error: "channel_not_found" } },
      });
      await click(world, request);
      expect(await shows(world, request, "Open until")).toContain("Approved by @lea");
      // Who can't be told directly is called where they read along.
      await until(world, "the call", () => history(world, request).includes("Open until"));
      expect(history(world, request)).toContain("@sam");
      expect(history(world, request)).toContain(`/jit status ${request.id}`);
      await world.memory.atRest();
      const struck = dead.struck();
      world.advance(60 * SECOND);
      await world.memory.atRest();
      // It is not tried for ever.
      expect(dead.struck()).toBe(struck);
    },
  );

  it("on a card that somebody deleted: the request goes on without it", async () => {
    const request = await asked(world, "vm-01 3389 1h");
    await world.memory.atRest();
    fault(world.slack, {
      path: "chat.update",
      bodyIncludes: request.ts,
      act: { status: 200, body: { ok: false, error: "message_not_found" } },
    });
    await click(world, request);
    await until(world, "the way in", () => direct(world, request.id).join().includes("mstsc"));
    await world.memory.atRest();
    expect((await world.memory.request(request.id)).cards[0]?.dead).toBe("message_not_found");
    expect(initiates(world, request.id)).toHaveLength(1);
    await typed(world, "U0ERIN", `end ${request.id}`);
    await until(
      world,
      "its end to be told",
      () => direct(world, request.id).some((text) => text.includes("Ended early")),
      { stepMs: 4 * SECOND },
    );
  });
});

describe("a token that is revoked for a while", () => {
  it("costs no message: all is shown and told once it is good again", async () => {
    const request = await opened(world, "db-01 22 1h");
    await typed(world, "U0ERIN", `end ${request.id}`);
    fault(world.slack, {
      ...SLACK_API,
      act: { status: 200, body: { ok: false, error: "token_revoked" } },
    });
    await until(
      world,
      "it to be ended",
      async () => (await world.memory.request(request.id)).state === "ended",
      { stepMs: 4 * SECOND },
    );
    await world.memory.atRest();
    world.slack.faults.clear();
    await shows(world, request, "Ended early", { stepMs: 4 * SECOND });
    await until(world, "the requester to be told", () =>
      direct(world, request.id).some((text) => text.includes("Ended early")),
    );
  });
});
