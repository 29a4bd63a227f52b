// Edits of a policy file: what is meant is changed, however it is written, and the rest stays to the letter.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { editPolicyFile } from "../../../src/config/policy-file/edit-policy.ts";
import type { Edit } from "../../../src/domain/advice/finding.ts";

const keep = (path: Edit["path"], ...items: readonly number[]): Edit => ({
  act: "keep",
  path,
  items,
});
const remove = (...path: Edit["path"]): Edit => ({ act: "remove", path });
const set = (value: string | readonly number[], ...path: Edit["path"]): Edit => ({
  act: "set",
  path,
  value,
});

const CASES: readonly (readonly [string, string, readonly Edit[], string])[] = [
  ["the first of a list", "a: [1, 2 , 3]  # c\n", [keep(["a"], 1, 2)], "a: [2 , 3]  # c\n"],
  ["the last of a list", "a: [1, 2, 3]\n", [keep(["a"], 0, 1)], "a: [1, 2]\n"],
  ["all but one", "a: [ 1, 2, 3 ]\n", [keep(["a"], 1)], "a: [ 2 ]\n"],
  ["all of a list", "a: [1, 2]\nb: 1\n", [keep(["a"])], "a: []\nb: 1\n"],
  ["all of a list in lines", "a:\n  - 1\n  - 2\nb: 1\n", [keep(["a"])], "a: []\nb: 1\n"],
  [
    "a line with its comments",
    "a:\n  # one\n  - 1\n  # two\n  - 2 # b\n  - 3\n",
    [keep(["a"], 0, 2)],
    "a:\n  # one\n  - 1\n  - 3\n",
  ],
  ["a line in brackets", "a: [\n  1, # x\n  2, # y\n]\n", [keep(["a"], 0)], "a: [\n  1, # x\n]\n"],
  ["an item of several lines", "a:\n- b: 1\n  c: 2\n\n- b: 3\n", [remove("a", 0)], "a:\n- b: 3\n"],
  ["several edits of one list", "a: [1, 2, 3]\n", [keep(["a"], 0, 1), remove("a", 0)], "a: [2]\n"],
  ["a key", "a: 1\n# of b\nb: 2 # x\nc: 3\n", [remove("b")], "a: 1\nc: 3\n"],
  ["a key in braces", "a: { b: 1, c: [2, 3], d: 4 }\n", [remove("a", "c")], "a: { b: 1, d: 4 }\n"],
  ["the last key in braces", "a: { b: 1, c: 2 }\n", [remove("a", "c")], "a: { b: 1 }\n"],
  ["the only key", "a:\n  b: 1\nc: 2\n", [remove("a", "b")], "a: {}\nc: 2\n"],
  ["a value", "a: 4h   # long\nb: 1\n", [set("2h", "a")], "a: 2h   # long\nb: 1\n"],
  ["a quoted value", 'a: "4h"\n', [set("2h", "a")], "a: 2h\n"],
  [
    "a new key",
    "a:\n  - b: 1 # x\n    c: 2\nd: 1\n",
    [set("2h", "a", 0, "e")],
    "a:\n  - b: 1 # x\n    c: 2\n    e: 2h\nd: 1\n",
  ],
  ["a new key at the end", "a:\n  b: 1", [set("2h", "a", "c")], "a:\n  b: 1\n  c: 2h"],
  ["a new key in braces", "a: { b: 1 }\n", [set([22, 80], "a", "c")], "a: { b: 1, c: [22, 80] }\n"],
  ["a new key in empty braces", "a: {}\n", [set([22], "a", "c")], "a: { c: [22] }\n"],
  ["a new map", "a:\n  b: 1\n", [set([22], "a", "m", "p")], "a:\n  b: 1\n  m: { p: [22] }\n"],
  ["lines of Windows", "a: [1, 2]\r\nb: 1\r\n", [keep(["a"], 1)], "a: [2]\r\nb: 1\r\n"],
];

describe("an edit of a policy file", () => {
  it.each(CASES)("changes %s", (_, text, edits, expected) => {
    expect(editPolicyFile(text, edits)).toBe(expected);
  });

  it("changes no byte where there is nothing to edit", () => {
    expect(editPolicyFile("a:   [1]\n\n\n# x", [])).toBe("a:   [1]\n\n\n# x");
  });

  it("leaves the items that are kept, whichever they are and however the list is written", () => {
    const written = fc.record({
      items: fc.array(fc.constantFrom("vpn", "22", "U0LEAD", "my-ip"), {
        minLength: 1,
        maxLength: 6,
      }),
      style: fc.constantFrom("flow", "tight", "block", "lines", "comments"),
      kept: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
    });
    fc.assert(
      fc.property(written, ({ items, style, kept }) => {
        const text = `a:\n  before: 1\n  list: ${listIn(items, style)}\n  after: 2 # end\nz: 1\n`;
        const left = items.flatMap((_, at) => (kept[at] === true ? [at] : []));
        const edited = editPolicyFile(text, [keep(["a", "list"], ...left)]);
        const value = parse(edited);
        expect(value.a.list.map(String), edited).toEqual(left.map((at) => items[at]));
        expect([value.a.before, value.a.after, value.z]).toEqual([1, 2, 1]);
        expect(edited).toContain("  after: 2 # end\nz: 1\n");
      }),
    );
  });
});

function listIn(items: readonly string[], style: string): string {
  switch (style) {
    case "flow":
      return `[${items.join(", ")}]`;
    case "tight":
      return `[ ${items.join(",")} ]`;
    case "block":
      return `\n${items.map((one) => `    - ${one}`).join("\n")}`;
    case "lines":
      return `[\n${items.map((one) => `    ${one},`).join("\n")}\n  ]`;
    default:
      return `\n    # first\n${items.map((one) => `    - ${one} # x`).join("\n    # next\n")}`;
  }
}
