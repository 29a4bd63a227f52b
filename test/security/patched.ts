// The bot with a fault put into it: a copy of what is patched, and of all that imports it.

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import type { buildApp } from "../../src/app.ts";
import type { Mutant } from "./mutants.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "jit-mutants-"));
symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

export type Build = typeof buildApp;

let copies = 0;

/** What of the bot may be patched; the ports stay the same, for their faults' sake. */
const PARTS = ["app.ts", "flows", "domain"];

/** Each file of these parts, with its text and the files of these parts that it imports. */
const SOURCES = new Map(
  PARTS.flatMap((part) =>
    part.endsWith(".ts")
      ? [part]
      : readdirSync(join(ROOT, "src", part), { recursive: true, encoding: "utf8" })
          .filter((name) => name.endsWith(".ts"))
          .map((name) => join(part, name)),
  ).map((file) => {
    const text = readFileSync(join(ROOT, "src", file), "utf8");
    const imported = text.matchAll(/ from "(\.[^"]+)"/g);
    const imports = [...imported].map(([, to = ""]) => join(dirname(file), to));
    return [file, { text, imports: new Set(imports) }] as const;
  }),
);

/** The files and all that import them, directly or not. */
function withImporters(files: readonly string[]): ReadonlySet<string> {
  const found = new Set(files);
  for (const file of found) {
    for (const [importer, { imports }] of SOURCES) if (imports.has(file)) found.add(importer);
  }
  return found;
}

/** The bot with what is patched. */
export async function patched(mutant: Mutant): Promise<Build> {
  const made: { buildApp: Build } = await import(patchedFile(mutant, "app.ts"));
  return made.buildApp;
}

/**
 * Where that file is, with what is patched copied, and all that imports it. The rest is shared: it needs no loading.
 */
export function patchedFile({ name, patches }: Mutant, entry: string): string {
  copies += 1;
  const copy = join(folder, `mutant-${copies}`);
  const copied = withImporters([entry, ...patches.map(({ file }) => file)]);
  for (const [file, { text }] of SOURCES) {
    mkdirSync(join(copy, dirname(file)), { recursive: true });
    if (copied.has(file)) writeFileSync(join(copy, file), text);
    else symlinkSync(join(ROOT, "src", file), join(copy, file));
  }
  symlinkSync(join(ROOT, "src", "ports"), join(copy, "ports"));
  for (const { file, from, to } of patches) {
    const path = join(copy, file);
    const text = readFileSync(path, "utf8");
    if (text.split(from).length !== 2) throw new Error(`${name}: ${file} has changed: ${from}`);
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
  }
  return join(copy, entry);
}
