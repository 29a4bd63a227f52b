// Reads TypeScript just well enough for the architecture test: imports, comments, and bare code.

import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

export type SourceFile = { readonly path: string; readonly text: string };

/** All TypeScript below a folder of the repository, with paths from its top, in order. */
export function filesBelow(folder: string): readonly SourceFile[] {
  const top = join(import.meta.dirname, "../..");
  return readdirSync(join(top, folder), { recursive: true, encoding: "utf8" })
    .map((name) => posix.join(folder, name.replaceAll("\\", "/")))
    .filter((path) => /\.tsx?$/.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(top, path), "utf8") }));
}

export type Import = {
  /** The file from the top of the repository, or the package, e.g. `node:fs`, `@slack/bolt`. */
  readonly of: string;
  readonly isPackage: boolean;
};

/** What stands for an import whose name is worked out at run time: no layer may do that. */
export const UNKNOWN = "(not a plain text)";

const QUOTED = `["']([^"'\\n]+)["']`;
const IMPORT = new RegExp(
  [
    `(?<![.\\w$])(?:import|export)\\s+(?:type\\s+)?[\\w$*{][^;"'\`()]*?\\bfrom\\s*${QUOTED}`,
    `(?<![.\\w$])import\\s*${QUOTED}`,
    `(?<![.\\w$])(?:import|require)\\s*\\(\\s*(?:["'\`]([^"'\`\\n$]+)["'\`]|(?=\\S))`,
  ].join("|"),
  "g",
);

/** What a file imports or exports again, statically and dynamically, of types and of values. */
export function importsOf({ path, text }: SourceFile): readonly Import[] {
  return [...without(text, ["comment"]).matchAll(IMPORT)].map((match) => {
    const from = match[1] ?? match[2] ?? match[3] ?? UNKNOWN;
    if (from.startsWith(".")) {
      return { of: posix.normalize(posix.join(posix.dirname(path), from)), isPackage: false };
    }
    const [scope = "", name = ""] = from.split("/");
    return { of: scope.startsWith("@") ? `${scope}/${name}` : from, isPackage: true };
  });
}

/** The code alone: comments, texts and regular expressions become spaces. */
export function bareCode(text: string): string {
  const known = bared.get(text) ?? without(text, ["comment", "text"]);
  bared.set(text, known);
  return known;
}

/** Several checks look at each file. */
const bared = new Map<string, string>();

/** Every comment of a file, with its slashes and stars. */
export const commentsOf = (text: string): readonly string[] =>
  [...tokens(text)].flatMap(({ kind, text: own }) => (kind === "comment" ? [own] : []));

type Token = { readonly kind: "comment" | "text" | "code"; readonly text: string };

function without(text: string, kinds: readonly Token["kind"][]): string {
  return [...tokens(text)]
    .map(({ kind, text: own }) => (kinds.includes(kind) ? own.replace(/[^\n]/g, " ") : own))
    .join("");
}

/** At a slash: a comment, or a regular expression where a value may begin. Else a text in quotes. */
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const QUOTES = /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y;
const EXPRESSION = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
/** So much of the code before a slash tells which of them it begins. */
const LOOKS_BACK = 20;
const VALUE_BEFORE = /(?:^|[(,=:[!&|?{};+]|=>|\breturn|\btypeof)\s*$/;

/** Where something else than plain code may begin. */
const MARK = /["'`/{}]/g;

/** Goes through a file once; a template's texts are texts, and what stands in its `${…}` is code. */
function* tokens(text: string): Generator<Token> {
  /** For each template that is open: how many braces are open within its `${…}`. */
  const templates: number[] = [];
  let at = 0;
  let code = "";
  const found = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    MARK.lastIndex = at;
    const mark = MARK.exec(text)?.index ?? text.length;
    if (mark > at) {
      const plain = text.slice(at, mark);
      code = (code + plain).slice(-LOOKS_BACK);
      at = mark;
      yield { kind: "code", text: plain };
      continue;
    }
    const here = text[at] ?? "";
    const depth = templates.at(-1);
    const startsText = here === "`" || (here === "}" && depth === 0);
    const comment = here === "/" ? found(COMMENT) : undefined;
    const isExpression = here === "/" && VALUE_BEFORE.test(code);
    const quoted = found(isExpression ? EXPRESSION : QUOTES);
    const token = startsText ? templatePart(text, at) : (comment ?? quoted);
    if (token === undefined) {
      if (depth !== undefined && here === "{") templates[templates.length - 1] = depth + 1;
      if (depth !== undefined && here === "}") templates[templates.length - 1] = depth - 1;
      code = (code + here).slice(-LOOKS_BACK);
      at += 1;
      yield { kind: "code", text: here };
      continue;
    }
    if (here === "}") templates.pop();
    if (startsText && token.endsWith("${")) templates.push(0);
    // A comment leaves what stands before it as it was; a text is a value.
    if (token !== comment || startsText) code = `${code}"`.slice(-LOOKS_BACK);
    at += token.length;
    yield { kind: !startsText && token === comment ? "comment" : "text", text: token };
  }
}

/** From a backtick, or the end of a `${…}`, to the next `${` or to the end of the template. */
function templatePart(text: string, from: number): string {
  const part = /[`}](?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{|$)/y;
  part.lastIndex = from;
  return part.exec(text)?.[0] ?? text.slice(from);
}
