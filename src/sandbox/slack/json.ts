// Narrowing of decoded JSON, which everything that crosses the wire here goes through.

export type Json = Record<string, unknown>;

/** The value if it is a JSON object, and not an array or null. */
export function asObject(value: unknown): Json | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return value as Json;
}

export function asList(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** The objects among the elements of a list; an empty list for anything else. */
export function objectsIn(value: unknown): Json[] {
  return (asList(value) ?? []).map(asObject).filter((one) => one !== undefined);
}

export function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The string under a chain of keys: `textAt(button, "text", "text")`. */
export function textAt(value: unknown, ...keys: string[]): string | undefined {
  let current: unknown = value;
  for (const key of keys) current = asObject(current)?.[key];
  return asText(current);
}

/** Parsed JSON, or `undefined` where the text is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Equal as JSON, whatever the order of the keys. */
export function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  const object = asObject(value);
  if (!object) return value;
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((key) => [key, sorted(object[key])]),
  );
}
