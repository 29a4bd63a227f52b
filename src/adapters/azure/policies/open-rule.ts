// Tells from an NSG's rule whether it is one of JIT's own that let somebody in, and what it opens.

import { z } from "zod";
import { isJitAllowName } from "../../../domain/vm/exposure/jit-rule-names.ts";
import type { OpenRule, RulesOf } from "../../../ports/azure.ts";

/** As Defender describes its rules: "MDC JIT Network Access rule for policy 'default' of VM 'X'." */
const DESCRIBED_VM = /\bof VM '([^']+)'/i;

const text = z.string().nullish();
const list = z.array(z.string()).nullish();
const namedSchema = z.object({ name: z.string() });
const ruleSchema = z.object({
  id: z.string(),
  properties: z.object({
    access: z.string(),
    direction: z.string(),
    description: text,
    destinationPortRange: text,
    destinationPortRanges: list,
    sourceAddressPrefix: text,
    sourceAddressPrefixes: list,
    destinationAddressPrefix: text,
    destinationAddressPrefixes: list,
  }),
});

/** The VM whose doors are looked for: all of its private addresses. */
export type RuleTarget = {
  readonly vmName: string;
  readonly addresses: readonly string[];
  readonly ports: RulesOf["ports"];
  readonly source: string;
};

/**
 * `undefined`: a rule that is none of JIT's, or opens none of the doors. Throws where a rule has JIT's name
 * and can't be understood: to overlook one would be to call an open door shut.
 */
export function readOpenRule(rule: unknown, target: RuleTarget): OpenRule | undefined {
  const named = namedSchema.safeParse(rule).data;
  if (named === undefined || !isJitAllowName(named.name)) return undefined;
  const { id, properties: said } = ruleSchema.parse(rule);
  if (!/^allow$/i.test(said.access) || !/^inbound$/i.test(said.direction)) return undefined;
  const own = target.addresses.map(plain);
  const destinations = all(said.destinationAddressPrefix, said.destinationAddressPrefixes);
  const sources = all(said.sourceAddressPrefix, said.sourceAddressPrefixes).map(plain);
  const ranges = all(said.destinationPortRange, said.destinationPortRanges).map(rangeOf);
  const isOwn = (address: string) => own.includes(plain(address));
  const source = plain(target.source);
  const ports = target.ports.filter((port) => ranges.some((range) => lets(range, port)));
  if (!destinations.some(isOwn) || !sources.includes(source) || ports.length === 0) {
    return undefined;
  }
  const vmName = DESCRIBED_VM.exec(said.description ?? "")?.[1] ?? target.vmName;
  const alone =
    destinations.every(isOwn) &&
    sources.every((one) => one === source) &&
    ranges.every(({ from, to }) => from === to && ports.includes(from)) &&
    vmName.toLowerCase() === target.vmName.toLowerCase();
  return { id, ports, alone };
}

const all = (one: string | null | undefined, more: readonly string[] | null | undefined) =>
  [one ?? "", ...(more ?? [])].filter((value) => value !== "");

/** Azure may write one address, and any address, in more ways than one. */
function plain(prefix: string): string {
  const said = prefix.trim().toLowerCase();
  return said === "any" || said === "0.0.0.0/0" ? "*" : said.replace(/\/32$/, "");
}

type Range = { readonly from: number; readonly to: number };

function rangeOf(said: string): Range {
  if (said === "*") return { from: 0, to: 65_535 };
  const [from = "", to = from] = said.split("-");
  return { from: z.coerce.number().int().parse(from), to: z.coerce.number().int().parse(to) };
}

const lets = ({ from, to }: Range, port: number): boolean => from <= port && port <= to;
