// Doors: what a policy's entries say about one, and until when it must stay open for all who need it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Door,
  doorEndsAtMs,
  doorsAsked,
  doorsOf,
  type Holder,
  idInJustification,
  isAnyOther,
  isOpenForOthers,
  newerThan,
  seeDoor,
  stillOpen,
} from "../../../../src/domain/request/doors/doors.ts";
import type { RequestId } from "../../../../src/domain/text/ids.ts";
import { vmKey } from "../../../../src/domain/text/ids.ts";
import { type JitEntry, NO_SOURCE } from "../../../../src/domain/vm/vm.ts";
import {
  aCommon,
  aGrant,
  anAsk,
  HOUR,
  inState,
  STATES,
  T0,
  vmId,
} from "../../../support/requests.ts";

const OURS = "JIT-4K7QWD" as RequestId;
const OTHER = "JIT-AAAAAA" as RequestId;
const THIRD = "JIT-BBBBBB" as RequestId;
const DOOR: Door = { vm: vmKey(vmId("vm-01")), port: 3389, source: "203.0.113.0/24" };
const END = T0 + 2 * HOUR;

const entry = (id: string, change: Partial<JitEntry> = {}): JitEntry => ({
  ...DOOR,
  endsAtMs: END,
  startedAtMs: T0,
  status: "Initiated",
  statusReason: "UserRequested",
  requestor: "the-bot",
  justification: `${id} requested by U0ERIN, approved by U0LEAD: x`,
  mappedPort: undefined,
  ...change,
});
const superseded = { status: "Revoked", statusReason: "NewerRequestInitiated" } as const;
const expired = { status: "Revoked", statusReason: "Expired" } as const;

describe("the doors of a request", () => {
  it("are one for each port", () => {
    const ask = anAsk({ ports: [22, 3389] });
    const doors = [22, 3389].map((port) => ({ ...DOOR, port }));
    expect(doorsAsked(inState("pending", { ask }))).toEqual(doors);
    expect(doorsOf(inState("open", { ask }))).toEqual(doors);
  });

  it.each(STATES)("are needed by what is %s only while it is open", (state) => {
    expect(doorsOf(inState(state))).toHaveLength(state === "open" ? 1 : 0);
  });

  it.each([
    ["was never asked", { sent: 0, answer: "unsent" }, 0],
    ["refused to look", { sent: 1, answer: "unsent" }, 0],
    ["may have been asked", { sent: 1, answer: "unknown" }, 1],
    ["accepted", { sent: 1, answer: "accepted" }, 1],
    ["lost an answer before it refused to look", { sent: 2, answer: "unsent", doubted: true }, 1],
  ] as const)("are needed by what is being opened as far as Azure %s", (_, azure, count) => {
    const grant = aGrant({ azure: { reads: 0, seenPorts: [], ...azure } });
    expect(doorsOf({ ...aCommon(), state: "opening", grant })).toHaveLength(count);
  });
});

describe("an entry whose source can't be read", () => {
  const want = { id: OURS, untilMs: END, holders: [] };
  const unread = (id: string) => entry(id, { source: NO_SOURCE });

  it("is ours by its id, so that it doesn't keep a card at Opening", () => {
    expect(seeDoor(DOOR, want, [unread(OURS)]).seen).toBe("open");
    expect(stillOpen(DOOR, new Set([OURS]), [unread(OURS)])).toBeDefined();
    expect(seeDoor(DOOR, want, [unread(OTHER)]).seen).toBe("none");
    expect(seeDoor({ ...DOOR, port: 22 }, want, [unread(OURS)]).seen).toBe("none");
  });

  it("may be somebody else's for this door, where it has no id of the bot's", () => {
    const theirs = { ...unread(""), justification: "in the portal" };
    expect(isOpenForOthers(DOOR, [theirs])).toBe(true);
    expect(isOpenForOthers(DOOR, [{ ...theirs, source: "192.0.2.1" }])).toBe(false);
  });
});

describe("a door for several networks", () => {
  const LIST: Door = { ...DOOR, source: "192.0.2.0/24,203.0.113.0/24" };
  const want = { id: OURS, untilMs: END, holders: [] };
  const from = (source: string, nth = 1) => entry(OURS, { source, nth });

  it("is seen where one request has all of them", () => {
    const both = [from("203.0.113.0/24"), from("192.0.2.0/24")];
    expect(seeDoor(LIST, want, both).seen).toBe("open");
    expect(stillOpen(LIST, new Set([OURS]), both)?.source).toBe(LIST.source);
    expect(seeDoor(LIST, want, [from("203.0.113.0/24")]).seen).toBe("none");
    expect(seeDoor(LIST, want, [from("203.0.113.0/24"), from("192.0.2.0/24", 2)]).seen).toBe(
      "none",
    );
    expect(seeDoor(LIST, want, [from("198.51.100.4")]).seen).toBe("none");
  });

  it("may be open for others by any of them", () => {
    const theirs = { ...from("192.0.2.0/24"), justification: "in the portal" };
    expect(isOpenForOthers(LIST, [theirs])).toBe(true);
    expect(isOpenForOthers(DOOR, [theirs])).toBe(false);
  });
});

it("sends the latest end that anybody on the door needs", () => {
  const holders: Holder[] = [
    { id: OTHER, untilMs: END + 5 },
    { id: THIRD, untilMs: END - 5 },
  ];
  expect([doorEndsAtMs(END, []), doorEndsAtMs(END, holders), doorEndsAtMs(0, holders)]).toEqual([
    END,
    END + 5,
    END + 5,
  ]);
});

it.each([
  ["JIT-4K7QWD requested by U0ERIN", "JIT-4K7QWD"],
  ["JIT-4K7QWD", "JIT-4K7QWD"],
  ["JIT-4K7QWD: x", "JIT-4K7QWD"],
  ["JIT-4K7QWDX requested", undefined],
  ["JIT-4K7QWI requested", undefined],
  ["jit-4k7qwd requested", undefined],
  [" JIT-4K7QWD requested", undefined],
  ["asked like JIT-4K7QWD", undefined],
  ["", undefined],
])("finds in %j the id %s", (text, id) => {
  expect(idInJustification(text)).toBe(id);
});

describe("a door is seen", () => {
  const other: Holder = { id: OTHER, untilMs: END + HOUR };
  it.each<[string, readonly JitEntry[], readonly Holder[], string]>([
    ["open by our entry", [entry(OURS)], [], "open"],
    [
      "open whatever else is there",
      [entry("x", expired), entry(OURS, expired), entry(OURS)],
      [],
      "open",
    ],
    ["open a moment before our end", [entry(OURS, { endsAtMs: END - 2_000 })], [], "open"],
    [
      "open by a later entry of another live holder",
      [entry(OURS, superseded), entry(OTHER)],
      [other],
      "open",
    ],
    ["coming", [entry(OURS, { status: "Initiating" })], [], "coming"],
    ["coming by a word that nobody knows", [entry(OURS, { status: "Pondering" })], [], "coming"],
    [
      "coming after it was revoked once",
      [entry(OURS, expired), entry(OURS, { status: "" })],
      [],
      "coming",
    ],
    ["revoked", [entry(OURS, expired)], [], "revoked"],
    [
      "open by a later entry of a request that is over, which took ours over",
      [entry(OURS, superseded), entry(OTHER)],
      [],
      "open",
    ],
    [
      "coming by a later entry that took ours over",
      [entry(OURS, superseded), entry(OTHER, { status: "Initiating" })],
      [],
      "coming",
    ],
    [
      "revoked, where what took ours over ends earlier",
      [entry(OURS, superseded), entry(OTHER, { endsAtMs: END - HOUR })],
      [],
      "revoked",
    ],
    [
      "revoked, where somebody in the portal took ours over",
      [entry(OURS, superseded), entry("portal")],
      [],
      "revoked",
    ],
    ["not at all without an entry", [], [other], "none"],
    ["not at all by somebody else's entry", [entry("portal"), entry(OTHER)], [], "none"],
    [
      "not at all by an entry that ends earlier",
      [entry(OURS, { endsAtMs: END - 2_001 })],
      [],
      "none",
    ],
    [
      "not at all by a holder's entry that ends before us",
      [entry(OTHER, { endsAtMs: END - HOUR })],
      [other],
      "none",
    ],
    ["not at all on another port", [entry(OURS, { port: 22 })], [], "none"],
    ["not at all for another source", [entry(OURS, { source: "*" })], [], "none"],
    ["not at all on another VM", [entry(OURS, { vm: vmKey(vmId("vm-02")) })], [], "none"],
    [
      "not at all where our id stands only in the reason",
      [entry("portal", { justification: `see ${OURS}` })],
      [],
      "none",
    ],
  ])("%s", (_, entries, holders, seen) => {
    const want = { id: OURS, untilMs: END, holders };
    expect(seeDoor(DOOR, want, entries).seen).toBe(seen);
    expect(seeDoor(DOOR, want, [...entries].reverse()).seen).toBe(seen);
  });

  it("with the port of the firewall, and with the reason of its end", () => {
    const want = { id: OURS, untilMs: END, holders: [] };
    expect(seeDoor(DOOR, want, [entry(OURS, { mappedPort: 50_123 })])).toEqual({
      seen: "open",
      reason: undefined,
      mappedPort: 50_123,
    });
    expect(seeDoor(DOOR, want, [entry(OURS, expired)])).toMatchObject({ reason: "Expired" });
  });
});

describe("a door is still open", () => {
  const own = new Set<string>([OURS]);
  it.each<[string, readonly JitEntry[], number]>([
    ["while our entry stands", [entry(OURS)], END],
    ["while it is being opened", [entry(OURS, { status: "Initiating" })], END],
    ["whatever end the entry claims", [entry(OURS, { endsAtMs: T0 - HOUR })], T0 - HOUR],
    ["by a word that nobody knows", [entry(OURS, { status: "Ending" })], END],
    [
      "where another of our requests took over and is over itself",
      [entry(OURS, superseded), entry(OTHER, { endsAtMs: END + HOUR })],
      END + HOUR,
    ],
    [
      "until the latest of several ends",
      [entry(OURS, { endsAtMs: END - HOUR }), entry(OURS), entry(OURS, { endsAtMs: END - 5 })],
      END,
    ],
    [
      "where the one that took over gave way to a third",
      [entry(OURS, superseded), entry(OTHER, superseded), entry(THIRD)],
      END,
    ],
  ])("%s", (_, entries, endsAtMs) => {
    expect(stillOpen(DOOR, own, entries)?.endsAtMs).toBe(endsAtMs);
    expect(stillOpen(DOOR, own, [...entries].reverse())?.endsAtMs).toBe(endsAtMs);
  });

  it("gave way to the newest of the bot's at its ports, for whatever source", () => {
    const openAt = (...ports: number[]) =>
      inState("open", { id: OURS, ask: anAsk({ ports, source: DOOR.source }) });
    const gave = (...entries: readonly JitEntry[]) => newerThan(openAt(3389), entries);
    const wide = { source: "*" };
    expect(gave(entry(OURS, superseded), entry(OTHER, wide))).toBe(OTHER);
    expect(gave(entry(OURS, superseded), entry(OTHER, superseded), entry(THIRD))).toBe(THIRD);
    expect(gave(entry(OURS, superseded), entry("portal"))).toBeUndefined();
    expect(gave(entry(OURS, superseded), entry(OTHER, { port: 22 }))).toBeUndefined();
    expect(gave(entry(OURS, expired), entry(OTHER, wide))).toBeUndefined();
    // What stood before ours isn't newer, and what is closed has taken nothing over.
    const before = { startedAtMs: T0 - HOUR };
    const after = { startedAtMs: T0 + HOUR };
    expect(gave(entry(OTHER, { ...wide, ...before }), entry(OURS, superseded))).toBeUndefined();
    expect(gave(entry(OURS, superseded), entry(OTHER, expired))).toBeUndefined();
    expect(gave(entry(THIRD, after), entry(OURS, superseded), entry(OTHER, wide))).toBe(THIRD);
    // Only our last opening counts: the one before gave way to it.
    const own = [entry(OURS, superseded), entry(OURS, { ...expired, ...after })];
    expect(gave(...own, entry(OTHER, { ...wide, startedAtMs: T0 + HOUR / 2 }))).toBeUndefined();
    // Somebody closed the other port: that isn't said of the newer request.
    const both = [
      entry(OURS, superseded),
      entry(OTHER, wide),
      entry(OURS, { ...expired, port: 22 }),
    ];
    expect(newerThan(openAt(3389, 22), both)).toBeUndefined();
  });

  it.each<[string, readonly JitEntry[]]>([
    ["without an entry", []],
    ["where Azure revoked it", [entry(OURS, expired)]],
    ["by another request that did not take over from us", [entry(OURS, expired), entry(OTHER)]],
    ["where whoever took over is shut, too", [entry(OURS, superseded), entry(OTHER, expired)]],
    ["by somebody in the portal", [entry(OURS, superseded), entry("portal")]],
    ["on another port", [entry(OURS, { port: 22 })]],
    ["for another source", [entry(OURS, superseded), entry(OTHER, { source: "*" })]],
    ["on another VM", [entry(OURS, { vm: vmKey(vmId("vm-02")) })]],
  ])("not %s", (_, entries) => {
    expect(stillOpen(DOOR, own, entries)).toBeUndefined();
  });

  it("on account of any of several requests", () => {
    expect(stillOpen(DOOR, new Set([OURS, OTHER]), [entry(OTHER)])).toEqual(entry(OTHER));
    expect(stillOpen(DOOR, new Set(), [entry(OTHER)])).toBeUndefined();
  });
});

describe("whether others' entries may matter to a door", () => {
  it.each([
    ["another request's", entry(OTHER), true],
    ["one that nobody can be named for", entry("by hand"), true],
    ["another's for another source", entry(OTHER, { source: "198.51.100.0/24" }), true],
    ["another's that was revoked", entry(OTHER, superseded), true],
    ["its own", entry(OURS), false],
    ["another port's", entry(OTHER, { port: 22 }), false],
    ["another VM's", entry(OTHER, { vm: vmKey(vmId("vm-02")) }), false],
  ])("%s", (_what, one, isOther) => {
    expect(isAnyOther(DOOR, OURS, [entry(OURS), one])).toBe(isOther);
  });

  it("where they can't, holders change nothing", () => {
    const others = [{ id: OTHER, untilMs: END }];
    for (const own of [entry(OURS), entry(OURS, superseded), entry(OURS, expired)]) {
      const entries = [own, entry(THIRD, { port: 22 })];
      expect(isAnyOther(DOOR, OURS, entries)).toBe(false);
      const want = { id: OURS, untilMs: END, holders: [] };
      expect(seeDoor(DOOR, { ...want, holders: others }, entries)).toEqual(
        seeDoor(DOOR, want, entries),
      );
    }
  });
});

describe("for any entries", () => {
  const anyEntry = fc
    .record({
      id: fc.constantFrom(OURS, OTHER, THIRD, "portal"),
      status: fc.constantFrom("Initiating", "Initiated", "Revoked", "Odd"),
      statusReason: fc.constantFrom("Expired", "UserRequested", "NewerRequestInitiated"),
      endsAtMs: fc.constantFrom(END - HOUR, END, END + HOUR),
      port: fc.constantFrom(22, 3389),
      source: fc.constantFrom(DOOR.source, "*"),
    })
    .map(({ id, ...change }) => entry(id, change));
  const some = fc.array(anyEntry, { maxLength: 6 });

  it("what is seen open or coming is still open, too", () => {
    fc.assert(
      fc.property(some, fc.boolean(), (entries, shared) => {
        const holders = shared ? [{ id: OTHER, untilMs: END }] : [];
        const { seen } = seeDoor(DOOR, { id: OURS, untilMs: END, holders }, entries);
        const ids = new Set<string>([OURS, ...holders.map((holder) => holder.id)]);
        const open = stillOpen(DOOR, ids, entries);
        if (seen === "open" || seen === "coming") {
          expect(open).toBeDefined();
          expect(open?.endsAtMs).toBeGreaterThanOrEqual(END - 2_000);
        }
        if (open !== undefined) expect(entries).toContain(open);
      }),
    );
  });
});
