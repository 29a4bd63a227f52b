// The card, as its readers see it in every state.

import { describe, expect, it } from "vitest";
import { decodeButton } from "../../../../../src/adapters/slack/views/button-value.ts";
import type { CardView } from "../../../../../src/adapters/slack/views/card-view.ts";
import { cardMessage } from "../../../../../src/adapters/slack/views/request/card.ts";
import type { AccessRequest } from "../../../../../src/domain/request/request.ts";
import { groupId, userId } from "../../../../../src/domain/text/ids.ts";
import { BUTTONS } from "../../../../../src/ports/inbound.ts";
import { buttonsOf, lines, menuOf, offered, spoken } from "../../reading.ts";
import {
  common,
  DECIDED_AT_MS,
  ENDS_AT_MS,
  ERIN,
  everyRequest,
  LEAD,
  open,
  PLAIN,
  pending,
} from "../../requests.ts";
import { everyVariant } from "../../variants.ts";

const VIEW: CardView = { nowMs: DECIDED_AT_MS, hide: [], endsEarly: true };
const card = (request: AccessRequest, view: Partial<CardView> = {}) =>
  cardMessage(request, { ...VIEW, ...view });

const FACTS = [
  "Port: 22 (SSH) on vm-01 in resource group rg-prod-web",
  "From: vpn (203.0.113.0/24)",
];
const ASKED = "JIT-ABC123 · rule production";
const WHY = ["Reason:", "> restart the print spooler, ticket OPS-4711"];

const twoNeeded = { ...common(PLAIN).promised, approvals: 2 };

describe("a pending card", () => {
  it("tells an approver everything that is asked, and who may decide", () => {
    expect(lines(card(pending()))).toEqual([
      "⏳ Pending · @erin → vm-01 · SSH · 2h from approval",
      ...FACTS,
      ASKED,
      ...WHY,
      "Needs 1 approval.",
      "Approvers: @oncall, @lea or @omar.",
      "Expires Today at 6:00 PM.",
      "[Approve] [Deny] [Ask…] [Cancel] [⋯ I'm on it | Approve with changes…]",
    ]);
  });

  it("says the essential in a notification", () => {
    expect(spoken(card(pending()))).toBe(
      "Pending: @erin requests 22 (SSH) on vm-01 for 2h: restart the print spooler, ticket OPS-4711 (JIT-ABC123)",
    );
  });

  it("counts approvals where several are needed, and offers to take one back", () => {
    const request = pending(PLAIN, {
      promised: twoNeeded,
      approvals: [{ by: LEAD, atMs: DECIDED_AT_MS }],
    });
    expect(lines(card(request))).toEqual(
      expect.arrayContaining([
        "⏳ Pending: 1 of 2 approvals · @erin → vm-01 · SSH · 2h from approval",
        "Approved by @lea. 1 more approval needed.",
        "Approvers: @oncall or @omar.",
        "[Approve] [Deny] [Withdraw approval] [Cancel] [⋯ Ask… | I'm on it | Approve with changes…]",
      ]),
    );
  });

  it("says that the approvals must be by different people", () => {
    const read = lines(card(pending(PLAIN, { promised: twoNeeded })));
    expect(read).toContain("Needs 2 approvals from different people.");
  });

  it("does not name the requester among those who may decide", () => {
    const approvers = { users: [ERIN, LEAD], groups: [] };
    const request = pending(PLAIN, { promised: { ...common(PLAIN).promised, approvers } });
    expect(lines(card(request))).toContain("Approvers: @lea.");
  });

  it("mentions ten approvers and counts the others", () => {
    const users = Array.from({ length: 14 }, (_, index) => userId(`U0A${index}`));
    const approvers = { users, groups: [groupId("S0ONCALL")] };
    const request = pending(PLAIN, { promised: { ...common(PLAIN).promised, approvers } });
    const decide = lines(card(request)).find((line) => line.startsWith("Approvers:"));
    expect(decide).toMatch(/^Approvers: @oncall, @U0A0, .*@U0A8 and 5 more\.$/);
  });

  it("warns of a source that is everywhere", () => {
    const read = lines(card(pending({ ...PLAIN, source: "*", sourceName: undefined })));
    expect(read).toContain("From: ⚠️ any address (the whole internet)");
  });

  it("shows an unnamed source as it is", () => {
    const read = lines(card(pending({ ...PLAIN, source: "198.51.100.9", sourceName: undefined })));
    expect(read).toContain("From: 198.51.100.9");
  });

  it("names several ports", () => {
    const read = lines(card(pending(PLAIN, { ports: [22, 3389, 8443] })));
    expect(read).toContain(
      "Ports: 22 (SSH), 3389 (RDP) and 8443 on vm-01 in resource group rg-prod-web",
    );
  });

  it("says that there is no reason where none was given", () => {
    expect(lines(card(pending({ ...PLAIN, reason: "" })))).toContain("No reason given");
  });
});

describe("a card where privacy is asked for", () => {
  const hidden = card(pending(), { hide: ["source", "reason"] });

  it("hides source and reason, and says who can see them where", () => {
    const read = lines(hidden);
    expect(read).toContain("From: hidden here; approvers can see it with /jit status JIT-ABC123");
    expect(read).toContain("Reason: hidden here; approvers can see it with /jit status JIT-ABC123");
  });

  it("hides them in every text of every state", () => {
    for (const nowMs of [DECIDED_AT_MS, ENDS_AT_MS]) {
      for (const request of [...everyRequest(PLAIN), ...everyVariant(PLAIN)]) {
        const all = JSON.stringify(card(request, { hide: ["source", "reason"], nowMs }));
        for (const secret of ["vpn", "203.0.113", "OPS-4711"]) expect(all).not.toContain(secret);
      }
    }
  });

  it("still warns of a source that is everywhere", () => {
    const anywhere = pending({ ...PLAIN, source: "*", sourceName: undefined });
    expect(lines(card(anywhere, { hide: ["source"] }))).toContain(
      "From: ⚠️ any address (the whole internet)",
    );
  });
});

describe("every card", () => {
  it("has no buttons but those that somebody listens to", () => {
    const requests = [...everyRequest(PLAIN), ...everyVariant(PLAIN)];
    const beside = pending(PLAIN, { facts: [{ kind: "first", days: 90 }] });
    expect(JSON.stringify(card(beside))).toContain("jit.facts");
    const all = new Set(requests.flatMap((request) => offered(card(request))));
    // Who asked extends from the warning, and answers from the message with the question.
    const elsewhere = new Set<string>(["extend", "again", "answer", "facts"]);
    expect([...all].sort()).toEqual(BUTTONS.filter((one) => !elsewhere.has(one)).sort());
  });

  it("never has five buttons at once, nor a menu of one", () => {
    const claim = { by: LEAD, untilMs: DECIDED_AT_MS + 600_000 };
    const requests = [...everyRequest(PLAIN), ...everyVariant(PLAIN)];
    const claimed = requests.map((one) => (one.state === "pending" ? { ...one, claim } : one));
    for (const request of [...requests, ...claimed]) {
      const { blocks } = card(request);
      expect(buttonsOf(blocks).length).toBeLessThanOrEqual(4);
      expect(menuOf(blocks)).not.toHaveLength(1);
      expect(menuOf(blocks).length).toBeLessThanOrEqual(5);
    }
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
      ["jit.take-back", undefined, "Withdraw approval: request JIT-ABC123"],
      ["jit.cancel", undefined, "Cancel: request JIT-ABC123"],
    ]);
    for (const one of buttons) {
      expect(decodeButton(one.value ?? "")).toEqual({ id: request.id, nonce: "n0nce" });
    }
    expect(menuOf(card(request).blocks)).toEqual([
      { text: expect.objectContaining({ text: "Ask…" }), value: "ask JIT-ABC123 n0nce" },
      { text: expect.objectContaining({ text: "I'm on it" }), value: "claim JIT-ABC123 n0nce" },
      {
        text: expect.objectContaining({ text: "Approve with changes…" }),
        value: "change JIT-ABC123 n0nce",
      },
    ]);
    expect(offered(card(pending()))).toEqual([
      ...["approve", "deny", "ask", "cancel"],
      ...["claim", "change"],
    ]);
  });
});
