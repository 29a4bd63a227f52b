// Reads YAML text into plain values, and says at which line and column each of them stands.

import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { type ConfigFault, keyText, type Path, shown, visible } from "../config-fault.ts";

/** A policy of a thousand rules with every key takes about half of this. */
const FILE_BYTES_MAX = 1024 * 1024;
const VALUES_MAX = 200_000;
/** The deepest list of a policy is at 6; far below what exhausts the stack. */
const DEPTH_MAX = 40;
const TOO_DEEP = "This is nested too deeply: no policy key is this deep.";
/** One slip makes many faults; beyond these they are echoes. */
const SYNTAX_FAULTS_MAX = 20;

export type Where = { readonly line: number; readonly column: number };

export type YamlFile = {
  /** Maps, lists, texts, numbers, booleans and nulls. */
  readonly value: unknown;
  /** Where the value of a path stands; if there is none, where the map stands that lacks it. */
  readonly whereValue: (path: Path) => Where;
  /** Where the key at the end of a path stands. */
  readonly whereKey: (path: Path) => Where;
};

/** Faults without a `file` mean that the text can't be understood any further. Never throws. */
export type YamlRead = {
  readonly file: YamlFile | undefined;
  readonly faults: readonly ConfigFault[];
};

/** `keys` are those that an empty file lacks. */
export function readYaml(text: string, keys = "channels, admins and rules"): YamlRead {
  if (Buffer.byteLength(text) > FILE_BYTES_MAX) {
    return unreadable("The file is larger than 1 MiB: remove or join rules until it is smaller.");
  }
  const lines = new LineCounter();
  // The core schema even under "%YAML 1.1", where "off" would be false and dates would be objects.
  // Duplicate keys are found below: the library compares every key with every other.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    schema: "core",
  });
  const whereIs = (offset: number): Where => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  if (document.errors.length > 0) {
    // Too deep a nesting is said again by each level around it.
    const first = document.errors.some(({ code }) => code === "RESOURCE_EXHAUSTION")
      ? document.errors.slice(0, 1)
      : document.errors.slice(0, SYNTAX_FAULTS_MAX);
    return {
      file: undefined,
      faults: first.map((error) => ({
        ...whereIs(error.pos[0]),
        key: "",
        message: syntaxSentence(error.code, error.message),
      })),
    };
  }
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) {
    return unreadable(`The file is empty: write ${keys} into it.`);
  }
  const warnings = document.warnings.map((warning) => ({
    ...whereIs(warning.pos[0]),
    key: "",
    message: `${oneLine(warning.message)}: remove the tag or directive.`,
  }));
  const walk: Walk = {
    count: 0,
    faults: [],
    where: (node) => whereIs(node.range?.[0] ?? 0),
  };
  const value = toPlain(root, [], walk);
  if (walk.count > VALUES_MAX) {
    return unreadable(`The file holds more than ${VALUES_MAX} values: write fewer.`);
  }
  return {
    file: {
      value,
      whereValue: (path) => walk.where(descend(root, path).value),
      whereKey: (path) => walk.where(descend(root, path).key),
    },
    faults: [...warnings, ...walk.faults],
  };
}

const unreadable = (message: string): YamlRead => ({
  file: undefined,
  faults: [{ line: 1, column: 1, key: "", message }],
});

const oneLine = (text: string): string =>
  visible(text.replaceAll(/\s+/g, " ").replace(/[.:\s]+$/, ""));

const SYNTAX_FIXES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "indent with spaces",
  MULTIPLE_DOCS: "keep one document, without a second ---",
  BAD_ALIAS: "write the value out",
};

function syntaxSentence(code: string, message: string): string {
  if (code === "RESOURCE_EXHAUSTION") return TOO_DEEP;
  // The library's own text names functions to call, of which the reader of a policy knows nothing.
  const what = code === "MULTIPLE_DOCS" ? "several documents in one file" : oneLine(message);
  const fix = SYNTAX_FIXES[code] ?? "correct the indentation, quotes or brackets here";
  return `This isn't valid YAML (${what}): ${fix}.`;
}

type Walk = {
  /** Values read so far; of too many the rest isn't looked at. */
  count: number;
  readonly faults: ConfigFault[];
  readonly where: (node: Node) => Where;
};

function toPlain(node: unknown, path: Path, walk: Walk): unknown {
  walk.count += 1;
  if (!isNode(node) || walk.count > VALUES_MAX) return null;
  const shared = sharingFault(node);
  if (shared !== undefined) fault(walk, node, path, shared);
  if (isScalar(node)) return node.value;
  if (isAlias(node)) return null;
  if (path.length > DEPTH_MAX) {
    fault(walk, node, path, TOO_DEEP);
    return null;
  }
  return isMap(node)
    ? mapToPlain(node, path, walk)
    : node.items.map((item, index) => toPlain(item, [...path, index], walk));
}

/** A policy is read from top to bottom by people: what a rule says stands in the rule. */
function sharingFault(node: PolicyNode): string | undefined {
  if (isAlias(node)) {
    return `The alias ${shown(`*${node.source}`)} can't be used here: write the value out.`;
  }
  if (node.anchor === undefined) return undefined;
  return `The anchor ${shown(`&${node.anchor}`)} can't be used here: remove it, and write the value out wherever it's needed.`;
}

function mapToPlain(map: YAMLMap, path: Path, walk: Walk): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const pair of map.items) {
    const at = isNode(pair.key) ? pair.key : map;
    const key = isScalar(pair.key) ? pair.key.value : undefined;
    const shared = isNode(pair.key) ? sharingFault(pair.key) : undefined;
    if (shared !== undefined) fault(walk, at, path, shared);
    if (typeof key !== "string") {
      if (shared !== undefined) continue;
      const said = isScalar(pair.key) ? `The key ${shown(key)}` : "This key";
      fault(walk, at, path, `${said} isn't text: put it in quotes.`);
      continue;
    }
    const here = [...path, key];
    const plain = toPlain(pair.value, here, walk);
    const unusable = keyFault(key, value);
    if (unusable === undefined) value[key] = plain;
    else fault(walk, at, here, unusable);
  }
  return value;
}

function keyFault(key: string, others: Readonly<Record<string, unknown>>): string | undefined {
  if (key === "<<") {
    return "Merge keys (<<) aren't read: write the keys out.";
  }
  if (key === "__proto__") return "This name can't be a key: choose another.";
  if (Object.hasOwn(others, key)) {
    return `The key ${shown(key)} is there twice: keep only one.`;
  }
  return undefined;
}

function fault(walk: Walk, node: Node, path: Path, message: string): void {
  walk.faults.push({ ...walk.where(node), key: keyText(path), message });
}

type PolicyNode = Alias | Scalar | YAMLMap | YAMLSeq;

const isNode = (value: unknown): value is PolicyNode =>
  isAlias(value) || isScalar(value) || isMap(value) || isSeq(value);

/** The nodes at a path, or the deepest that exist on the way to it. */
function descend(root: Node, path: Path): { key: Node; value: Node } {
  let key = root;
  let value = root;
  for (const step of path) {
    if (isMap(value)) {
      const pair = value.items.find((item: Pair) => isScalar(item.key) && item.key.value === step);
      if (pair === undefined) return { key: value, value };
      key = isNode(pair.key) ? pair.key : value;
      // Nothing after the colon: the key is what people look for.
      const empty = !isNode(pair.value) || (isScalar(pair.value) && pair.value.source === "");
      value = empty ? key : (pair.value as Node);
    } else if (isSeq(value) && typeof step === "number") {
      const item = value.items[step];
      if (!isNode(item)) return { key: value, value };
      key = item;
      value = item;
    } else {
      return { key, value };
    }
  }
  return { key, value };
}
