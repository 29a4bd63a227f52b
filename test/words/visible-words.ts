// Finds every string in the source that a person can read, with TypeScript's own parser and checker.

import { posix, relative } from "node:path";
import { type Expression, type Node, type SourceFile, SyntaxKind } from "typescript/unstable/ast";
import * as is from "typescript/unstable/ast/is";
import { API, type Checker, type Type } from "typescript/unstable/sync";

const TOP = posix.join(import.meta.dirname, "../..");
const PROJECTS = ["tsconfig.json", "src/sandbox/page/browser/tsconfig.json"];

/** Who uses or runs the bot; who reads its logs; who tries the demo; its simulated Slack and Azure. */
export const READERS = ["people", "logs", "demo", "simulators"] as const;

export type Visible = {
  readonly path: string;
  readonly line: number;
  readonly reader: (typeof READERS)[number];
  /** What is read, with `…` for what is known only at run time and `(a|b)` for alternatives. */
  readonly text: string;
};

/** Every visible string of `src/`, in the order of files and lines. */
export function visibleWords(): readonly Visible[] {
  const api = new API({ cwd: TOP });
  try {
    const openProjects = PROJECTS.map((project) => posix.resolve(TOP, project));
    const found = new Map<string, readonly Visible[]>();
    for (const { program, checker } of api.updateSnapshot({ openProjects }).getProjects()) {
      for (const name of program.getSourceFileNames()) {
        const path = relative(TOP, name);
        const file = path.startsWith("src/") ? program.getSourceFile(name) : undefined;
        if (file !== undefined) found.set(path, wordsOf(file, path, checker));
      }
    }
    return [...found.keys()].sort().flatMap((path) => found.get(path) ?? []);
  } finally {
    api.close();
  }
}

/** Scripts for Redis and queries for Azure are programs, whatever English stands in them. */
const PROGRAM_FILES = /^src\/adapters\/(?:redis\/.*(?:scripts?|parts)|azure\/.*-queries)\.ts$/;
const PROGRAM = /\bredis\.p?call\b|\blocal (?:function )?\w+/;

function wordsOf(file: SourceFile, path: string, checker: Checker): readonly Visible[] {
  if (PROGRAM_FILES.test(path)) return [];
  const found: Visible[] = [];
  const visit = (node: Node): void => {
    if (isNeverShown(node)) return;
    const text = sentence(node);
    if (text === undefined) {
      node.forEachChild(visit);
      return;
    }
    if (reads(text) && !PROGRAM.test(text) && !isCode(node, checker)) {
      const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
      found.push({
        path,
        line,
        reader: readerOf(path, node),
        text: text.replace(/\s+/g, " ").trim(),
      });
    }
    for (const hole of holesOf(node)) visit(hole);
  };
  visit(file);
  return found;
}

/** Types, imports, names of properties, what is compared: the program reads these, and nobody else. */
function isNeverShown(node: Node): boolean {
  const { parent } = node;
  if (is.isTypeNode(node) || is.isImportDeclaration(node) || is.isExportDeclaration(node))
    return true;
  if (parent === undefined) return false;
  if (is.isPropertyAssignment(parent) && parent.name === node) return true;
  if (is.isElementAccessExpression(parent) && parent.argumentExpression === node) return true;
  if (is.isCaseClause(parent) && parent.expression === node) return true;
  if (is.isNewExpression(parent) && parent.expression.getText() === "RegExp") return true;
  return is.isBinaryExpression(parent) && COMPARED.has(parent.operatorToken.kind);
}

const COMPARED: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.EqualsEqualsEqualsToken,
  SyntaxKind.ExclamationEqualsEqualsToken,
  SyntaxKind.InKeyword,
]);

/** What a text, a template, a sum of texts or a list of a sentence's parts says; else `undefined`. */
function sentence(node: Node): string | undefined {
  if (is.isStringLiteral(node) || is.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (is.isJsxText(node)) return node.text;
  if (is.isTaggedTemplateExpression(node)) return sentence(node.template);
  if (is.isTemplateExpression(node)) {
    const spans = node.templateSpans.map(
      ({ expression, literal }) => inLine(expression) + literal.text,
    );
    return node.head.text + spans.join("");
  }
  if (is.isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.PlusToken) {
    const parts = [node.left, node.right].map((side) => sentence(side));
    return parts.every((part) => part === undefined)
      ? undefined
      : parts.map((part) => part ?? "…").join("");
  }
  if (is.isArrayLiteralExpression(node) && node.elements.some(isPiece)) {
    return node.elements.map(inLine).join("");
  }
  return undefined;
}

/** Begins or ends with a space: what stands beside it belongs to the same sentence. */
const isPiece = (node: Node): boolean =>
  /^ \S|\S $/.test(
    is.isStringLiteral(node) || is.isTemplateExpression(node) ? (sentence(node) ?? "") : "",
  );

/** A part of a sentence as it is read: `…` unless it is written here. */
function inLine(node: Expression): string {
  const own = written(node);
  if (own !== undefined) return own;
  if (!is.isConditionalExpression(node)) return "…";
  const [yes, no] = [written(node.whenTrue), written(node.whenFalse)];
  return yes === undefined && no === undefined ? "…" : `(${yes ?? "…"}|${no ?? "…"})`;
}

function written(node: Expression): string | undefined {
  if (is.isParenthesizedExpression(node)) return written(node.expression);
  const text = sentence(node);
  if (text !== undefined || !is.isObjectLiteralExpression(node)) return text;
  const shown = node.properties.find(
    (property) => is.isPropertyAssignment(property) && SHOWN.has(property.name.getText()),
  );
  return shown !== undefined && is.isPropertyAssignment(shown)
    ? inLine(shown.initializer)
    : undefined;
}

/** The parts of a sentence that are text: see `Part` in `src/domain/text/words.ts`. */
const SHOWN: ReadonlySet<string> = new Set(["strong", "code", "says"]);

/** What stands in a sentence, is not written out in it, and may have sentences of its own. */
function holesOf(node: Node): readonly Node[] {
  return is.isTaggedTemplateExpression(node)
    ? holesOf(node.template)
    : partsOf(node).flatMap((part) => (isWritten(part) ? holesOf(part) : [part]));
}

function partsOf(node: Node): readonly Node[] {
  if (is.isParenthesizedExpression(node)) return [node.expression];
  if (is.isTemplateExpression(node)) return node.templateSpans.map(({ expression }) => expression);
  if (is.isArrayLiteralExpression(node)) return node.elements;
  if (is.isBinaryExpression(node)) return [node.left, node.right];
  if (is.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse];
  return [];
}

const isWritten = (node: Node): boolean => is.isExpression(node) && inLine(node) !== "…";

/** A word that somebody would say, and not only a name, a code or a format. */
function reads(text: string): boolean {
  const said = text.replace(/<[^>]*>|https?:\S+/g, " ");
  return /[A-Za-z]{2,}[,:]? +\S*[A-Za-z…]|… [A-Za-z]{2}|^\s*[A-Z][a-z]+[.:…]?\s*$|^ \w+ ?$/.test(
    said,
  );
}

/** Where only certain texts are allowed, one of them is a code, not something that is read. */
function isCode(node: Node, checker: Checker): boolean {
  if (!is.isStringLiteral(node)) return false;
  const wanted = checker.getContextualType(node);
  return wanted !== undefined && allowsTexts(wanted);
}

const allowsTexts = (type: Type): boolean =>
  type.isStringLiteralType() || (type.isUnionType() && type.getTypes().some(allowsTexts));

function readerOf(path: string, node: Node): Visible["reader"] {
  if (/^src\/sandbox\/(?:azure|slack)\//.test(path)) return "simulators";
  if (path.startsWith("src/sandbox/")) return "demo";
  for (let at = node; at !== undefined && !is.isStatement(at); at = at.parent) {
    const isLogged = is.isCallExpression(at) && LOGS.test(at.expression.getText());
    const isBug = is.isNewExpression(at) && BUG.test(at.expression.getText());
    if (isLogged || isBug) return "logs";
  }
  return "people";
}

const LOGS = /\blog\??\.(?:debug|info|warn|error|fatal)$/;
const BUG = /^(?:Type|Range)?Error$/;
