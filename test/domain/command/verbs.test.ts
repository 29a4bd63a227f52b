// The list of verbs, and everything that speaks of verbs: the parser, the writer, the help, the suggestions, the
// sentences about what is wrong, the demo's hints, and the documents.
// Of src/domain/command/command.ts.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formatCommand, parseTyped, verbs } from "../../../src/domain/command/command.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";
import { demoCast } from "../../../src/sandbox/demo/cast.ts";
import { filesBelow } from "../../support/source-code.ts";

const DOCUMENTS = ["README.md", ...readdirSync("docs").map((name) => `docs/${name}`)]
  .filter((path) => path.endsWith(".md"))
  // A table's cells escape their bars.
  .map((path) => ({ path, text: readFileSync(path, "utf8").replaceAll("\\|", "|") }));

const NAMES = verbs.map(({ verb }) => verb);

/** What follows `/jit`: nothing for the form. */
const afterSlash = (text: string): string => text.replace(/^\/jit ?/, "");

function refusalOf(text: string): string {
  const read = parseTyped(text);
  return isRefusal(read) ? plain(read.say) : "";
}

describe.each(verbs)("$usage", ({ verb, alsoSpelled = [], usage, says, example }) => {
  const typed = verb === "form" ? "" : verb;

  it("is told in the help in one line, with an example that is understood as it", () => {
    expect(`${usage} `.startsWith(`/jit ${typed}`)).toBe(true);
    expect(says).toMatch(/^[A-Z].{5,120}\.$/);
    expect(parseTyped(afterSlash(example))).toHaveProperty("verb", verb);
  });

  it("is read again from what it writes, however it is spelled", () => {
    const command = parseTyped(afterSlash(example));
    if (isRefusal(command)) throw new Error(plain(command.say));
    const written = formatCommand(command);
    expect(`${written} `.startsWith(`${typed} `)).toBe(true);
    expect(parseTyped(written)).toEqual(command);
    for (const other of alsoSpelled) {
      expect(parseTyped(written.replace(typed, other))).toEqual(command);
    }
  });

  it("is hinted at in the demo in the help's words", async () => {
    const { commands } = await demoCast();
    expect(commands.find((one) => one.usage === usage)).toEqual({ usage, says, example });
  });

  it("stands in the documents with all that may follow it", () => {
    const isShown = (text: string) =>
      text.includes(`\`${usage}\``) || text.includes(`\n${usage}\n`);
    expect(DOCUMENTS.filter(({ text }) => isShown(text))).not.toEqual([]);
  });
});

describe.each(verbs.filter(({ verb }) => verb !== "form"))("$usage", ({ verb, usage, example }) => {
  it("is meant where its name is mistyped by a letter", () => {
    expect(refusalOf(`${verb}x`)).toContain(`did you mean /jit ${verb}?`);
  });

  it("shows its own usage or example in the sentences about what is wrong with it", () => {
    const id = "JIT-4K7QWD";
    const tails = ["", "¿", id, `${id} ¿`, `${id} 1h ¿`, "vm-01 ¿", "x".repeat(300)];
    const sentences = tails
      .map((tail) => refusalOf(`${verb} ${tail}`))
      .filter((sentence) => sentence.includes("/jit "));
    expect(sentences.filter((one) => !one.includes(usage) && !one.includes(example))).toEqual([]);
    // Somebody who needs help is not told what is wrong.
    expect(sentences.length > 0).toBe(verb !== "help");
  });
});

it("offers no form by a word", () => {
  expect(refusalOf("form")).not.toBe("");
  expect(refusalOf("form")).not.toContain("/jit form");
});

it("knows every verb once, however it is spelled", () => {
  const spellings = verbs.flatMap(({ verb, alsoSpelled = [] }) => [verb, ...alsoSpelled]);
  expect(spellings).toEqual([...new Set(spellings)]);
});

describe("a command that doesn't exist", () => {
  const strangers = (text: string): readonly string[] =>
    [...text.matchAll(/(?<![\w.])\/jit ([a-z][a-z-]*)/g)]
      .map(([, word = ""]) => word)
      .filter((word) => !NAMES.some((name) => name === word));

  it("is named in no sentence, comment or document", () => {
    const found = [...filesBelow("src"), ...DOCUMENTS].flatMap(({ path, text }) =>
      strangers(text).map((word) => `${path}: /jit ${word}`),
    );
    expect(found).toEqual([]);
  });

  it("and would be noticed", () => {
    expect(strangers('Write `/jit request vm-01`, or /jit nosuchverb, never "/jit frm".')).toEqual([
      "nosuchverb",
      "frm",
    ]);
  });
});
