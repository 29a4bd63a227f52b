// Sources: strict reading of IPv4, and containment checked against plain integers.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contains, parseSource } from "../../../src/domain/network/source.ts";

describe("a source is read from", () => {
  it.each([
    ["203.0.113.7", { cidr: "203.0.113.7", clearedHostBits: false }],
    [" 203.0.113.7\n", { cidr: "203.0.113.7", clearedHostBits: false }],
    ["203.0.113.7/32", { cidr: "203.0.113.7", clearedHostBits: false }],
    ["203.0.113.0/24", { cidr: "203.0.113.0/24", clearedHostBits: false }],
    ["203.0.113.7/24", { cidr: "203.0.113.0/24", clearedHostBits: true }],
    ["10.255.255.255/9", { cidr: "10.128.0.0/9", clearedHostBits: true }],
    ["255.255.255.255", { cidr: "255.255.255.255", clearedHostBits: false }],
    ["0.0.0.0", { cidr: "0.0.0.0", clearedHostBits: false }],
    ["0.0.0.0/8", { cidr: "0.0.0.0/8", clearedHostBits: false }],
    ["128.0.0.0/1", { cidr: "128.0.0.0/1", clearedHostBits: false }],
    ["0.0.0.0/0", { any: true }],
    ["10.0.0.1/0", { any: true }],
    ["any", { any: true }],
    ["ANY", { any: true }],
    ["*", { any: true }],
    ["my-ip", { myIp: true }],
    ["My-IP", { myIp: true }],
    ["myip", { myIp: true }],
    ["2001:db8::1", { ipv6: true }],
    ["2001:db8::/32", { ipv6: true }],
    ["[::1]", { ipv6: true }],
    ["[::]/0", { ipv6: true }],
    ["::ffff:10.0.0.1", { ipv6: true }],
    ["fe80::1%eth0", { ipv6: true }],
  ])("%j", (text, source) => {
    expect(parseSource(text)).toEqual(source);
  });
});

describe("no source is read from", () => {
  it.each([
    "",
    " ",
    "vpn",
    "VirtualNetwork",
    "1.2.3",
    "1",
    "16909060",
    "0x7f.0.0.1",
    "010.0.0.1",
    "10.0.0.01",
    "256.0.0.1",
    "1.2.3.4.5",
    "1.2.3.4/33",
    "1.2.3.4/08",
    "1.2.3.4/",
    "1.2.3.4/-1",
    "1.2.3.4/255.255.255.0",
    "1.2.3.4-1.2.3.9",
    "1.2.3.4,1.2.3.5",
    "1.2.3.*",
    "1. 2.3.4",
    "１.2.3.4",
    "1:2",
    "[",
    "1.".repeat(100_000),
    ":".repeat(100_000),
  ])("%j", (text) => {
    expect(parseSource(text)).toBeUndefined();
  });
});

describe("containment", () => {
  it.each([
    ["10.0.0.0/8", "10.1.2.3", true],
    ["10.0.0.0/8", "10.1.0.0/16", true],
    ["10.0.0.0/8", "10.0.0.0/8", true],
    ["10.1.0.0/16", "10.0.0.0/8", false],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.0.0.1", "10.0.0.1/32", true],
    ["10.0.0.1", "10.0.0.1", true],
    ["10.0.0.1", "10.0.0.2", false],
    ["0.0.0.0/8", "0.1.2.3", true],
    ["0.0.0.0/8", "1.0.0.0", false],
    ["*", "10.0.0.1", true],
    ["*", "*", true],
    ["*", "0.0.0.0/0", true],
    ["0.0.0.0/0", "*", true],
    ["128.0.0.0/1", "*", false],
    ["10.0.0.7/8", "10.200.0.1", true],
    ["VirtualNetwork", "10.0.0.1", false],
    ["VirtualNetwork", "VirtualNetwork", false],
    ["Internet", "*", false],
    ["*", "Internet", false],
    ["::/0", "10.0.0.1", false],
    ["*", "::1", false],
    ["", "", false],
    ["any", "10.0.0.1", false],
  ])("%s ⊇ %s: %s", (outer, inner, expected) => {
    expect(contains(outer, inner)).toBe(expected);
  });

  // Few distinct networks, so that nesting is common and not a rare accident.
  const range = fc
    .record({
      base: fc.constantFrom(0, 0x0a000000, 0x0a0a0a0a, 0xcb007100, 0xffffffff),
      flipped: fc.integer({ min: 0, max: 31 }),
      bits: fc.integer({ min: 0, max: 32 }),
    })
    .map(({ base, flipped, bits }) => {
      const size = 2 ** (32 - bits);
      const first = Math.floor(((base ^ (1 << flipped)) >>> 0) / size) * size;
      const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".");
      return { text: `${octets}/${bits}`, first, last: first + size - 1 };
    });

  it("agrees with the first and last address taken as integers", () => {
    fc.assert(
      fc.property(range, range, (outer, inner) => {
        const expected = inner.first >= outer.first && inner.last <= outer.last;
        expect(contains(outer.text, inner.text)).toBe(expected);
      }),
    );
  });

  it("is reflexive and transitive, and keeps under canonical spelling", () => {
    fc.assert(
      fc.property(range, range, range, (a, b, c) => {
        expect(contains(a.text, a.text)).toBe(true);
        if (contains(a.text, b.text) && contains(b.text, c.text)) {
          expect(contains(a.text, c.text)).toBe(true);
        }
        const source = parseSource(a.text);
        const canonical = source !== undefined && "cidr" in source ? source.cidr : "*";
        expect(contains(canonical, a.text) && contains(a.text, canonical)).toBe(true);
      }),
    );
  });

  it("throws for no text", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        parseSource(a);
        contains(a, b);
      }),
    );
  });
});
