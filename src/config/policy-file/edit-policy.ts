// Edits a policy file as it is written: what isn't edited keeps its comments, its order and its spaces to the letter.
// The YAML library says where each value stands; what changes is cut out of the text there.

import { isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import type { Edit } from "../../domain/advice/finding.ts";
import type { Path } from "../config-fault.ts";

/** Takes the place of what stands from `from` up to `until`. */
type Splice = { readonly from: number; readonly until: number; readonly put: string };

type Text = { readonly text: string; readonly root: unknown };

/**
 * The file with the edits, all of them made to the file as it is. Edits of one list are one: what each leaves
 * out is left out. Throws where a path leads nowhere, which is a bug: it comes from the file itself.
 */
export function editPolicyFile(text: string, edits: readonly Edit[]): string {
  if (/\r\n/.test(text)) {
    return editPolicyFile(text.replaceAll("\r\n", "\n"), edits).replaceAll("\n", "\r\n");
  }
  // As it is read elsewhere.
  const document = parseDocument(text, { uniqueKeys: false, schema: "core", prettyErrors: false });
  const file: Text = { text, root: document.contents };
  const splices = [
    ...leftIn(file, edits).flatMap(([path, kept]) => removals(file, path, kept)),
    ...edits.flatMap((edit) =>
      edit.act === "set" ? [setSplice(file, edit.path, edit.value)] : [],
    ),
  ].toSorted((a, b) => b.from - a.from);
  return splices.reduce(
    (edited, { from, until, put }) => edited.slice(0, from) + put + edited.slice(until),
    text,
  );
}

/** The places that are left of each list or map of which something goes, by its path. */
function leftIn(
  file: Text,
  edits: readonly Edit[],
): readonly (readonly [Path, ReadonlySet<number>])[] {
  const places = new Map<string, readonly [Path, ReadonlySet<number>]>();
  const leave = (path: Path, isLeft: (at: number) => boolean) => {
    const key = JSON.stringify(path);
    const before = places.get(key)?.[1] ?? new Set(collectionAt(file, path).items.keys());
    places.set(key, [path, new Set([...before].filter(isLeft))]);
  };
  for (const edit of edits) {
    if (edit.act === "keep") leave(edit.path, (at) => edit.items.includes(at));
    if (edit.act === "remove") {
      const above = edit.path.slice(0, -1);
      const place = placeOf(collectionAt(file, above), edit.path.at(-1));
      leave(above, (at) => at !== place);
    }
  }
  return [...places.values()];
}

/** Of an item or a key among the others. */
function placeOf(node: YAMLMap | YAMLSeq, step: string | number | undefined): number {
  return isMap(node)
    ? node.items.findIndex(({ key }) => isScalar(key) && key.value === step)
    : Number(step);
}

function removals(file: Text, path: Path, kept: ReadonlySet<number>): readonly Splice[] {
  const node = collectionAt(file, path);
  if (kept.size === 0) return [emptied(file, node, isMap(node) ? "{}" : "[]")];
  const ranges = isMap(node)
    ? node.items.map((pair) => [rangeOf(pair.key)[0], endOf(pair)] as const)
    : node.items.map(rangeOf);
  const gone = ranges.flatMap((_, at) => (kept.has(at) ? [] : [at]));
  return gone.map((at) => itemSplice(file, ranges, at, { kept, isFlow: node.flow === true }));
}

/** Behind its key, whether it stood there or on lines of its own. */
function emptied({ text }: Text, node: YAMLMap | YAMLSeq, put: "[]" | "{}"): Splice {
  const [from, until] = rangeOf(node);
  if (node.flow === true) return { from, until, put };
  const key = text.slice(0, from).trimEnd();
  const ending = text[until - 1] === "\n" ? "\n" : "";
  return key.endsWith(":")
    ? { from: key.length, until, put: ` ${put}${ending}` }
    : { from, until, put: `${put}${ending}` };
}

type Ranges = readonly (readonly [number, number])[];

/** Lines of its own go as a whole, with the comment above; else from there to the next item, or from the one before. */
function itemSplice(
  file: Text,
  ranges: Ranges,
  at: number,
  { kept, isFlow }: { readonly kept: ReadonlySet<number>; readonly isFlow: boolean },
): Splice {
  const [start, end] = ranges[at] ?? [0, 0];
  const lines = ownLines(file.text, start, end);
  if (lines !== undefined) return { ...withComment(file.text, lines, at > 0), put: "" };
  if (!isFlow) throw new Error("what isn't in brackets stands on a line of its own");
  const next = ranges[at + 1]?.[0];
  // The items behind the last one that is kept take the comma before them away.
  const isBehind = ![...kept].some((one) => one > at);
  if (!isBehind && next !== undefined) return { from: start, until: next, put: "" };
  const before = ranges[at - 1]?.[1] ?? start;
  return { from: before, until: end, put: "" };
}

/** The lines from `start` to `end`, where nothing else stands on them but a dash, a comma or a comment. */
function ownLines(
  text: string,
  start: number,
  end: number,
): { readonly from: number; readonly until: number } | undefined {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const isAtLineEnd = end > start && text[end - 1] === "\n";
  const newline = isAtLineEnd ? end - 1 : text.indexOf("\n", end);
  const until = newline < 0 ? text.length : newline + 1;
  const isAlone =
    /^\s*(?:-\s+)?$/.test(text.slice(from, start)) &&
    /^\s*,?\s*(?:#.*)?\s*$/.test(text.slice(end, until));
  return isAlone ? { from, until } : undefined;
}

/** Comment lines right above belong to it, unless it is the first, where they may be about all of the list. */
function withComment(
  text: string,
  { from, until }: { readonly from: number; readonly until: number },
  isFollowing: boolean,
): { readonly from: number; readonly until: number } {
  let start = from;
  while (isFollowing && start > 0) {
    const line = text.lastIndexOf("\n", start - 2) + 1;
    if (!/^\s*#/.test(text.slice(line, start))) break;
    start = line;
  }
  const isBlankBefore = !isFollowing || /(?:^|\n)[ \t]*\n$/.test(text.slice(0, start));
  const blank = isBlankBefore ? /^[ \t]*\n/.exec(text.slice(until)) : null;
  return { from: start, until: until + (blank?.[0].length ?? 0) };
}

function setSplice(file: Text, path: Path, value: string | readonly number[]): Splice {
  const put = typeof value === "string" ? value : `[${value.join(", ")}]`;
  const node = nodeAt(file, path);
  if (node !== undefined) {
    const [from, until] = rangeOf(node);
    return { from, until, put };
  }
  const key = String(path.at(-1));
  const above = nodeAt(file, path.slice(0, -1));
  // A rule without `match` gets one.
  if (above === undefined) return setSplicedMap(file, path.slice(0, -1), `{ ${key}: ${put} }`);
  if (!isMap(above)) throw new Error(`no map at ${path.join(".")}`);
  return addedTo(file, above, `${key}: ${put}`);
}

function setSplicedMap(file: Text, path: Path, put: string): Splice {
  const above = nodeAt(file, path.slice(0, -1));
  if (!isMap(above)) throw new Error(`no map at ${path.join(".")}`);
  return addedTo(file, above, `${String(path.at(-1))}: ${put}`);
}

/** Behind the last key: in braces, or on a line of its own. */
function addedTo({ text }: Text, map: YAMLMap, pair: string): Splice {
  const [from, until] = rangeOf(map);
  const last = map.items.at(-1);
  if (map.flow === true) {
    const end = last === undefined ? from + 1 : endOf(last);
    return {
      from: end,
      until: last === undefined ? until - 1 : end,
      put: last ? `, ${pair}` : ` ${pair} `,
    };
  }
  const [first] = map.items;
  const keyAt = first === undefined ? from : rangeOf(first.key)[0];
  const indent = " ".repeat(keyAt - (text.lastIndexOf("\n", keyAt - 1) + 1));
  const end = last === undefined ? until : endOf(last);
  const isAtLineEnd = text[end - 1] === "\n";
  const newline = isAtLineEnd ? end - 1 : text.indexOf("\n", end);
  return newline < 0
    ? { from: text.length, until: text.length, put: `\n${indent}${pair}` }
    : { from: newline + 1, until: newline + 1, put: `${indent}${pair}\n` };
}

/** Where the value ends, or the key that has none. */
const endOf = ({ key, value }: Pair): number =>
  value === null || value === undefined ? rangeOf(key)[1] : rangeOf(value)[1];

function collectionAt(file: Text, path: Path): YAMLMap | YAMLSeq {
  const node = nodeAt(file, path);
  if (!isMap(node) && !isSeq(node)) throw new Error(`no list or map at ${path.join(".")}`);
  return node;
}

function nodeAt({ root }: Text, path: Path): unknown {
  return path.reduce<unknown>((node, step) => {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
      return pair?.value ?? undefined;
    }
    return isSeq(node) && typeof step === "number" ? node.items[step] : undefined;
  }, root);
}

function rangeOf(node: unknown): readonly [number, number] {
  if ((isScalar(node) || isMap(node) || isSeq(node)) && node.range) {
    return [node.range[0], node.range[1]];
  }
  throw new Error("the node comes from no text");
}
