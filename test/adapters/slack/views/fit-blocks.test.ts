// Messages cut to what Slack takes in all: never broken, never without their buttons, and no notice is lost by it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { slackClient } from "../../../../src/adapters/slack/client/slack-client.ts";
import { sayPrivately } from "../../../../src/adapters/slack/listeners/answers.ts";
import { actions, header, quote, sections } from "../../../../src/adapters/slack/views/blocks.ts";
import {
  BLOCKS_CHARACTERS_MAX,
  cutMrkdwn,
  fitted,
  sizeOf,
} from "../../../../src/adapters/slack/views/fit-blocks.ts";
import { privateText } from "../../../../src/adapters/slack/views/private-text.ts";
import { channelId, requestIdFrom, userId } from "../../../../src/domain/text/ids.ts";
import { type Part, words } from "../../../../src/domain/text/words.ts";
import type { Notice } from "../../../../src/ports/storage/notices.ts";
import { ERIN, PLAIN, PROD, pending } from "../requests.ts";
import { bench, faultOf } from "../workspace.ts";

const NOTICES = channelId("C0NOTICES");

const part: fc.Arbitrary<Part> = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 2_000 }),
  fc.constantFrom<Part>({ user: ERIN }, { atMs: 1_800_000_000_000 }, { code: "a&b<c>`d`" }),
  fc.string({ maxLength: 80 }).map((strong): Part => ({ strong })),
);
const button = (name: string) => ({
  type: "button" as const,
  ...{ action_id: name, value: "x".repeat(40), accessibility_label: name },
  text: { type: "plain_text" as const, text: name, emoji: true as const },
});
const message = fc
  .tuple(
    fc.array(fc.array(part, { maxLength: 6 }), { maxLength: 20 }),
    fc.string({ maxLength: 4_000 }),
  )
  .map(([lines, typed]) => ({
    text: "t",
    blocks: [
      header("Title"),
      ...lines.flatMap((line) => sections([line])),
      ...quote(words`Why:`, typed),
      ...actions(["approve", "deny"].map(button)),
    ],
  }));

describe("a message that is too long", () => {
  it("fits, keeps its title and its buttons, and leaves nothing open", () => {
    fc.assert(
      fc.property(message, fc.constantFrom(9_000, 4_500, 2_250, 1_125), (long, most) => {
        const { blocks } = fitted(long, most);
        expect(sizeOf(blocks)).toBeLessThanOrEqual(most);
        expect([blocks[0], blocks.at(-1)]).toEqual([long.blocks[0], long.blocks.at(-1)]);
        for (const block of blocks) {
          if (block.type !== "section") continue;
          expect(block.text.text).not.toMatch(
            /<[^>]*$|&(?!(amp|lt|gt);)|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/,
          );
          expect(block.text.text.length).toBeLessThanOrEqual(3_000);
          expect(block.text.text.trim()).not.toBe("");
        }
      }),
    );
  });

  it("is left as it is where it fits", () => {
    const short = { text: "t", blocks: sections([words`short`]) };
    expect(fitted(short, BLOCKS_CHARACTERS_MAX)).toBe(short);
    const bare: ReturnType<typeof privateText> = { text: "only text" };
    expect(fitted(bare, 10)).toBe(bare);
  });

  it.each([
    ["a mention", "<@U0ERIN>"],
    ["an escaped character", "&amp;&lt;&gt;"],
    ["code", "`some code that is long`"],
    ["bold", "*bold that is long*"],
  ])("isn't cut within %s", (_, end) => {
    const text = `${"word ".repeat(20)}${end}`;
    for (let most = 60; most < text.length; most++) {
      const [kept = ""] = cutMrkdwn(text, most).split("\n_Shortened here._");
      expect(kept.split("`").length % 2).toBe(1);
      expect(kept.split("*").length % 2).toBe(1);
      expect(kept).not.toMatch(/<[^>]*$|&[a-z]*$/);
      expect(cutMrkdwn(text, most).length).toBeLessThanOrEqual(most);
    }
  });
});

describe("where Slack takes less than the bot believes", () => {
  const long = () => pending({ ...PLAIN, reason: "<&>".repeat(330) });

  it.each([8_000, 4_000, 2_000])(
    "%i: a card comes all the same, with its buttons",
    async (blocksCharactersMax) => {
      const { slack, chat } = await bench({ slack: { switches: { blocksCharactersMax } } });
      const ref = await chat.postCard(long(), PROD);
      await chat.editCard({ ...long(), revision: 9 }, ref);
      const [card] = slack.messages(PROD);
      expect(JSON.stringify(card?.blocks)).toContain("jit.approve");
      expect(card?.metadata?.event_payload.version).toBe(9);
    },
  );

  it("every notice is posted in its turn, though few fit at once", async () => {
    const { slack, chat } = await bench({ slack: { switches: { blocksCharactersMax: 2_000 } } });
    const all = Array.from(
      { length: 40 },
      (_, n): Notice => ({
        ...{ what: "failed", atMs: n, vm: `vm-${n}`, ports: [22], text: "x".repeat(300) },
        id: requestIdFrom(Uint8Array.from([n, n, n, n, n, n])),
      }),
    );
    let left = all;
    for (let turn = 0; left.length > 0 && turn < 60; turn++) {
      left = left.slice(await chat.postNotices(NOTICES, left));
    }
    const shown = slack
      .messages(NOTICES)
      .map((one) => slack.plainText(one))
      .join("\n");
    for (const { vm } of all) expect(shown).toContain(`${vm}`);
    expect(left).toEqual([]);
  });

  it("a notice that Slack takes in no way keeps no other waiting", async () => {
    const { slack, chat } = await bench({ slack: { switches: { blocksCharactersMax: 100 } } });
    const notice: Notice = { what: "failed", atMs: 1, vm: "vm-1", ports: [22], text: "x" };
    expect(await chat.postNotices(NOTICES, [notice, notice])).toBe(1);
    slack.world.switches.blocksCharactersMax = 9_000;
    expect(await chat.postNotices(NOTICES, [notice])).toBe(1);
    expect(slack.messages(NOTICES)).toHaveLength(1);
  });

  it("what no cut helps is a fault that no retry mends", async () => {
    const { chat } = await bench({ slack: { switches: { blocksCharactersMax: 100 } } });
    expect(await faultOf(chat.postCard(long(), PROD))).toMatchObject({
      ...{ code: "msg_blocks_too_long", retryable: false },
    });
  });
});

describe("a private answer", () => {
  const lines = Array.from(
    { length: 49 },
    (_, n) => words`${{ code: `tag${n}` }} is ${"v".repeat(256)}`,
  );

  it("fits, and is to the letter", () => {
    const { blocks = [], text } = privateText([...lines, ...lines, ...lines]);
    expect(sizeOf(blocks)).toBeLessThanOrEqual(BLOCKS_CHARACTERS_MAX);
    expect(text.length).toBeLessThanOrEqual(3_000);
    for (const block of blocks) expect(block).toMatchObject({ text: { verbatim: true } });
    expect(JSON.stringify(blocks.at(-1))).toContain("… and more, which is left out here.");
  });

  it.each([8_000, 2_000])("comes where Slack takes %i characters, by any way", async (most) => {
    const { slack } = await bench({ slack: { switches: { blocksCharactersMax: most } } });
    const log = { info() {}, warn() {}, error() {}, debug() {} };
    const say = sayPrivately({
      client: slackClient("xoxb-bot", slack.url),
      log,
      responseUrlMs: 1_000,
    });
    await say(
      { user: userId("U0ERIN"), channel: PROD, responseUrl: undefined },
      privateText(lines),
    );
    expect(slack.ephemerals("U0ERIN")).toHaveLength(1);
    expect(slack.direct("U0ERIN")).toHaveLength(0);
  });
});
