// Networks as ranges on one number line, IPv4 and IPv6 alike, and the line cut where a rule's judgement changes.

import ipaddr from "ipaddr.js";

/** Both ends belong to it. IPv4 stands where IPv6 maps it: `::ffff:0:0/96`. */
export type AddressRange = { readonly from: bigint; readonly to: bigint };

const V4_FROM = 0xffff_0000_0000n;
const ALL_V4: AddressRange = { from: V4_FROM, to: V4_FROM + 0xffff_ffffn };
const ALL_V6: AddressRange = { from: 0n, to: (1n << 128n) - 1n };

/** An address or a CIDR; `undefined` for everything else. Host bits are cleared, as Azure does. */
export function addressRange(text: string): AddressRange | undefined {
  const [, address = "", bits] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text.trim()) ?? [];
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) {
    const network = V4_FROM + numberOf(ipaddr.IPv4.parse(address).toByteArray());
    return rangeFrom(network, { bits, width: 32 });
  }
  if (!address.includes(":") || !ipaddr.IPv6.isValid(address)) return undefined;
  const network = numberOf(ipaddr.IPv6.parse(address).toByteArray());
  return rangeFrom(network, { bits, width: 128 });
}

function rangeFrom(
  address: bigint,
  { bits, width }: { bits: string | undefined; width: number },
): AddressRange | undefined {
  const prefix = bits === undefined ? width : Number(bits);
  if (prefix > width) return undefined;
  const size = 1n << BigInt(width - prefix);
  const from = address - (address % size);
  return { from, to: from + size - 1n };
}

const numberOf = (bytes: readonly number[]): bigint =>
  bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);

const isV4 = (address: bigint): boolean => rangeContains(ALL_V4, address);

export const rangeContains = ({ from, to }: AddressRange, address: bigint): boolean =>
  from <= address && address <= to;

/** Packets reach an address only from addresses of its own family. */
export const familyOf = (address: bigint): AddressRange => (isV4(address) ? ALL_V4 : ALL_V6);

/**
 * What can't come over the internet. The tag `VirtualNetwork` means these and `Internet` all others: which
 * of them a network really has (on premises, by peering, by route) only Azure knows.
 */
const PRIVATE: readonly AddressRange[] = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "fc00::/7",
].flatMap((one) => addressRange(one) ?? []);

/** The platform itself, from which only health probes come: nobody gets in from there. */
const HOST = addressRange("168.63.129.16")?.from ?? 0n;

/** A stretch of addresses of which every rule says the same. */
export type Stretch = AddressRange & { readonly isPrivate: boolean };

/** All addresses of a family but the platform's own, cut at both ends of each of the ranges, in order. */
export function stretches(
  family: AddressRange,
  ranges: Iterable<AddressRange>,
): readonly Stretch[] {
  const starts = new Set<bigint>([family.from]);
  const cut = ({ from, to }: AddressRange) => {
    if (rangeContains(family, from)) starts.add(from);
    if (rangeContains(family, to + 1n)) starts.add(to + 1n);
  };
  for (const one of [...PRIVATE, { from: HOST, to: HOST }, ALL_V4, ...ranges]) cut(one);
  const sorted = [...starts].sort((one, other) => (one < other ? -1 : Number(one > other)));
  return sorted.flatMap((from, index) => {
    const to = (sorted[index + 1] ?? family.to + 1n) - 1n;
    // IPv4 is no part of IPv6, though it is on the same line.
    if (from === HOST || isV4(from) !== isV4(family.from)) return [];
    return { from, to, isPrivate: PRIVATE.some((one) => rangeContains(one, from)) };
  });
}

/** A CIDR where it is one, an address without its length, otherwise the first and the last address. */
export function rangeText({ from, to }: AddressRange): string {
  const size = to - from + 1n;
  if (size === 1n) return addressText(from);
  const isCidr = (size & (size - 1n)) === 0n && from % size === 0n;
  if (!isCidr) return `${addressText(from)}–${addressText(to)}`;
  return `${addressText(from)}/${(isV4(from) ? 32 : 128) - (size.toString(2).length - 1)}`;
}

function addressText(address: bigint): string {
  const width = isV4(address) ? 4 : 16;
  const bytes = Array.from({ length: width }, (_, index) =>
    Number((address >> BigInt(8 * (width - 1 - index))) & 255n),
  );
  return ipaddr.fromByteArray(bytes).toString();
}
