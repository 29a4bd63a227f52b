// Sources held against what a rule allows: every refusal to the letter, and everything that is right.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contains } from "../../../src/domain/network/source.ts";
import type { AllowedSource } from "../../../src/domain/rules/policy.ts";
import {
  allowsAsked,
  allowsSource,
  chooseSource,
  type MyAddress,
} from "../../../src/domain/rules/requested-source.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";
import { aPolicy, aRule } from "../../support/requests.ts";

const NETWORKS = {
  vpn: ["203.0.113.0/24"],
  Office: ["198.51.100.0/25", "198.51.100.128/25"],
  bastion: ["10.9.0.0/26"],
  empty: [],
};
const network = (name: keyof typeof NETWORKS): AllowedSource => ({
  kind: "network",
  name,
  cidrs: NETWORKS[name],
});
const cidr = (text: string): AllowedSource => ({ kind: "cidr", cidr: text });
const ANY: AllowedSource = { kind: "any" };
const MY_IP: AllowedSource = { kind: "my-ip" };

function choose(networks: readonly AllowedSource[], asked?: string) {
  const rule = aRule({ networks });
  const chosen = chooseSource(aPolicy({ networks: NETWORKS }), rule, asked);
  if (isRefusal(chosen)) return `${chosen.refused}: ${plain(chosen.say)}`;
  const { source, name, notes } = chosen;
  return [source, name, ...notes.map(plain)];
}

describe("a source is chosen", () => {
  it.each<[string, readonly AllowedSource[], string | undefined, (string | undefined)[]]>([
    ["the first network", [network("vpn"), ANY], undefined, ["203.0.113.0/24", "vpn"]],
    ["the first CIDR", [cidr("10.0.0.0/8")], undefined, ["10.0.0.0/8", undefined]],
    ["any where it comes first", [ANY, network("vpn")], undefined, ["*", undefined]],
    ["a network by its name", [ANY, network("vpn")], "vpn", ["203.0.113.0/24", "vpn"]],
    ["a network in any case", [network("vpn")], "VPN", ["203.0.113.0/24", "vpn"]],
    [
      "a network within an allowed CIDR",
      [cidr("10.0.0.0/8")],
      "bastion",
      ["10.9.0.0/26", "bastion"],
    ],
    ["a network where any is allowed", [ANY], "vpn", ["203.0.113.0/24", "vpn"]],
    ["an address within", [network("vpn")], "203.0.113.7", ["203.0.113.7", undefined]],
    ["a CIDR within", [network("vpn")], "203.0.113.64/26", ["203.0.113.64/26", undefined]],
    ["the very CIDR", [network("vpn")], "203.0.113.0/24", ["203.0.113.0/24", undefined]],
    [
      "within the second range",
      [network("Office")],
      "198.51.100.200",
      ["198.51.100.200", undefined],
    ],
    ["an address under any", [ANY], "192.0.2.1", ["192.0.2.1", undefined]],
    ["any", [network("vpn"), ANY], "any", ["*", undefined]],
    ["every address", [network("vpn"), ANY], "0.0.0.0/0", ["*", undefined]],
    ["Azure's star", [ANY], "*", ["*", undefined]],
    [
      "a network whose host bits were set",
      [network("vpn")],
      "203.0.113.77/26",
      ["203.0.113.64/26", undefined, "203.0.113.77/26 was read as the network 203.0.113.64/26."],
    ],
  ])("%s", (_, networks, asked, expected) => {
    expect(choose(networks, asked)).toEqual(expected);
  });
});

describe("a source is refused", () => {
  const VPN = [network("vpn"), cidr("10.0.0.0/8")];
  it.each<[string, readonly AllowedSource[], string | undefined, string]>([
    [
      "that is none",
      VPN,
      "vnp",
      "bad-source: vnp isn't a source I know: use from vpn or an address within 10.0.0.0/8.",
    ],
    [
      "in IPv6",
      VPN,
      "2001:db8::1",
      "bad-source: 2001:db8::1 is an IPv6 source, and JIT takes only IPv4: write from vpn or an address within 10.0.0.0/8.",
    ],
    [
      "outside",
      VPN,
      "192.0.2.1",
      "source-not-allowed: The rule production doesn't allow 192.0.2.1: write from vpn or an address within 10.0.0.0/8.",
    ],
    [
      "wider than the network",
      [network("vpn")],
      "203.0.112.0/23",
      "source-not-allowed: The rule production doesn't allow 203.0.112.0/23: write from vpn.",
    ],
    [
      "spread over two ranges",
      [network("Office")],
      "198.51.100.0/24",
      "source-not-allowed: The rule production doesn't allow 198.51.100.0/24: write from Office.",
    ],
    [
      "from anywhere",
      [network("vpn")],
      "any",
      "source-not-allowed: The rule production doesn't allow access from anywhere: write from vpn.",
    ],
    [
      "from every address, under a rule that names nearly all",
      [cidr("0.0.0.0/1")],
      "0.0.0.0/0",
      "source-not-allowed: The rule production doesn't allow access from anywhere: write an address within 0.0.0.0/1.",
    ],
    [
      "named, but not by this rule",
      [network("vpn")],
      "Bastion",
      "source-not-allowed: The rule production doesn't allow the network bastion: write from vpn.",
    ],
    [
      "of several ranges",
      [network("Office")],
      "office",
      "ambiguous: The network Office has several ranges, and only one can be opened at a time: write from 198.51.100.0/25 or from 198.51.100.128/25.",
    ],
    [
      "of several ranges, by default",
      [network("Office"), ANY],
      undefined,
      "ambiguous: The network Office has several ranges, and only one can be opened at a time: write from 198.51.100.0/25 or from 198.51.100.128/25.",
    ],
    [
      "of several ranges of which one is allowed",
      [cidr("198.51.100.0/25")],
      "office",
      "ambiguous: The network Office has several ranges, and only one can be opened at a time: write from 198.51.100.0/25.",
    ],
    [
      "without a range",
      [network("empty")],
      undefined,
      "source-not-allowed: The network empty is empty: an admin has to fill it.",
    ],
    [
      "under a rule without any",
      [],
      undefined,
      "source-not-allowed: The rule production allows no source.",
    ],
    [
      "my-ip, where the bot has no page",
      [MY_IP, network("vpn")],
      "my-ip",
      "switched-off: my-ip can't be used here, because the bot's page has no address (PUBLIC_URL): write from vpn.",
    ],
    [
      "my-ip by default",
      [MY_IP],
      undefined,
      "switched-off: my-ip can't be used here, and the rule production allows nothing else: an admin can give the bot's page an address (PUBLIC_URL), or add a network to the rule.",
    ],
    [
      "an address that was typed where only my-ip is allowed",
      [MY_IP],
      "192.0.2.1",
      "source-not-allowed: The rule production doesn't allow 192.0.2.1: write from my-ip.",
    ],
    [
      "markup",
      VPN,
      "<!channel>",
      "bad-source: <!channel> isn't a source I know: use from vpn or an address within 10.0.0.0/8.",
    ],
  ])("%s", (_, networks, asked, expected) => {
    expect(choose(networks, asked)).toBe(expected);
  });

  it("for names that every object has", () => {
    for (const name of ["constructor", "toString", "__proto__"]) {
      expect(choose([network("vpn")], name)).toContain("bad-source");
    }
  });
});

describe("my-ip", () => {
  const SEEN = { address: "192.0.2.7", provable: true };
  const UNSEEN = { address: undefined, provable: true };
  const mine = (networks: AllowedSource[], asked: string | undefined, my: MyAddress) =>
    chooseSource(aPolicy({ networks: NETWORKS }), aRule({ networks }), asked, my);

  it.each([
    ["my-ip", "my-ip"],
    ["by default", undefined],
    ["by its address", "192.0.2.7"],
  ])("is the address that was seen: %s", (_, asked) => {
    expect(mine([MY_IP], asked, SEEN)).toEqual({
      ...{ source: "192.0.2.7", name: "my-ip", proven: true },
      notes: [],
    });
  });

  it.each([
    ["no address that was not seen", [MY_IP], "192.0.2.8", SEEN, "source-not-allowed"],
    ["no network around it", [MY_IP], "192.0.2.0/24", SEEN, "source-not-allowed"],
    ["nothing under a rule without it", [network("vpn")], "my-ip", SEEN, "source-not-allowed"],
    ["nothing by address there", [network("vpn")], "192.0.2.7", SEEN, "source-not-allowed"],
    ["nothing before it was seen", [MY_IP], "my-ip", UNSEEN, "address-unproven"],
    ["nothing by default before that", [MY_IP], undefined, UNSEEN, "address-unproven"],
  ] as const)("is %s", (_, networks, asked, my, code) => {
    expect(mine([...networks], asked, my)).toMatchObject({ refused: code });
  });

  it("is allowed later only as long as the rule lists it, and only if it was proven", () => {
    const source = "192.0.2.7";
    const listing = aRule({ networks: [MY_IP] });
    expect(allowsAsked(listing, { source, proven: true })).toBe(true);
    expect(allowsAsked(listing, { source })).toBe(false);
    expect(allowsAsked(aRule({ networks: [network("vpn")] }), { source, proven: true })).toBe(
      false,
    );
  });
});

describe("whatever is asked", () => {
  const octet = fc.nat({ max: 255 });
  const anyCidr = fc
    .tuple(fc.constantFrom(10, 198, 203), octet, octet, octet, fc.integer({ min: 1, max: 32 }))
    .map(([a, b, c, d, bits]) => `${a}.${b}.${c}.${d}/${bits}`);
  const anyNetworks: fc.Arbitrary<AllowedSource[]> = fc.array(
    fc.oneof(
      fc.constantFrom(network("vpn"), network("Office"), network("bastion"), ANY, MY_IP),
      fc.constantFrom("10.0.0.0/8", "198.51.100.0/24", "203.0.113.7").map(cidr),
    ),
    { maxLength: 4 },
  );
  const asked = fc.option(
    fc.oneof(anyCidr, fc.constantFrom("vpn", "office", "bastion", "any", "my-ip", "*", "::1", "")),
    { nil: undefined },
  );

  it("what is chosen lies within what the rule allows", () => {
    fc.assert(
      fc.property(anyNetworks, asked, (networks, text) => {
        const rule = aRule({ networks });
        const chosen = chooseSource(aPolicy({ networks: NETWORKS }), rule, text);
        if (isRefusal(chosen)) return;
        const within = networks.some((allowed) => {
          if (allowed.kind === "any") return true;
          const own = allowed.kind === "network" ? allowed.cidrs : [];
          const all = allowed.kind === "cidr" ? [allowed.cidr] : own;
          return all.some((outer) => contains(outer, chosen.source));
        });
        expect(within).toBe(true);
        // What may be asked for now may still be granted later.
        expect(allowsSource(rule, chosen.source)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("what can be requested instead, in one press", () => {
  const mine = { address: undefined, provable: true };
  const fixes = (asked: string, networks: readonly AllowedSource[]) => {
    const chosen = chooseSource(aPolicy({ networks: NETWORKS }), aRule({ networks }), asked, mine);
    return isRefusal(chosen) ? (chosen.fixes ?? []) : [];
  };

  it.each<[string, readonly AllowedSource[], readonly (readonly [string, string])[]]>([
    [
      "nowhere",
      [network("vpn"), MY_IP, ANY],
      [
        ["From vpn", "vpn"],
        ["From my IP", "my-ip"],
        ["From any address", "any"],
      ],
    ],
    ["any", [network("vpn"), cidr("10.0.0.0/8")], [["From vpn", "vpn"]]],
    ["192.0.2.7", [cidr("10.0.0.0/8")], []],
    [
      "office",
      [network("Office")],
      [
        ["From 198.51.100.0/25", "198.51.100.0/25"],
        ["From 198.51.100.128/25", "198.51.100.128/25"],
      ],
    ],
  ])("of %s under %j", (asked, networks, shown) => {
    const found = fixes(asked, networks);
    expect(found.map(({ label, change }) => [label, change.source])).toEqual(shown);
    // Each of them is taken, or asks for no more than the page that shows where one is.
    for (const { change } of found) {
      const policy = aPolicy({ networks: NETWORKS });
      const chosen = chooseSource(policy, aRule({ networks }), change.source, mine);
      if (isRefusal(chosen)) expect(chosen.refused).toBe("address-unproven");
    }
  });
});
