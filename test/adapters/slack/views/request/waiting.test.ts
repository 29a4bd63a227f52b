// Who is named while a request waits: those who may decide, once each, never the requester.
// Of src/adapters/slack/views/request/card.ts.

import { describe, expect, it } from "vitest";
import type { Message } from "../../../../../src/adapters/slack/views/blocks.ts";
import { requesterMessage } from "../../../../../src/adapters/slack/views/direct/requester-message.ts";
import { historyMessage } from "../../../../../src/adapters/slack/views/request/batch/history.ts";
import { batchHeadline } from "../../../../../src/adapters/slack/views/request/batch-lines.ts";
import { cardMessage } from "../../../../../src/adapters/slack/views/request/card.ts";
import { headline } from "../../../../../src/adapters/slack/views/request/headline.ts";
import type { Step } from "../../../../../src/domain/request/document/step.ts";
import type { AccessRequest } from "../../../../../src/domain/request/request.ts";
import { userId } from "../../../../../src/domain/text/ids.ts";
import { plain } from "../../../../../src/domain/text/words.ts";
import { broadcasts } from "../../../../../src/sandbox/slack/text/live-markup.ts";
import { lines } from "../../reading.ts";
import { DECIDED_AT_MS, ERIN, LEAD, open, PLAIN, pending, step } from "../../requests.ts";
import {
  asking,
  broken,
  ESCALATION,
  escalated,
  lonely,
  promising,
  reviewed,
} from "../../variants.ts";

const VIEW = { nowMs: DECIDED_AT_MS, hide: [], endsEarly: true };

const card = (request: AccessRequest): readonly string[] => lines(cardMessage(request, VIEW));
const thread = (request: AccessRequest, ...steps: Step[]) => historyMessage(request, steps, VIEW);
const told = (request: AccessRequest, ...steps: Step[]) =>
  lines(requesterMessage(request, steps, VIEW));

/** Everybody whom a message calls, once each. */
const called = (message: Message): readonly string[] => [
  ...new Set(broadcasts(message).map((live) => live.token)),
];

const SAM = userId("U0SAM");
const APPROVERS = ["<!subteam^S0ONCALL>", "<@U0LEAD>", "<@U0OMAR>"];

describe("a pending card", () => {
  it("names the further approvers only after the escalation", () => {
    const before = promising(pending(), { escalate: ESCALATION });
    expect(card(before)).toContain("Approvers: @oncall, @lea or @omar.");
    expect(card(escalated())).toContain("Approvers: @oncall, @S0FURTHER, @lea, @omar or @sam.");
  });

  it("does not ask again who has approved already", () => {
    const approvals = [{ by: LEAD, atMs: DECIDED_AT_MS }];
    const request = promising(pending(PLAIN, { approvals }), { approvals: 2 });
    expect(card(request)).toContain("Approvers: @oncall or @omar.");
  });

  it("says that nobody can approve it, and who can help", () => {
    const read = card(lonely());
    expect(read).toContain(
      "⚠️ Nobody can approve this now: the rule production has no other approver. An admin has to add one.",
    );
    expect(read.join()).not.toContain("Approvers:");
  });

  it("says when others may decide, and names them then", () => {
    const request = promising(lonely(), { escalate: ESCALATION });
    expect(card(request).join()).toContain("Others can decide from Today at 2:30 PM.");
    const later = card({ ...request, escalatedAtMs: DECIDED_AT_MS });
    expect(later).toContain("Approvers: @S0FURTHER, @lea or @sam.");
    expect(later.join()).not.toContain("Nobody can");
  });

  it("does not say that nobody can where somebody has", () => {
    const request = { ...lonely(), approvals: [{ by: LEAD, atMs: DECIDED_AT_MS }] };
    expect(card(request).join()).not.toContain("Nobody can");
  });
});

describe("approvers who are away", () => {
  const untilMs = DECIDED_AT_MS + 3_600_000;
  const without = (absent: NonNullable<ReturnType<typeof pending>["absent"]>) => ({
    ...pending(),
    absent,
  });

  it("are named as such, and nobody calls them", () => {
    const request = without([{ user: LEAD, untilMs }]);
    const read = card(request);
    expect(read).toContain("Approvers: @oncall or @omar.");
    expect(read).toContain("Away: @lea until Today at 3:05 PM.");
    const reminder = thread(request, step("reminded"));
    expect(called(reminder)).toEqual(["<!subteam^S0ONCALL>", "<@U0OMAR>"]);
  });

  it("have somebody in their place, named for them and called instead", () => {
    const request = without([{ user: LEAD, untilMs, to: SAM }]);
    const read = card(request);
    expect(read).toContain("Approvers: @oncall, @omar or @sam (for @lea).");
    expect(read.join()).not.toContain("Away:");
    const reminder = thread(request, step("reminded"));
    expect(called(reminder)).toEqual(["<!subteam^S0ONCALL>", "<@U0OMAR>", "<@U0SAM>"]);
  });

  it("are named where somebody approved for them", () => {
    const approvals = [{ by: SAM, atMs: DECIDED_AT_MS, for: LEAD }];
    const one = promising(pending(PLAIN, { approvals }), { approvals: 2 });
    expect(card(one)).toContain("Approved by @sam for @lea. 1 more approval needed.");
    expect(told(one)).toContain("Approved by @sam for @lea. 1 more approval needed.");
    const granted = open(PLAIN, { approvals });
    const both = { ...granted, grant: { ...granted.grant, approvedBy: [SAM] } };
    expect(card(both).join()).toContain("Approved by @sam for @lea.");
  });
});

describe("what waits for approvals again", () => {
  const raised = { isRaised: true, voided: 0 } as const;
  const says = (request: AccessRequest, change: Partial<Step>) =>
    lines(thread(request, step("waits-again", change)))[0];

  it.each<readonly [string, Partial<Step>]>([
    [
      "Retried by @erin: the rule asks for more approvals now, so",
      { by: ERIN, again: { tried: "retry", ...raised } },
    ],
    [
      "Open was pressed by @erin: an approval no longer counts, so",
      { by: ERIN, again: { tried: "open", voided: 1 } },
    ],
    // What was held up had no time of its own.
    ["Tried again: 2 approvals no longer count, so", { again: { tried: "time", voided: 2 } }],
    [
      "The freeze is lifted: the rule asks for more approvals now, and an approval no longer counts, so",
      { again: { tried: "thaw", isRaised: true, voided: 1 } },
    ],
    // As earlier versions wrote it, of either cause.
    ["Tried by @erin: what was approved is no longer enough, so", { by: ERIN }],
    ["Everything was checked again: what was approved is no longer enough, so", {}],
  ])("says: %s", (said, change) => {
    expect(says(pending(), change)).toContain(`${said} 1 more approval is needed`);
  });

  it("says that the time has come that it was requested for", () => {
    const one = pending();
    const later = { ...one, ask: { ...one.ask, opensAtMs: 1_000 } };
    expect(says(later, { again: { tried: "time", voided: 2 } })).toContain("Its time has come:");
  });

  it("says it of what went on since, too", () => {
    const again = { tried: "thaw", ...raised } as const;
    expect(says(open(), { again })).toBe(
      "The freeze was lifted: it needed another approval by then.",
    );
    expect(says(open(), {})).toBe(
      "Everything was checked again: it needed another approval by then.",
    );
  });
});

describe("a reminder in the thread", () => {
  it("calls those who may decide, and nobody else", () => {
    const message = thread(pending(), step("reminded"));
    expect(lines(message)).toEqual([
      "Still waiting for a decision by @oncall, @lea or @omar. It expires Today at 6:00 PM.",
    ]);
    expect(called(message)).toEqual(APPROVERS);
  });

  it("does not call the requester, an approver or not", () => {
    const approvers = { users: [ERIN, LEAD], groups: [] };
    const message = thread(promising(pending(), { approvers }), step("reminded"));
    expect(called(message)).toEqual(["<@U0LEAD>"]);
  });

  it("calls the further approvers, too, once they may decide", () => {
    const message = thread(escalated(), step("reminded"));
    expect(called(message)).toEqual([
      ...["<!subteam^S0ONCALL>", "<!subteam^S0FURTHER>"],
      ...["<@U0LEAD>", "<@U0OMAR>", "<@U0SAM>"],
    ]);
  });

  it("says where it is in vain", () => {
    const message = thread(lonely(), step("reminded"));
    expect(lines(message)[0]).toMatch(
      /^Still waiting .* An admin has to add one\. It expires Today/,
    );
    expect(called(message)).toEqual([]);
  });

  it("calls nobody when it is told after the decision", () => {
    const message = thread(open(), step("reminded"), step("escalated"));
    expect(lines(message)).toEqual([
      "Today at 2:05 PM: Nobody had decided yet: a reminder was due.",
      "Today at 2:05 PM: Nobody had decided yet: an escalation was due.",
    ]);
    expect(called(message)).toEqual([]);
  });
});

describe("an escalation in the thread", () => {
  it("calls those who were not called before, the requester aside", () => {
    const message = thread(escalated(), step("escalated"));
    expect(lines(message)).toEqual([
      "Nobody has decided yet, so these people can decide, too: @S0FURTHER or @sam.",
    ]);
    expect(called(message)).toEqual(["<!subteam^S0FURTHER>", "<@U0SAM>"]);
  });

  it("says that there is nobody further where there is nobody", () => {
    const to = { users: [ERIN, LEAD], groups: [] };
    const request = promising(escalated(), { escalate: { ...ESCALATION, to } });
    expect(lines(thread(request, step("escalated")))).toEqual([
      "Nobody has decided yet, and there's nobody else to ask.",
    ]);
  });
});

describe("a reminder of a review", () => {
  it("calls the approvers, and says how to close it", () => {
    const message = thread(broken(open()), step("review-reminded"));
    expect(lines(message)).toEqual([
      "🔎 Still needs a review by an approver (@oncall, @lea or @omar) or an admin: press Justified or Raise a concern… on the card.",
    ]);
    expect(called(message)).toEqual(APPROVERS);
  });

  it("asks the admins where the rule has no other approver", () => {
    const request = promising(broken(open()), { approvers: { users: [ERIN], groups: [] } });
    const message = thread(request, step("review-reminded"));
    expect(lines(message)[0]).toContain("Still needs a review by an admin:");
    expect(called(message)).toEqual([]);
  });

  it("calls nobody once it is closed", () => {
    const message = thread(reviewed(broken(open()), "ok", ""), step("review-reminded"));
    expect(lines(message)).toEqual(["A review reminder was due."]);
  });
});

describe("the requester is told", () => {
  it("who has not decided yet, and who may as well", () => {
    expect(told(pending(), step("reminded"))[1]).toContain("decision by @oncall, @lea or @omar.");
    expect(told(escalated(), step("escalated"))[1]).toContain("too: @S0FURTHER or @sam.");
  });

  it("that nobody can approve it, or could not", () => {
    const asked = told(lonely(), step("asked"), step("no-approvers"));
    expect(asked.join("\n")).toMatch(/^⚠️ Nobody can approve this now: /m);
  });

  it("that a review is still to come, which is nothing for the requester to do", () => {
    const read = told(broken(open()), step("review-reminded"));
    expect(read[1]).toBe("Somebody else still has to review it.");
  });
});

describe("a pending card of access for a time", () => {
  const opensAtMs = DECIDED_AT_MS + 3_600_000;
  const timed = (expiresInMs: number) => ({
    ...asking(pending(), { opensAtMs }),
    expiresAtMs: opensAtMs + expiresInMs,
  });

  it("speaks of a later approval only where there can be one", () => {
    const late = card(timed(60_000)).join();
    expect(late).toContain("if it's approved by then; approved later, at once.");
    const never = card(timed(0)).join();
    expect(never).toContain("if it's approved by then.");
    expect(never).not.toContain("approved later");
  });

  it("says from when its time is counted, of one VM and of several", () => {
    const started = promising(pending(), { keepForMs: 3_600_000 });
    const both = promising(timed(0), { keepForMs: 3_600_000 });
    const lead = <R extends AccessRequest>(request: R) => ({
      ...request,
      batch: { role: "lead", nonce: "n", members: [] } as const,
    });
    const said = (request: AccessRequest) => plain(headline(request));
    const saidOfAll = (request: AccessRequest) => plain(batchHeadline(lead(request)));
    for (const head of [said, saidOfAll]) {
      expect(head(pending())).toMatch(/2h from approval$/);
      expect(head(started)).toMatch(/2h from opening$/);
      expect(head(both)).toMatch(/2h from opening$/);
      expect(head(timed(0))).toMatch(/2h from 20\d\d-/);
    }
  });
});
