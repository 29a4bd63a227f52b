// The options of every command of the command line: what is understood, and the one sentence about what is not.

import { expect, it } from "vitest";
import { readOptions } from "../../src/cli/options.ts";

const read = (line: string) =>
  readOptions(line === "" ? [] : line.split(" "), { from: "text", to: "text", apply: "nothing" });

it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
  ["", {}, []],
  ["a b", {}, ["a", "b"]],
  ["--from 1 a --apply b", { from: "1", apply: "" }, ["a", "b"]],
  ["--from=1 --to=--x", { from: "1", to: "--x" }, []],
  ["--apply -- --from -x", { apply: "" }, ["--from", "-x"]],
  ["-", {}, ["-"]],
])("understands %j", (line, options, words) => {
  expect(read(line)).toEqual({ options: new Map(Object.entries(options)), words });
});

it.each([
  ["--form 1", "Unknown option --form."],
  ["--constructor", "Unknown option --constructor."],
  ["-f", "Unknown option -f."],
  ["--no-apply", "Unknown option --no-apply."],
  ["--from", "--from needs a value."],
  ["--from=", "--from needs a value."],
  ["--from --to 1", "--from needs a value."],
  ["--from 1 --from=2", "--from is given twice."],
  ["--apply --apply", "--apply is given twice."],
  ["--apply=yes", "--apply takes no value."],
])("says of %j: %s", (line, wrong) => {
  expect(read(line)).toEqual({ wrong });
});
