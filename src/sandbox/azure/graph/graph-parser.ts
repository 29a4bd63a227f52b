// Resource Graph's language, as far as plain queries go: where, mv-expand, project, order.

import { COLUMNS, TABLES, type Table } from "./graph-tables.ts";
import { QueryFault, type Token, tokens, unquoted } from "./graph-tokens.ts";

export type Expression =
  | { is: "value"; value: string | number | boolean }
  | { is: "path"; column: string; steps: (string | number)[] }
  | { is: "call"; name: string; arguments: Expression[] }
  | { is: "compare"; operator: string; left: Expression; right: Expression[] }
  | { is: "and" | "or"; sides: Expression[] };

export type Named = { name: string; expression: Expression };

export type Step =
  | { is: "where"; condition: Expression }
  | { is: "mv-expand"; named: Named; limit: number }
  | { is: "extend" | "project"; columns: Named[] }
  | { is: "order"; by: { expression: Expression; descending: boolean }[] }
  | { is: "take"; count: number };

export type Query = { table: Table; steps: Step[] };

const COMPARISONS = ["==", "!=", "=~", "!~", "<", ">", "<=", ">="];
const TEXT_COMPARISONS = ["contains", "!contains", "has", "!has", "startswith", "endswith"];
const MEMBERSHIPS = ["in", "in~", "!in", "!in~"];
const FUNCTIONS = [
  "tostring",
  "tolower",
  "toupper",
  "isnull",
  "isnotnull",
  "isempty",
  "isnotempty",
  "array_length",
  "not",
];

/** How many elements one row becomes, unless the query says more; the documents' numbers. */
const EXPAND_DEFAULT = 128;
const EXPAND_MAX = 2_000;

type Reader = {
  peek: () => Token;
  next: () => Token;
  /** Takes the word if it comes next. */
  take: (text: string) => boolean;
  expect: (text: string) => void;
  /** Columns that the query may name at this point. */
  columns: Set<string>;
};

/** Throws `QueryFault` for what isn't understood, so that a slip doesn't pass as "no rows". */
export function parseQuery(text: string): Query {
  const reader = readerOf(tokens(text));
  const first = reader.next();
  const table = TABLES.find((name) => name === first.text.toLowerCase());
  if (!table) throw new QueryFault(first, `there is no table '${first.text}' here`);
  const steps: Step[] = [];
  while (reader.take("|")) steps.push(readStep(reader));
  if (reader.peek().kind !== "end") throw unexpected(reader.peek());
  return { table, steps };
}

function readStep(reader: Reader): Step {
  const operator = reader.next();
  switch (operator.text) {
    case "where":
      return { is: "where", condition: readCondition(reader) };
    case "mv-expand": {
      const named = readNamed(reader);
      reader.columns.add(named.name);
      return { is: "mv-expand", named, limit: readExpandLimit(reader) };
    }
    case "extend":
    case "project": {
      const columns = readList(reader, () => readNamed(reader));
      const names = columns.map(({ name }) => name);
      reader.columns = new Set(operator.text === "extend" ? [...reader.columns, ...names] : names);
      return { is: operator.text, columns };
    }
    case "order":
    case "sort":
      reader.expect("by");
      return { is: "order", by: readList(reader, () => readOrder(reader)) };
    case "take":
    case "limit":
      return { is: "take", count: readNumber(reader) };
    default:
      throw new QueryFault(operator, `the operator '${operator.text}' is not known here`);
  }
}

function readExpandLimit(reader: Reader): number {
  if (!reader.take("limit")) return EXPAND_DEFAULT;
  return Math.min(readNumber(reader), EXPAND_MAX);
}

function readOrder(reader: Reader): { expression: Expression; descending: boolean } {
  const expression = readOperand(reader);
  // Without a word, Kusto sorts downwards.
  const descending = reader.take("desc") || !reader.take("asc");
  return { expression, descending };
}

/** `alias = expression`, or an expression that is named after the path in it. */
function readNamed(reader: Reader): Named {
  const word = reader.peek();
  const expression = readOperand(reader, true);
  if (expression.is === "path" && expression.steps.length === 0 && reader.take("=")) {
    return { name: expression.column, expression: readOperand(reader) };
  }
  checkColumns(reader, expression, word);
  const path = expression.is === "call" ? expression.arguments[0] : expression;
  if (path?.is !== "path") throw new QueryFault(word, "this expression needs a name");
  return { name: [path.column, ...path.steps].join("_"), expression };
}

function readCondition(reader: Reader): Expression {
  const sides = [readBoth(reader)];
  while (reader.take("or")) sides.push(readBoth(reader));
  return sides.length === 1 && sides[0] ? sides[0] : { is: "or", sides };
}

function readBoth(reader: Reader): Expression {
  const sides = [readComparison(reader)];
  while (reader.take("and")) sides.push(readComparison(reader));
  return sides.length === 1 && sides[0] ? sides[0] : { is: "and", sides };
}

function readComparison(reader: Reader): Expression {
  if (reader.take("(")) {
    const inner = readCondition(reader);
    reader.expect(")");
    return inner;
  }
  const left = readOperand(reader);
  const operator = reader.peek().text;
  if (COMPARISONS.includes(operator) || TEXT_COMPARISONS.includes(operator)) {
    reader.next();
    return { is: "compare", operator, left, right: [readOperand(reader)] };
  }
  if (MEMBERSHIPS.includes(operator)) {
    reader.next();
    reader.expect("(");
    const right = readList(reader, () => readOperand(reader));
    reader.expect(")");
    return { is: "compare", operator, left, right };
  }
  return left;
}

function readOperand(reader: Reader, mayBeNew = false): Expression {
  const word = reader.next();
  if (word.kind === "text") return { is: "value", value: unquoted(word) };
  if (word.kind === "number") return { is: "value", value: Number(word.text) };
  if (word.kind !== "name") throw unexpected(word);
  if (word.text === "true" || word.text === "false") {
    return { is: "value", value: word.text === "true" };
  }
  if (reader.take("(")) {
    if (!FUNCTIONS.includes(word.text)) {
      throw new QueryFault(word, `the function '${word.text}' is not known here`);
    }
    const inner = word.text === "not" ? readCondition : readOperand;
    const given = readList(reader, () => inner(reader));
    reader.expect(")");
    return { is: "call", name: word.text, arguments: given };
  }
  const path: Expression = { is: "path", column: word.text, steps: readSteps(reader) };
  if (!mayBeNew) checkColumns(reader, path, word);
  return path;
}

function readSteps(reader: Reader): (string | number)[] {
  const steps: (string | number)[] = [];
  for (;;) {
    if (reader.take(".")) {
      const word = reader.next();
      if (word.kind !== "name") throw unexpected(word);
      steps.push(word.text);
    } else if (reader.take("[")) {
      const word = reader.next();
      if (word.kind !== "number" && word.kind !== "text") throw unexpected(word);
      steps.push(word.kind === "number" ? Number(word.text) : unquoted(word));
      reader.expect("]");
    } else return steps;
  }
}

function checkColumns(reader: Reader, expression: Expression, at: Token): void {
  if (expression.is !== "path" || reader.columns.has(expression.column)) return;
  throw new QueryFault(at, `there is no column '${expression.column}' at this point`);
}

function readList<T>(reader: Reader, read: () => T): T[] {
  const list = [read()];
  while (reader.take(",")) list.push(read());
  return list;
}

function readNumber(reader: Reader): number {
  const word = reader.next();
  if (word.kind !== "number") throw unexpected(word);
  return Number(word.text);
}

function unexpected(token: Token): QueryFault {
  return new QueryFault(token, `'${token.text}' is not expected here`);
}

function readerOf(words: Token[]): Reader {
  let at = 0;
  const peek = () => words[Math.min(at, words.length - 1)] as Token;
  const next = () => {
    const word = peek();
    at += 1;
    return word;
  };
  const take = (text: string) => {
    if (peek().kind === "text" || peek().text !== text) return false;
    at += 1;
    return true;
  };
  const expect = (text: string) => {
    if (!take(text)) throw new QueryFault(peek(), `'${text}' is expected before '${peek().text}'`);
  };
  return { peek, next, take, expect, columns: new Set(COLUMNS) };
}
