// The command line as people use it: a process of its own, with what it printed and how it ended.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { bundled } from "./bundled.ts";
import { COMPILED } from "./compiled.ts";

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

const MAIN = new URL("../../src/main.ts", import.meta.url);
/** It copies what lies beside its source. */
const AS_WRITTEN = ["init"];

/** Runs `jit <args>` in `cwd` with nothing of its own in its environment but `env`. */
export async function jit(
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Ran> {
  const program = AS_WRITTEN.includes(args[0] ?? "") ? MAIN : await bundled(MAIN);
  const child = spawn(process.execPath, [program.pathname, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...COMPILED, ...env },
  });
  const printed = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    printed.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    printed.err += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...printed }));
  });
}

/** A folder with these files, gone when the test is over. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "jit-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
