// What a card says after the decision: how far it has come, how it ended, what went wrong.
// Of src/adapters/slack/views/request/outcome.ts.

import { describe, expect, it } from "vitest";
import type { CardView } from "../../../../../src/adapters/slack/views/card-view.ts";
import { entryBlocks } from "../../../../../src/adapters/slack/views/pages/entry.ts";
import { cardMessage } from "../../../../../src/adapters/slack/views/request/card.ts";
import { stepLine } from "../../../../../src/adapters/slack/views/request/steps.ts";
import type { AccessRequest, In } from "../../../../../src/domain/request/request.ts";
import { plain } from "../../../../../src/domain/text/words.ts";
import { lines, offered, spoken } from "../../reading.ts";
import {
  cancelled,
  DECIDED_AT_MS,
  denied,
  ENDS_AT_MS,
  ERIN,
  ended,
  ending,
  failed,
  grant,
  LEAD,
  lapsed,
  OMAR,
  open,
  opening,
  PLAIN,
  ready,
} from "../../requests.ts";
import { FIRST } from "../../variants.ts";

const VIEW: CardView = { nowMs: DECIDED_AT_MS, hide: [], endsEarly: true };
const card = (request: AccessRequest, view: Partial<CardView> = {}) =>
  cardMessage(request, { ...VIEW, ...view });

const FAULT = { code: "refused", message: "vm-01 has no JIT policy" };
const FACTS = [
  "Port: 22 (SSH) on vm-01 in resource group rg-prod-web",
  "From: vpn (203.0.113.0/24)",
];
const ASKED = "JIT-ABC123 · rule production";
const WHY = ["Reason:", "> restart the print spooler, ticket OPS-4711"];
const GRANTED = [...FACTS, ASKED, ...WHY];
/** Who, what and how long, after the state. */
const WHAT = "@erin → vm-01 · SSH · 2h";
const UNTIL = "(until Today at 4:05 PM)";

describe("a card after the decision", () => {
  it("says that Azure is asked, and that the end is fixed", () => {
    expect(lines(card(opening(PLAIN, { answer: "unsent", sent: 0 })))).toEqual([
      `🔑 Opening · ${WHAT} ${UNTIL}`,
      "Approved by @lea.",
      "Opening the port…",
      "Ends Today at 4:05 PM.",
      ...GRANTED,
      "[End now]",
    ]);
  });

  it("does not call open what Azure only accepted", () => {
    expect(lines(card(opening()))).toContain(
      "Azure accepted the request; waiting for the port to open.",
    );
  });

  it("shows each port's state where they differ", () => {
    const request = opening(PLAIN, { seenPorts: [22] });
    const both = { ...request, ask: { ...request.ask, ports: [22, 3389] } };
    expect(lines(card(both))).toContain(
      "Azure accepted the request. Open: 22 (SSH). Waiting for: 3389 (RDP).",
    );
  });

  it("shows Azure's words while it keeps trying", () => {
    const fault = { code: "InternalServerError", message: "Try later." };
    const read = lines(card(opening(PLAIN, { answer: "unknown", sent: 2, fault })));
    expect(read).toContain("Azure gave no clear answer to 2 requests; checking whether it opened.");
    expect(read).toContain(
      "Last error: Azure says InternalServerError: Try later. The bot keeps trying.",
    );
  });

  it("says until when it is open, and by whose approval", () => {
    expect(lines(card(open()))).toEqual([
      `🟢 Open · ${WHAT} ${UNTIL}`,
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
    expect(lines(card(nobody))[1]).toContain("Auto-approved by rule production.");
  });

  it("offers no early end where the policy has none", () => {
    expect(offered(card(open(), { endsEarly: false }))).toEqual([]);
  });

  it("says that it is being ended, and what that does not do", () => {
    expect(lines(card(ending()))).toEqual([
      `🔒 Ending · ${WHAT}`,
      "Closing early by @lea; Azure doesn't show it closed yet. Existing sessions stay connected.",
      "Otherwise it ends Today at 4:05 PM.",
      ...GRANTED,
    ]);
  });

  const entry = (request: AccessRequest) => {
    const view = { nowMs: DECIDED_AT_MS, workspaceUrl: undefined };
    return lines({ blocks: entryBlocks({ request, offers: [] }, view) })[0];
  };
  const asked = { ...ending(), closesAtMs: DECIDED_AT_MS + 120_000 };
  const soon = { ...asked, closeAnswer: "accepted" } as const;

  it("says when it closes once Azure accepted an earlier end, and what was granted", () => {
    expect(lines(card(soon))).toContain(
      "It closes by Today at 2:07 PM, instead of Today at 4:05 PM.",
    );
    expect(entry(soon)).toBe("🔒 Ending, closes by Today at 2:07 PM: 22 (SSH) on vm-01");
    expect(entry(ending())).toBe("🔒 Ending, closing now: 22 (SSH) on vm-01");
    // Another request needs the ports until later: there is no earlier end.
    const shared = { ...soon, closesAtMs: ENDS_AT_MS + 1 };
    expect(lines(card(shared))).toContain("Otherwise it ends Today at 4:05 PM.");
  });

  it("promises no earlier end before Azure has answered", () => {
    expect(lines(card(asked))).toContain("Otherwise it ends Today at 4:05 PM.");
    expect(entry(asked)).toBe("🔒 Ending, closing now: 22 (SSH) on vm-01");
  });

  const fault = { code: "TooManyRequests", message: "Try later." };
  it.each([
    ["refused it", { ...asked, fault }],
    ["accepted it and can't be read since", { ...soon, fault }],
    ["accepted it and doesn't show it closed after it", { ...asked, closeAnswer: "overdue" }],
  ] as const)("promises no earlier end where Azure %s", (_what, request) => {
    expect(lines(card(request))).toContain(
      "Azure was asked to close it by Today at 2:07 PM, but hasn't confirmed it. Otherwise it ends Today at 4:05 PM.",
    );
    expect(entry(request)).toBe(
      "🔒 Ending, not confirmed yet, otherwise until Today at 4:05 PM: 22 (SSH) on vm-01",
    );
  });

  it.each([
    [ended(), "Ended on time, Today at 4:05 PM."],
    [ended(PLAIN, { how: "early", endedBy: LEAD }), "Ended early by @lea, Today at 4:05 PM."],
    [ended(PLAIN, { how: "elsewhere" }), "Closed early outside this bot, Today at 4:05 PM."],
    [
      ended(PLAIN, { how: "elsewhere", newer: FIRST }),
      "Azure closed it early, Today at 4:05 PM, when JIT-123456 opened the same port.",
    ],
    [ended(PLAIN, { how: "extended" }), "Extended, Today at 4:05 PM."],
  ])("says how it ended", (request, said) => {
    expect(lines(card(request)).slice(0, 2)).toEqual([`⚪ Ended · ${WHAT} · JIT-ABC123`, said]);
    expect(offered(card(request))).toEqual([]);
  });

  it.each([
    ["closed", "Azure shows it closed. Existing sessions stay connected."],
    ["unknown", "Azure hasn't confirmed yet that the port closed."],
    ["still-open", "Waiting for Azure to close it."],
  ] as const)("says what Azure shows after the end: %s", (closing, said) => {
    expect(lines(card(ended(PLAIN, { closing })))[2]).toBe(said);
  });

  it("doesn't call a port closed that somebody opened outside the bot as well", () => {
    const ports = [
      { port: 22, closing: "closed", isOpenForOthers: true },
      { port: 3389, closing: "closed" },
    ] as const;
    const [ssh, rdp] = ports;
    const shared = "Azure shows it closed, but somebody had also opened the port outside this bot.";
    expect(lines(card(ended(PLAIN, { ports: [ssh] })))[2]).toBe(shared);
    expect(lines(card(ended(PLAIN, { ports: [ssh, rdp] }))).slice(2, 4)).toEqual([
      `22 (SSH): ${shared}`,
      "3389 (RDP): Azure shows it closed. Existing sessions stay connected.",
    ]);
  });

  it("says that nothing was opened where it was ended before that", () => {
    const early = { how: "early", endedBy: ERIN, closing: "closed" } as const;
    const { openedAtMs: _, ...unopened } = grant(PLAIN);
    const azure = { ...unopened.azure, seenPorts: [] };
    const ended0 = { ...ended(PLAIN, early), grant: { ...unopened, azure: { ...azure, sent: 0 } } };
    expect(lines(card(ended0)).slice(1, 3)).toEqual([
      "Ended early by @erin, Today at 4:05 PM.",
      "Nothing was opened: Azure hadn't been asked yet.",
    ]);
    expect(spoken(card(ended0))).not.toContain("Sessions");
    const ended1 = { ...ended(PLAIN, early), grant: { ...unopened, azure: { ...azure, sent: 1 } } };
    expect(lines(card(ended1)).slice(2, 4)).toEqual([
      "It was never seen open.",
      "Azure shows it closed. Existing sessions stay connected.",
    ]);
  });

  it("says that the bot keeps looking only where it is an alarm, and the bot does", () => {
    const alarmed = ended(PLAIN, { closing: "still-open", alarmed: true });
    expect(lines(card(alarmed))[2]).toBe("⚠️ Azure still shows it open. The bot keeps looking.");
    const check = { count: 5, nextAtMs: 0, fault: "" };
    const givenUp = ended(PLAIN, { closing: "unknown", attempts: { check } });
    expect(lines(card(givenUp))[2]).toBe(
      "Azure never confirmed that the port closed. Check it in the portal.",
    );
  });

  it("says of each port what became of it, and who still needs it until when", () => {
    const heldBy = { id: FIRST, requester: OMAR, untilMs: ENDS_AT_MS + 60_000 };
    const ports = [
      { port: 22, closing: "held", heldBy },
      { port: 3389, closing: "closed" },
      { port: 5985, closing: "closed" },
    ] as const;
    expect(lines(card(ended(PLAIN, { closing: "held", ports }))).slice(1, 4)).toEqual([
      "Ended on time, Today at 4:05 PM.",
      "22 (SSH) stays open until Today at 4:06 PM for JIT-123456 of @omar.",
      "3389 (RDP) and 5985 (WinRM): Azure shows it closed. Existing sessions stay connected.",
    ]);
    const own = [{ port: 22, closing: "held", heldBy: { ...heldBy, requester: ERIN } }] as const;
    expect(lines(card(ended(PLAIN, { closing: "held", ports: own })))[2]).toBe(
      "22 (SSH) stays open until Today at 4:06 PM for the same person's JIT-123456.",
    );
  });

  it("names the end and when it was noticed, where that was later", () => {
    const late = ended(PLAIN, { noticedAtMs: ENDS_AT_MS + 56 * 60_000 });
    expect(lines(card(late))[1]).toBe(
      "Ended on time, Today at 4:05 PM (noticed Today at 5:01 PM).",
    );
  });

  it("says who denied it, and why", () => {
    expect(lines(card(denied()))).toEqual([
      `🚫 Denied · ${WHAT} · JIT-ABC123`,
      "Denied by @lea Today at 2:05 PM.",
      "> use the jump host",
    ]);
  });

  it("says who cancelled it", () => {
    expect(lines(card(cancelled())).slice(0, 2)).toEqual([
      `↩️ Cancelled · ${WHAT} · JIT-ABC123`,
      "Cancelled by @erin Today at 2:05 PM.",
    ]);
  });

  it("does not call denied what only lapsed", () => {
    expect(lines(card(lapsed())).slice(0, 2)).toEqual([
      `⌛ Expired · ${WHAT} · JIT-ABC123`,
      "Nobody decided by Today at 2:05 PM, so it expired. It wasn't denied, and nothing was opened.",
    ]);
  });

  it("says that what expired was approved, where a freeze kept it from opening", () => {
    expect(lines(card({ ...lapsed(), frozen: true }))[1]).toBe(
      "Approved while access was frozen, and expired Today at 2:05 PM. Nothing was opened.",
    );
    expect(lines(card({ ...lapsed(), frozen: true, unread: true }))[1]).toBe(
      "Approved while access was frozen, and expired Today at 2:05 PM. Azure couldn't be read, so the bot hasn't checked that nothing is open.",
    );
  });

  it("doesn't tie the end of what waits to the freeze, which may be lifted before", () => {
    const waits = ready(PLAIN, { frozen: { by: LEAD, atMs: DECIDED_AT_MS, reason: "" } });
    const said = lines(card(waits)).join("\n");
    expect(said).toMatch(/Expires .* if it hasn't opened by then\./);
    expect(said).not.toContain("still frozen");
  });

  it("doesn't blame a freeze that is lifted, nor promise a time, where nothing can be checked", () => {
    const frozen = { by: LEAD, atMs: DECIDED_AT_MS, reason: "" };
    for (const waits of [{ frozen }, { fromMs: DECIDED_AT_MS }]) {
      expect(lines(card(ready(PLAIN, { ...waits, unchecked: true }))).slice(1, 3)).toEqual([
        "Auto-approved by rule production. Not opened yet: the bot can't check right now whether it may open.",
        expect.stringMatching(/^It keeps trying\. Expires .* if it hasn't opened by then\.$/),
      ]);
    }
    const told = ready(PLAIN, { frozen, unchecked: true });
    const step = { n: 1, what: "frozen", atMs: DECIDED_AT_MS } as const;
    expect(plain(stepLine(told, step, { hideSource: false }))).toBe(
      "It waited, because access was frozen.",
    );
  });

  it("says below the card no more than it knows of what expired", () => {
    const below = (more: Partial<In<"lapsed">>) => {
      const request = { ...lapsed(), ...more };
      const step = { n: 1, what: "lapsed", atMs: DECIDED_AT_MS } as const;
      return plain(stepLine(request, step, { hideSource: false }));
    };
    expect(below({ unused: true })).toMatch(/so it expired\. Nothing was opened\.$/);
    expect(below({ unused: true, unread: true })).toMatch(
      /so it expired\. Azure couldn't be read, so the bot hasn't checked that nothing is open\.$/,
    );
    // The freeze may have been lifted before.
    expect(below({ frozen: true })).toMatch(/and expired before it could open\.$/);
    for (const request of [{ heldUp: FAULT }, { unchecked: true }, {}] as const) {
      expect(below(request)).not.toMatch(/nothing (was opened|is open)/i);
    }
  });
});

describe("a failed card", () => {
  it("shows Azure's own words, what they probably mean, and Retry", () => {
    expect(lines(card(failed()))).toEqual([
      `❌ Failed · ${WHAT} ${UNTIL}`,
      "Couldn't open the port.",
      "This probably means: the bot's Azure identity is missing a permission on this VM or its JIT policy. An admin can see which one with /jit doctor.",
      "Retry doesn't move the end time (Today at 4:05 PM).",
      "Azure says AuthorizationFailed:",
      "> The client does not have authorization to perform action 'initiate'.",
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
      "There's too little time left to retry. To request it again: /jit request rg-prod-web/vm-01 22 2h from vpn",
    );
  });

  it("does not say that Azure answered where it did not", () => {
    const fault = { code: "ETIMEDOUT", message: "Azure did not answer in time." };
    const azure = { sent: 1, answer: "unknown", reads: 0, seenPorts: [] } as const;
    const read = lines(card({ ...failed(), fault, grant: grant(PLAIN, { azure }) }));
    expect(read.slice(1, 3).concat(read.slice(4, 6))).toEqual([
      "Couldn't open the port.",
      "This probably means: Azure couldn't be reached, or is having problems of its own.",
      "No answer from Azure (ETIMEDOUT):",
      "> Azure did not answer in time.",
    ]);
  });

  it("does not put words of its own into Azure's mouth", () => {
    const fault = { code: "NeverSeenOpen", message: "The port was never seen open." };
    const read = lines(card({ ...failed(), fault }));
    expect(read[1]).toBe("The port was never seen open.");
    expect(read.join()).not.toContain("Azure says");
  });
});
