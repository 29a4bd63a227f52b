// Turns what the schema found into faults: a place in the file, a key, and a sentence with the fix.

import { z } from "zod";
import { nearest } from "../../domain/text/nearest-names.ts";
import { type ConfigFault, FAULTS_MAX, keyText, type Path, shown } from "../config-fault.ts";
import type { YamlFile } from "./yaml-positions.ts";

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

/** The sentence for an issue for which the schema has none of its own. */
export function sentence(issue: RawIssue): string | undefined {
  const { input } = issue;
  if (issue.code === "unrecognized_keys") return unknownKeys(issue.keys, issue.inst);
  if (issue.code === "custom" || issue.code === "invalid_key") return undefined;
  const example = exampleOf(issue.inst);
  const instead = example === undefined ? "" : ` such as ${example}`;
  if (input === undefined) return `This key is required: give it a value${instead}.`;
  if (input === null) return `This has no value: write one${instead}, or remove the key.`;
  switch (issue.code) {
    case "invalid_type":
      return wrongType(issue.expected, input, instead);
    case "invalid_value":
      return `${shown(input)} isn't known here: write ${orList(issue.values)}.`;
    case "invalid_union":
      return `${what(input)} isn't understood here: write a value${instead}.`;
    case "too_small":
      if (Array.isArray(input)) return "This list is empty: name at least one.";
      return `${shown(input)} is too small: write ${issue.minimum} or more.`;
    case "too_big":
      if (Array.isArray(input)) return `This list has more than ${issue.maximum}: shorten it.`;
      return `${shown(input)} is too large: write ${issue.maximum} or less.`;
    default:
      return `${what(input)} isn't understood here: write a value${instead}.`;
  }
}

function wrongType(expected: string, input: unknown, instead: string): string {
  if (expected === "string") {
    return typeof input === "number" || typeof input === "boolean"
      ? `This is read as the ${typeof input} ${input}, not as text: put it in quotes.`
      : `${what(input)} was found where one text is expected: write a text${instead}.`;
  }
  if (expected === "number" || expected === "int") {
    return typeof input === "string" && /^\d+$/.test(input)
      ? `${shown(input)} is text: write the number without quotes.`
      : `${what(input)} isn't a whole number: write one, in digits.`;
  }
  if (expected === "array") {
    return typeof input === "object"
      ? `${what(input)} was found where a list is expected: write a list${instead}.`
      : `${what(input)} isn't a list: write it in brackets, as [${flow(input)}].`;
  }
  return `${what(input)} was found where keys and values are expected: write them${instead}.`;
}

/** One sentence for each key, a line each: the schema reports all of them as one issue. */
function unknownKeys(keys: readonly string[], schema: RawIssue["inst"]): string {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  return keys
    .slice(0, FAULTS_MAX)
    .map((key) => {
      const [meant] = nearest(key, known, 1);
      const fix = meant === undefined ? `remove it, or use ${orList(known)}` : `write ${meant}`;
      return `There is no key ${shown(key)} here: ${fix}.`;
    })
    .join("\n");
}

function exampleOf(schema: RawIssue["inst"]): string | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const examples = z.globalRegistry.get(schema)?.examples;
  return Array.isArray(examples) && examples.length > 0 ? orList(examples.map(flow)) : undefined;
}

/** A value as YAML in one line. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const pairs = Object.entries(value).map(([key, inner]) => `${key}: ${flow(inner)}`);
    return `{ ${pairs.join(", ")} }`;
  }
  const isPlain = typeof value === "string" && /^[A-Za-z][\w.-]*$|^\d[\d.]*[./a-z-]/.test(value);
  return isPlain ? value : shown(value);
}

function what(input: unknown): string {
  if (Array.isArray(input)) return "A list";
  return typeof input === "object" && input !== null ? "A set of keys" : shown(input);
}

function orList(items: readonly unknown[]): string {
  const texts = items.map(String);
  const last = texts.pop() ?? "";
  return texts.length === 0 ? last : `${texts.join(", ")} or ${last}`;
}

/** Every fault that the issues amount to; an issue about several keys is a fault for each. */
export function faultsOf(
  issues: readonly z.core.$ZodIssue[],
  file: YamlFile,
): readonly ConfigFault[] {
  return issues.slice(0, FAULTS_MAX).flatMap((issue) => issueFaults(issue, [], file));
}

function issueFaults(
  issue: z.core.$ZodIssue,
  before: Path,
  file: YamlFile,
): readonly ConfigFault[] {
  const path: Path = [...before, ...(issue.path as Path)];
  switch (issue.code) {
    case "unrecognized_keys": {
      const sentences = issue.message.split("\n");
      return issue.keys.slice(0, sentences.length).map((key, index) => {
        const at = [...path, key];
        return { ...file.whereKey(at), key: keyText(at), message: sentences[index] ?? "" };
      });
    }
    case "invalid_key": {
      const where = file.whereKey(path);
      return issue.issues.map(({ message }) => ({ ...where, key: keyText(path), message }));
    }
    case "invalid_union": {
      const meant = issue.errors.find(isMeant);
      if (meant !== undefined) return meant.flatMap((inner) => issueFaults(inner, path, file));
      break;
    }
  }
  return [{ ...file.whereValue(path), key: keyText(path), message: issue.message }];
}

/** Whether an alternative was meant: the value has its shape, if not its contents. */
const isMeant = (issues: readonly z.core.$ZodIssue[]): boolean =>
  !issues.some(
    ({ code, path }) => path.length === 0 && (code === "invalid_type" || code === "invalid_value"),
  );
