// The card, as its readers see it in every state.

import { describe, expect, it } from "vitest";
import { decodeButton } from "../../../../src/adapters/slack/button-value.ts";
import { type CardView, cardMessage } from "../../../../src/adapters/slack/out/card.ts";
import { BUTTONS } from "../../../../src/flows/desk.ts";
import { groupId, userId } from "../../../../src/request/ids.ts";
import type { AccessRequest } from "../../../../src/request/request.ts";
import { buttonsOf, lines, offered, spoken } from "./reading.ts";
import {
  cancelled,
  common,
  DECIDED_AT_MS,
  denied,
  ENDS_AT_MS,
  ERIN,
  ended,
  ending,
  everyRequest,
  failed,
  grant,
  LEAD,
  lapsed,
  OMAR,
  open,
  opening,
  PLAIN,
  pending,
} from "./requests.ts";

const VIEW: CardView = { nowMs: DECIDED_AT_MS, hide: [], endsEarly: true };
const card = (request: AccessRequest, view: Partial<CardView> = {}) =>
  cardMessage(request, { ...VIEW, ...view });

const FACTS = [
  "Who: @erin",
  "VM: vm-01 in resource group rg-prod-web",
  "Port: 22 (SSH)",
  "From: vpn, that is 203.0.113.0/24",
];
const ASKED = "Request: JIT-ABC123 under the rule production, Today at 2:00 PM";
const WHY = ["Why:", "> restart the print spooler, ticket OPS-4711"];
const GRANTED = [...FACTS, "For: 2h, until Today at 4:05 PM", ASKED, ...WHY];
const NEVER_GRANTED = [...FACTS, "For: 2h", ASKED, ...WHY];

const twoNeeded = { ...common(PLAIN).promised, approvals: 2 };

describe("a pending card", () => {
  it("tells an approver everything that is asked, and who may decide", () => {
    expect(lines(card(pending()))).toEqual([
      "⏳ Pending",
      ...FACTS,
      "For: 2h, from the approval on",
      ASKED,
      ...WHY,
      "Needs one approval.",
      "May decide: @oncall, @lea or @omar.",
      "Lapses Today at 6:00 PM if nobody decides.",
      "[Approve] [Deny] [Cancel]",
    ]);
  });

  it("says the essential in a notification", () => {
    expect(spoken(card(pending()))).toBe(
      "Pending: @erin asks for 22 (SSH) on vm-01 for 2h: restart the print spooler, ticket OPS-4711 (JIT-ABC123)",
    );
  });

  it("counts approvals where several are needed, and offers to take one back", () => {
    const request = pending(PLAIN, {
      promised: twoNeeded,
      approvals: [{ by: LEAD, atMs: DECIDED_AT_MS }],
    });
    expect(lines(card(request))).toEqual(
      expect.arrayContaining([
        "⏳ Pending: 1 of 2 approvals",
        "Approved by @lea. One more approval is missing.",
        "[Approve] [Deny] [Take back] [Cancel]",
      ]),
    );
  });

  it("says that the approvals must be by different people", () => {
    const read = lines(card(pending(PLAIN, { promised: twoNeeded })));
    expect(read).toContain("Needs 2 approvals, by different people.");
  });

  it("does not name the requester among those who may decide", () => {
    const approvers = { users: [ERIN, LEAD], groups: [] };
    const request = pending(PLAIN, { promised: { ...common(PLAIN).promised, approvers } });
    expect(lines(card(request))).toContain("May decide: @lea.");
  });

  it("mentions ten approvers and counts the others", () => {
    const users = Array.from({ length: 14 }, (_, index) => userId(`U0A${index}`));
    const approvers = { users, groups: [groupId("S0ONCALL")] };
    const request = pending(PLAIN, { promised: { ...common(PLAIN).promised, approvers } });
    const decide = lines(card(request)).find((line) => line.startsWith("May decide"));
    expect(decide).toMatch(/^May decide: @oncall, @U0A0, .*@U0A8 and 5 more\.$/);
  });

  it("warns of a source that is everywhere", () => {
    const read = lines(card(pending({ ...PLAIN, source: "*", sourceName: undefined })));
    expect(read).toContain("From: ⚠️ any address, the whole internet included");
  });

  it("shows an unnamed source as it is", () => {
    const read = lines(card(pending({ ...PLAIN, source: "198.51.100.9", sourceName: undefined })));
    expect(read).toContain("From: 198.51.100.9");
  });

  it("names several ports", () => {
    const read = lines(card(pending(PLAIN, { ports: [22, 3389, 8443] })));
    expect(read).toContain("Ports: 22 (SSH), 3389 (RDP) and 8443");
  });

  it("says that there is no reason where none was given", () => {
    expect(lines(card(pending({ ...PLAIN, reason: "" })))).toContain("Why: no reason given");
  });
});

describe("a card where privacy is asked for", () => {
  const hidden = card(pending(), { hide: ["source", "reason"] });

  it("hides source and reason, and says who can see them where", () => {
    const read = lines(hidden);
    expect(read).toContain("From: not shown here, /jit status JIT-ABC123 tells approvers");
    expect(read).toContain("Why: not shown here, /jit status JIT-ABC123 tells approvers");
  });

  it("hides them in every text of every state", () => {
    for (const nowMs of [DECIDED_AT_MS, ENDS_AT_MS]) {
      for (const request of everyRequest(PLAIN)) {
        const all = JSON.stringify(card(request, { hide: ["source", "reason"], nowMs }));
        for (const secret of ["vpn", "203.0.113", "OPS-4711"]) expect(all).not.toContain(secret);
      }
    }
  });

  it("still warns of a source that is everywhere", () => {
    const anywhere = pending({ ...PLAIN, source: "*", sourceName: undefined });
    expect(lines(card(anywhere, { hide: ["source"] }))).toContain(
      "From: ⚠️ any address, the whole internet included",
    );
  });
});

describe("a card after the decision", () => {
  it("says that Azure is asked, and that the end is fixed", () => {
    expect(lines(card(opening(PLAIN, { answer: "unsent", sent: 0 })))).toEqual([
      "🔑 Opening",
      "Approved by @lea.",
      "Azure is being asked to open it.",
      "The end is fixed: Today at 4:05 PM.",
      ...GRANTED,
      "[End now]",
    ]);
  });

  it("does not call open what Azure only accepted", () => {
    expect(lines(card(opening()))).toContain("Accepted by Azure, not yet seen open.");
  });

  it("shows each port's state where they differ", () => {
    const request = opening(PLAIN, { seenPorts: [22] });
    const both = { ...request, ask: { ...request.ask, ports: [22, 3389] } };
    expect(lines(card(both))).toContain(
      "Accepted by Azure. Seen open: 22 (SSH). Not yet: 3389 (RDP).",
    );
  });

  it("shows Azure's words while it keeps trying", () => {
    const fault = { code: "InternalServerError", message: "Try later." };
    const read = lines(card(opening(PLAIN, { answer: "unknown", sent: 2, fault })));
    expect(read).toContain(
      "Azure was asked 2 times and gave no clear answer: the bot is looking whether it opened.",
    );
    expect(read).toContain(
      "The last trouble: Azure says InternalServerError: Try later. The bot keeps trying.",
    );
  });

  it("says until when it is open, and by whose approval", () => {
    expect(lines(card(open()))).toEqual([
      "🟢 Open",
      "Open until Today at 4:05 PM. Approved by @lea.",
      ...GRANTED,
      "[End now]",
    ]);
    expect(spoken(card(open()))).toBe("Open: @erin, 22 (SSH) on vm-01 (JIT-ABC123)");
  });

  it("names all who approved, and the rule where nobody had to", () => {
    const both = { ...open(), grant: grant(PLAIN, { approvedBy: [LEAD, OMAR] }) };
    expect(lines(card(both))[1]).toContain("Approved by @lea and @omar.");
    const nobody = { ...open(), grant: grant(PLAIN, { approvedBy: [] }) };
    expect(lines(card(nobody))[1]).toContain("No approval needed by the rule production.");
  });

  it("offers no early end where the policy has none", () => {
    expect(offered(card(open(), { endsEarly: false }))).toEqual([]);
  });

  it("says that it is being ended, and what that does not do", () => {
    expect(lines(card(ending()))).toEqual([
      "🔒 Ending",
      "Being ended early by @lea; not yet seen shut. Open sessions are not cut.",
      "Without this it would end Today at 4:05 PM.",
      ...GRANTED,
    ]);
  });

  it.each([
    [ended(), "Ended on time, Today at 4:05 PM."],
    [ended(PLAIN, { how: "early", endedBy: LEAD }), "Ended early by @lea, Today at 4:05 PM."],
    [
      ended(PLAIN, { how: "elsewhere" }),
      "Shut before its time, not by this bot, Today at 4:05 PM.",
    ],
    [ended(PLAIN, { how: "extended" }), "Carried on by an extension, Today at 4:05 PM."],
  ])("says how it ended", (request, said) => {
    expect(lines(card(request)).slice(0, 2)).toEqual(["⚪ Ended", said]);
    expect(offered(card(request))).toEqual([]);
  });

  it.each([
    ["closed", "Azure shows it shut. Sessions that were open are not cut."],
    ["unknown", "Azure has not confirmed yet that it is shut: the bot keeps looking."],
    ["still-open", "⚠️ Azure still shows it open. The bot keeps looking."],
  ] as const)("says what Azure shows after the end: %s", (closing, said) => {
    expect(lines(card(ended(PLAIN, { closing })))[2]).toBe(said);
  });

  it("says who denied it, and why", () => {
    expect(lines(card(denied()))).toEqual([
      "🚫 Denied",
      "Denied by @lea Today at 2:05 PM.",
      "> use the jump host",
      ...NEVER_GRANTED,
    ]);
  });

  it("says who cancelled it", () => {
    expect(lines(card(cancelled())).slice(0, 2)).toEqual([
      "↩️ Cancelled",
      "Cancelled by @erin Today at 2:05 PM. Nothing was opened.",
    ]);
  });

  it("does not call denied what only lapsed", () => {
    expect(lines(card(lapsed())).slice(0, 2)).toEqual([
      "⌛ Lapsed",
      "Nobody decided by Today at 2:05 PM, so it lapsed. It was not denied, and nothing was opened.",
    ]);
  });
});

describe("a failed card", () => {
  it("shows Azure's own words, what they probably mean, and Retry", () => {
    expect(lines(card(failed()))).toEqual([
      "❌ Failed",
      "Opening it failed. Azure says AuthorizationFailed:",
      "> The client does not have authorization to perform action 'initiate'.",
      "This probably means: the bot's Azure identity lacks a right on this VM or its JIT policy. An admin sees which with /jit doctor.",
      "Retry asks Azure again. The end stays Today at 4:05 PM.",
      ...GRANTED,
      "[Retry]",
    ]);
  });

  it("guesses nothing about a code that is not documented", () => {
    const read = lines(card(failed({ ...PLAIN, code: "JitSomething" })));
    expect(read.join()).not.toContain("probably");
  });

  it("offers to ask again when it is too late for Retry", () => {
    const late = card(failed(), { nowMs: ENDS_AT_MS - 60_000 });
    expect(offered(late)).toEqual([]);
    expect(lines(late)).toContain(
      "Too little of its time is left for a retry. To ask again: /jit request rg-prod-web/vm-01 22 2h from vpn",
    );
  });

  it("does not say that Azure answered where it did not", () => {
    const fault = { code: "ETIMEDOUT", message: "Azure did not answer in time." };
    const azure = { sent: 1, answer: "unknown", reads: 0, seenPorts: [] } as const;
    const read = lines(card({ ...failed(), fault, grant: grant(PLAIN, { azure }) }));
    expect(read.slice(1, 5)).toEqual([
      "Opening it failed. No answer from Azure (ETIMEDOUT):",
      "> Azure did not answer in time.",
      "Azure may have heard it all the same, so it may still open; then it shuts Today at 4:05 PM.",
      "This probably means: Azure could not be reached, or has trouble of its own.",
    ]);
  });

  it("does not put words of its own into Azure's mouth", () => {
    const fault = { code: "NeverSeenOpen", message: "The port was never seen open." };
    const read = lines(card({ ...failed(), fault }));
    expect(read[1]).toBe("The port was never seen open.");
    expect(read.join()).not.toContain("Azure says");
  });
});

describe("every card", () => {
  it("has no buttons but those that somebody listens to", () => {
    const all = everyRequest(PLAIN).flatMap((request) => offered(card(request)));
    expect(BUTTONS).toEqual(expect.arrayContaining(all));
    expect(new Set(all).size).toBe(6);
  });

  it("carries the request and the revision that it shows", () => {
    expect(card(open()).metadata).toEqual({
      event_type: "jit_request",
      event_payload: { id: "JIT-ABC123", version: 7 },
    });
  });

  it("has buttons that carry the request and its nonce, and can be told apart by ear", () => {
    const request = pending(PLAIN, { approvals: [{ by: LEAD, atMs: 0 }] });
    const buttons = buttonsOf(card(request).blocks);
    expect(buttons.map((one) => [one.action_id, one.style, one.accessibility_label])).toEqual([
      ["jit.approve", "primary", "Approve: request JIT-ABC123"],
      ["jit.deny", "danger", "Deny: request JIT-ABC123"],
      ["jit.take-back", undefined, "Take back: request JIT-ABC123"],
      ["jit.cancel", undefined, "Cancel: request JIT-ABC123"],
    ]);
    for (const one of buttons) {
      expect(decodeButton(one.value)).toEqual({ id: request.id, nonce: "n0nce" });
    }
  });
});
