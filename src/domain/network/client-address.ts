// Which address a visitor of the bot's page has: the peer's own, or what a trusted proxy in between says of it.

import ipaddr from "ipaddr.js";
import { type Words, words } from "../text/words.ts";

export type ClientAddress =
  | { readonly ipv4: string }
  | { readonly ipv6: string }
  /** The proxies don't say it, or not in a way that can be believed. */
  | { readonly unclear: true };

/** Proxies in a row; a longer list isn't trusted. */
const HOPS_MAX = 50;

/**
 * `header`: the configured header as it came, `undefined` where it didn't. It is believed only as far as
 * trusted proxies wrote it: each adds the address that it saw at the right, so the right-most address
 * that is no trusted proxy's is the visitor's, and whatever stands left of it anybody may have written.
 */
export function clientAddress(
  peer: string | undefined,
  header: string | undefined,
  trusted: readonly string[],
): ClientAddress {
  const own = addressIn(peer ?? "");
  if (own === undefined) return { unclear: true };
  if (!isTrusted(own, trusted)) return clientAt(own);
  const hops = (header ?? "").split(",").slice(-HOPS_MAX).reverse();
  let last: Address | undefined;
  for (const hop of hops) {
    last = addressIn(hop);
    if (last === undefined) return { unclear: true };
    if (!isTrusted(last, trusted)) return clientAt(last);
  }
  // All of them proxies of ours: the first one is where it began.
  return last === undefined || hops.length >= HOPS_MAX ? { unclear: true } : clientAt(last);
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const clientAt = (address: Address): ClientAddress =>
  address.kind() === "ipv4" ? { ipv4: address.toString() } : { ipv6: address.toString() };

/** An address as proxies write one: alone, with a port, in brackets, in quotes; IPv4 within IPv6 as IPv4. */
function addressIn(text: string): Address | undefined {
  const bare = text.trim().replace(/^"(.*)"$/, "$1");
  const [, bracketed] = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(bare) ?? [];
  const [, ported] = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(bare) ?? [];
  const address = bracketed ?? ported ?? bare;
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) {
    // Zeros in front are read as octal by some.
    return /(?:^|\.)0\d/.test(address) ? undefined : ipaddr.IPv4.parse(address);
  }
  if (!address.includes(":") || !ipaddr.IPv6.isValid(address)) return undefined;
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed;
}

function isTrusted(address: Address, trusted: readonly string[]): boolean {
  return trusted.some((range) => {
    const [network, bits] = ipaddr.parseCIDR(range);
    return network.kind() === address.kind() && address.match(network, bits);
  });
}

/** From these nobody reaches a VM through the internet: Azure would be told a wrong address. */
const UNUSABLE: Readonly<Record<string, string>> = {
  private: "a private address",
  carrierGradeNat: "an address behind a provider's translation",
  loopback: "this machine's own address",
  linkLocal: "a link-local address",
  multicast: "a multicast address",
  unspecified: "not a visitor's address",
  broadcast: "not a visitor's address",
};

/** The library keeps networks for documentation together with those that nobody has: only the latter are refused. */
function unusable(address: ipaddr.IPv4): string | undefined {
  const range = address.range();
  const isNobodys = range === "reserved" && (address.octets[0] ?? 0) >= 240;
  return isNobodys ? UNUSABLE.unspecified : UNUSABLE[range];
}

/** Why the address can't be asked with, and what to do; `undefined`: it can. */
export function noAddressToUse(address: ClientAddress): Words | undefined {
  if ("unclear" in address) {
    return words`The proxy in front of the bot doesn't say where you connect from: an admin has to set ${{ code: "myIp" }} in the policy file.`;
  }
  if ("ipv6" in address) {
    return words`You're connecting over IPv6 (${{ code: address.ipv6 }}), and JIT takes only IPv4 addresses: open this page over IPv4, or use a named network as the source.`;
  }
  const kind = unusable(ipaddr.IPv4.parse(address.ipv4));
  if (kind === undefined) return undefined;
  return words`The bot sees you at ${{ code: address.ipv4 }}, which is ${kind}, not the one Azure would see. Open this page over the internet; if you already do, an admin has to set ${{ code: "myIp" }} in the policy file.`;
}
