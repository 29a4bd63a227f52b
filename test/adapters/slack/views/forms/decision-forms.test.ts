// The forms for decisions that need words: what opens on the phone, what is sent back, what is taken.

import { describe, expect, it } from "vitest";
import type { FormAnswer } from "../../../../../src/adapters/slack/views/forms/decision-forms.ts";
import { formOf } from "../../../../../src/adapters/slack/views/forms/decision-forms.ts";
import { userId } from "../../../../../src/domain/text/ids.ts";
import { words } from "../../../../../src/domain/text/words.ts";
import type { Answer } from "../../../../../src/ports/inbound.ts";
import {
  ID,
  NONCE,
  NOTHING,
  postButton,
  SENTENCE,
  SENTENCE_SHOWN,
  said,
  started,
  toldTo,
} from "../../bench.ts";

const CARRIED = { id: ID, nonce: NONCE };
const ABOUT = words`${{ user: userId("U0ERIN") }}: 3389 on ${{ code: "vm-01" }} for 2h`;
const DENY: FormAnswer = { answer: "deny-form", ...CARRIED, about: ABOUT };
const CONCERN: FormAnswer = { answer: "concern-form", ...CARRIED };
const CHANGE: FormAnswer = {
  answer: "change-form",
  ...CARRIED,
  about: ABOUT,
  durations: ["4h", "2h", "1h", "30m", "15m"],
  source: "vpn",
};
const ASK: FormAnswer = { answer: "ask-form", ...CARRIED };
const ANSWER: FormAnswer = {
  ...{ answer: "answer-form", ...CARRIED, question: 2 },
  asked: "Why <!channel> at *night*?",
} as const;
const EXTEND: FormAnswer = { answer: "extend-form", ...CARRIED, durations: ["30m", "1h"] };

/** Presses the button, upon which the inbound port answers with the form; `then` when the form was sent. */
async function opened(button: string, form: FormAnswer, then: Answer = NOTHING) {
  const made = await started({ limits: { denyPatienceMs: 5_000 } });
  const { slack, stub, inbound } = made;
  stub.answers((call) => (call.act === "click" ? form : then));
  const actionId = `jit.${button}`;
  const ts = await postButton(made, { actionId });
  await slack.click({ user: "U0LEAD", channel: "C0PROD", ts, actionId });
  await inbound.drain(10_000);
  const send = async (values: Record<string, string | null>) => {
    const sent = await slack.submitView({ user: "U0LEAD", values });
    await inbound.drain(10_000);
    return sent;
  };
  return { ...made, send, view: () => slack.modal("U0LEAD")?.view };
}

const SENDER = {
  user: "U0LEAD",
  outsider: false,
  channel: undefined,
  delivery: expect.stringMatching(/^http:/),
};

const FORMS: readonly [button: string, form: FormAnswer, title: string][] = [
  ["deny", DENY, "Deny JIT-ABC123"],
  ["review-concern", CONCERN, "Review JIT-ABC123"],
  ["change", CHANGE, "Approve JIT-ABC123"],
  ["extend", EXTEND, "Extend JIT-ABC123"],
  ["ask", ASK, "Ask about JIT-ABC123"],
  ["answer", ANSWER, "Answer JIT-ABC123"],
];

describe("every form", () => {
  it.each(FORMS)("is one that Slack opens: %s", async (button, form, title) => {
    const { slack, view } = await opened(button, form);
    expect(slack.callsTo("views.open")).toHaveLength(1);
    expect(slack.world.warnings).toEqual([]);
    const about = form.answer === "answer-form" ? " 2" : "";
    const carried = `${ID} ${NONCE}${about}`;
    expect(view()).toMatchObject({ title: { text: title }, private_metadata: carried });
    expect(toldTo(slack, "U0LEAD")).toEqual([]);
  });

  it.each(FORMS)("says how to go on where Slack does not open it: %s", async (button, form) => {
    const made = await started();
    made.slack.faults.add({ path: "views.open", act: { status: 500 } });
    made.stub.answers(form);
    const actionId = `jit.${button}`;
    const ts = await postButton(made, { actionId });
    await made.slack.click({ user: "U0LEAD", channel: "C0PROD", ts, actionId });
    await made.inbound.drain(10_000);
    expect(toldTo(made.slack, "U0LEAD")).toEqual([
      expect.stringMatching(
        /^Slack didn't open the form .* Nothing was changed: press \*.+\* again/,
      ),
    ]);
  });

  it.each(FORMS)("says what the inbound port answers: %s", async (button, form) => {
    const { slack, send } = await opened(button, form, said(SENTENCE));
    const hasReason = form.answer !== "change-form";
    expect((await send(hasReason ? { reason: "So." } : {})).outcome).toBe("closed");
    expect(toldTo(slack, "U0LEAD")).toEqual([SENTENCE_SHOWN]);
  });
});

it.each([
  ["deny", DENY],
  ["change", CHANGE],
] as const)("the form behind %s names person, VM and ports", async (button, form) => {
  const { view } = await opened(button, form);
  expect(JSON.stringify(view())).toContain("<@U0ERIN>: 3389 on `vm-01` for 2h");
});

describe("the form of a concern", () => {
  it("takes the words to the inbound port to the letter", async () => {
    const { send, stub } = await opened("review-concern", CONCERN);
    const text = "Nobody knew:\n<!channel> & <@U0ERIN> 🚪";
    expect((await send({ reason: text })).outcome).toBe("closed");
    expect(stub.calls.at(-1)).toEqual({
      act: "concern",
      form: { ...CARRIED, text },
      sender: SENDER,
    });
  });

  it("says before it is sent who will read it", async () => {
    const { view } = await opened("review-concern", CONCERN);
    expect(JSON.stringify(view())).toContain(
      "Visible to the requester, the admins and everyone who sees the card.",
    );
  });

  it("of blanks is sent back to its form", async () => {
    const { send, stub } = await opened("review-concern", CONCERN);
    expect(await send({ reason: " \n " })).toMatchObject({
      outcome: "errors",
      errors: { reason: expect.stringMatching(/^Describe the concern/) },
    });
    expect(stub.calls.filter((call) => call.act === "concern")).toEqual([]);
  });
});

describe("the form of a change", () => {
  const changes = (call: unknown) => expect(call).toMatchObject({ act: "approve-changed" });

  it("has what was asked for in it, so that one thing can be changed alone", async () => {
    const { send, stub } = await opened("change", CHANGE);
    expect((await send({ duration: "1h" })).outcome).toBe("closed");
    expect(stub.calls.at(-1)).toEqual({
      act: "approve-changed",
      form: { ...CARRIED, duration: "1h", source: "vpn", note: "" },
      sender: SENDER,
    });
  });

  it("marks the time that changes nothing, and offers no longer one", async () => {
    const { view } = await opened("change", CHANGE);
    const shown = JSON.stringify(view());
    expect(shown.match(/"text":"\d+[hm][^"]*"/g)?.slice(0, 5)).toEqual([
      '"text":"4h (unchanged)"',
      '"text":"2h"',
      '"text":"1h"',
      '"text":"30m"',
      '"text":"15m"',
    ]);
    expect(shown).toContain("The requester will see both.");
  });

  it("of several VMs sends that nothing was changed, and not one of their times", async () => {
    const vms = [{ id: CARRIED.id, vm: "vm-01" }];
    const form: FormAnswer = { ...CHANGE, durations: ["1h to 4h", "2h"], vms };
    const { view, send, stub } = await opened("change", form);
    expect(JSON.stringify(view())).toContain('"text":"1h to 4h (unchanged)"');
    await send({});
    expect(stub.calls.at(-1)).toMatchObject({ form: { duration: "unchanged" } });
  });

  it("takes a note along, to the letter", async () => {
    const { send, stub } = await opened("change", CHANGE);
    const note = "ok, but not before the <!channel> deploy";
    expect((await send({ note })).outcome).toBe("closed");
    changes(stub.calls.at(-1));
    expect(stub.calls.at(-1)).toMatchObject({ form: { duration: "4h", source: "vpn", note } });
  });

  it("takes a source to the inbound port as it was typed", async () => {
    const { send, stub } = await opened("change", CHANGE);
    await send({ source: " 203.0.113.7 " });
    changes(stub.calls.at(-1));
    expect(stub.calls.at(-1)).toMatchObject({ form: { duration: "4h", source: "203.0.113.7" } });
  });

  it("of blanks is sent back to its form", async () => {
    const { send, stub } = await opened("change", CHANGE);
    expect(await send({ source: "  " })).toMatchObject({
      outcome: "errors",
      errors: { source: expect.stringMatching(/^Enter a source/) },
    });
    expect(stub.calls.filter((call) => call.act === "approve-changed")).toEqual([]);
  });

  it("opens for the longest name of a network, and for a single time", async () => {
    const { slack, send, stub } = await opened("change", {
      ...CHANGE,
      durations: ["1m"],
      source: "n".repeat(200),
    });
    expect(slack.world.warnings).toEqual([]);
    expect((await send({})).outcome).toBe("closed");
    expect(stub.calls.at(-1)).toMatchObject({
      form: { duration: "1m", source: "n".repeat(200) },
    });
  });
});

describe("the forms of a question and its answer", () => {
  it("take the words to the inbound port, and which question is answered", async () => {
    const asking = await opened("ask", ASK);
    await asking.send({ reason: "Why at night?" });
    const asked = { ...CARRIED, text: "Why at night?" };
    expect(asking.stub.calls.at(-1)).toEqual({ act: "ask", form: asked, sender: SENDER });
    const answering = await opened("answer", ANSWER);
    await answering.send({ reason: "It's quiet then." });
    const form = { ...CARRIED, question: 2, text: "It's quiet then." };
    expect(answering.stub.calls.at(-1)).toEqual({ act: "answer", form, sender: SENDER });
  });

  it("show the question as plain text, in which nothing calls anybody", async () => {
    const { view } = await opened("answer", ANSWER);
    expect(view()).toMatchObject({
      blocks: [
        { text: { type: "plain_text", text: "The question: Why <!channel> at *night*?" } },
        { type: "input" },
      ],
    });
  });

  it.each([
    ["ask", ASK, "Write your question."],
    ["answer", ANSWER, "Write your answer."],
  ] as const)("of blanks are sent back: %s", async (button, form, says) => {
    const { send, stub } = await opened(button, form);
    expect(await send({ reason: " \n" })).toMatchObject({
      outcome: "errors",
      errors: { reason: says },
    });
    expect(stub.calls.filter(({ act }) => act === button)).toEqual([]);
  });
});

describe("the form of an extension", () => {
  it("takes how much longer, and a reason if there is a new one", async () => {
    const { send, stub } = await opened("extend", EXTEND);
    expect((await send({ duration: "1h" })).outcome).toBe("closed");
    expect(stub.calls.at(-1)).toMatchObject({ form: { ...CARRIED, duration: "1h", reason: "" } });
  });
});

describe("Slack's limits", () => {
  /** Titles and buttons: 24. Source: https://docs.slack.dev/reference/views/modal-views */
  it.each(FORMS)("are kept by titles and buttons: %s", (_button, form) => {
    const { title, submit, close } = formOf(form);
    for (const one of [title, submit, close]) {
      expect(one?.text.length).toBeLessThanOrEqual(24);
    }
  });
});
