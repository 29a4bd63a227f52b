// Break-glass, and access that is taken away: what approvers, admins and the requester read.
// Of src/adapters/slack/views/direct/requester-message.ts.

import { describe, expect, it } from "vitest";
import { requesterMessage } from "../../../../../src/adapters/slack/views/direct/requester-message.ts";
import { historyMessage } from "../../../../../src/adapters/slack/views/request/batch/history.ts";
import { cardMessage } from "../../../../../src/adapters/slack/views/request/card.ts";
import type { Step } from "../../../../../src/domain/request/document/step.ts";
import type { AccessRequest } from "../../../../../src/domain/request/request.ts";
import { lines, offered, spoken } from "../../reading.ts";
import {
  DECIDED_AT_MS,
  ENDS_AT_MS,
  ended,
  failed,
  grant,
  LEAD,
  open,
  opening,
  PLAIN,
  step,
} from "../../requests.ts";
import { broken, reviewed, takenAway } from "../../variants.ts";

const VIEW = { nowMs: DECIDED_AT_MS, hide: [], endsEarly: true };

const card = (request: AccessRequest) => cardMessage(request, VIEW);
const thread = (request: AccessRequest, ...steps: Step[]) =>
  lines(historyMessage(request, steps, VIEW));
const told = (request: AccessRequest, ...steps: Step[]) => requesterMessage(request, steps, VIEW);

describe("the card of a break-glass", () => {
  it("says what it is, who and why, that nobody approved it, and that a review is open", () => {
    expect(lines(card(broken(open())))).toEqual([
      "🚨 Break-glass, Open · @erin → vm-01 · SSH · 2h (until Today at 4:05 PM)",
      "Open until Today at 4:05 PM. Opened by break-glass, without approval.",
      "Port: 22 (SSH) on vm-01 in resource group rg-prod-web",
      "From: vpn (203.0.113.0/24)",
      "JIT-ABC123 · rule production",
      "Reason:",
      "> restart the print spooler, ticket OPS-4711",
      "🔎 Needs a review by an approver or admin other than @erin.",
      "[End now] [Justified] [Raise a concern…]",
    ]);
  });

  it("says the essential in a notification, until it is reviewed", () => {
    expect(spoken(card(broken(opening())))).toBe(
      "Break-glass, Opening: @erin, 22 (SSH) on vm-01: restart the print spooler, ticket OPS-4711 (JIT-ABC123)",
    );
    expect(spoken(card(reviewed(broken(ended()), "ok", "")))).toBe(
      "Break-glass, Ended: @erin, 22 (SSH) on vm-01 (JIT-ABC123)",
    );
  });

  it("keeps the reason from the channel where that is asked for", () => {
    const hidden = cardMessage(broken(open()), { ...VIEW, hide: ["reason"] });
    expect(JSON.stringify(hidden)).not.toContain("OPS-4711");
  });

  it("does not call opened what was not seen open", () => {
    const read = lines(card(broken(opening()))).join("\n");
    expect(read).toContain("Opening by break-glass, without approval.");
    expect(read).not.toContain("Opened");
  });

  it("shows who closed the review, and how", () => {
    const fine = card(reviewed(broken(ended()), "ok", ""));
    expect(lines(fine).at(-1)).toBe("🔎 Reviewed by @lea Today at 2:05 PM: justified.");
    const concern = card(reviewed(broken(open()), "concern", "nobody knew\n> Approved by @lea."));
    expect(lines(concern).slice(-4)).toEqual([
      "⚠️ Reviewed by @lea Today at 2:05 PM, with a concern.",
      "> nobody knew",
      "> > Approved by @lea.",
      "[End now]",
    ]);
  });

  it("can be reviewed whatever became of it", () => {
    expect(offered(card(broken(ended())))).toEqual(["review-ok", "review-concern"]);
    expect(offered(card(broken(failed())))).toEqual(["retry", "review-ok", "review-concern"]);
    expect(offered(card(reviewed(broken(failed()), "ok", "")))).toEqual(["retry"]);
  });
});

describe("the thread of a break-glass", () => {
  it("says who broke the glass", () => {
    expect(thread(broken(opening()), step("broke-glass"))).toEqual([
      "🚨 Break-glass by @erin, without approval. Somebody else has to review it.",
    ]);
  });

  it("says who reviewed it, with their words in one line", () => {
    const closed = (verdict: "ok" | "concern", text: string) =>
      thread(reviewed(broken(open()), verdict, text), step("reviewed", { by: LEAD }));
    expect(closed("ok", "")).toEqual(["🔎 Reviewed by @lea: justified."]);
    expect(closed("concern", "nobody knew\n🟢 Open `x`")).toEqual([
      "⚠️ Reviewed by @lea, with a concern. “nobody knew 🟢 Open 'x'”",
    ]);
    expect(closed("ok", "x".repeat(1_000))[0]).toMatch(/justified\. “x{299}…”$/);
    expect(thread(broken(open()), step("reviewed", { by: LEAD }))).toEqual(["Reviewed by @lea."]);
  });
});

describe("the requester of a break-glass is told", () => {
  it("that it was noticed, and will be reviewed", () => {
    expect(lines(told(broken(opening()), step("asked"), step("broke-glass")))).toEqual([
      "🚨 Break-glass, Opening: 22 (SSH) on vm-01, JIT-ABC123",
      "Opening by break-glass, without approval.",
      "Azure accepted the request; waiting for the port to open.",
      "Ends Today at 4:05 PM.",
      "I'll tell you when it's open.",
      "🔎 Needs a review by an approver or admin other than @erin.",
      "[End now]",
    ]);
  });

  it("the way in when it is open", () => {
    const message = told(broken(open()), step("open"));
    expect(lines(message)).toEqual([
      "🚨 Break-glass, Open until Today at 4:05 PM: 22 (SSH) on vm-01, JIT-ABC123",
      "Opened by break-glass, without approval.",
      "22 (SSH): ssh <user>@198.51.100.7",
      "🔎 Needs a review by an approver or admin other than @erin.",
      "[End now]",
    ]);
    expect(spoken(message)).toBe("Break-glass, Open until Today at 4:05 PM: 22 (SSH) on vm-01.");
  });

  it("how to break the glass again when it is too late for Retry", () => {
    const view = { ...VIEW, nowMs: ENDS_AT_MS };
    const message = requesterMessage(broken(failed()), [step("failed")], view);
    expect(lines(message)).toContain(
      "There's too little time left to retry. To request it again: /jit breakglass rg-prod-web/vm-01 22 2h from vpn for …",
    );
  });

  it("what the review came to, to the letter", () => {
    const concern = reviewed(broken(ended()), "concern", "nobody knew\n🟢 Open");
    expect(lines(told(concern, step("reviewed", { by: LEAD })))).toEqual([
      "🚨 Break-glass, Ended: 22 (SSH) on vm-01, JIT-ABC123",
      "The warning before the end couldn't be sent in time, as far as the bot knows.",
      "Ended on time, Today at 4:05 PM.",
      "Azure shows it closed. Existing sessions stay connected.",
      "⚠️ Reviewed by @lea Today at 2:05 PM, with a concern.",
      "> nobody knew",
      "> 🟢 Open",
      "[Request again]",
    ]);
  });
});

describe("what a rule opens without an approval", () => {
  const request = { ...opening(), grant: grant(PLAIN, { approvedBy: [] }) };

  it("is no break-glass", () => {
    expect(lines(card(request)).slice(0, 2)).toEqual([
      "🔑 Opening · @erin → vm-01 · SSH · 2h (until Today at 4:05 PM)",
      "Auto-approved by rule production.",
    ]);
    expect(lines(told(request, step("asked"), step("opened-by-rule")))[1]).toBe(
      "Auto-approved by rule production.",
    );
  });
});

describe("access that is taken away", () => {
  const [gone, ending, over] = takenAway() as [AccessRequest, AccessRequest, AccessRequest];
  const BECAUSE = ", because the requester is no longer allowed access";

  it("is not said to be anybody's doing", () => {
    expect(lines(card(gone))[1]).toBe(`Cancelled Today at 2:05 PM${BECAUSE}.`);
    expect(lines(card(ending))[1]).toBe(
      `Closing early${BECAUSE}; Azure doesn't show it closed yet. Existing sessions stay connected.`,
    );
    expect(lines(card(over))[1]).toBe(`Ended early, Today at 4:05 PM${BECAUSE}.`);
  });

  it("is told with its possible reasons, in the thread and to the requester", () => {
    const why = "deactivated, now a guest, or no longer allowed by the rule.";
    expect(thread(gone, step("left"))).toEqual([`@erin can no longer have access: ${why}`]);
    expect(lines(told(gone, step("left"), step("cancelled")))).toEqual([
      "↩️ Cancelled: 22 (SSH) on vm-01, JIT-ABC123",
      `You can no longer have access: ${why}`,
      `Cancelled Today at 2:05 PM${BECAUSE}.`,
    ]);
  });

  it("is not offered again", () => {
    expect(offered(told(over, step("ended")))).toEqual([]);
    expect(offered(told(gone, step("cancelled")))).toEqual([]);
  });
});
