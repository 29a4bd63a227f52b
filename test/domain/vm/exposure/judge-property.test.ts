// Thousands of random network security groups: judged as the naive reference judges packet after packet.
// Of src/domain/vm/exposure/judge.ts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Exposure } from "../../../../src/domain/vm/exposure/exposure.ts";
import { networkJudge } from "../../../../src/domain/vm/exposure/judge.ts";
import {
  groupPeer,
  peerOf,
  securityGroup,
} from "../../../../src/domain/vm/exposure/security-group.ts";
import { isIn, isPrivate, lettingIn, type NaiveRule, type Packet } from "../../network/naive.ts";

const ADDRESS = "10.0.0.2";
const PORTS = [22, 3389];
const RUNS = 1_000;

/** Between and at the ends of everything that a rule here can name, all of these can send. */
const SENDERS = [
  ...["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.130", "10.0.1.9", "10.200.0.1"],
  ...["172.16.0.1", "100.64.0.1", "203.0.113.7", "203.0.113.8", "203.0.113.200"],
  ...["198.51.100.4", "8.8.8.8", "130.1.1.1"],
];
const SOURCES = [
  ...["*", "*", "VirtualNetwork", "Internet", "0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/24"],
  ...[
    "10.0.0.3",
    "203.0.113.0/24",
    "203.0.113.7/32",
    "198.51.100.0/24",
    "0.0.0.0/1",
    "128.0.0.0/1",
  ],
  ...["AzureCloud", "AzureCloud.westeurope", "Storage", "asg-known", "asg-empty"],
];
const MEMBERS = ["10.0.0.3", "10.0.1.9"];
const DESTINATIONS = [
  ...["*", "*", "VirtualNetwork", "10.0.0.2", "10.0.0.2/32", "10.0.0.0/24", "10.0.0.3"],
  ...["203.0.113.50", "10.0.1.0/24", "asg-mine", "asg-theirs"],
];
const range = fc.constantFrom<readonly [number, number]>(
  ...([
    [22, 22],
    [3389, 3389],
    [20, 25],
    [0, 65_535],
    [443, 443],
    [23, 4000],
  ] as const),
);
const sourceRange = fc.constantFrom<readonly [number, number]>(
  ...([
    [0, 65_535],
    [0, 65_535],
    [0, 65_535],
    [1024, 65_535],
    [50, 60],
  ] as const),
);
const list = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 3 });

const rule = fc.record({
  allows: fc.boolean(),
  protocol: fc.constantFrom("tcp" as const, "udp" as const, "*" as const, "other" as const),
  sources: list(fc.constantFrom(...SOURCES)),
  sourcePorts: fc.tuple(sourceRange),
  destinations: list(fc.constantFrom(...DESTINATIONS)),
  ports: list(range),
});

/** In any order, each with a priority of its own. */
const rules = fc
  .array(fc.tuple(fc.nat(4_000), rule), { maxLength: 7 })
  .map((all) =>
    [...new Map(all).entries()].map(
      ([nth, one]): NaiveRule => ({ ...one, name: `rule-${nth}`, priority: 100 + nth }),
    ),
  );

const GROUP_ID = "/subscriptions/s/asg/";
const peer = (text: string) =>
  text.startsWith("asg-") ? groupPeer(GROUP_ID + text) : peerOf(text);
const ranges = (all: NaiveRule["ports"]) => all.map(([from, to]) => ({ from, to }));

/** JIT's own for sixty other VMs: a group of very many rules is looked through by an index. */
const NEIGHBOURS: readonly NaiveRule[] = Array.from({ length: 60 }, (_, nth) => ({
  ...{ name: `neighbour-${nth}`, priority: 100 + nth, allows: nth % 2 === 0, protocol: "*" },
  ...{ sources: ["*"], sourcePorts: [[0, 65_535]], destinations: [`10.0.9.${nth}`] },
  ports: [[0, 65_535]],
}));

const groupOf = (name: string, own: readonly NaiveRule[], isLarge: boolean) =>
  securityGroup(
    { id: `/${name}`, name },
    [...own, ...(isLarge ? NEIGHBOURS : [])].map(({ allows, ...one }) => ({
      name: one.name,
      priority: one.priority,
      access: allows ? ("allow" as const) : ("deny" as const),
      protocol: one.protocol,
      sources: one.sources.map(peer),
      sourcePorts: ranges(one.sourcePorts),
      destinations: one.destinations.map(peer),
      ports: ranges(one.ports),
    })),
  );

const judge = networkJudge((group) =>
  group.endsWith("/asg-known")
    ? MEMBERS.map(
        (one) =>
          0xffff_0000_0000n + one.split(".").reduce((sum, byte) => sum * 256n + BigInt(byte), 0n),
      )
    : undefined,
);

/** A sender may be in any service tag, or in a group whose members nobody saw, besides those it is known to be in. */
function tagSetsOf(from: string): readonly (readonly string[])[] {
  const known = MEMBERS.includes(from) ? ["asg-known"] : [];
  const free = isPrivate(from) ? ["asg-empty"] : ["AzureCloud", "AzureCloud.westeurope", "Storage"];
  const sets = free.reduce<string[][]>(
    (all, tag) => all.flatMap((set) => [set, [...set, tag]]),
    [[]],
  );
  return sets.map((set) => [...known, ...set]);
}

type Come = { readonly packet: Packet; readonly by: string };

const PACKETS: readonly Packet[] = PORTS.flatMap((port) =>
  (["tcp", "udp"] as const).flatMap((protocol) =>
    SENDERS.flatMap((from) =>
      tagSetsOf(from).flatMap((tags) =>
        [55, 1_023, 50_000].map((fromPort) => ({
          ...{ port, protocol, from, tags, fromPort, to: ADDRESS, groups: ["asg-mine"] },
        })),
      ),
    ),
  ),
);

/** Every packet that comes through. */
function arriving(groups: readonly (readonly NaiveRule[])[]): readonly Come[] {
  return PACKETS.flatMap((packet) => {
    const by = lettingIn(groups, packet)?.join("+");
    return by === undefined ? [] : [{ packet, by }];
  });
}

const protocols = ({ protocol }: Exposure) =>
  protocol === "*" ? ["tcp", "udp"] : [protocol.toLowerCase()];

const told = (exposures: readonly Exposure[]) =>
  exposures.flatMap((one) =>
    one.ports.flatMap((port) =>
      protocols(one).map((protocol) => ({
        port,
        protocol,
        from: one.from,
        by: one.by.map(({ rule }) => rule).join("+"),
      })),
    ),
  );

/** Whether a told source holds the sender; parts of a tag hold all of it. */
function holds(said: string, { from, tags }: Packet): boolean {
  if (said === "*") return true;
  const tag = said.replace(/^part of /, "");
  if (tag === "VirtualNetwork") return isPrivate(from);
  if (tag === "Internet") return !isPrivate(from);
  const [first = "", last] = said.split("–");
  if (last !== undefined) return numeric(first) <= numeric(from) && numeric(from) <= numeric(last);
  if (/^\d/.test(said)) return isIn(from, said);
  // Longer lists are counted.
  if (/ more$/.test(said)) return true;
  return tags.some((one) => one === said || one.startsWith(`${said}.`));
}

const isHeld = (said: string, from: string): boolean =>
  holds(said, { from, tags: [], fromPort: 1, to: ADDRESS, groups: [], port: 22, protocol: "tcp" });

const numeric = (address: string): number =>
  address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);

describe.each([
  { count: 1, isLarge: false },
  { count: 2, isLarge: false },
  { count: 2, isLarge: true },
])("$count groups before an address (large: $isLarge)", ({ count, isLarge }) => {
  it("let in what the naive reference lets in, by the same rules, from the same sources", () => {
    const groups = fc.array(rules, { minLength: count, maxLength: count });
    let openOnes = 0;
    fc.assert(
      fc.property(groups, (all) => {
        const found = judge({
          addresses: [
            {
              address: ADDRESS,
              groups: [`${GROUP_ID}asg-mine`],
              guards: all.map((one, nth) => groupOf(`nsg-${nth}`, one, isLarge)),
              unseen: [],
            },
          ],
          ports: PORTS.map((number) => ({ number, protocol: "*" })),
          live: [],
          isBehindFirewall: false,
        });
        const come = arriving(all);
        const exposures = told(found?.exposures ?? []);
        openOnes += Number(exposures.length > 0);
        // Of very many, some are told; of each port that is open, one is.
        const isCut = (found?.exposures.length ?? 0) >= 10;
        const keyOf = (one: { port: number; protocol: string; by: string }) =>
          `${one.port} ${one.protocol} ${one.by}`;
        const byKey = Map.groupBy(come, ({ packet, by }) => keyOf({ ...packet, by }));
        const really = new Set(byKey.keys());
        const said = new Set(exposures.map(keyOf));
        if (isCut) expect([...said].filter((one) => !really.has(one))).toEqual([]);
        else expect([...said].sort()).toEqual([...really].sort());
        for (const one of exposures) {
          const its = byKey.get(keyOf(one)) ?? [];
          const missed = its.filter(({ packet }) => !one.from.some((text) => holds(text, packet)));
          expect(missed).toEqual([]);
          // What is told exactly lets in all that it says, unless a tag of the sender's is in the way.
          if (one.from.some((text) => /^part of | more$|^[A-Za-z]\w*$/.test(text))) continue;
          const senders = new Set(its.map(({ packet }) => packet.from));
          const untold = SENDERS.filter(
            (from) => one.from.some((text) => isHeld(text, from)) && !senders.has(from),
          );
          expect(untold).toEqual([]);
        }
      }),
      { numRuns: RUNS },
    );
    expect(openOnes).toBeGreaterThan(RUNS / 5);
  }, 120_000);
});
