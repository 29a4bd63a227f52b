// A command as people read it names whom it is about.

import { expect, it } from "vitest";
import { commandWords } from "../../../src/domain/command/command-words.ts";

it.each([
  ["end all", [{ code: "/jit end all" }]],
  ["end all vm:vm-01", [{ code: "/jit end all vm:vm-01" }]],
  ["end all @U0ERIN", [{ code: "/jit end all" }, " ", { user: "U0ERIN" }]],
  ["audit @U0ERIN 7d", [{ code: "/jit audit" }, " ", { user: "U0ERIN" }, " ", { code: "7d" }]],
  ["end all rule:@U0ERIN", [{ code: "/jit end all rule:@U0ERIN" }]],
])("%s", (typed, words) => {
  expect(commandWords(typed)).toEqual(words);
});
