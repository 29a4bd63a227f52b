// A program of ours as one file: a process starts from it in half the processor time that a thousand modules take.
// Made when it is first needed, and again when a source has changed.

import { createHash } from "node:crypto";
import {
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
import { rolldown } from "rolldown";

const TOP = fileURLToPath(new URL("../../", import.meta.url));
/** As deep as the sources are that look for package.json. */
const FOLDER = join(TOP, "node_modules");
const SOURCES = ["src/**/*.ts", "test/support/*.ts", "package-lock.json"];
const OLD_MS = 60 * 60_000;

/** What a process has started once stays the same for it, and need not be looked at file by file again. */
const known = new Map<string, Promise<string>>();

/** `entry`: a TypeScript file of the repository. */
export async function bundled(entry: URL): Promise<URL> {
  const path = fileURLToPath(entry);
  const making = known.get(path) ?? bundleFolder(path);
  known.set(path, making);
  const folder = await making;
  const now = new Date();
  // It's in use: nobody removes it as an old one.
  utimesSync(folder, now, now);
  return pathToFileURL(join(folder, "main.mjs"));
}

async function bundleFolder(path: string): Promise<string> {
  const name = `.bundled-${basename(path, ".ts")}-`;
  const folder = join(FOLDER, `${name}${stateOf(path)}`);
  if (existsSync(folder)) return folder;
  const made = mkdtempSync(join(FOLDER, ".bundling-"));
  await bundle(path, made);
  removeOld(name);
  try {
    renameSync(made, folder);
  } catch {
    // Another worker was faster.
    rmSync(made, { recursive: true });
  }
  return folder;
}

async function bundle(input: string, dir: string): Promise<void> {
  const made = await rolldown({ input, platform: "node" });
  try {
    await made.write({
      dir,
      format: "esm",
      entryFileNames: "main.mjs",
      chunkFileNames: "[name]-[hash].mjs",
      // Some are written to the log.
      keepNames: true,
    });
  } finally {
    await made.close();
  }
}

/** Changes with whatever a bundle is made of. */
function stateOf(path: string): string {
  const hash = createHash("sha256").update(path);
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
