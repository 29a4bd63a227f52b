// The version before this one, from the history of the clone: its sources beside this version's packages.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The last commit of 0.1; the packages are still the same ones. */
const COMMIT = "733ae4d5dac9bff636156523701c78cd4e00510f";
const TOP = fileURLToPath(new URL("../../", import.meta.url));

export const NO_HISTORY = `The previous version can't be tried: ${COMMIT.slice(0, 8)} isn't in this clone. Fetch it (git fetch --unshallow), and run the test again.`;

export type PreviousVersion = {
  /** Its bot for tests, as `TestWorld.startBot` starts it. */
  readonly program: URL;
  remove(): void;
};

/** `undefined`: the history isn't here. */
export function previousVersion(): PreviousVersion | undefined {
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-C", TOP, ...args], { maxBuffer: 64 * 1024 * 1024, stdio: "pipe" });
  try {
    git("cat-file", "-e", `${COMMIT}^{commit}`);
  } catch {
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "jit-previous-"));
  const archive = git("archive", COMMIT, "src", "test/support", "package.json");
  execFileSync("tar", ["-x", "-C", folder], { input: archive });
  symlinkSync(join(TOP, "node_modules"), join(folder, "node_modules"));
  return {
    program: pathToFileURL(join(folder, "test/support/bot.ts")),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
