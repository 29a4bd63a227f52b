// Where a worker can die: after every await of everything that it does. The points are read off the code.

import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { type ParseResult, parseSync } from "rolldown/utils";
import { filesBelow, type SourceFile } from "../../support/source-code.ts";

/** `src/flows/worker/azure/opening.ts:41:9` */
export type CrashPoint = string;

/** What the worker does begins here; what it calls of the flows is found by the imports. */
const WORKER = "src/flows/worker/worker-loop.ts";

type Place = { readonly point: CrashPoint; readonly start: number; readonly end: number };

export const crashPoints = (): readonly CrashPoint[] =>
  workerFiles().flatMap((file) => placesIn(file).map(({ point }) => point));

/** The worker's file and all flows that it calls: what only lends it a type is left out. */
function workerFiles(): readonly SourceFile[] {
  const flows = new Map(filesBelow("src/flows").map((file) => [file.path, file]));
  const found = new Set<string>();
  const visit = (path: string): void => {
    const file = flows.get(path);
    if (file === undefined || found.has(path)) return;
    found.add(path);
    for (const called of calledBy(file)) visit(called);
  };
  visit(WORKER);
  return [...found].flatMap((path) => flows.get(path) ?? []);
}

function parsed({ path, text }: SourceFile): ParseResult["program"] {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} can't be read: ${errors[0]?.message}`);
  return program;
}

/** The files of which a file imports more than types. */
function calledBy(file: SourceFile): readonly string[] {
  return parsed(file).body.flatMap((statement) => {
    if (statement.type !== "ImportDeclaration" || statement.importKind === "type") return [];
    const isTypes = statement.specifiers.every(
      (one) => one.type === "ImportSpecifier" && one.importKind === "type",
    );
    return isTypes ? [] : [posix.join(posix.dirname(file.path), statement.source.value)];
  });
}

function placesIn(file: SourceFile): readonly Place[] {
  const { path, text } = file;
  return awaitsIn(parsed(file)).map(({ start, end }) => {
    const before = text.slice(0, start).split("\n");
    const point = `${path}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
    return { point, start, end };
  });
}

type Node = { readonly type: string; readonly start: number; readonly end: number };

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value;

/** Every `await` below a node, those within others included. */
function awaitsIn(program: ParseResult["program"]): readonly Node[] {
  const found: Node[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (isNode(value)) {
      if (value.type === "AwaitExpression") found.push(value);
      for (const child of Object.values(value)) visit(child);
    }
  };
  visit(program);
  return found;
}

/** Work that several die of in a row is parked, as it should be: between two deaths there is time for some. */
const DIES_AGAIN_MS = 3_000;

/** Reads what has been reached as late as possible: another process may have reached it meanwhile. */
const MARK = (reached: string): string => `
import { appendFileSync as __append, readFileSync as __read, statSync as __stat } from "node:fs";
const __reached = (point) => __read(${JSON.stringify(reached)}, "utf8").split("\\n").includes(point);
const __known = new Set();
const __at = (point, value) => {
  if (process.env.CRASHES !== "yes" || __known.has(point)) return value;
  if (Date.now() - __stat(${JSON.stringify(reached)}).mtimeMs < ${DIES_AGAIN_MS}) return value;
  __known.add(point);
  if (__reached(point)) return value;
  __append(${JSON.stringify(reached)}, point + "\\n");
  process.kill(process.pid, "SIGKILL");
  return value;
};
`;

/**
 * Changes a copy of the bot so that a process with CRASHES=yes dies at the first point at which none has
 * died before it. Answers how to read which points were reached.
 */
export function instrument(root: string): { reached(): readonly CrashPoint[] } {
  const file = join(root, "reached.txt");
  writeFileSync(file, "");
  for (const source of workerFiles()) {
    const insertions = placesIn(source).flatMap(({ point, start, end }) => [
      { at: start, text: `__at(${JSON.stringify(point)}, ` },
      { at: end, text: ")" },
    ]);
    let { text } = source;
    // From the end, so that what comes before stays where it is.
    for (const one of insertions.sort((a, b) => b.at - a.at)) {
      text = text.slice(0, one.at) + one.text + text.slice(one.at);
    }
    writeFileSync(join(root, source.path), text);
    appendFileSync(join(root, source.path), MARK(file));
  }
  return {
    reached: () =>
      readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== ""),
  };
}
