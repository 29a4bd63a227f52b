// What the requester reads, step by step and when several steps are told at once.

import { describe, expect, it } from "vitest";
import { requesterMessage } from "../../../../../src/adapters/slack/views/direct/requester-message.ts";
import type { Step } from "../../../../../src/domain/request/document/step.ts";
import type { AccessRequest } from "../../../../../src/domain/request/request.ts";
import { channelId } from "../../../../../src/domain/text/ids.ts";
import { lines, offered, spoken } from "../../reading.ts";
import {
  cancelled,
  common,
  DECIDED_AT_MS,
  denied,
  ENDS_AT_MS,
  ERIN,
  ended,
  ending,
  failed,
  grant,
  inPhase,
  LEAD,
  lapsed,
  OMAR,
  open,
  opening,
  PLAIN,
  PROD,
  pending,
  ready,
  step,
} from "../../requests.ts";

const VIEW = { nowMs: DECIDED_AT_MS, endsEarly: true };
const told = (request: AccessRequest, ...steps: Step[]) => requesterMessage(request, steps, VIEW);
const fault = { code: PLAIN.code, message: PLAIN.message };

const ASKED = { sent: 1, answer: "unknown", reads: 0, seenPorts: [] } as const;
const AGAIN = "/jit request rg-prod-web/vm-01 22 2h from vpn";

describe("the requester is told", () => {
  it("that the approvers were asked, and how to take it back", () => {
    expect(lines(told(pending(), step("asked")))).toEqual([
      "⏳ Pending: 22 (SSH) on vm-01, JIT-ABC123",
      "Requested. Approvers decide in #prod-access.",
      "Needs 1 approval.",
      "Approvers: @oncall, @lea or @omar.",
      "Expires Today at 6:00 PM.",
      "[Cancel]",
    ]);
  });

  it("once that it waits because access is frozen, or that it was not opened for it", () => {
    const times = (request: AccessRequest, what: Parameters<typeof step>[0], says: string) =>
      lines(told(request, step(what, { fault })))
        .join("\n")
        .split(says).length - 1;
    const frozen = ready(PLAIN, { frozen: { by: LEAD, atMs: DECIDED_AT_MS, reason: "a leak" } });
    expect(times(frozen, "frozen", "access is frozen")).toBe(1);
    const over = { ...cancelled(), cancelledBy: undefined, fault };
    expect(times(over, "not-opened", "Not opened when the freeze")).toBe(1);
    // What the state no longer tells is said.
    expect(times(opening(), "frozen", "because access was frozen")).toBe(1);
  });

  it("that it waits for them, as one says it to them", () => {
    const waits = lines(told(ready(), step("ready"))).join("\n");
    expect(waits).toContain("It waits for you to press Open");
    const unused = lines(told({ ...lapsed(), unused: true }, step("lapsed"))).join("\n");
    expect(unused).toContain("Approved, but you didn't open it by");
    expect(waits + unused).not.toContain("@erin");
  });

  it("how many approvals there are", () => {
    const request = pending(PLAIN, {
      promised: { ...common(PLAIN).promised, approvals: 2 },
      approvals: [{ by: LEAD, atMs: DECIDED_AT_MS }],
    });
    expect(lines(told(request, step("approved", { by: LEAD })))).toContain(
      "Approved by @lea. 1 more approval needed.",
    );
  });

  it("that Azure is asked once it is approved", () => {
    expect(lines(told(opening(), step("approved", { by: LEAD })))).toEqual([
      "🔑 Opening: 22 (SSH) on vm-01, JIT-ABC123",
      "Approved by @lea.",
      "Azure accepted the request; waiting for the port to open.",
      "Ends Today at 4:05 PM.",
      "I'll tell you when it's open.",
      "[End now]",
    ]);
  });

  it("Azure's words when it takes longer, and what happens next", () => {
    const request = inPhase(PLAIN, {
      state: "opening",
      grant: grant(PLAIN, { azure: { ...ASKED, fault } }),
    });
    expect(lines(told(request, step("delayed", { fault }))).slice(2)).toEqual([
      "Opening the port…",
      "Last error: Azure says AuthorizationFailed: The client does not have authorization to perform action 'initiate'. The bot keeps trying.",
      "Ends Today at 4:05 PM.",
      "I'll tell you when it's open.",
      "[End now]",
    ]);
  });

  it("the way in, at once when it is open", () => {
    const message = told(open(), step("open"));
    expect(lines(message)).toEqual([
      "🟢 Open until Today at 4:05 PM: 22 (SSH) on vm-01, JIT-ABC123",
      "Approved by @lea.",
      "22 (SSH): ssh <user>@198.51.100.7",
      "[End now]",
    ]);
    expect(spoken(message)).toBe("Open until Today at 4:05 PM: 22 (SSH) on vm-01.");
  });

  it("how to get more time, where the rule lets them", () => {
    const message = requesterMessage(open(), [], { ...VIEW, extendable: true });
    expect(offered(message)).toEqual(["extend", "end"]);
  });

  it("what an Azure Bastion needs, where one serves the network", () => {
    const sees = (bastion: boolean) =>
      lines(requesterMessage(open(), [step("open")], { ...VIEW, bastion }));
    expect(sees(true).slice(2)).toEqual([
      "22 (SSH): ssh <user>@198.51.100.7",
      "To use Azure Bastion (in the portal under Connect), request access from the CIDR of its AzureBastionSubnet.",
      "[End now]",
    ]);
    expect(sees(false).join()).not.toContain("Bastion");
  });

  it("Azure's refusal, what it probably means, and Retry", () => {
    const message = told(failed(), step("failed", { fault }));
    expect(lines(message)).toEqual([
      "❌ Failed: 22 (SSH) on vm-01, JIT-ABC123",
      "Couldn't open the port.",
      "This probably means: the bot's Azure identity is missing a permission on this VM or its JIT policy. An admin can see which one with /jit doctor.",
      "Retry doesn't move the end time (Today at 4:05 PM).",
      "Azure says AuthorizationFailed:",
      "> The client does not have authorization to perform action 'initiate'.",
      "[Retry]",
    ]);
  });

  it("how to ask again when it is too late for Retry", () => {
    const view = { ...VIEW, nowMs: ENDS_AT_MS };
    const message = requesterMessage(failed(), [step("failed", { fault })], view);
    expect(offered(message)).toEqual(["again"]);
    expect(lines(message).join("\n")).toContain(AGAIN);
  });

  it("who denied it, and why", () => {
    expect(lines(told(denied(), step("denied", { by: LEAD })))).toEqual([
      "🚫 Denied: 22 (SSH) on vm-01, JIT-ABC123",
      "Denied by @lea Today at 2:05 PM.",
      "> use the jump host",
      "[Request again]",
    ]);
  });

  it("that no reason was given for a denial", () => {
    const request = denied({ ...PLAIN, denial: " " });
    expect(lines(told(request, step("denied", { by: LEAD })))[1]).toBe(
      "Denied by @lea Today at 2:05 PM.",
    );
  });

  it("that it is cancelled, addressed as the one who did it", () => {
    expect(lines(told(cancelled(), step("cancelled", { by: ERIN }))).slice(1)).toEqual([
      "Cancelled by @erin Today at 2:05 PM.",
      "[Request again]",
    ]);
  });

  it("that it expired, was not denied, and how to ask again", () => {
    expect(lines(told(lapsed(), step("lapsed"))).slice(1)).toEqual([
      "Nobody decided by Today at 2:05 PM, so it expired. It wasn't denied, and nothing was opened.",
      "[Request again]",
    ]);
  });

  it("that it expired before any approver was shown it", () => {
    const unseen = { ...lapsed(), cards: [{ to: PROD, shown: 0 }] };
    expect(lines(told(unseen, step("lapsed")))[1]).toBe(
      "It couldn't be shown to the approvers by Today at 2:05 PM, so it expired. It wasn't denied, and nothing was opened.",
    );
    const late = { ...lapsed(), cards: [{ to: PROD, shown: 0, postingSinceMs: DECIDED_AT_MS }] };
    expect(lines(told(late, step("lapsed")))[1]).toContain("Nobody decided by");
  });

  it("that ending early does not cut open sessions", () => {
    expect(lines(told(ending(), step("ending", { by: LEAD })))[1]).toBe(
      "Closing early by @lea; Azure doesn't show it closed yet. Existing sessions stay connected.",
    );
  });

  it("that it could not be ended early, and when it ends", () => {
    expect(lines(told(open(), step("not-ended", { fault })))[1]).toBe(
      "Couldn't end it early: the bot's Azure identity is missing a permission on this VM or its JIT policy. An admin can see which one with /jit doctor. It ends Today at 4:05 PM.",
    );
  });

  it("that it ended, and that the warning had not come", () => {
    expect(lines(told(ended(), step("warning-missed"), step("ended")))).toEqual([
      "⚪ Ended: 22 (SSH) on vm-01, JIT-ABC123",
      "The warning before the end couldn't be sent in time, as far as the bot knows.",
      "Ended on time, Today at 4:05 PM.",
      "Azure shows it closed. Existing sessions stay connected.",
      "[Request again]",
    ]);
  });

  it.each([
    ["early", "Ended early by @erin, Today at 4:05 PM."],
    ["elsewhere", "Closed early outside this bot, Today at 4:05 PM."],
  ] as const)("how it ended: %s", (how, said) => {
    const endedBy = how === "early" ? { endedBy: ERIN } : {};
    expect(lines(told(ended(PLAIN, { how, ...endedBy }), step("ended")))[1]).toContain(said);
  });

  it("that it is still open after its end, and how to shut it by hand", () => {
    const late = ended(PLAIN, { closing: "still-open", alarmed: true });
    expect(lines(told(late, step("still-open")))).toEqual([
      "⚪ Ended: 22 (SSH) on vm-01, JIT-ABC123",
      "The warning before the end couldn't be sent in time, as far as the bot knows.",
      "Ended on time, Today at 4:05 PM.",
      "⚠️ Azure still shows it open. The bot keeps looking.",
      "To close it by hand, delete the allow rule MicrosoftDefenderForCloud-JITRule-… in the VM's network security group.",
      "[Request again]",
    ]);
  });

  it("that it was shut late", () => {
    expect(lines(told(ended(), step("closed-late")))[1]).toBe(
      "Azure now shows it closed, after its end.",
    );
  });

  it("why the card could not be posted, and who was asked instead", () => {
    const request = pending(PLAIN, {
      cards: [
        { to: PROD, dead: "not_in_channel", shown: 0 },
        { to: LEAD, channel: channelId("D0LEAD"), ts: "2.2", shown: 1 },
        { to: OMAR, shown: 0 },
      ],
    });
    const unposted = step("card-unposted", { fault: { code: "not_in_channel", message: "" } });
    expect(lines(told(request, step("asked"), unposted)).slice(1, 2)).toEqual([
      "⚠️ The request couldn't be posted in #prod-access. Slack says not_in_channel (the bot isn't in that channel: somebody there has to /invite it). Asked privately instead: @lea. Not reached yet: @omar.",
    ]);
  });

  it("whom to turn to where nobody could be asked instead", () => {
    const request = pending(PLAIN, { cards: [{ to: PROD, dead: "is_archived", shown: 0 }] });
    const unposted = step("card-unposted", { fault: { code: "is_archived", message: "" } });
    const nobody = lines(told(request, unposted, step("unasked"))).join(" ");
    expect(nobody).toContain("Nobody has been asked, so nobody can approve it yet.");
    expect(nobody).not.toContain("privately instead");
    const left = step("card-unposted", { ...unposted, left: 12 });
    expect(lines(told(request, left)).join(" ")).toContain("12 more approvers weren't asked.");
  });
});

describe("several steps at once", () => {
  it("are one message, led by the state that holds now", () => {
    const message = told(
      open(),
      step("asked"),
      step("approved", { by: LEAD }),
      step("delayed", { fault }),
      step("open"),
    );
    expect(lines(message)).toEqual([
      "🟢 Open until Today at 4:05 PM: 22 (SSH) on vm-01, JIT-ABC123",
      "Approved by @lea.",
      "22 (SSH): ssh <user>@198.51.100.7",
      "[End now]",
    ]);
  });

  it("do not show the way into what is shut by now", () => {
    const message = told(ended(), step("open"), step("ended"));
    expect(lines(message).join()).not.toContain("ssh");
    expect(offered(message)).toEqual(["again"]);
  });

  it("do not offer Retry for what is being retried", () => {
    const message = told(opening(), step("failed", { fault }), step("retried", { by: LEAD }));
    expect(offered(message)).toEqual(["end"]);
    expect(lines(message)).toContain("Retried by @lea; the end time is unchanged.");
  });
});
