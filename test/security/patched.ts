// The bot with a fault put into it: what is patched, and all that imports it, once more.

import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";
import { onTestFinished } from "vitest";
import type { buildApp } from "../../src/app.ts";
import type { Mutant } from "./mutants.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const SRC = join(ROOT, "src");

export type Build = typeof buildApp;

/** What of the bot may be patched; the ports stay the same, for their faults' sake. */
const PARTS = ["app.ts", "flows", "domain"];

const RELATIVE = / from "(\.[^"]+)"/g;

/** Each file of these parts, with its text and the files of these parts that it imports. */
const SOURCES = new Map(
  PARTS.flatMap((part) =>
    part.endsWith(".ts")
      ? [part]
      : readdirSync(join(SRC, part), { recursive: true, encoding: "utf8" })
          .filter((name) => name.endsWith(".ts"))
          .map((name) => join(part, name)),
  ).map((file) => {
    const text = readFileSync(join(SRC, file), "utf8");
    const imports = [...text.matchAll(RELATIVE)].map(([, to = ""]) => join(dirname(file), to));
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
  const made: { buildApp: Build } = await import(await patchedFile(mutant, "app.ts"));
  return made.buildApp;
}

/**
 * Where that file is, in one with what is patched, and all that imports it. The rest is imported from where it is, and
 * needs no loading.
 */
export async function patchedFile(mutant: Mutant, entry: string): Promise<string> {
  const copied = withImporters([entry, ...mutant.patches.map(({ file }) => file)]);
  const texts = patchedTexts(mutant, copied);
  const made = await rolldown({
    input: join(SRC, entry),
    platform: "node",
    plugins: [
      {
        name: "patched",
        resolveId: (id, importer) => {
          if (importer === undefined) return null;
          const path = id.startsWith(".") ? join(dirname(importer), id) : id;
          return { id: path, external: texts.has(path) ? false : "absolute" };
        },
        load: (path) => texts.get(path) ?? null,
      },
    ],
  });
  const file = join(folderOfTest(), "mutant.mjs");
  await made.write({ file, format: "esm", keepNames: true });
  await made.close();
  return file;
}

/** Gone when the test is over. */
function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), "jit-mutants-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** By their paths. */
function patchedTexts(
  { name, patches }: Mutant,
  files: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const texts = new Map([...files].map((file) => [file, SOURCES.get(file)?.text ?? ""]));
  for (const { file, from, to } of patches) {
    const text = texts.get(file) ?? "";
    if (text.split(from).length !== 2) throw new Error(`${name}: ${file} has changed: ${from}`);
    texts.set(
      file,
      text.replace(from, () => to),
    );
  }
  return new Map([...texts].map(([file, text]) => [join(SRC, file), text]));
}
