// A copy of the whole bot that may be changed, beside the one that is tested otherwise.

import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../../..");

/** Copies what the bot consists of into a folder that doesn't exist yet; packages are only linked. */
export function copyBot(to: string): void {
  for (const part of ["src", "package.json", "test/support"]) {
    cpSync(join(ROOT, part), join(to, part), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(to, "node_modules"));
}
