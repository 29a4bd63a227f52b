// What the requester is told in a channel, where everybody reads along: never more than the card shows.

import { describe, expect, it } from "vitest";
import { calledMessage } from "../../../../../src/adapters/slack/views/request/other-way.ts";
import {
  DECIDED_AT_MS,
  ENDS_AT_MS,
  everyRequest,
  everyStep,
  open,
  PLAIN,
  PROD,
  pending,
  step,
} from "../../requests.ts";
import { bench } from "../../workspace.ts";

const view = { nowMs: DECIDED_AT_MS, hide: [], extendable: true } as const;

describe("a call in the card's thread", () => {
  it.each(everyRequest(PLAIN).map((one) => [one.state, one] as const))(
    "%s: names neither the way in nor the reason, nor a source that the card hides",
    (_state, request) => {
      for (const step of everyStep(PLAIN)) {
        const told = JSON.stringify(calledMessage(request, { steps: [step] }, view));
        expect(told).toContain(`<@${request.ask.requester}>`);
        for (const secret of [PLAIN.address ?? "", PLAIN.reason])
          expect(told).not.toContain(secret);
        const hidden = calledMessage(request, { steps: [step] }, { ...view, hide: ["source"] });
        expect(JSON.stringify(hidden)).not.toContain(PLAIN.source);
      }
    },
  );

  it("of a reminder calls the approvers no second time", () => {
    const told = JSON.stringify(calledMessage(pending(), { steps: [step("reminded")] }, view));
    expect(told).not.toMatch(/U0LEAD|S0ONCALL/);
  });

  it("warns with the time that is left, and offers more only where there is more", () => {
    const news = { holders: new Map() };
    const at = { ...view, nowMs: ENDS_AT_MS - 9.5 * 60_000 };
    const told = JSON.stringify(calledMessage(open(), news, at));
    expect(told).toContain("9m left");
    expect(told).toContain("/jit extend");
    expect(JSON.stringify(calledMessage(open(), news, { ...at, extendable: false }))).not.toContain(
      "/jit extend",
    );
  });

  it("stays one when it is put right, and is not replaced by the private message", async () => {
    const { slack, chat } = await bench();
    const card = await chat.postCard(open(), PROD);
    const steps = [step("ended")];
    const ref = await chat.callRequester(open(), card, { steps });
    await chat.editEndMessage(open(), { audience: "requester", ...ref, steps, shown: 1 });
    const [reply] = slack.messages(PROD)[0]?.replies ?? [];
    const text = reply === undefined ? "" : slack.plainText(reply);
    expect(text).toContain("@erin");
    expect(text).not.toContain(PLAIN.address);
  });
});

describe("what is shown to the requester alone in a channel", () => {
  it("has the way in, reaches only them, and is refused where they are not", async () => {
    const { slack, chat } = await bench();
    await chat.whisper(open(), PROD, { steps: [step("open")] });
    expect(slack.messages(PROD)).toEqual([]);
    const [seen] = slack.ephemerals("U0ERIN");
    expect(seen === undefined ? "" : slack.plainText(seen)).toContain(
      `ssh <user>@${PLAIN.address}`,
    );
    await slack.change({ channel: { id: PROD, members: [slack.world.bot.userId] } });
    const refused = chat.whisper(open(), PROD, { steps: [step("open")] });
    await expect(refused).rejects.toMatchObject({ code: "user_not_in_channel", retryable: false });
  });
});
