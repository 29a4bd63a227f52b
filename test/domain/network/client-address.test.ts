// Whose address a visitor of the page has: nobody can make the bot believe one that no trusted proxy saw.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clientAddress, noAddressToUse } from "../../../src/domain/network/client-address.ts";
import { plain } from "../../../src/domain/text/words.ts";

const TRUSTED = ["10.0.0.0/8", "192.0.2.1/32", "2001:db8:ffff::/48"];
const PROXY = "10.0.0.1";

describe("the address of a visitor", () => {
  it.each([
    [
      "the peer's, where it is no proxy of ours",
      "198.51.100.7",
      "1.2.3.4",
      { ipv4: "198.51.100.7" },
    ],
    ["the peer's without any proxy", "::ffff:198.51.100.7", undefined, { ipv4: "198.51.100.7" }],
    ["the one that our proxy saw", PROXY, "198.51.100.7", { ipv4: "198.51.100.7" }],
    [
      "the right-most that is not ours",
      PROXY,
      "1.2.3.4, 198.51.100.7 , 10.9.9.9",
      { ipv4: "198.51.100.7" },
    ],
    [
      "behind a proxy that speaks IPv6",
      "2001:db8:ffff::1",
      "198.51.100.7",
      { ipv4: "198.51.100.7" },
    ],
    ["with its port", PROXY, "198.51.100.7:443", { ipv4: "198.51.100.7" }],
    ["in quotes and brackets", PROXY, '"[2001:db8::7]:443"', { ipv6: "2001:db8::7" }],
    ["IPv4 within IPv6", PROXY, "[::ffff:198.51.100.7]", { ipv4: "198.51.100.7" }],
    ["IPv6", PROXY, "2001:db8::7", { ipv6: "2001:db8::7" }],
    ["one of our own, where all are ours", PROXY, "10.0.0.9, 192.0.2.1", { ipv4: "10.0.0.9" }],
    ["unknown where the proxy says nothing", PROXY, undefined, { unclear: true }],
    ["unknown where it says nothing readable", PROXY, "unknown", { unclear: true }],
    ["unknown where an entry is empty", PROXY, "198.51.100.7,", { unclear: true }],
    ["unknown with zeros that some read as octal", PROXY, "198.51.100.010", { unclear: true }],
    ["unknown where the peer has gone", undefined, "198.51.100.7", { unclear: true }],
    ["unknown behind endless proxies", PROXY, Array(60).fill(PROXY).join(), { unclear: true }],
  ])("is %s", (_, peer, header, expected) => {
    expect(clientAddress(peer, header, TRUSTED)).toEqual(expected);
  });

  const octet = fc.nat({ max: 255 });
  const address = fc
    .tuple(fc.integer({ min: 11, max: 191 }), octet, octet, octet)
    .map((all) => all.join("."));
  const ours = fc.tuple(octet, octet, octet).map((all) => `10.${all.join(".")}`);
  const anything = fc.oneof(
    address,
    ours,
    fc.string(),
    fc.constantFrom("", "::1", "unknown", '"', "["),
  );

  it("does not depend on anything that stands left of what our proxy saw", () => {
    fc.assert(
      fc.property(
        fc.array(anything, { maxLength: 6 }),
        address,
        fc.array(ours, { maxLength: 4 }),
        (forged, seen, proxies) => {
          const header = [...forged, seen, ...proxies].join(", ");
          expect(clientAddress(PROXY, header, TRUSTED)).toEqual({ ipv4: seen });
        },
      ),
    );
  });

  it("is the peer's for whoever is no proxy of ours, whatever the header says", () => {
    fc.assert(
      fc.property(address, fc.string(), (peer, header) => {
        expect(clientAddress(peer, header, TRUSTED)).toEqual({ ipv4: peer });
        expect(clientAddress(`::ffff:${peer}`, header, TRUSTED)).toEqual({ ipv4: peer });
      }),
    );
  });

  it("is never anything but an address in its usual spelling", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (header) => {
        const found = clientAddress(PROXY, header, TRUSTED);
        if ("ipv4" in found) expect(found.ipv4).toMatch(/^\d{1,3}(\.\d{1,3}){3}$/);
        if ("ipv6" in found) expect(found.ipv6).toMatch(/^[0-9a-f:]+$/);
      }),
    );
  });
});

describe("an address that can't be asked with", () => {
  it.each([
    ["10.1.2.3", "a private address"],
    ["172.31.0.1", "a private address"],
    ["192.168.0.1", "a private address"],
    ["100.64.0.1", "provider's translation"],
    ["127.0.0.1", "this machine's own"],
    ["169.254.1.1", "link-local"],
    ["224.0.0.1", "multicast"],
    ["255.255.255.255", "not a visitor's address"],
    ["240.0.0.1", "not a visitor's address"],
    ["0.0.0.0", "not a visitor's address"],
  ])("%s: %s", (ipv4, said) => {
    expect(plain(noAddressToUse({ ipv4 }) ?? [])).toContain(said);
  });

  it.each([
    "9.255.255.255",
    "11.0.0.0",
    "172.32.0.1",
    "100.128.0.1",
    "198.51.100.7",
    "223.255.255.255",
  ])("is not %s", (ipv4) => expect(noAddressToUse({ ipv4 })).toBeUndefined());

  it("is IPv6, and one that nobody knows", () => {
    expect(plain(noAddressToUse({ ipv6: "2001:db8::7" }) ?? [])).toContain("IPv6");
    expect(plain(noAddressToUse({ unclear: true }) ?? [])).toContain("myIp");
  });
});
