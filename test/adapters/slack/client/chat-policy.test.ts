// What is posted follows the policy in force: what is hidden from channels, what may be extended.
// Of src/adapters/slack/client/slack-chat.ts.

import { describe, expect, it } from "vitest";
import type { SlackChatOptions } from "../../../../src/adapters/slack/client/slack-chat.ts";
import type { In } from "../../../../src/domain/request/request.ts";
import type { Rule } from "../../../../src/domain/rules/policy.ts";
import { channelId } from "../../../../src/domain/text/ids.ts";
import { DECIDED_AT_MS, ERIN, LEAD, open, opening, PLAIN, PROD, step } from "../requests.ts";
import { ADMIN, broken, cutDown, extension } from "../variants.ts";
import { bench } from "../workspace.ts";

const NOBODY = { users: [], groups: [] };

const rule = (extend: Rule["extend"]): Rule => ({
  name: PLAIN.rule,
  match: {},
  requesters: "anyone",
  approvers: { users: [LEAD], groups: [] },
  channel: PROD,
  approvals: 1,
  defaultDurationMs: 3_600_000,
  maxDurationMs: 14_400_000,
  networks: [],
  reason: "required",
  expireAfterMs: 14_400_000,
  remindAfterMs: undefined,
  escalate: undefined,
  warnBeforeMs: 600_000,
  extend,
  breakGlass: NOBODY,
});

type Followed = ReturnType<SlackChatOptions["policy"]>;

const benchWith = (change: Partial<Followed>) => {
  const policy: Followed = {
    privacy: { hideOnCard: [] },
    endEarly: "initiate",
    rules: [],
    ...change,
  };
  return bench({ chat: { policy: () => policy } });
};

describe("where privacy is asked for", () => {
  const hidden = { privacy: { hideOnCard: ["source", "reason"] } } as const;

  it("the thread does not tell the channel what the card hides, and a private one does", async () => {
    const { slack, chat } = await benchWith(hidden);
    const request = cutDown(opening());
    const steps = [step("narrowed", { by: LEAD })];
    await chat.postHistory(request, await chat.postCard(request, PROD), steps);
    await chat.postHistory(request, await chat.postCard(request, LEAD), steps);
    const [inChannel] = slack.messages(PROD);
    expect(JSON.stringify(inChannel)).not.toMatch(/vpn|203\.0\.113/);
    expect(JSON.stringify(slack.direct(LEAD))).toContain("203.0.113.7");
  });

  it("a break-glass tells its reason to people, and not to channels", async () => {
    const { slack, chat } = await benchWith(hidden);
    const notices = channelId("C0NOTICES");
    const broke = { what: "break-glass", id: open().id, requester: ERIN, vm: PLAIN.vm } as const;
    const notice = { ...broke, atMs: DECIDED_AT_MS, text: PLAIN.reason };
    expect(await chat.postNotices(notices, [notice])).toBe(1);
    expect(await chat.postNotices(channelId(ADMIN), [notice])).toBe(1);
    expect(JSON.stringify(slack.messages(notices))).not.toContain("OPS-4711");
    expect(JSON.stringify(slack.direct(ADMIN))).toContain("OPS-4711");
    await chat.postCard(broken(open()), PROD);
    await chat.postCard(broken(open()), LEAD);
    expect(JSON.stringify(slack.messages(PROD))).not.toContain("OPS-4711");
    expect(JSON.stringify(slack.direct(LEAD))).toContain("OPS-4711");
  });
});

describe("the warning", () => {
  const warned = async (request: In<"open">, rules: readonly Rule[]): Promise<string> => {
    const { slack, chat } = await benchWith({ rules });
    await chat.warn(request, new Map());
    return slack
      .direct(ERIN)
      .map((message) => slack.plainText(message))
      .join("\n");
  };

  it("offers Extend where the rule in force allows one more", async () => {
    expect(await warned(open(), [rule({ max: 1, approvals: 1 })])).toContain("[Extend] [End now]");
    expect(await warned(extension(open()), [rule({ max: 2, approvals: 1 })])).toContain("[Extend]");
  });

  it("does not where it allows none, no more, or is gone", async () => {
    expect(await warned(open(), [rule(undefined)])).not.toContain("[Extend]");
    expect(await warned(extension(open()), [rule({ max: 1, approvals: 1 })])).not.toContain(
      "[Extend]",
    );
    expect(await warned(open(), [])).not.toContain("[Extend]");
  });
});
