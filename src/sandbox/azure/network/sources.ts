// Source prefixes as policies and requests carry them, and whether one lies within another.

import ipaddr from "ipaddr.js";

export type SourceKind = "any" | "ipv4" | "ipv6" | "malformed";

export function kindOf(source: string): SourceKind {
  if (source === "*") return "any";
  if (rangeOf(source)) return "ipv4";
  const [address = ""] = source.split("/");
  return ipaddr.IPv6.isValid(address) ? "ipv6" : "malformed";
}

/** How a source that is asked for stands to one that a policy allows. */
export function compare(asked: string, allowed: string): "same" | "narrower" | "outside" {
  if (asked === allowed) return "same";
  // Everything lies within "any", so that no doubt about containment can arise.
  if (allowed === "*") return "same";
  const inner = rangeOf(asked);
  const outer = rangeOf(allowed);
  if (!inner || !outer) return "outside";
  const [address, bits] = inner;
  const [, outerBits] = outer;
  if (bits < outerBits || !address.match(outer)) return "outside";
  return bits === outerBits ? "same" : "narrower";
}

function rangeOf(source: string): [ipaddr.IPv4, number] | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(source)) return [ipaddr.IPv4.parse(source), 32];
  const [address = "", bits = ""] = source.split("/");
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) || !/^\d{1,2}$/.test(bits)) return undefined;
  return Number(bits) > 32 ? undefined : [ipaddr.IPv4.parse(address), Number(bits)];
}
