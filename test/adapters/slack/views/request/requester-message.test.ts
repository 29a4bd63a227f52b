// What the requester reads, step by step and when several steps are told at once.

import { describe, expect, it } from "vitest";
import { requesterMessage } from "../../../../../src/adapters/slack/views/request/requester-message.ts";
import type { AccessRequest, Step } from "../../../../../src/domain/request/request.ts";
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
  LEAD,
  lapsed,
  OMAR,
  open,
  opening,
  PLAIN,
  PROD,
  pending,
  step,
} from "../../requests.ts";

const VIEW = { nowMs: DECIDED_AT_MS, endsEarly: true };
const told = (request: AccessRequest, ...steps: Step[]) => requesterMessage(request, steps, VIEW);
const fault = { code: PLAIN.code, message: PLAIN.message };

const AGAIN = "/jit request rg-prod-web/vm-01 22 2h from vpn";

describe("the requester is told", () => {
  it("that the approvers were asked, and how to take it back", () => {
    expect(lines(told(pending(), step("asked")))).toEqual([
      "⏳ Pending: 22 (SSH) on vm-01, JIT-ABC123",
      "Requested. Approvers see it in #prod-access.",
      "It expires Today at 6:00 PM. To cancel it: /jit cancel JIT-ABC123",
    ]);
  });

  it("how many approvals there are", () => {
    const request = pending(PLAIN, {
      promised: { ...common(PLAIN).promised, approvals: 2 },
      approvals: [{ by: LEAD, atMs: DECIDED_AT_MS }],
    });
    expect(lines(told(request, step("approved", { by: LEAD })))[1]).toBe(
      "Approved by @lea (1 of 2).",
    );
  });

  it("that Azure is asked once it is approved", () => {
    expect(lines(told(opening(), step("approved", { by: LEAD })))).toEqual([
      "🔑 Opening: 22 (SSH) on vm-01, JIT-ABC123",
      "Approved by @lea.",
      "I'll tell you when it's open.",
    ]);
  });

  it("Azure's words when it takes longer, and what happens next", () => {
    expect(lines(told(opening(), step("delayed", { fault })))).toEqual([
      "🔑 Opening: 22 (SSH) on vm-01, JIT-ABC123",
      "Taking longer than usual. Azure says AuthorizationFailed: The client does not have authorization to perform action 'initiate'. The bot keeps trying.",
      "It still ends Today at 4:05 PM. I'll tell you when it's open.",
    ]);
  });

  it("that Azure accepted, which is not open yet", () => {
    expect(lines(told(opening(), step("accepted")))[1]).toBe(
      "Azure accepted the request; waiting for the port to open.",
    );
  });

  it("the way in, at once when it is open", () => {
    const message = told(open(), step("open"));
    expect(lines(message)).toEqual([
      "🟢 Open until Today at 4:05 PM: 22 (SSH) on vm-01, JIT-ABC123",
      "22 (SSH): ssh <user>@198.51.100.7",
      "[End now]",
    ]);
    expect(spoken(message)).toBe("Open until Today at 4:05 PM: 22 (SSH) on vm-01.");
  });

  it("what an Azure Bastion needs, where one serves the network", () => {
    const sees = (bastion: boolean) =>
      lines(requesterMessage(open(), [step("open")], { ...VIEW, bastion }));
    expect(sees(true).slice(1)).toEqual([
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
      "Azure says AuthorizationFailed:",
      "> The client does not have authorization to perform action 'initiate'.",
      "Retry doesn't move the end time (Today at 4:05 PM).",
      "[Retry]",
    ]);
  });

  it("how to ask again when it is too late for Retry", () => {
    const view = { ...VIEW, nowMs: ENDS_AT_MS };
    const message = requesterMessage(failed(), [step("failed", { fault })], view);
    expect(offered(message)).toEqual([]);
    expect(lines(message).at(-1)).toContain(AGAIN);
  });

  it("who denied it, and why", () => {
    expect(lines(told(denied(), step("denied", { by: LEAD })))).toEqual([
      "🚫 Denied: 22 (SSH) on vm-01, JIT-ABC123",
      "Denied by @lea:",
      "> use the jump host",
    ]);
  });

  it("that no reason was given for a denial", () => {
    const request = denied({ ...PLAIN, denial: " " });
    expect(lines(told(request, step("denied", { by: LEAD })))[1]).toBe(
      "Denied by @lea; no reason given.",
    );
  });

  it("that it is cancelled, addressed as the one who did it", () => {
    expect(lines(told(cancelled(), step("cancelled", { by: ERIN })))[1]).toBe("Cancelled by you.");
  });

  it("that it expired, was not denied, and how to ask again", () => {
    expect(lines(told(lapsed(), step("lapsed"))).slice(1)).toEqual([
      "Nobody decided in time, so it expired. It wasn't denied.",
      `To request it again: ${AGAIN}`,
    ]);
  });

  it("that ending early does not cut open sessions", () => {
    expect(lines(told(ending(), step("ending", { by: LEAD })))[1]).toBe(
      "Closing early by @lea. Existing sessions stay connected.",
    );
  });

  it("that it could not be ended early, and when it ends", () => {
    expect(lines(told(open(), step("not-ended", { fault })))[1]).toBe(
      "Couldn't end it early. Azure says AuthorizationFailed: The client does not have authorization to perform action 'initiate'. It ends Today at 4:05 PM.",
    );
  });

  it("that it ended, and that the warning had not come", () => {
    expect(lines(told(ended(), step("warning-missed"), step("ended")))).toEqual([
      "⚪ Ended: 22 (SSH) on vm-01, JIT-ABC123",
      "• The warning before the end couldn't be sent in time.",
      "• Ended on time, Today at 4:05 PM. Azure shows it closed. Existing sessions stay connected.",
      `Need it again? ${AGAIN}`,
    ]);
  });

  it.each([
    ["early", "Ended early by you, Today at 4:05 PM."],
    ["elsewhere", "Closed early outside this bot, Today at 4:05 PM."],
  ] as const)("how it ended: %s", (how, said) => {
    const by = how === "early" ? { by: ERIN } : {};
    expect(lines(told(ended(PLAIN, { how }), step("ended", by)))[1]).toContain(said);
  });

  it("that it is still open after its end, and how to shut it by hand", () => {
    expect(lines(told(ended(PLAIN, { closing: "still-open" }), step("still-open")))).toEqual([
      "⚪ Ended: 22 (SSH) on vm-01, JIT-ABC123",
      "⚠️ It should be closed, and Azure still shows it open. The bot keeps looking.",
      "To close it by hand, delete the allow rule MicrosoftDefenderForCloud-JITRule-… in the VM's network security group.",
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
    expect(lines(told(request, step("asked"), unposted)).slice(1, 3)).toEqual([
      "• Requested.",
      "• ⚠️ The request couldn't be posted in #prod-access. Slack says not_in_channel (the bot isn't in that channel: somebody there has to /invite it). Asked privately instead: @lea. Not reached yet: @omar.",
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
      "• Requested.",
      "• Approved by @lea.",
      "• Taking longer than usual. Azure says AuthorizationFailed: The client does not have authorization to perform action 'initiate'. The bot keeps trying.",
      "22 (SSH): ssh <user>@198.51.100.7",
      "[End now]",
    ]);
  });

  it("do not show the way into what is shut by now", () => {
    const message = told(ended(), step("open"), step("ended"));
    expect(lines(message).join()).not.toContain("ssh");
    expect(offered(message)).toEqual([]);
  });

  it("do not offer Retry for what is being retried", () => {
    const message = told(opening(), step("failed", { fault }), step("retried", { by: LEAD }));
    expect(offered(message)).toEqual([]);
    expect(lines(message)).toContain("• Retried by @lea; the end time is unchanged.");
  });
});
