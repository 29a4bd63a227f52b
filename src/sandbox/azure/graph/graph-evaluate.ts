// Runs a parsed Resource Graph query over rows, with Kusto's meaning of missing values and cases.

import { isRecord } from "../arm.ts";
import type { Expression, Named, Step } from "./graph-parser.ts";
import type { Row } from "./graph-tables.ts";

/** Applies the query's steps, in their order. */
export function evaluate(rows: Row[], steps: readonly Step[]): Row[] {
  return steps.reduce(apply, rows);
}

/**
 * The types that a query's first condition asks for, so that only rows of those types need to be made.
 * `undefined`: rows of all types are wanted, or it takes more than a look to tell.
 */
export function typesAskedFor(steps: readonly Step[]): readonly string[] | undefined {
  const [first] = steps;
  if (first?.is !== "where") return undefined;
  const condition = first.condition.is === "and" ? first.condition.sides[0] : first.condition;
  if (condition?.is !== "compare" || !["==", "=~", "in~"].includes(condition.operator))
    return undefined;
  const { left, right } = condition;
  if (left.is !== "path" || left.column !== "type" || left.steps.length > 0) return undefined;
  const types = right.flatMap((one) => (one.is === "value" ? [String(one.value)] : []));
  return types.length === right.length ? types : undefined;
}

function apply(rows: Row[], step: Step): Row[] {
  switch (step.is) {
    case "where":
      return rows.filter((row) => resultOf(step.condition, row) === true);
    case "mv-expand":
      return rows.flatMap((row) => expand(row, step.named, step.limit));
    case "extend":
      return rows.map((row) => ({ ...row, ...columns(step.columns, row) }));
    case "project":
      return rows.map((row) => columns(step.columns, row));
    case "order":
      return sorted(rows, step.by);
    case "take":
      return rows.slice(0, step.count);
  }
}

function columns(named: readonly Named[], row: Row): Row {
  return Object.fromEntries(named.map(({ name, expression }) => [name, resultOf(expression, row)]));
}

/** A row without elements stays, with nothing in the new column. */
function expand(row: Row, { name, expression }: Named, limit: number): Row[] {
  const list = resultOf(expression, row);
  if (!Array.isArray(list)) return [{ ...row, [name]: list }];
  if (list.length === 0) return [{ ...row, [name]: null }];
  return list.slice(0, limit).map((element) => ({ ...row, [name]: element }));
}

function sorted(rows: Row[], by: { expression: Expression; descending: boolean }[]): Row[] {
  const keyed = rows.map((row) => ({
    row,
    keys: by.map(({ expression }) => asText(resultOf(expression, row))),
  }));
  keyed.sort((a, b) => {
    for (const [i, { descending }] of by.entries()) {
      const [left = "", right = ""] = [a.keys[i], b.keys[i]];
      if (left !== right) return left < right === descending ? 1 : -1;
    }
    return 0;
  });
  return keyed.map(({ row }) => row);
}

function resultOf(expression: Expression, row: Row): unknown {
  switch (expression.is) {
    case "value":
      return expression.value;
    case "path":
      return expression.steps.reduce(stepInto, row[expression.column] ?? null);
    case "call":
      return call(
        expression.name,
        expression.arguments.map((one) => resultOf(one, row)),
      );
    case "and":
      return expression.sides.every((side) => resultOf(side, row) === true);
    case "or":
      return expression.sides.some((side) => resultOf(side, row) === true);
    case "compare": {
      const right = expression.right.map((one) => resultOf(one, row));
      return compare(expression.operator, resultOf(expression.left, row), right);
    }
  }
}

function stepInto(value: unknown, step: string | number): unknown {
  if (Array.isArray(value)) return value[Number(step)] ?? null;
  // Keys are matched verbatim, as in Kusto: `properties.osdisk` finds nothing.
  return isRecord(value) && Object.hasOwn(value, step) ? (value[step] ?? null) : null;
}

function call(name: string, [value]: unknown[]): unknown {
  switch (name) {
    case "tostring":
      return asText(value);
    case "tolower":
      return asText(value).toLowerCase();
    case "toupper":
      return asText(value).toUpperCase();
    case "isnull":
      return value === null;
    case "isnotnull":
      return value !== null;
    case "isempty":
      return asText(value) === "";
    case "isnotempty":
      return asText(value) !== "";
    case "array_length":
      return Array.isArray(value) ? value.length : null;
    case "not":
      return value !== true;
    default:
      throw new Error(`the parser let '${name}' pass`);
  }
}

function compare(operator: string, value: unknown, others: unknown[]): boolean {
  if (operator.startsWith("!")) return !compare(POSITIVE[operator] ?? "", value, others);
  const [other] = others;
  const left = asText(value);
  const right = asText(other);
  switch (operator) {
    case "==":
      return left === right;
    case "=~":
      return left.toLowerCase() === right.toLowerCase();
    case "in":
      return others.some((one) => asText(one) === left);
    case "in~":
      return others.some((one) => asText(one).toLowerCase() === left.toLowerCase());
    case "contains":
    case "has":
      return left.toLowerCase().includes(right.toLowerCase());
    case "startswith":
      return left.toLowerCase().startsWith(right.toLowerCase());
    case "endswith":
      return left.toLowerCase().endsWith(right.toLowerCase());
    default:
      return ordered(operator, Number(value) - Number(other));
  }
}

const POSITIVE: Record<string, string> = {
  "!=": "==",
  "!~": "=~",
  "!in": "in",
  "!in~": "in~",
  "!contains": "contains",
  "!has": "has",
};

function ordered(operator: string, difference: number): boolean {
  if (operator === "<") return difference < 0;
  if (operator === ">") return difference > 0;
  return operator === "<=" ? difference <= 0 : difference >= 0;
}

/** `tostring`: nothing is the empty text, objects are JSON. */
function asText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
