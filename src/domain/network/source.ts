// Where access may come from: IPv4 networks, read strictly and compared by what they contain.

import ipaddr from "ipaddr.js";

export type Source =
  /** Canonical: host bits cleared, and a single address without `/32`. */
  | { readonly cidr: string; readonly clearedHostBits: boolean }
  | { readonly any: true }
  | { readonly myIp: true }
  /** Understood, and to be refused in words: JIT rules are IPv4 only. */
  | { readonly ipv6: true };

/** What Azure calls every source. */
export const ANY_SOURCE = "*";

/** The longest IPv6 text with a prefix and a zone is shorter. */
const TEXT_CHARACTERS_MAX = 100;

// Zeros in front are refused, not read: some programs take `010` for 8, others for 10.
const DECIMAL = "(?:0|[1-9]\\d{0,2})";
const IPV4 = new RegExp(`^(${DECIMAL}(?:\\.${DECIMAL}){3})(?:/(0|[1-9]\\d?))?$`);

type Range = { readonly network: ipaddr.IPv4; readonly prefixBits: number };

/**
 * Reads an IPv4 address or CIDR, `my-ip`, or `any`, `*` and any CIDR of `/0`, in any case.
 * Answers `undefined` for everything else, names of networks included.
 */
export function parseSource(text: string): Source | undefined {
  const trimmed = text.trim();
  if (trimmed.length > TEXT_CHARACTERS_MAX) return undefined;
  if (/^(?:any|\*)$/i.test(trimmed)) return { any: true };
  if (/^my-?ip$/i.test(trimmed)) return { myIp: true };
  const range = rangeOf(trimmed);
  if (range === undefined) return isIpv6(trimmed) ? { ipv6: true } : undefined;
  if (range.prefixBits === 0) return { any: true };
  const network = range.network.toString();
  return {
    cidr: range.prefixBits === 32 ? network : `${network}/${range.prefixBits}`,
    clearedHostBits: network !== trimmed.replace(/\/.*$/, ""),
  };
}

/** Several networks as one source, which is the same whatever their order. */
export const joinedSources = (sources: readonly string[]): string =>
  [...new Set(sources)].sort().join(",");

export const sourceParts = (source: string): readonly string[] => source.split(",");

/**
 * True where every address of `inner` is one of `outer`. Both are addresses, CIDRs, several of them joined, or
 * `*`, as we write them or as an Azure policy does. Service tags such as `VirtualNetwork` and IPv6 neither
 * contain anything nor are contained: what can't be compared isn't allowed.
 */
export const contains = (outer: string, inner: string): boolean =>
  sourceParts(inner).every((part) => sourceParts(outer).some((whole) => holds(whole, part)));

function holds(outer: string, inner: string): boolean {
  const outside = rangeOf(outer);
  const inside = rangeOf(inner);
  if (outside === undefined || inside === undefined) return false;
  return (
    inside.prefixBits >= outside.prefixBits &&
    inside.network.match(outside.network, outside.prefixBits)
  );
}

function rangeOf(text: string): Range | undefined {
  const trimmed = text.trim();
  const match = IPV4.exec(trimmed === ANY_SOURCE ? "0.0.0.0/0" : trimmed);
  const cidr = `${match?.[1]}/${match?.[2] ?? "32"}`;
  if (match === null || !ipaddr.IPv4.isValidCIDR(cidr)) return undefined;
  const [, prefixBits] = ipaddr.IPv4.parseCIDR(cidr);
  return { network: ipaddr.IPv4.networkAddressFromCIDR(cidr), prefixBits };
}

function isIpv6(text: string): boolean {
  const bare = text.replace(/^\[(.*)\]/, "$1");
  return ipaddr.IPv6.isValid(bare) || ipaddr.IPv6.isValidCIDR(bare);
}
