// A program of ours as one file, or a few: a process starts from it in half the processor time that a thousand modules
// take, or in a third where its code is kept compiled. Made when it is first needed, and again when a source has changed.

import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type OutputOptions, rolldown } from "rolldown";

const TOP = fileURLToPath(new URL("../../", import.meta.url));
/** As deep as the sources are that look for package.json. */
const FOLDER = join(TOP, "node_modules");
const SOURCES = ["src/**/*.ts", "test/support/*.{ts,cjs}", "package-lock.json"];
const OLD_MS = 60 * 60_000;

/** What a bundle starts from. */
const MAIN = "main.mjs";
const STARTER = "main.cjs";

/** What a process has started once stays the same for it, and need not be looked at file by file again. */
const known = new Map<string, Promise<string>>();

/** `entry`: a TypeScript file of the repository. What it loads only at times is in files of its own. */
export const bundled = (entry: URL): Promise<URL> => made(entry, MAIN);

/**
 * All in one script, for what is started hundreds of times: it keeps the code that a start compiles, wherever it is.
 * `entry` has no `await` outside of functions.
 */
export const bundledScript = (entry: URL): Promise<URL> => made(entry, STARTER);

type Start = typeof MAIN | typeof STARTER;

async function made(entry: URL, start: Start): Promise<URL> {
  const path = fileURLToPath(entry);
  const key = `${start} ${path}`;
  const making = known.get(key) ?? bundleFolder(path, start);
  known.set(key, making);
  const folder = await making;
  const now = new Date();
  // It's in use: nobody removes it as an old one.
  utimesSync(folder, now, now);
  return pathToFileURL(join(folder, start));
}

async function bundleFolder(path: string, start: Start): Promise<string> {
  const name = `.bundled-${basename(path, ".ts")}-`;
  const folder = join(FOLDER, `${name}${stateOf(`${start} ${path}`)}`);
  if (existsSync(folder)) return folder;
  const dir = mkdtempSync(join(FOLDER, ".bundling-"));
  await bundle(path, { ...FORMS[start], dir });
  if (start === STARTER) copyFileSync(fileURLToPath(KEEPING_COMPILED), join(dir, STARTER));
  removeOld(name);
  try {
    renameSync(dir, folder);
  } catch {
    // Another worker was faster.
    rmSync(dir, { recursive: true });
  }
  return folder;
}

const KEEPING_COMPILED = new URL("./keeping-compiled.cjs", import.meta.url);

const FORMS: Readonly<Record<Start, OutputOptions>> = {
  [MAIN]: { format: "esm", entryFileNames: MAIN, chunkFileNames: "[name]-[hash].mjs" },
  // The name is the starter's to know.
  [STARTER]: { format: "cjs", entryFileNames: "script.cjs", codeSplitting: false },
};

async function bundle(input: string, output: OutputOptions): Promise<void> {
  const made = await rolldown({ input, platform: "node" });
  try {
    // Some names are written to the log.
    await made.write({ ...output, keepNames: true });
  } finally {
    await made.close();
  }
}

/** Changes with whatever a bundle is made of. */
function stateOf(what: string): string {
  const hash = createHash("sha256").update(what);
  for (const source of globSync(SOURCES, { cwd: TOP }).sort()) {
    const { mtimeMs, size } = statSync(join(TOP, source));
    hash.update(`${source} ${mtimeMs} ${size}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

/** What nobody starts from any more. */
function removeOld(name: string): void {
  for (const old of globSync(`${name}*`, { cwd: FOLDER })) {
    const folder = join(FOLDER, old);
    // Another worker may remove it at this moment.
    const { mtimeMs = Date.now() } = statSync(folder, { throwIfNoEntry: false }) ?? {};
    if (Date.now() - mtimeMs > OLD_MS) rmSync(folder, { recursive: true, force: true });
  }
}
