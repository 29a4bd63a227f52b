// Which test files start nothing, neither a process nor a server: what they import tells, however far it goes.

import { existsSync, globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

const TOP = join(import.meta.dirname, "..");

/** Whoever starts a process, listens or connects imports one of these. */
const STARTERS = new Set([
  "ioredis",
  "node:child_process",
  "node:http",
  "node:http2",
  "node:https",
  "node:net",
  "node:tls",
  "node:worker_threads",
]);

/** The test files of these patterns, without those that start something. */
export function startless(patterns: readonly string[]): string[] {
  const imports = new Map<string, readonly string[]>();
  const reachesStarter = (path: string): boolean => {
    const reached = new Set([path]);
    for (const one of reached) {
      if (STARTERS.has(one)) return true;
      const known = imports.get(one) ?? importsOf(one);
      imports.set(one, known);
      for (const next of known) reached.add(next);
    }
    return false;
  };
  const paths = globSync(patterns, { cwd: TOP }).map((path) => path.replaceAll("\\", "/"));
  return paths.filter((path) => !reachesStarter(path)).sort();
}

/** As the formatter leaves them: a statement's last line begins with `import`, `export` or `}`. */
const FROM = /^(?:import|export|\}) ?(?:[^"\n]* from )?"([^"\n]+)"/gm;

/**
 * Of a file of ours, from the top of the repository; a package has none that matter, and neither has a file that
 * isn't there yet: the test that imports it is red, and the others run.
 */
function importsOf(path: string): readonly string[] {
  const file = join(TOP, path);
  if (!/^(?:src|test)\/.*\.tsx?$/.test(path) || !existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(FROM)].map(([, from = ""]) =>
    from.startsWith(".") ? posix.join(posix.dirname(path), from) : from,
  );
}
