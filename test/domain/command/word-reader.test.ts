// Words as people and phones write them.

import { describe, expect, it } from "vitest";
import { keyword, type Word, wordAt } from "../../../src/domain/command/word-reader.ts";
import { growth } from "../../support/growth.ts";

function allWords(text: string): Word[] {
  const found: Word[] = [];
  for (let word = wordAt(text, 0); word !== undefined; word = wordAt(text, word.end)) {
    found.push(word);
  }
  return found;
}

describe("words are read from", () => {
  it.each([
    ["", []],
    [" \n\t\u00a0\u202f\u3000", []],
    ["a b", ["a", "b"]],
    ["a\u00a0b\u202fc\nd", ["a", "b", "c", "d"]],
    ["a\u200bb \u200b c\u2060", ["ab", "c"]],
    ["my\u2011ip \u20131h \u2014x", ["my-ip", "-1h", "-x"]],
    ['"a b" c', ["a b", "c"]],
    ["“a b” „c d“ ‘e f’ `g h`", ["a b", "c d", "e f", "g h"]],
    ['"a b” c', ["a b", "c"]],
    ["'Bob's team' x", ["Bob's team", "x"]],
    ['""', [""]],
    ['tag:team="a b" x', ["tag:team=a b", "x"]],
    ['tag:"cost centre"="a b"', ["tag:cost centre=a b"]],
    ['rg:"a b"', ["rg:a b"]],
    ['a"b c"', ['a"b', 'c"']],
    ['"a b', ['"a', "b"]],
    ["don't stop", ["don't", "stop"]],
    ['"a\u00a0b–c"', ["a b–c"]],
  ])("%j", (text, words) => {
    expect(allWords(text).map((word) => word.text)).toEqual(words);
  });
});

it("tells where a word stood", () => {
  expect(wordAt(" “a b” c", 0)).toEqual({ text: "a b", quoted: true, start: 1, end: 6 });
  expect(wordAt("a b", 1)).toEqual({ text: "b", quoted: false, start: 2, end: 3 });
});

it("takes no quoted word for a keyword", () => {
  expect(keyword(wordAt("FOR", 0))).toBe("for");
  expect(keyword(wordAt('"for"', 0))).toBe("");
  expect(keyword(undefined)).toBe("");
});

it.each(['"', ':"', "='", " ", "a", "\u200b", '"a ', ":"])(
  "takes time in proportion to the text: %j",
  (piece) => {
    expect(growth((size) => wordAt(piece.repeat(size), 0), 50_000)).toBeLessThan(10);
  },
);
