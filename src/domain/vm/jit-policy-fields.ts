// The fields of a JIT policy's ports as Azure's own JSON has them: read in one way, for asking and for changing.

import { ANY_SOURCE, parseSource } from "../network/source.ts";
import { parseIsoDuration } from "../text/duration.ts";

export type Json = Readonly<Record<string, unknown>>;

export const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const isNone = (value: unknown): boolean => value === undefined || value === null;

/** Azure writes a number; its digits as text say the same. `undefined`: it can't be read. */
export function portNumber(value: unknown): number | undefined {
  const isDigits = typeof value === "string" && /^\d{1,5}$/.test(value);
  const number = isDigits ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number)) return undefined;
  return number >= 0 && number <= 65_535 ? number : undefined;
}

/** The longest that a port may be opened for. `undefined`: it can't be read. */
export function maxMsOf({ maxRequestAccessDuration: text }: Json): number | undefined {
  return (typeof text === "string" ? parseIsoDuration(text) : undefined) || undefined;
}

/** A port without a protocol is for any. `undefined`: it can't be read. */
export function protocolOf({ protocol }: Json): string | undefined {
  if (isNone(protocol) || protocol === "") return "*";
  return typeof protocol === "string" ? protocol : undefined;
}

export type Sources = {
  /** As we write them. */
  readonly sources: readonly string[];
  /** What stands there and is no source. */
  readonly odd: readonly unknown[];
};

/** The plural and the singular field are never both in use. Without either, both lists are empty. */
export function sourcesOf(port: Json): Sources {
  const { allowedSourceAddressPrefix: one, allowedSourceAddressPrefixes: several } = port;
  if (!isNone(several) && !Array.isArray(several)) return { sources: [], odd: [several] };
  const many = listOf(several);
  const given = many.length > 0 || isNone(one) ? many : [one];
  const isSource = (value: unknown) => typeof value === "string" && value !== "";
  return {
    sources: given.filter((value) => isSource(value)).map((value) => canonical(String(value))),
    odd: given.filter((value) => !isSource(value)),
  };
}

/** The same few networks stand in thousands of ports and entries. */
const known = new Map<string, string>();
const KNOWN_MAX = 10_000;

/** Written as we write it, so that it can be compared; service tags and IPv6 stay as they are. */
function canonical(source: string): string {
  const before = known.get(source);
  if (before !== undefined) return before;
  const parsed = parseSource(source);
  let written = source;
  if (parsed !== undefined && "any" in parsed) written = ANY_SOURCE;
  else if (parsed !== undefined && "cidr" in parsed) written = parsed.cidr;
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(source, written);
  return written;
}
