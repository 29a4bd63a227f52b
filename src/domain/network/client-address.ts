// Which address a visitor of the bot's page has: the peer's own, or what a trusted proxy in between says of it.

import ipaddr from "ipaddr.js";
import { type Words, words } from "../text/words.ts";
import { contains } from "./source.ts";

export type ClientAddress =
  | { readonly ipv4: string }
  | { readonly ipv6: string }
  /** The proxies do not say it, or not in a way that can be believed. */
  | { readonly unclear: true };

/** Proxies in a row; whoever sends more is not believed. */
const HOPS_MAX = 50;

/**
 * `header`: the configured header as it came, `undefined` where it did not. It is believed only as far as
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
  if (!isTrusted(own, trusted)) return told(own);
  const hops = (header ?? "").split(",").slice(-HOPS_MAX).reverse();
  let last: Address | undefined;
  for (const hop of hops) {
    last = addressIn(hop);
    if (last === undefined) return { unclear: true };
    if (!isTrusted(last, trusted)) return told(last);
  }
  // All of them proxies of ours: the first one is where it began.
  return last === undefined || hops.length >= HOPS_MAX ? { unclear: true } : told(last);
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const told = (address: Address): ClientAddress =>
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
const UNUSABLE: readonly (readonly [string, string])[] = [
  ["10.0.0.0/8", "a private address"],
  ["172.16.0.0/12", "a private address"],
  ["192.168.0.0/16", "a private address"],
  ["100.64.0.0/10", "an address behind a provider's translation"],
  ["127.0.0.0/8", "this very machine's address"],
  ["169.254.0.0/16", "a link-local address"],
  ["0.0.0.0/8", "no visitor's address"],
  ["224.0.0.0/4", "a multicast address"],
  ["240.0.0.0/4", "no visitor's address"],
];

/** Why the address cannot be asked with, and what to do; `undefined`: it can. */
export function noAddressToUse(address: ClientAddress): Words | undefined {
  if ("unclear" in address) {
    return words`The proxy in front of the bot does not say from where you come: an admin has to set ${{ code: "myIp" }} in the policy file.`;
  }
  if ("ipv6" in address) {
    return words`You come by IPv6 (${{ code: address.ipv6 }}), and just-in-time access takes only IPv4 addresses: open this page over IPv4, or ask from a named network.`;
  }
  const found = UNUSABLE.find(([range]) => contains(range, address.ipv4));
  if (found === undefined) return undefined;
  return words`The bot sees you at ${{ code: address.ipv4 }}, which is ${found[1]} and not the one that Azure would see. Open this page through the internet; if you do, an admin has to set ${{ code: "myIp" }} in the policy file.`;
}
