// Files that the code names by text exist: a move of files leaves such names behind, and no type check sees it.

import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { filesBelow, type SourceFile } from "../support/source-code.ts";

const TOP = join(import.meta.dirname, "../..");

/** Written when the program runs, where it may. */
const MADE_LATER = ["node_modules/.cache/compiled"];

/** Where each URL beside a file leads, from the top of the repository. */
const namedIn = ({ path, text }: SourceFile): readonly string[] =>
  [...text.matchAll(/new URL\(\s*"(\.{1,2}\/[^"]*)",\s*import\.meta\.url/g)].map(([, to = ""]) =>
    posix.join(posix.dirname(path), to),
  );

const missing = (files: readonly SourceFile[]): readonly string[] =>
  files.flatMap((file) =>
    namedIn(file)
      .filter((to) => !MADE_LATER.includes(to) && !existsSync(join(TOP, to)))
      .map((to) => `${file.path} names ${to}`),
  );

describe("a file that the code names by its place", () => {
  it("exists", () => {
    const files = [...filesBelow("src"), ...filesBelow("test")];
    expect(files.flatMap(namedIn).length).toBeGreaterThan(10);
    expect(missing(files)).toEqual([]);
  });

  it("is missed where it was moved away", () => {
    const moved = '"../demo/jit.yaml"';
    const text = `const rules = new URL(${moved}, import.meta.url);`;
    expect(missing([{ path: "src/sandbox/assembly/a.ts", text }])).toEqual([
      "src/sandbox/assembly/a.ts names src/sandbox/demo/jit.yaml",
    ]);
  });
});
