// Sentences made of parts: joined without losing what each part is, written out for a terminal.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { channelId } from "../../../src/domain/text/ids.ts";
import { typed } from "../../../src/domain/text/typed.ts";
import { listed, type Part, plain, words } from "../../../src/domain/text/words.ts";
import { LEA, ONCALL, T0 } from "../../support/requests.ts";

describe("a sentence", () => {
  it("keeps each part as what it is", () => {
    const who = { user: LEA };
    expect(words`Ask ${who} again.`).toEqual(["Ask ", who, " again."]);
    expect(words`${who}${{ code: "x" }}`).toEqual([who, { code: "x" }]);
    expect(words`nothing`).toEqual(["nothing"]);
    expect(words``).toEqual([]);
  });

  it("takes in numbers, texts and other sentences", () => {
    const inner = words`rule ${{ code: "prod" }}`;
    expect(plain(words`The ${inner} needs ${2}, not ${0} or ${"three"}.`)).toBe(
      "The rule prod needs 2, not 0 or three.",
    );
  });

  it("is written out for a terminal", () => {
    const parts: readonly Part[] = [
      { user: LEA },
      " ",
      { group: ONCALL },
      " ",
      { channel: channelId("C0PROD") },
      " ",
      { atMs: T0 + 999 },
      " ",
      { code: "a`b" },
      " ",
      { strong: "Open" },
    ];
    expect(plain(parts)).toBe("@U0LEAD @S0ONCALL #C0PROD 2026-11-01T12:00:00Z a`b Open");
  });

  it("reads the same whether its parts were joined or nested", () => {
    const part = fc.oneof(
      fc.string(),
      fc.string().map((code) => ({ code })),
      fc.string().map((strong) => ({ strong })),
    );
    fc.assert(
      fc.property(fc.array(part), fc.array(part), (one, other) => {
        expect(plain(words`${one} and ${other}.`)).toBe(`${plain(one)} and ${plain(other)}.`);
      }),
    );
  });
});

it.each<[readonly (Part | readonly Part[])[], "and" | "or" | undefined, string]>([
  [[], "or", ""],
  [["a"], "or", "a"],
  [["a", "b"], "or", "a or b"],
  [["a", "b", "c"], undefined, "a, b and c"],
  [[{ code: "22" }, words`port ${{ code: "443" }}`, "x"], "or", "22, port 443 or x"],
])("lists %j with %s as %j", (items, last, sentence) => {
  expect(plain(last === undefined ? listed(items) : listed(items, last))).toBe(sentence);
});

it.each([
  ["vm-01", "vm-01"],
  ["two\nlines", "two lines"],
  [" \n ", '""'],
  ["", '""'],
  ["x".repeat(61), `${"x".repeat(59)}…`],
])("names what was typed, %j, as %j", (text, named) => {
  expect(typed(text)).toEqual({ code: named });
});
