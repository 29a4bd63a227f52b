// What Slack makes of a typed text is undone, to the letter, and nothing that could ping remains.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unescapeSlack } from "../../../src/domain/command/slack-text.ts";
import { growth } from "../../support/growth.ts";

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

describe("Slack's text is turned back into what was typed", () => {
  it.each([
    ["a &amp; b &lt;c&gt;", "a & b <c>"],
    ["&amp;lt;", "&lt;"],
    ["&amp;amp;amp;", "&amp;amp;"],
    ["&quot; &nbsp; &", "&quot; &nbsp; &"],
    ["<https://example.com>", "https://example.com"],
    ["<https://example.com/?a=1&amp;b=2>", "https://example.com/?a=1&b=2"],
    ["<http://vm-01.example.com|vm-01.example.com>", "vm-01.example.com"],
    ["<http://10.0.0.1/24|10.0.0.1/24>", "10.0.0.1/24"],
    ["<https://example.com|>", "https://example.com"],
    ["<mailto:ann@example.com|ann@example.com>", "ann@example.com"],
    ["<tel:+491234|+491234>", "+491234"],
    ["<@U123|ann>", "@ann"],
    ["<@U123>", "@U123"],
    ["<@U123|>", "@U123"],
    ["<@U123|@ann>", "@ann"],
    ["<#C1|general>", "#general"],
    ["<#C1>", "#C1"],
    ["<#C1|>", "#C1"],
    ["<!subteam^S1|@oncall>", "@oncall"],
    ["<!subteam^S1>", "@S1"],
    ["<!channel>", "@channel"],
    ["<!here|here>", "@here"],
    ["<!everyone>", "@everyone"],
    ["<!date^1700000000^{date}|14 November>", "14 November"],
    ["&lt;!channel&gt;", "<!channel>"],
    ["&lt;@U123&gt;", "<@U123>"],
    ["<not a reference>", "<not a reference>"],
    ["<", "<"],
    ["<a<https://b>", "<ahttps://b"],
  ])("%j", (text, typed) => {
    expect(unescapeSlack(text)).toBe(typed);
  });
});

it("keeps who is meant where ids are wanted", () => {
  expect(unescapeSlack("audit <@U123|ann> 7d", "ids")).toBe("audit @U123 7d");
  expect(unescapeSlack("<#C1|general> &lt;", "ids")).toBe("#general <");
});

it("gives back every typed text, letter by letter", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .array(fc.constantFrom("&", "<", ">", "amp;", "lt;", "!channel", "|", "@U1", "\n", "💥"))
      .map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, (typed) => {
      expect(unescapeSlack(escaped(typed))).toBe(typed);
    }),
  );
});

it("leaves nothing that pings once it is escaped again", () => {
  const pieces = fc.constantFrom("<!channel>", "<@U1|x>", "<", ">", "&lt;", "!here", "&amp;", "|");
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      expect(escaped(unescapeSlack(parts.join("")))).not.toMatch(/[<>]/);
    }),
  );
});

it.each(["<", "&", "<a|", "&lt;", "<@U1|"])("takes time in proportion to the text: %j", (piece) => {
  expect(growth((size) => unescapeSlack(piece.repeat(size)), 50_000)).toBeLessThan(10);
});
