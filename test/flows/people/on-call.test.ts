// Who counts as on call: of rotas that change, of sources that fail, of people whom Slack knows or doesn't.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Shift } from "../../../src/domain/on-call/rota.ts";
import { isAutoApproved } from "../../../src/domain/rules/auto-approval.ts";
import { includes } from "../../../src/domain/rules/rule-match.ts";
import { type RotaName, rotaName, type UserId, userId } from "../../../src/domain/text/ids.ts";
import { onCallPeople } from "../../../src/flows/people/on-call.ts";
import { groupMembersOf } from "../../../src/flows/people/people.ts";
import type { Person } from "../../../src/ports/chat.ts";
import { Fault } from "../../../src/ports/fault.ts";
import { aPolicy } from "../../support/requests.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const T0 = Date.UTC(2026, 10, 1, 12);
const PAYMENTS = rotaName("payments");
const SOURCE = { kind: "pagerduty", schedules: ["PABC123"] } as const;
const silent = () => undefined;

type Given = {
  readonly kinds?: Readonly<Record<string, Person["kind"]>>;
  readonly confirmed?: boolean;
  readonly people?: { readonly byEmail: boolean; readonly map: Readonly<Record<string, UserId>> };
};

function startRota({ kinds = {}, confirmed = true, people }: Given = {}) {
  const world = {
    nowMs: T0,
    shifts: [] as readonly Shift[],
    fault: undefined as Fault | undefined,
    slackFault: undefined as Fault | undefined,
    asked: 0,
  };
  const personOf = (name: string): Person | undefined => {
    if (world.slackFault !== undefined) throw world.slackFault;
    const kind = kinds[name] ?? "full";
    const id = userId(`U0${name.toUpperCase()}`);
    return { id, identity: id, name, kind, ...(confirmed && { email: `${name}@example.com` }) };
  };
  const policy = aPolicy({ onCall: { [PAYMENTS]: SOURCE }, ...(people && { people }) });
  const onCall = onCallPeople({
    rotas: async () => {
      world.asked += 1;
      if (world.fault !== undefined) throw world.fault;
      return { shifts: world.shifts, unread: 0 };
    },
    chat: {
      person: async (id) => personOf(id.slice(2).toLowerCase()),
      personByAddress: async (address) => personOf(address.split("@")[0] ?? ""),
    },
    policy: () => policy,
    storeClock: { nowMs: async () => world.nowMs },
    clock: { monotonicMs: () => world.nowMs },
    log: { debug: silent, info: silent, warn: silent, error: silent },
  });
  return { world, onCall };
}

const shift = (who: string, fromMs: number, untilMs: number): Shift => ({
  address: `${who}@example.com`,
  fromMs,
  untilMs,
});
const LEA_NOW = [shift("lea", T0 - MINUTE, T0 + 10 * MINUTE)];
const fault = (code: string, retryAfterMs?: number) =>
  new Fault({ source: "rota", code, message: "", retryable: true, retryAfterMs });

describe("somebody on call", () => {
  it("is found by their verified address, and until when is told", async () => {
    const { world, onCall } = startRota();
    world.shifts = LEA_NOW;
    expect(await onCall([PAYMENTS], 0)).toEqual([
      { rota: PAYMENTS, people: [{ user: "U0LEA", untilMs: T0 + 10 * MINUTE }], strangers: 0 },
    ]);
  });

  it.each(["guest", "stranger", "bot", "deactivated", "other-workspace"] as const)(
    "is nobody here as a %s",
    async (kind) => {
      const { world, onCall } = startRota({ kinds: { lea: kind } });
      world.shifts = LEA_NOW;
      expect(await onCall([PAYMENTS], 0)).toMatchObject([{ people: [], strangers: 1 }]);
    },
  );

  it("is nobody by an address that they never confirmed, but by the map", async () => {
    const unconfirmed = startRota({ confirmed: false });
    unconfirmed.world.shifts = LEA_NOW;
    expect(await unconfirmed.onCall([PAYMENTS], 0)).toMatchObject([{ people: [], strangers: 1 }]);
    const map = { "lea@example.com": userId("U0OMAR") };
    const mapped = startRota({ confirmed: false, people: { byEmail: false, map } });
    mapped.world.shifts = LEA_NOW;
    expect(await mapped.onCall([PAYMENTS], 0)).toMatchObject([{ people: [{ user: "U0OMAR" }] }]);
  });

  it("is nobody by an address where that is switched off", async () => {
    const { world, onCall } = startRota({ people: { byEmail: false, map: {} } });
    world.shifts = LEA_NOW;
    expect(await onCall([PAYMENTS], 0)).toMatchObject([{ people: [], strangers: 1 }]);
  });

  it("is nobody where Slack doesn't tell, and that is said", async () => {
    const { world, onCall } = startRota();
    world.shifts = LEA_NOW;
    world.slackFault = new Fault({
      source: "slack",
      code: "missing_scope",
      message: "",
      retryable: false,
    });
    expect(await onCall([PAYMENTS], 0)).toMatchObject([
      { people: [], trouble: { who: "Slack", code: "missing_scope", kind: "refused" } },
    ]);
  });
});

describe("a source", () => {
  it.each([
    ["ECONNREFUSED", "away"],
    ["ETIMEDOUT", "slow"],
    ["ratelimited", "throttled"],
    ["nonsense", "nonsense"],
  ])("that answers %s has nobody on call, whatever it said a moment ago", async (code, kind) => {
    const { world, onCall } = startRota();
    world.shifts = LEA_NOW;
    await onCall([PAYMENTS], 0);
    world.fault = fault(code);
    expect(await onCall([PAYMENTS], 0)).toMatchObject([{ people: [], trouble: { kind } }]);
  });

  it("that is away is asked again after a moment, and not by everybody meanwhile", async () => {
    const { world, onCall } = startRota();
    world.fault = fault("ECONNREFUSED");
    for (let n = 0; n < 20; n++) await onCall([PAYMENTS], 0);
    expect(world.asked).toBe(1);
    world.fault = undefined;
    world.shifts = LEA_NOW;
    world.nowMs += 3 * SECOND;
    expect(await onCall([PAYMENTS], 0)).toMatchObject([{ people: [{ user: "U0LEA" }] }]);
  });

  it("that is back is seen by those, too, who take older answers", async () => {
    const { world, onCall } = startRota();
    world.fault = fault("ECONNREFUSED");
    await onCall([PAYMENTS], 0);
    world.fault = undefined;
    world.shifts = LEA_NOW;
    world.nowMs += 3 * SECOND;
    expect(await onCall([PAYMENTS], 5 * MINUTE)).toMatchObject([{ people: [{ user: "U0LEA" }] }]);
  });

  it("that asks to wait isn't asked before", async () => {
    const { world, onCall } = startRota();
    world.fault = fault("ratelimited", 30 * SECOND);
    await onCall([PAYMENTS], 0);
    world.nowMs += 29 * SECOND;
    await onCall([PAYMENTS], 0);
    expect(world.asked).toBe(1);
    world.nowMs += 2 * SECOND;
    await onCall([PAYMENTS], 0);
    expect(world.asked).toBe(2);
  });

  it("that isn't in the policy file has nobody, and no rota costs nothing", async () => {
    const { world, onCall } = startRota();
    expect(await onCall([rotaName("other")], 0)).toMatchObject([
      { people: [], trouble: { kind: "not-set" } },
    ]);
    expect(await onCall([], 0)).toEqual([]);
    expect(world.asked).toBe(0);
  });
});

const STEP = 10 * SECOND;
const STEPS = 40;
const WHO = ["lea", "omar", "erin"] as const;

const shiftsOf = fc.array(
  fc
    .tuple(fc.constantFrom(...WHO), fc.nat(STEPS), fc.nat(15))
    .map(([who, from, length]) => shift(who, T0 + from * STEP, T0 + (from + length) * STEP)),
  { maxLength: 6 },
);

/** What happens, one thing after the other: the rota is edited, time goes on, somebody looks, somebody acts. */
const happening = fc.oneof(
  { weight: 2, arbitrary: fc.record({ what: fc.constant("edit" as const), shifts: shiftsOf }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant("later" as const),
      steps: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("look" as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("fail" as const), isAway: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant("act" as const),
      who: fc.constantFrom(...WHO),
      maxAgeMs: fc.constantFrom(0, 10 * SECOND, 5 * MINUTE),
    }),
  },
);

describe("ten thousand rotas that change between one look and the next", () => {
  const people = { users: [], groups: [], onCall: [PAYMENTS] as readonly RotaName[] };

  it("let nobody approve, and nothing open by itself, for whoever was not on call in that minute", async () => {
    let yes = 0;
    let no = 0;
    await fc.assert(
      fc.asyncProperty(shiftsOf, fc.array(happening, { maxLength: 12 }), async (first, all) => {
        const { world, onCall } = startRota();
        world.shifts = first;
        /** Which rota was in force since when. */
        const versions = [{ sinceMs: T0, shifts: first }];
        const has = (shifts: readonly Shift[], who: string, atMs: number): boolean =>
          shifts.some(
            (one) => one.address.startsWith(who) && atMs >= one.fromMs && atMs < one.untilMs,
          );
        // At the moment of an edit, what it replaces was in force as well.
        const wasOnCall = (who: string, atMs: number): boolean =>
          versions.some(
            ({ sinceMs, shifts }, n) =>
              sinceMs <= atMs &&
              (versions[n + 1]?.sinceMs ?? atMs) >= atMs &&
              has(shifts, who, atMs),
          );
        const directory = { chat: { groupMembers: async () => [] }, onCall };
        for (const one of all) {
          if (one.what === "edit") {
            world.shifts = one.shifts;
            versions.push({ sinceMs: world.nowMs, shifts: one.shifts });
          } else if (one.what === "later") world.nowMs += one.steps * STEP;
          else if (one.what === "look") await onCall([PAYMENTS], 5 * MINUTE);
          else if (one.what === "fail") world.fault = one.isAway ? fault("ETIMEDOUT") : undefined;
          else {
            const members = await groupMembersOf(directory, [people], one.maxAgeMs);
            const user = userId(`U0${one.who.toUpperCase()}`);
            const mayApprove = includes(people, user, members);
            const opens = isAutoApproved({ approvals: 1, autoApprove: people }, user, members);
            expect(opens).toBe(mayApprove);
            if (!mayApprove) {
              no += 1;
              continue;
            }
            yes += 1;
            // Every ten seconds of that minute: nothing changes between them.
            const minute = Array.from({ length: 6 }, (_, n) => world.nowMs - n * STEP);
            expect(minute.some((atMs) => wasOnCall(one.who, atMs))).toBe(true);
            // By the newest answer that it may rest on, they are on call at this very moment.
            if (one.maxAgeMs === 0) {
              expect(world.fault).toBeUndefined();
              expect(has(world.shifts, one.who, world.nowMs)).toBe(true);
            }
          }
        }
      }),
      { numRuns: 10_000 },
    );
    // Both came about often enough for this to mean something.
    expect(Math.min(yes, no)).toBeGreaterThan(500);
  });
});
