// Who people are to the bot, and how seldom Slack is asked.

import { describe, expect, it } from "vitest";
import { channelId, groupId, userId } from "../../../../src/domain/text/ids.ts";
import type { Channel, Group, User } from "../../../../src/sandbox/slack/workspace-builder.ts";
import { bench, faultOf } from "../workspace.ts";

const ERIN = userId("U0ERIN");
const ONCALL = groupId("S0ONCALL");

describe("a person", () => {
  it.each([
    ["U0ERIN", "full"],
    ["U0SINGLE", "guest"],
    ["U0MULTI", "guest"],
    ["U0STRANGER", "stranger"],
    ["U0GONE", "deactivated"],
    ["U0OTHERBOT", "bot"],
    ["U0JITBOT", "bot"],
  ])("%s is known as %s", async (id, kind) => {
    const { chat } = await bench();
    expect((await chat.person(userId(id), 0))?.kind).toBe(kind);
  });

  it("has a name for logs and lists", async () => {
    const { chat } = await bench();
    expect(await chat.person(ERIN, 0)).toEqual({
      ...{ id: "U0ERIN", identity: "U0ERIN" },
      name: "erin",
      zone: "Europe/Dublin",
      email: "erin@contoso.example",
      kind: "full",
    });
  });

  it("has no address that is not confirmed, nor any without the right to see it", async () => {
    const { chat, slack } = await bench();
    const erin = slack.world.users.get("U0ERIN");
    if (erin !== undefined) erin.emailConfirmed = false;
    expect(await chat.person(ERIN, 0)).not.toHaveProperty("email");
    slack.world.scopes.delete("users:read.email");
    expect((await chat.person(userId("U0LEAD"), 0))?.email).toBeUndefined();
  });

  it("whom Slack doesn't know is nobody", async () => {
    const { chat } = await bench();
    expect(await chat.person(userId("U0NOBODY"), 0)).toBeUndefined();
  });

  it("of another workspace is told apart even where Slack does not call them a stranger", async () => {
    const { slack, chat } = await bench();
    change(slack.world.users.get(ERIN), { teamId: "T0OTHER" });
    expect((await chat.person(ERIN, 0))?.kind).toBe("other-workspace");
  });

  it("is asked for once by many at the same time, and again when the answer is too old", async () => {
    const { slack, chat, pass } = await bench();
    await Promise.all([chat.person(ERIN, 0), chat.person(ERIN, 0), chat.person(ERIN, 60_000)]);
    expect(slack.callsTo("users.info")).toHaveLength(1);
    await chat.person(ERIN, 60_000);
    expect(slack.callsTo("users.info")).toHaveLength(1);
    pass(60_000);
    await chat.person(ERIN, 60_000);
    expect(slack.callsTo("users.info")).toHaveLength(2);
  });

  it("who was deactivated a moment ago is seen so by whoever asks now", async () => {
    const { slack, chat } = await bench();
    await chat.person(ERIN, 0);
    change(slack.world.users.get(ERIN), { deleted: true });
    expect((await chat.person(ERIN, 0))?.kind).toBe("deactivated");
  });

  it("can't be vouched for while Slack doesn't answer", async () => {
    const { slack, chat } = await bench();
    slack.faults.add({ path: "users.info", act: "reset", times: 1 });
    expect(await faultOf(chat.person(ERIN, 60_000))).toMatchObject({ retryable: true });
    expect((await chat.person(ERIN, 60_000))?.kind).toBe("full");
  });

  it.each([{ ok: true }, { ok: true, user: { id: "U0ERIN", is_restricted: "no" } }])(
    "is not let in by an answer that can't be read: %j",
    async (body) => {
      const { slack, chat } = await bench();
      slack.faults.add({ path: "users.info", act: { status: 200, body } });
      expect(await faultOf(chat.person(ERIN, 0))).toMatchObject({ code: "unreadable_answer" });
    },
  );
});

describe("a person in an organisation", () => {
  const identity = {
    teamId: "T0HOME",
    enterpriseId: "E0ORG",
    botUserId: userId("U0JITBOT"),
    botId: "B0JITBOT",
  };
  const kindOf = async (user: object) => {
    const { slack, chat } = await bench({ chat: { identity } });
    const body = { ok: true, user: { id: "U0ERIN", ...user } };
    slack.faults.add({ path: "users.info", act: { status: 200, body } });
    return (await chat.person(ERIN, 0))?.kind;
  };

  it.each([
    [{ enterprise_user: { enterprise_id: "E0ORG", teams: ["T0HOME", "T0B"] } }, "full"],
    [{ enterprise_user: { enterprise_id: "E0ORG" }, team_id: "T0OTHER" }, "full"],
    [{ enterprise_user: { enterprise_id: "E0ORG", teams: ["T0B"] } }, "other-workspace"],
    [{ enterprise_user: { enterprise_id: "E0ELSE" }, team_id: "T0HOME" }, "other-workspace"],
    [{ team_id: "T0HOME" }, "full"],
    [{ team_id: "T0OTHER" }, "other-workspace"],
    [{}, "full"],
  ])("is at home where the organisation and the workspace are ours: %j", async (user, kind) => {
    expect(await kindOf(user)).toBe(kind);
  });
});

describe("the identity of a person", () => {
  const identityOf = async (user: object) => {
    const { slack, chat } = await bench();
    slack.faults.add({ path: "users.info", act: { status: 200, body: { ok: true, user } } });
    return (await chat.person(ERIN, 0))?.identity;
  };

  it.each([
    [{ id: "U0ERIN" }, "U0ERIN"],
    [{ id: "W0ERIN" }, "W0ERIN"],
    [{ id: "U0ERIN", enterprise_user: { id: "W0ERIN", enterprise_id: "E0ORG" } }, "W0ERIN"],
    [{ id: "W0ERIN", enterprise_user: { id: "W0ERIN", enterprise_id: "E0ORG" } }, "W0ERIN"],
    [{ id: "U0ERIN", enterprise_user: { enterprise_id: "E0ORG" } }, "U0ERIN"],
  ])("is the organisation's, where there is one: %j", async (user, identity) => {
    expect(await identityOf(user)).toBe(identity);
  });
});

describe("a group", () => {
  it("is read once for all who wait", async () => {
    const { slack, chat } = await bench();
    const lists = await Promise.all([1, 2, 3].map(() => chat.groupMembers(ONCALL, 10_000)));
    expect(lists).toEqual(Array(3).fill(["U0LEAD", "U0OMAR"]));
    expect(slack.callsTo("usergroups.users.list")).toHaveLength(1);
  });

  it("is known as it is now to whoever asks now", async () => {
    const { slack, chat } = await bench();
    await chat.groupMembers(ONCALL, 0);
    change(slack.world.groups.get(ONCALL), { users: ["U0OMAR"] });
    expect(await chat.groupMembers(ONCALL, 0)).toEqual(["U0OMAR"]);
  });

  it("is known as it was seconds ago while Slack throttles, and not for longer", async () => {
    const { slack, chat, pass } = await bench();
    await chat.groupMembers(ONCALL, 0);
    slack.faults.add({ path: "usergroups.users.list", act: { status: 429 } });
    pass(9_000);
    expect(await chat.groupMembers(ONCALL, 0)).toEqual(["U0LEAD", "U0OMAR"]);
    pass(1_000);
    expect(await faultOf(chat.groupMembers(ONCALL, 0))).toMatchObject({ code: "ratelimited" });
  });

  it("that is said to have changed isn't known any more, be Slack throttling", async () => {
    const { slack, chat } = await bench();
    await chat.groupMembers(ONCALL, 0);
    await chat.person(ERIN, 0);
    change(slack.world.groups.get(ONCALL), { users: ["U0OMAR"] });
    expect(await chat.groupMembers(ONCALL, 60_000)).toEqual(["U0LEAD", "U0OMAR"]);
    chat.forget({ users: [ERIN], groups: [ONCALL] });
    expect(await chat.groupMembers(ONCALL, 60_000)).toEqual(["U0OMAR"]);
    await chat.person(ERIN, 60_000);
    expect(slack.callsTo("users.info")).toHaveLength(2);
    chat.forget({ users: [], groups: [ONCALL] });
    slack.faults.add({ path: "usergroups.users.list", act: { status: 429 } });
    expect(await faultOf(chat.groupMembers(ONCALL, 0))).toMatchObject({ code: "ratelimited" });
  });

  it("that doesn't exist lets nobody in", async () => {
    const { chat } = await bench();
    expect(await chat.groupMembers(groupId("S0NONE"), 0)).toEqual([]);
  });

  it("cannot ever be read on a free plan", async () => {
    const { chat } = await bench({ slack: { switches: { plan: "free" } } });
    expect(await faultOf(chat.groupMembers(ONCALL, 0))).toMatchObject({
      code: "plan_upgrade_required",
      retryable: false,
    });
  });
});

describe("a channel", () => {
  it.each([
    ["C0SHARED", true],
    ["C0PROD", false],
    ["C0SECRET", false],
    ["C0NOWHERE", false],
  ])("%s is shared: %s", async (id, shared) => {
    const { slack, chat } = await bench();
    expect(await chat.isShared(channelId(id))).toBe(shared);
    expect(await chat.isShared(channelId(id))).toBe(shared);
    expect(slack.callsTo("conversations.info")).toHaveLength(1);
  });

  it.each([
    [{ is_ext_shared: true }, "shared"],
    [{ is_ext_shared: false, is_shared: true, is_org_shared: true }, "own"],
    [{ is_shared: true, is_org_shared: true }, "own"],
    [{ is_shared: true }, "shared"],
    [{}, "own"],
  ])("is read by others as Slack says: %j", async (channel, reach) => {
    const { slack, chat } = await bench();
    const act = { status: 200, body: { ok: true, channel: { id: "C0PROD", ...channel } } };
    slack.faults.add({ path: "conversations.info", act });
    expect(await chat.reach(channelId("C0PROD"))).toBe(reach);
  });

  it("is not posted in on what was known more than ten seconds ago, or isn't known", async () => {
    const { slack, chat, pass } = await bench();
    const prod = channelId("C0PROD");
    expect(await chat.reach(prod)).toBe("own");
    change(slack.world.channels.get(prod), { isExtShared: true });
    expect(await chat.isShared(prod)).toBe(false);
    pass(10_000);
    expect(await chat.reach(prod)).toBe("shared");
    expect(await chat.isShared(prod)).toBe(true);
    const fault = await faultOf(chat.reach(channelId("C0NOWHERE")));
    expect(fault).toMatchObject({ code: "channel_not_found", retryable: false });
  });

  it("counts as not shared while Slack doesn't answer, and is asked about again", async () => {
    const { slack, chat } = await bench();
    slack.faults.add({ path: "conversations.info", act: { status: 500 }, times: 1 });
    expect(await chat.isShared(channelId("C0SHARED"))).toBe(false);
    expect(await chat.isShared(channelId("C0SHARED"))).toBe(true);
  });
});

function change<T extends User | Group | Channel>(one: T | undefined, traits: Partial<T>): void {
  if (one === undefined) throw new Error("there is no such person or group");
  Object.assign(one, traits);
}
