// Private answers: none is lost where Slack takes one message a second, and none waits for long.

import { expect, it } from "vitest";
import { slackClient } from "../../../../src/adapters/slack/client/slack-client.ts";
import { sayPrivately } from "../../../../src/adapters/slack/listeners/answers.ts";
import { answerButtons } from "../../../../src/adapters/slack/views/answer-buttons.ts";
import { privateText } from "../../../../src/adapters/slack/views/private-text.ts";
import { userId } from "../../../../src/domain/text/ids.ts";
import { words } from "../../../../src/domain/text/words.ts";
import { PROD } from "../requests.ts";
import { bench, SILENT } from "../workspace.ts";

const ERIN = { user: userId("U0ERIN"), responseUrl: undefined };

async function answers() {
  const { slack, pass } = await bench({
    slack: { switches: { rateLimits: "real", channelBurst: 1 } },
  });
  const slept: number[] = [];
  const say = sayPrivately({
    client: slackClient("xoxb-bot", slack.url),
    log: SILENT,
    responseUrlMs: 1_000,
    sleep: async (ms) => {
      slept.push(ms);
      pass(ms);
    },
  });
  return { slack, slept, say };
}

it.each([1, 2, 5])("says all of %i at once in a channel, there", async (count) => {
  const { slack, say } = await answers();
  const lines = Array.from({ length: count }, (_, n) => `answer ${n}`);
  await Promise.all(
    lines.map((one) => say({ ...ERIN, channel: PROD }, privateText([words`${one}`]))),
  );
  const shown = slack.ephemerals("U0ERIN").map((one) => slack.plainText(one));
  expect([...shown].sort()).toEqual(lines);
  expect(slack.direct("U0ERIN")).toEqual([]);
});

it("says both of two in a conversation with the bot", async () => {
  const { slack, slept, say } = await answers();
  for (const one of ["first", "second"]) {
    await say({ ...ERIN, channel: undefined }, privateText([words`${one}`]));
  }
  expect(slack.direct("U0ERIN").map((one) => slack.plainText(one))).toEqual(["first", "second"]);
  expect(slept).toEqual([1_000]);
});

it("goes another way instead of waiting for long", async () => {
  const { slack, slept, say } = await answers();
  const headers = { "retry-after": "30" };
  slack.faults.add({
    path: "chat.postEphemeral",
    times: 9,
    act: { status: 429, headers, body: {} },
  });
  await say({ ...ERIN, channel: PROD }, privateText([words`the answer`]));
  expect(slack.direct("U0ERIN").map((one) => slack.plainText(one))).toEqual(["the answer"]);
  expect(slept).toEqual([]);
});

it.each([PROD, undefined])(
  "says it in words alone where Slack doesn't take its blocks: %s",
  async (channel) => {
    const { slack, say } = await answers();
    const value = "x".repeat(2_001);
    const buttons = answerButtons([{ does: "form" }]).map((one) => ({ ...one, value }));
    await say({ ...ERIN, channel }, privateText([words`the answer`], buttons));
    const shown = channel === undefined ? slack.direct("U0ERIN") : slack.ephemerals("U0ERIN");
    expect(shown.map((one) => slack.plainText(one))).toEqual(["the answer"]);
  },
);
