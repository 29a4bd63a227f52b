// Sentences as Slack's markup: what is ours works, what was typed does not.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  escapeMrkdwn,
  escapeWithin,
  mrkdwn,
  mrkdwnPieces,
} from "../../../../src/adapters/slack/views/mrkdwn.ts";
import { withHiddenShown } from "../../../../src/domain/text/hidden-characters.ts";
import { channelId, groupId, userId } from "../../../../src/domain/text/ids.ts";
import { words } from "../../../../src/domain/text/words.ts";

describe("escapeMrkdwn", () => {
  it("escapes &, < and > and nothing else", () => {
    expect(escapeMrkdwn(`<!channel> & "x" 'y' *z* \`c\` &lt;`)).toBe(
      `&lt;!channel&gt; &amp; "x" 'y' *z* \`c\` &amp;lt;`,
    );
  });
});

describe("mrkdwn", () => {
  it("writes people, groups and channels as mentions", () => {
    const sentence = words`${{ user: userId("U0LEAD") }} of ${{ group: groupId("S0ONCALL") }} in ${{
      channel: channelId("C0PROD"),
    }}`;
    expect(mrkdwn(sentence)).toBe("<@U0LEAD> of <!subteam^S0ONCALL> in <#C0PROD>");
  });

  it("writes times in the reader's zone, with UTC to fall back on", () => {
    expect(mrkdwn(words`until ${{ atMs: Date.UTC(2026, 10, 1, 14, 3, 59, 999) }}`)).toBe(
      "until <!date^1793541839^{date_short_pretty} at {time}|2026-11-01 14:03 UTC>",
    );
  });

  it("escapes the strings of a sentence", () => {
    expect(mrkdwn(words`${"<!here>"} & more`)).toBe("&lt;!here&gt; &amp; more");
  });

  it.each([
    ["vm-01", "`vm-01`"],
    ["a`b", "`aˋb`"],
    ["a\n`b\r\u2028c", "`a ˋb c`"],
    ["<!channel>", "`&lt;!channel&gt;`"],
    ["", ""],
  ])("lets nothing break out of code: %j", (text, written) => {
    expect(mrkdwn([{ code: text }])).toBe(written);
  });

  it.each([
    ["Open", "*Open*"],
    ["a*b", "*a∗b*"],
    [" a\nb ", "*a b*"],
    ["a`b", "*aˋb*"],
    ["<@U1>", "*&lt;@U1&gt;*"],
    ["  ", ""],
  ])("lets nothing break out of bold: %j", (text, written) => {
    expect(mrkdwn([{ strong: text }])).toBe(written);
  });
});

const SOME = fc.constantFrom("&", "<", ">", "a", "é", "😀", "\ud83d", "\n", "`");

describe("mrkdwnPieces", () => {
  it("cuts between characters, never within an escape or a mention", () => {
    expect(mrkdwnPieces(words`&&&${{ user: userId("U0LEAD") }}x`, 11)).toEqual([
      "&amp;&amp;",
      "&amp;",
      "<@U0LEAD>x",
    ]);
  });

  it("loses nothing and keeps to the length, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: SOME, maxLength: 400 }), (text) => {
        const pieces = mrkdwnPieces([text], 50);
        expect(pieces.join("")).toBe(escapeMrkdwn(withHiddenShown(text)));
        expect(pieces.filter((piece) => piece.length > 50)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

describe("escapeWithin", () => {
  it("keeps what fits whole", () => {
    expect(escapeWithin("a&b", 7)).toBe("a&amp;b");
  });

  it("cuts what does not fit, before an escape that would be halved", () => {
    expect(escapeWithin("a&b", 6)).toBe("a…");
    expect(escapeWithin("😀😀", 3)).toBe("😀…");
  });
});
