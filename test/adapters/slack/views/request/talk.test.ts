// What is said about a request: on the card, to the requester, to who asked; and not where it must not stand.

import { describe, expect, it } from "vitest";
import { pingMessage } from "../../../../../src/adapters/slack/views/direct/ping.ts";
import { requesterMessage } from "../../../../../src/adapters/slack/views/direct/requester-message.ts";
import { historyMessage } from "../../../../../src/adapters/slack/views/request/batch/history.ts";
import { cardMessage } from "../../../../../src/adapters/slack/views/request/card.ts";
import { calledMessage } from "../../../../../src/adapters/slack/views/request/other-way.ts";
import type { AccessRequest } from "../../../../../src/domain/request/request.ts";
import type { Question } from "../../../../../src/domain/talk/talk.ts";
import { buttonsOf, lines } from "../../reading.ts";
import {
  cancelled,
  DECIDED_AT_MS,
  denied,
  ERIN,
  LEAD,
  OMAR,
  opening,
  PLAIN,
  pending,
  step,
} from "../../requests.ts";

const VIEW = { nowMs: DECIDED_AT_MS, hide: [], endsEarly: true } as const;
const HIDDEN = { ...VIEW, hide: ["reason"] } as const;

const question: Question = { n: 1, by: LEAD, atMs: DECIDED_AT_MS, text: "why <!here> at night?" };
const answer = { atMs: DECIDED_AT_MS, text: "it's quiet then" };
const asked = pending(PLAIN, { questions: [question] });
const answered = pending(PLAIN, { questions: [{ ...question, answer }] });
const note = "ok, but not before the deploy";
const noted = { ...opening(), approvals: [{ by: LEAD, atMs: DECIDED_AT_MS, note }] };

const PRIVATE = ["why", "quiet", "deploy"];

describe("the card", () => {
  it("shows a question, and that it waits for the requester", () => {
    const shown = lines(cardMessage(asked, VIEW));
    expect(shown).toContain("❓ Question by @lea:");
    expect(shown).toContain("> why <!here> at night?");
    expect(shown).toContain("Waiting for @erin to answer.");
  });

  it("shows the answer beside it, and a note with who wrote it", () => {
    const shown = lines(cardMessage(answered, VIEW));
    expect(shown).toContain("💬 Answer by @erin:");
    expect(shown).toContain("> it's quiet then");
    expect(shown.join("\n")).not.toContain("Waiting for @erin");
    expect(lines(cardMessage(noted, VIEW))).toContain(`> ${note}`);
  });

  it("shows who is on it, and that others can still decide", () => {
    const claimed = { ...pending(), claim: { by: OMAR, untilMs: DECIDED_AT_MS + 600_000 } };
    expect(lines(cardMessage(claimed, VIEW)).join("\n")).toContain(
      "@omar is on it until Today at 2:15 PM. Others can still decide.",
    );
  });

  it.each([
    ["a question", asked],
    ["an answer", answered],
    ["a note", noted],
  ])("keeps %s out of a channel that doesn't see reasons", (_, request) => {
    const shown = JSON.stringify(cardMessage(request, HIDDEN));
    for (const text of PRIVATE) expect(shown).not.toContain(text);
    expect(shown).toContain("not shown here");
  });
});

describe("the requester", () => {
  const told = (request: AccessRequest, what: Parameters<typeof step>[0]) =>
    requesterMessage(request, [step(what, { by: LEAD })], {
      nowMs: DECIDED_AT_MS,
      endsEarly: true,
    });

  it("reads the question, with a button that answers this one", () => {
    const second = { ...question, n: 2, text: "for whom?", atMs: DECIDED_AT_MS - 1 };
    const both = pending(PLAIN, { questions: [second, question] });
    const message = told(both, "questioned");
    expect(lines(message)).toContain("> why <!here> at night?");
    expect(buttonsOf(message.blocks)).toMatchObject([
      { action_id: "jit.answer", value: "JIT-ABC123 n0nce 2" },
      { action_id: "jit.answer", value: "JIT-ABC123 n0nce 1" },
      { action_id: "jit.cancel" },
    ]);
    const ping = pingMessage(both, [step("questioned", { by: LEAD })]);
    expect(lines(ping).join()).not.toContain("for whom?");
    expect(buttonsOf(ping.blocks)).toMatchObject([{ value: "JIT-ABC123 n0nce 1" }]);
  });

  it("has nothing to press once it is answered, or decided", () => {
    const left = (request: AccessRequest) =>
      buttonsOf(told(request, "questioned").blocks).map(({ action_id }) => action_id);
    expect(left(answered)).toEqual(["jit.cancel"]);
    expect(left({ ...opening(), questions: [question] })).toEqual(["jit.end"]);
  });

  it("reads in the message that called them what they answered, or that no answer is needed", () => {
    const steps = [step("questioned", { by: LEAD })];
    const over = { ...cancelled(), questions: [question] };
    for (const [request, says] of [
      [answered, ["💬 Your answer:", "> it's quiet then"]],
      [over, ["This no longer needs an answer."]],
    ] as const) {
      const ping = pingMessage(request, steps);
      expect(buttonsOf(ping.blocks)).toEqual([]);
      const shown = lines(ping);
      expect(shown[0]).toMatch(/^☑️ You were asked about .*JIT-ABC123\. The message above shows/);
      expect(shown).toContain("> why <!here> at night?");
      expect(shown.slice(-says.length)).toEqual(says);
    }
  });

  it("reads the note of an approval, and who wrote it, in the message that calls them, too", () => {
    const ping = pingMessage(noted, [step("approved", { by: LEAD, atMs: DECIDED_AT_MS })]);
    for (const shown of [lines(told(noted, "approved")), lines(ping)]) {
      expect(shown).toContain("💬 Note by @lea:");
      expect(shown).toContain(`> ${note}`);
    }
  });

  it.each([
    ["", ["Denied by @omar; no reason given."]],
    ["no way", ["Denied by @omar:", "> no way"]],
  ])("reads who denied it, and %j as the reason", (denial, says) => {
    const shown = lines(pingMessage({ ...denied(), deniedBy: OMAR, denial }, [step("denied")]));
    expect(shown.slice(-says.length)).toEqual(says);
  });

  it("reads of what was Ready that it was, with the note, and no state that changes again", () => {
    const steps = [step("approved", { by: LEAD, atMs: DECIDED_AT_MS }), step("ready")];
    for (const request of [noted, { ...cancelled(), approvals: noted.approvals }]) {
      const shown = lines(pingMessage(request, steps));
      expect(shown[0]).toMatch(/^☑️ Was ready to open: .*JIT-ABC123\. The message above shows/);
      expect(shown).toContain(`> ${note}`);
      expect(shown.join()).not.toMatch(/Opening|Cancelled/);
    }
  });
});

describe("where others read along", () => {
  it("nothing stands that was written, only that it was", () => {
    const questioned = step("questioned", { by: LEAD });
    const other = step("answered", { by: ERIN });
    const messages = [
      calledMessage(asked, { steps: [questioned] }, { ...VIEW, extendable: false }),
      calledMessage(
        noted,
        { steps: [step("approved", { by: LEAD })] },
        {
          ...VIEW,
          extendable: false,
        },
      ),
      historyMessage(asked, [questioned], VIEW),
      historyMessage(answered, [other], VIEW),
      historyMessage(noted, [step("approved", { by: LEAD })], VIEW),
    ];
    for (const message of messages) {
      for (const text of PRIVATE) expect(JSON.stringify(message)).not.toContain(text);
    }
  });

  it("who asked is called when the answer is there", () => {
    const shown = lines(historyMessage(answered, [step("answered", { by: ERIN })], VIEW));
    expect(shown).toEqual(["@lea, @erin answered your question: it's on the card."]);
  });
});
