// The campaign can fail: each thing that could be wrong with the bot is put into a copy of it, and noticed.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { copyBot } from "./copy.ts";
import { runRound } from "./round.ts";
import { WRONGS, type Wrong } from "./wrongs.ts";

const folder = mkdtempSync(join(tmpdir(), "jit-wrongs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Fixed, so that what shows a wrong today shows it tomorrow. */
const SEED = 20_261_101;
const WITHIN_MS = 600_000;

/** The whole bot, patched; what it is built of stays where it is. */
function copyWith({ name, patches }: Pick<Wrong, "name" | "patches">): string {
  const root = join(folder, name.replaceAll(" ", "-"));
  copyBot(root);
  for (const { file, from, to } of patches) {
    const path = join(root, "src", file);
    const text = readFileSync(path, "utf8");
    if (text.split(from).length !== 2) throw new Error(`${name}: ${file} has changed: ${from}`);
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
  }
  return root;
}

const rulesBroken = async (wrong: Wrong, patches = wrong.patches): Promise<readonly string[]> => {
  const root = copyWith({ name: `${wrong.name} ${patches.length}`, patches });
  const { verdicts, wrong: seen } = await runRound({ ...wrong.round, seed: SEED, root });
  return [...new Set([...verdicts.map(({ rule }) => rule), ...seen])];
};

describe("what is wrong with the bot is noticed", () => {
  it.each(WRONGS.map((wrong) => [wrong.name, wrong] as const))(
    "%s",
    async (_name, wrong) => {
      expect(await rulesBroken(wrong)).toContain(wrong.noticed);
    },
    WITHIN_MS,
  );
});

describe("the bot as it is comes through the same", () => {
  it.each(WRONGS.map((wrong) => [wrong.name, wrong] as const))(
    "where %s",
    async (_name, wrong) => {
      expect(await rulesBroken(wrong, [])).toEqual([]);
    },
    WITHIN_MS,
  );
});
