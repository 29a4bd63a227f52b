// Every string that a person can read, as `npm run words` prints it: complete, and in plain English.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { verbs } from "../../src/domain/command/command.ts";
import { filesBelow } from "../support/source-code.ts";
import { RULED_OUT, type RuledOut } from "./ruled-out.ts";
import { type Visible, visibleWords } from "./visible-words.ts";

const ALL = visibleWords();

/** What the simulated Azure and Slack say is Microsoft's and Slack's. */
const OURS = ALL.filter(({ reader }) => reader !== "simulators");

const offences = (found: readonly Visible[], { pattern, except, say }: RuledOut) =>
  found
    .filter(({ path, text }) => pattern.test(text) && except?.test(path) !== true)
    .map(({ path, line, text }) => `${path}:${line} “${text}”: ${say}`);

describe("the strings that people read", () => {
  it.each([
    ["a button", "src/adapters/slack/views/request/buttons.ts", "Withdraw approval"],
    ["a refusal with holes", "src/domain/command/verb.ts", "I didn't understand …: write …."],
    ["an alternative", "src/adapters/slack/views/phrases.ts", "Parked, (last known: |)…"],
    ["a log's sentence", "src/adapters/redis/connection/connect.ts", "Redis is connected"],
    ["JSX", "src/sandbox/page/browser/conversation.tsx", "This is the beginning of"],
  ])("are found: %s", (_, path, text) => {
    const own = ALL.filter((one) => one.path === path && one.text === text);
    expect(own).not.toEqual([]);
    for (const { line } of own) {
      const lines = readFileSync(path, "utf8")
        .split("\n")
        .slice(line - 1, line + 2);
      expect(lines.join("\n")).toContain(text.split("…")[0]?.split("(")[0]);
    }
  });

  it("are found: what every command says of itself", () => {
    const texts = ALL.filter(({ path }) => path.startsWith("src/domain/command/verbs/"));
    for (const { says } of verbs) {
      expect(texts.filter(({ text }) => says.startsWith(text.split("…")[0] ?? ""))).not.toEqual([]);
    }
  });

  it("are neither codes nor scripts", () => {
    const texts = ALL.map(({ text }) => text);
    expect(texts.filter((text) => /^jit\.\w+$|redis\.call|^unknown-command$/.test(text))).toEqual(
      [],
    );
  });

  it.each(RULED_OUT.map((rule) => [rule.say, rule] as const))(
    "say “%s” where they can",
    (_, rule) => {
      expect(offences(OURS, rule)).toEqual([]);
    },
  );

  it("count nothing by a word that is ruled out", () => {
    const counting = /\b(?:counted|some)\([^"]{1,60}, "([a-z ]+)"\)/g;
    const counted = filesBelow("src").flatMap(({ path, text }) =>
      [...text.matchAll(counting)].map(
        ([, noun = ""]): Visible => ({ path, line: 0, reader: "people", text: noun }),
      ),
    );
    expect(counted.map(({ text }) => text)).toContain("error");
    for (const rule of RULED_OUT) expect(offences(counted, rule)).toEqual([]);
  });

  it.each(RULED_OUT.map((rule) => [rule.example, rule] as const))(
    "are refused: “%s”",
    (text, rule) => {
      const path = "src/made-up.ts";
      expect(offences([{ path, line: 1, reader: "people", text }], rule)).toEqual([
        `${path}:1 “${text}”: ${rule.say}`,
      ]);
    },
  );
});
