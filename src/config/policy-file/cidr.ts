// Judges an address range as it is in the policy file, and names the fix.

import ipaddr from "ipaddr.js";
import { parseSource } from "../../domain/network/source.ts";
import { shown } from "../config-fault.ts";

/**
 * One sentence with the fix, or `undefined` for an IPv4 CIDR narrower than /0. Stricter than what a
 * person may type in a command: a file is read again by people who must not have to guess.
 */
export function cidrFault(written: string): string | undefined {
  const text = written.trim();
  const source = parseSource(text);
  if (source === undefined || "myIp" in source) {
    return `${shown(text)} isn't an IPv4 CIDR: write it like 203.0.113.0/24.`;
  }
  if ("ipv6" in source) {
    return `${shown(text)} is IPv6, which Azure's just-in-time access refuses: write an IPv4 CIDR.`;
  }
  if ("any" in source) {
    return `${text} is every address: write any in the rule's networks instead.`;
  }
  if (source.clearedHostBits) return `${text} has host bits set: write ${source.cidr}.`;
  return undefined;
}

/** The CIDR as requests spell it, so that a door has one name. Call with what has no fault. */
export function canonicalCidr(text: string): string {
  const source = parseSource(text);
  return source !== undefined && "cidr" in source ? source.cidr : text;
}

/**
 * A proxy's address or range, IPv4 or IPv6, as a CIDR; or one sentence with the fix. Proxies,
 * unlike the sources that Azure is asked for, may well have IPv6 addresses.
 */
export function proxyRange(text: string): { range: string } | { fault: string } {
  const address = text.split("/")[0] ?? "";
  const isIpv6 = address.includes(":");
  const isAddress = isIpv6
    ? ipaddr.IPv6.isValid(address)
    : ipaddr.IPv4.isValidFourPartDecimal(address);
  const range = text.includes("/") ? text : `${text}/${isIpv6 ? 128 : 32}`;
  if (!isAddress || !ipaddr.isValidCIDR(range)) {
    return { fault: `${shown(text)} isn't an address or CIDR: write it like 10.0.0.0/24.` };
  }
  if (/\/0+$/.test(range)) {
    return { fault: `${text} would trust everybody: name only the proxies that you run.` };
  }
  return { range };
}
