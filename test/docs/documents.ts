// Reads the documents just well enough to compare them with the code: tables, code, links and headings.

import { existsSync, globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

export const TOP = join(import.meta.dirname, "../..");

type Document = { readonly path: string; readonly text: string };

export const read = (path: string): Document => ({
  path,
  text: readFileSync(join(TOP, path), "utf8"),
});

export const documents = (): readonly Document[] =>
  ["README.md", ...globSync("docs/**/*.md", { cwd: TOP }).sort()].map(read);

/** Everything that stands between backticks in the first column of the tables below a heading. */
export function firstColumn(text: string, heading: string): readonly string[] {
  const rows = section(text, heading).filter((line) => line.startsWith("| `"));
  return rows.flatMap((row) => inBackticks(row.split("|")[1] ?? ""));
}

/** From a heading to the next one of any level. */
function section(text: string, heading: string): readonly string[] {
  const lines = text.split("\n");
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`no heading ${heading}`);
  const next = lines.findIndex((line, index) => index > start && /^#+ /.test(line));
  return lines.slice(start, next < 0 ? undefined : next);
}

const inBackticks = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => code ?? []);

/** The lines of all blocks of code. */
export const codeLines = (text: string): readonly string[] =>
  [...text.matchAll(/^```.*\n([\s\S]*?)^```/gm)].flatMap(([, code = ""]) =>
    code.trimEnd().split("\n"),
  );

const FOLDERS = /^(?:src|test|docs|\.ci)\/[\w./-]*$/;
const SOURCE_NAME = /^[\w.-]+\.tsx?$/;

/** What a document names and nobody has: files, folders, and the targets of its links. */
export function lostIn({ path, text }: Document, isThere = there): readonly string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "");
  const named = inBackticks(prose).filter((code) => FOLDERS.test(code) && !isThere(code));
  const files = inBackticks(prose).filter((code) => SOURCE_NAME.test(code) && !hasFile(code));
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, to]) => to ?? []);
  const broken = links.filter((to) => !/^https?:/.test(to) && !leads(path, text, to, isThere));
  return [...named, ...files, ...broken].map((what) => `${path}: ${what}`);
}

const NAME = /^[a-z]+[A-Z]\w*$|^[A-Z]{2,}(?:_[A-Z]+)*$/;
const NAME_IN_FILE = /`(\w+)` in `([\w./-]+\.tsx?)`/g;

/** What a document says of the code by name, and the code doesn't have: anywhere, or in the file that it's said of. */
export function lostNames(
  { path, text }: Document,
  code: readonly { readonly path: string; readonly text: string }[],
): readonly string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "");
  const has = (source: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(source);
  const names = inBackticks(prose).filter((name) => NAME.test(name));
  const nowhere = names.filter((name) => !code.some((file) => has(file.text, name)));
  const elsewhere = [...prose.matchAll(NAME_IN_FILE)].flatMap(([, name = "", file = ""]) => {
    const meant = code.filter((one) => one.path === file || one.path.endsWith(`/${file}`));
    return meant.some((one) => has(one.text, name)) ? [] : [`${name} in ${file}`];
  });
  return [...nowhere, ...elsewhere].map((what) => `${path}: ${what}`);
}

const there = (path: string): boolean => existsSync(join(TOP, path));

function leads(from: string, text: string, to: string, isThere: (path: string) => boolean) {
  const [file = "", anchor] = to.split("#");
  const path = file === "" ? from : posix.join(posix.dirname(from), file);
  if (file !== "" && !isThere(path)) return false;
  return anchor === undefined || anchors(file === "" ? text : read(path).text).includes(anchor);
}

/** As GitHub makes them of headings. */
const anchors = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );

let names: ReadonlySet<string> | undefined;

/** Whether a file of that name is anywhere in source or tests. */
function hasFile(name: string): boolean {
  names ??= new Set(
    globSync("{src,test}/**/*.{ts,tsx}", { cwd: TOP }).map((path) => posix.basename(path)),
  );
  return names.has(name);
}
