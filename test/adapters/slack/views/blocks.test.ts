// Blocks: whatever is said fits, and what was typed stays in its quote, to the letter.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Block,
  lastFitting,
  quote,
  sections,
  textOf,
} from "../../../../src/adapters/slack/views/blocks.ts";
import { decodeEntities } from "../../../../src/sandbox/slack/text/read-mrkdwn.ts";

const texts = (blocks: readonly Block[]): readonly string[] =>
  blocks.flatMap((block) => (block.type === "section" ? [block.text.text] : []));

describe("sections", () => {
  it("keeps short lines together", () => {
    expect(texts(sections([["one"], ["two"]]))).toEqual(["one\ntwo"]);
  });

  it("goes on in another section where one is full", () => {
    const long = texts(sections([["a".repeat(2_000)], ["b".repeat(2_000)], ["c".repeat(4_000)]]));
    expect(long.map((text) => text.length)).toEqual([2_000, 2_000, 3_000, 1_000]);
  });
});

describe("lastFitting", () => {
  it("keeps what fits whole", () => {
    expect(lastFitting([["a"], ["b"]])).toEqual([["a"], ["b"]]);
  });

  it("keeps the last lines, and says how many are left out", () => {
    const all = Array.from({ length: 10 }, (_, index) => [`${index} ${"x".repeat(900)}`]);
    const kept = lastFitting(all).map((line) => line.join("").slice(0, 20));
    expect(kept[0]).toBe("… 7 more before that");
    expect(kept.slice(1).map((line) => line[0])).toEqual(["7", "8", "9"]);
  });
});

describe("textOf", () => {
  it("keeps the text beside blocks short", () => {
    expect(textOf(["x".repeat(5_000)])).toHaveLength(1_000);
  });
});

describe("quote", () => {
  it("quotes every line, so that no line break leaves the quote", () => {
    expect(texts(quote(["Why:"], "a\nb\r\n\nc\u2028> d"))).toEqual([
      "Why:\n> a\n> b\n> \n> c\n> &gt; d",
    ]);
  });

  it.each(["&", "\n", "<", "😀", "`", "x"])(
    "shows 1,000 characters of %j to the letter",
    (character) => {
      const blocks = texts(quote(["Why:"], character.repeat(1_000)));
      const shown = blocks.join("\n").replace("Why:\n", "");
      expect(letters(shown)).toBe(character.repeat(1_000).replaceAll("\n", ""));
      expect(shown).not.toContain("Shortened");
    },
  );

  it("shortens what is longer than two sections, and says so", () => {
    const blocks = texts(quote(["Why:"], "x".repeat(20_000)));
    expect(blocks).toHaveLength(3);
    expect(blocks[2]).toBe("_Shortened here._");
  });

  it("takes no more sections than it is given", () => {
    expect(texts(quote(["Why:"], "x".repeat(4_000), 1))).toHaveLength(2);
  });

  it("has every line quoted and every section within the limit, whatever was typed", () => {
    const nasty = fc.string({
      unit: fc.constantFrom("&", "<", ">", "\n", "\r", "\u2028", "`", "*", " ", "a", "😀"),
      maxLength: 1_000,
    });
    fc.assert(
      fc.property(nasty, (typed) => {
        const [first = "", ...others] = texts(quote(["Why:"], typed));
        const shown = [first.replace("Why:\n", ""), ...others];
        for (const text of shown) {
          expect(text.length).toBeLessThanOrEqual(3_000);
          for (const line of text.split("\n")) expect(line).toMatch(/^> /);
        }
        expect(letters(shown.join("\n"))).toBe(typed.replace(/[\r\n\u2028]/g, ""));
      }),
      { numRuns: 50 },
    );
  });
});

/** What is left of quoted text when the marks of the quote are taken away. */
const letters = (quoted: string): string =>
  decodeEntities(
    quoted
      .split("\n")
      .map((line) => line.slice(2))
      .join(""),
  );
