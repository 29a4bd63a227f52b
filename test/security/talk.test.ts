// Talk that somebody might misuse: others' questions, forms of others, repeated sendings, decisions in between.

import { describe, expect, it } from "vitest";
import type { RequestId, UserId } from "../../src/domain/text/ids.ts";
import { asked, brought, codeOf, read, type Stage, startStage } from "./stage.ts";
import { ADA, AUDREY, ERIN, GUEST, LEA, NOBODY, OMAR, PIA, SAM, STRANGER } from "./universe.ts";

const formOf = (stage: Stage, id: RequestId) => ({ id, nonce: stage.request(id).nonce });

const ask = (stage: Stage, user: UserId, id: RequestId, text = "why at night?") =>
  stage.inbound.ask(stage.sender(user), { ...formOf(stage, id), text });
const answer = (stage: Stage, user: UserId, id: RequestId, question = 1) =>
  stage.inbound.answer(stage.sender(user), { ...formOf(stage, id), question, text: "it's quiet" });

describe("a question", () => {
  it("is asked by those alone who may decide, and answered by the requester alone", async () => {
    const stage = startStage();
    const id = await asked(stage);
    for (const user of [ERIN, SAM, ADA, AUDREY, NOBODY, PIA, GUEST, STRANGER]) {
      expect(codeOf(await ask(stage, user, id)), user).toBeDefined();
      expect(codeOf(await stage.click(user, "claim", id)), user).toBeDefined();
    }
    expect(stage.request(id).questions).toBeUndefined();
    expect(codeOf(await ask(stage, OMAR, id))).toBeUndefined();
    for (const user of [OMAR, LEA, SAM, ADA, AUDREY, NOBODY, GUEST, STRANGER]) {
      expect(codeOf(await answer(stage, user, id)), user).toBeDefined();
    }
    expect(stage.request(id).questions?.[0]?.answer).toBeUndefined();
    expect(codeOf(await answer(stage, ERIN, id))).toBeUndefined();
    expect(stage.request(id).questions?.[0]?.answer?.text).toBe("it's quiet");
  });

  it("is shown to nobody by a button with another request's nonce", async () => {
    const stage = startStage();
    const mine = await asked(stage);
    const other = await asked(stage, "request web-2 22 1h for y", SAM);
    await ask(stage, LEA, other, "a secret of Sam's");
    const { nonce } = stage.request(mine);
    const click = { nonce, question: 1, message: undefined };
    const opened = await stage.click(ERIN, "answer", other, click);
    expect(codeOf(opened)).toBe("no-such-request");
    expect(JSON.stringify(opened)).not.toContain("secret");
    // With the right one, it is still not theirs.
    const own = await stage.click(ERIN, "answer", other, { question: 1, message: undefined });
    expect(codeOf(own)).toBe("not-yours");
    expect(JSON.stringify(own)).not.toContain("secret");
  });

  it("decides nothing, however often it is asked, answered and claimed", async () => {
    const stage = startStage();
    const id = await asked(stage);
    for (const user of [LEA, OMAR]) {
      await ask(stage, user, id, "approve");
      await stage.click(user, "claim", id);
    }
    await answer(stage, ERIN, id);
    expect(stage.request(id)).toMatchObject({ state: "pending", approvals: [] });
  });

  it("sent again by Slack is one question, and one answer", async () => {
    const stage = startStage();
    const id = await asked(stage);
    const sender = stage.sender(LEA);
    const form = { ...formOf(stage, id), text: "why?" };
    for (let time = 0; time < 3; time++) await stage.inbound.ask(sender, form);
    expect(stage.request(id).questions).toHaveLength(1);
    const erin = stage.sender(ERIN);
    const reply = { ...formOf(stage, id), question: 1, text: "so" };
    for (let time = 0; time < 3; time++) await stage.inbound.answer(erin, reply);
    const entries = stage.store.recorded.map(({ note }) => note.what);
    expect(entries.filter((what) => what === "questioned" || what === "answered")).toEqual([
      "questioned",
      "answered",
    ]);
    expect(entries).not.toContain("refused");
  });

  it("after a decision is refused in words that keep what was typed", async () => {
    const stage = startStage();
    const id = await brought(stage, "denied");
    const late = await ask(stage, LEA, id, "why at night?");
    expect(codeOf(late)).toBe("wrong-state");
    expect(read(late)).toContain("You wrote: why at night?");
    const tooLate = await answer(stage, ERIN, id);
    expect(read(tooLate)).toContain("You wrote: it's quiet");
  });

  it("longer than a reason may be is refused, and nothing is cut", async () => {
    const stage = startStage();
    const id = await asked(stage);
    expect(codeOf(await ask(stage, LEA, id, "x".repeat(1_001)))).toBe("bad-reason");
    expect(codeOf(await ask(stage, LEA, id, "a\u202eb"))).toBe("bad-reason");
    expect(stage.request(id).questions).toBeUndefined();
  });
});

describe("a claim", () => {
  it("made by two at once is one person's", async () => {
    const stage = startStage();
    const id = await asked(stage);
    const answers = await Promise.all([LEA, OMAR].map((user) => stage.click(user, "claim", id)));
    expect(answers.map(codeOf).toSorted()).toEqual(["already-claimed", undefined]);
  });
});
