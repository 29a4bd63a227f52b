// Small parts from which the rules for blocks are made; faults read the way Slack words them.

import { asList, asObject, type Json } from "../json.ts";

/** What is wrong, each with a JSON pointer to the place, and what must be unique so far. */
export type Report = {
  faults: string[];
  blockIds: Set<string>;
  /** How many elements ask for the focus; a view may have one. */
  focused: number;
};

export type Check = (value: unknown, at: string, report: Report) => void;

export function createReport(): Report {
  return { faults: [], blockIds: new Set(), focused: 0 };
}

export function fault(report: Report, at: string, what: string): void {
  report.faults.push(`${what} [json-pointer:${at}]`);
}

/** Characters as Slack counts them: an emoji outside the basic plane is one. */
export function lengthOf(text: string): number {
  return [...text].length;
}

export function string(max: number, min = 0): Check {
  return (value, at, report) => {
    if (typeof value !== "string") return fault(report, at, "must provide a string");
    const length = lengthOf(value);
    if (length > max) fault(report, at, `must be less than ${max + 1} characters`);
    if (length < min) fault(report, at, `must be more than ${min - 1} characters`);
  };
}

export const flag: Check = (value, at, report) => {
  if (typeof value !== "boolean") fault(report, at, "must provide a boolean");
};

export function integer(min: number, max: number): Check {
  return (value, at, report) => {
    if (!Number.isInteger(value)) return fault(report, at, "must provide an integer");
    const number = Number(value);
    if (number < min || number > max) {
      fault(report, at, `must be between ${min} and ${max}`);
    }
  };
}

export function matching(pattern: RegExp, what: string): Check {
  return (value, at, report) => {
    if (typeof value !== "string" || !pattern.test(value)) fault(report, at, what);
  };
}

export function enumeration(...allowed: string[]): Check {
  return (value, at, report) => {
    if (typeof value !== "string" || !allowed.includes(value)) {
      fault(report, at, `must be a valid enum value (${allowed.join(", ")})`);
    }
  };
}

export const webAddress: Check = (value, at, report) => {
  string(3_000, 1)(value, at, report);
  if (typeof value === "string" && !/^(https?|mailto|slack):/i.test(value)) {
    fault(report, at, "must be a valid url");
  }
};

export function listOf(of: Check, min: number, max: number): Check {
  return (value, at, report) => {
    const list = asList(value);
    if (!list) return fault(report, at, "must provide an array");
    if (list.length > max) fault(report, at, `no more than ${max} items allowed`);
    if (list.length < min) fault(report, at, `no fewer than ${min} items allowed`);
    for (const [index, item] of list.entries()) of(item, `${at}/${index}`, report);
  };
}

export type Fields = Record<string, Check>;

/** An object with these keys and no others. */
export function object(required: Fields, optional: Fields = {}): Check {
  return (value, at, report) => {
    const found = asObject(value);
    if (!found) return fault(report, at, "must provide an object");
    for (const key of Object.keys(required)) {
      if (!(key in found)) fault(report, at, `missing required field: ${key}`);
    }
    for (const [key, inner] of Object.entries(found)) {
      const check = required[key] ?? optional[key];
      if (!check) fault(report, at, `invalid additional property: ${key}`);
      else check(inner, `${at}/${key}`, report);
    }
  };
}

/** Picks the check by the object's `type`. */
export function byType(table: Record<string, Check>): Check {
  return (value, at, report) => {
    const found = asObject(value);
    if (!found) return fault(report, at, "must provide an object");
    if (typeof found.type !== "string") return fault(report, at, "missing required field: type");
    const check = Object.hasOwn(table, found.type) ? table[found.type] : undefined;
    if (!check) return fault(report, `${at}/type`, `unsupported type: ${found.type}`);
    check(value, at, report);
  };
}

/** Further conditions that need the whole object; asked only when it is one. */
export function also(
  check: Check,
  ...more: ((found: Json, at: string, report: Report) => void)[]
): Check {
  return (value, at, report) => {
    check(value, at, report);
    const found = asObject(value);
    if (found) for (const one of more) one(found, at, report);
  };
}

export const anything: Check = () => undefined;
