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
  type YAMLMap,
} from "yaml";
import { type Fault, keyText, type Path, shown, visible } from "../config-fault.ts";

/** A policy of a thousand rules with every key takes about half of this. */
const FILE_BYTES_MAX = 1024 * 1024;
/** Counted with every alias written out, so that nested aliases cannot multiply without end. */
const VALUES_MAX = 200_000;
/** The deepest list of a policy is at 6; far below what exhausts the stack. */
const DEPTH_MAX = 40;
const TOO_DEEP = "This is nested too deeply: no key of a policy is so deep.";
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

/** Faults without a `file` mean that the text cannot be understood any further. Never throws. */
export type YamlRead = { readonly file: YamlFile | undefined; readonly faults: readonly Fault[] };

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
    anchors: new Map(),
    targets: new Map(),
    known: new Map(),
    open: new Set(),
    faults: [],
    where: (node) => whereIs(node.range?.[0] ?? 0),
  };
  const plain = toPlain(root, [], walk);
  if (plain.size > VALUES_MAX) {
    return unreadable(
      `The file holds more than ${VALUES_MAX} values, each alias (*name) counted as what it ` +
        "stands for: write fewer.",
    );
  }
  return {
    file: {
      value: plain.value,
      whereValue: (path) => walk.where(descend(root, path, walk).value),
      whereKey: (path) => walk.where(descend(root, path, walk).key),
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
  return `This is not valid YAML (${what}): ${fix}.`;
}

type Plain = { readonly value: unknown; readonly size: number };

type Walk = {
  /** The latest node with each anchor, as YAML resolves them. */
  readonly anchors: Map<string, Node>;
  readonly targets: Map<Alias, Node>;
  /** What has been read: an alias shares it, so that reading is linear in the text. */
  readonly known: Map<Node, Plain>;
  /** Nodes being read now; an alias to one of them would never end. */
  readonly open: Set<Node>;
  readonly faults: Fault[];
  readonly where: (node: Node) => Where;
};

function toPlain(node: unknown, path: Path, walk: Walk): Plain {
  if (isAlias(node)) return aliased(node, path, walk);
  if (isScalar(node)) {
    if (node.anchor !== undefined) walk.anchors.set(node.anchor, node);
    const scalar = { value: node.value, size: 1 };
    walk.known.set(node, scalar);
    return scalar;
  }
  if (!isMap(node) && !isSeq(node)) return { value: null, size: 1 };
  if (path.length > DEPTH_MAX) {
    fault(walk, node, path, TOO_DEEP);
    return { value: null, size: 1 };
  }
  if (node.anchor !== undefined) walk.anchors.set(node.anchor, node);
  walk.open.add(node);
  const plain = isMap(node) ? mapToPlain(node, path, walk) : listToPlain(node.items, path, walk);
  walk.open.delete(node);
  walk.known.set(node, plain);
  return plain;
}

function aliased(alias: Alias, path: Path, walk: Walk): Plain {
  const target = walk.anchors.get(alias.source);
  if (target === undefined || walk.open.has(target)) {
    const why = target === undefined ? "has no &anchor before it" : "contains itself";
    fault(walk, alias, path, `The alias ${shown(`*${alias.source}`)} ${why}: write the value out.`);
    return { value: null, size: 1 };
  }
  walk.targets.set(alias, target);
  return walk.known.get(target) ?? { value: null, size: 1 };
}

function listToPlain(items: readonly unknown[], path: Path, walk: Walk): Plain {
  let size = 1;
  const value = items.map((item, index) => {
    const plain = toPlain(item, [...path, index], walk);
    size += plain.size;
    return plain.value;
  });
  return { value, size };
}

function mapToPlain(map: YAMLMap, path: Path, walk: Walk): Plain {
  const value: Record<string, unknown> = {};
  let size = 1;
  for (const pair of map.items) {
    const keyNode = isAlias(pair.key) ? walk.anchors.get(pair.key.source) : pair.key;
    const key = isScalar(keyNode) ? keyNode.value : undefined;
    const at = isNode(pair.key) ? pair.key : map;
    if (typeof key !== "string") {
      const said = isScalar(keyNode) ? `The key ${shown(key)}` : "This key";
      fault(walk, at, path, `${said} is not text: put it in quotes.`);
      continue;
    }
    const here = [...path, key];
    const plain = toPlain(pair.value, here, walk);
    size += plain.size;
    const unusable = keyFault(key, value);
    if (unusable === undefined) value[key] = plain.value;
    else fault(walk, at, here, unusable);
  }
  return { value, size };
}

function keyFault(key: string, others: Readonly<Record<string, unknown>>): string | undefined {
  if (key === "<<") {
    return "Merge keys (<<) are not read: write the keys out, or use an alias for a whole value.";
  }
  if (key === "__proto__") return "This name cannot be a key: choose another.";
  if (Object.hasOwn(others, key)) {
    return `The key ${shown(key)} is there twice: keep one, for only one can hold.`;
  }
  return undefined;
}

function fault(walk: Walk, node: Node, path: Path, message: string): void {
  walk.faults.push({ ...walk.where(node), key: keyText(path), message });
}

const isNode = (value: unknown): value is Node =>
  isAlias(value) || isScalar(value) || isMap(value) || isSeq(value);

/** The nodes at a path, or the deepest that exist on the way to it. */
function descend(root: Node, path: Path, walk: Walk): { key: Node; value: Node } {
  let key = root;
  let value = root;
  for (const step of path) {
    const node: Node | undefined = isAlias(value) ? walk.targets.get(value) : value;
    if (isMap(node)) {
      const pair = node.items.find((item: Pair) => isScalar(item.key) && item.key.value === step);
      if (pair === undefined) return { key: node, value: node };
      key = isNode(pair.key) ? pair.key : node;
      // Nothing after the colon: the key is what people look for.
      const empty = !isNode(pair.value) || (isScalar(pair.value) && pair.value.source === "");
      value = empty ? key : (pair.value as Node);
    } else if (isSeq(node) && typeof step === "number") {
      const item = node.items[step];
      if (!isNode(item)) return { key: node, value: node };
      key = item;
      value = item;
    } else {
      return { key, value };
    }
  }
  return { key, value };
}
