// Which facts are said beside a request, by what is known around it.

import { describe, expect, it } from "vitest";
import type { AuditEntry } from "../../../src/domain/audit/audit-entry.ts";
import { factWords, proofWords } from "../../../src/domain/facts/fact-words.ts";
import {
  factsOf,
  lookBackDays,
  type Surroundings,
  shownFacts,
} from "../../../src/domain/facts/facts-of.ts";
import { type PastRequest, pastRequests } from "../../../src/domain/facts/past-requests.ts";
import type { RequestId } from "../../../src/domain/text/ids.ts";
import { plain } from "../../../src/domain/text/words.ts";
import { anAsk, aVm, ERIN, HOUR, MINUTE, OMAR, T0, vmId } from "../../support/requests.ts";

const DAY = 24 * HOUR;
const idAt = (n: number) => `JIT-00000${n}` as RequestId;

/** The nth of several, a day after the other, from the vpn for an hour. */
const earlier = (n: number, change: Partial<PastRequest> = {}): PastRequest => ({
  id: idAt(n),
  askedAtMs: T0 - n * DAY,
  durationMs: 2 * HOUR,
  source: "203.0.113.0/24",
  wasDenied: false,
  entries: [100 - 2 * n, 101 - 2 * n],
  ...change,
});

/** Three earlier ones, at noon, with nobody and nothing else about. */
const around = (change: Partial<Surroundings> = {}): Surroundings => ({
  ask: anAsk(),
  nowMs: T0,
  zone: "Europe/Zurich",
  past: { days: 90, requests: [earlier(3), earlier(2), earlier(1)] },
  own: [],
  inside: [],
  vm: aVm(),
  rulesChanged: undefined,
  ...change,
});

const said = (change: Partial<Surroundings>): readonly string[] => {
  const given = around(change);
  return factsOf(given).map((fact) => plain(factWords(fact)));
};

describe("a usual request", () => {
  it("is said to be one, and how often it was asked this month", () => {
    // T0 is the first of November: the three before were October's.
    expect(said({})).toEqual(["Usual: 4th time in 90 days"]);
    expect(
      said({ nowMs: T0 + 2 * DAY, past: { days: 90, requests: [earlier(3), earlier(-1)] } }),
    ).toEqual(["Usual: 2nd time this month"]);
  });

  it("counts a month by the requester's own calendar", () => {
    const nowMs = Date.UTC(2026, 10, 1, 3);
    const past = { days: 90, requests: [earlier(1, { askedAtMs: Date.UTC(2026, 9, 31, 23) })] };
    expect(said({ nowMs: nowMs + 9 * HOUR, past, zone: "Asia/Tokyo" })).toEqual([
      "Usual: 2nd time this month",
    ]);
    expect(said({ nowMs: nowMs + 9 * HOUR, past, zone: "UTC" })).toEqual([
      "Usual: 2nd time in 90 days",
    ]);
  });

  it.each([
    [1, "2nd"],
    [2, "3rd"],
    [10, "11th"],
    [11, "12th"],
    [12, "13th"],
    [20, "21st"],
    [110, "111th"],
  ])("after %s earlier ones is the %s", (count, nth) => {
    const requests = Array.from({ length: count }, (_, n) => earlier(n / 10));
    const nowMs = T0 + 20 * DAY;
    const ofMonth = requests.map((one) => ({ ...one, askedAtMs: nowMs - HOUR }));
    expect(said({ nowMs, past: { days: 90, requests: ofMonth } })).toEqual([
      `Usual: ${nth} time this month`,
    ]);
  });
});

describe("what is out of the ordinary", () => {
  const cases: readonly [string, Partial<Surroundings>, string][] = [
    [
      "the first request for the VM",
      { past: { days: 90, requests: [] } },
      "First time on this VM in 90 days",
    ],
    [
      "the first that a short memory knows of",
      { past: { days: 30, requests: [] } },
      "First time on this VM in 30 days",
    ],
    [
      "denials before",
      { past: { days: 90, requests: [earlier(2, { wasDenied: true }), earlier(1)] } },
      "1 of their last 2 requests for this VM was denied",
    ],
    [
      "another source",
      { ask: anAsk({ source: "192.0.2.7" }) },
      "From a source they haven't used for this VM before",
    ],
    [
      "a longer time",
      { ask: anAsk({ durationMs: 3 * HOUR }) },
      "Longer than usual: at most 2h before",
    ],
    [
      "a stopped VM",
      { ask: anAsk({ vm: { ...anAsk().vm, off: "stopped" } }) },
      "⚠️ The VM was stopped when this was requested: nobody can connect until it's started",
    ],
    [
      "an open port",
      { vm: { network: { exposures: [anExposure([22, 3389])], denyMissing: [], unseen: [] } } },
      "⚠️ 3389 (RDP) is exposed despite JIT",
    ],
    [
      "somebody inside",
      { inside: [{ id: idAt(7), requester: OMAR, untilMs: T0 + HOUR }] },
      "1 other person has access now, until 2026-11-01T13:00:00Z",
    ],
    [
      "new rules",
      { rulesChanged: { atMs: T0 - 20 * MINUTE, seq: 9 } },
      "The policy file changed 2026-11-01T11:40:00Z",
    ],
    ["the night", { nowMs: Date.UTC(2026, 10, 2, 2, 12) }, "Requested at 3:12 AM their time"],
    [
      "other accesses",
      { own: [idAt(5), idAt(6)] },
      "They have active access through 2 other requests",
    ],
  ];

  it("that was requested or extended together with it, counts as no other request", () => {
    expect(said({ own: [idAt(5), idAt(6)], together: [idAt(6)] })).toEqual([
      "They have active access through 1 other request",
    ]);
    expect(said({ own: [idAt(6)], together: [idAt(6)] })).toEqual(said({}));
  });

  it.each(cases)("%s is said, and nothing of usual", (_, change, words) => {
    expect(said(change)).toEqual([words]);
  });

  it.each([
    ["at 22:00", Date.UTC(2026, 10, 2, 21, 0), ["Requested at 10:00 PM their time"]],
    ["at 5:59", Date.UTC(2026, 10, 2, 4, 59), ["Requested at 5:59 AM their time"]],
    ["not at 6:00", Date.UTC(2026, 10, 2, 5, 0), ["Usual: 4th time in 90 days"]],
    ["not at 21:59", Date.UTC(2026, 10, 2, 20, 59), ["Usual: 4th time in 90 days"]],
  ])("night begins and ends on the requester's own clock: %s", (_, nowMs, words) => {
    expect(said({ nowMs })).toEqual(words);
  });

  it("is no habit after two requests", () => {
    const past = { days: 90, requests: [earlier(2), earlier(1)] };
    const ask = anAsk({ source: "192.0.2.7", durationMs: 9 * HOUR });
    expect(said({ past, ask })).toEqual(["Usual: 3rd time in 90 days"]);
  });

  it("doesn't count the access that is extended", () => {
    expect(said({ ask: anAsk({ extends: idAt(5) }), own: [idAt(5)] })).toEqual([
      "Usual: 4th time in 90 days",
    ]);
  });

  it("is forgotten an hour after the rules changed", () => {
    expect(said({ rulesChanged: { atMs: T0 - HOUR, seq: 9 } })).toEqual([
      "Usual: 4th time in 90 days",
    ]);
  });

  it("shows four at most, the most important first, and keeps the others for whoever asks", () => {
    const all = around({
      ask: anAsk({
        durationMs: 9 * HOUR,
        source: "192.0.2.7",
        vm: { ...anAsk().vm, off: "deallocated" },
      }),
      past: { days: 90, requests: [earlier(3), earlier(2, { wasDenied: true }), earlier(1)] },
      nowMs: Date.UTC(2026, 10, 2, 2, 12),
      own: [idAt(5)],
      inside: [{ id: idAt(7), requester: OMAR, untilMs: T0 + HOUR }],
    });
    const facts = factsOf(all);
    expect(facts.map(({ kind }) => kind)).toEqual([
      "off",
      "denied",
      "elsewhere",
      "longer",
      "inside",
      "night",
      "also-open",
    ]);
    expect(shownFacts(facts)).toEqual(facts.slice(0, 4));
  });
});

describe("what can't be had", () => {
  it("is left out, and makes nothing look usual", () => {
    const nothing = {
      past: undefined,
      own: undefined,
      inside: undefined,
      vm: undefined,
      zone: undefined,
    };
    expect(said(nothing)).toEqual([]);
    expect(said({ zone: "Not/AZone" })).toEqual(["Usual: 4th time in 90 days"]);
  });

  it("is looked for no further back than the audit is kept", () => {
    expect([lookBackDays(30 * DAY), lookBackDays(400 * DAY)]).toEqual([30, 90]);
  });

  it("never compares with what was erased", () => {
    const erased = [1, 2, 3].map((n) => earlier(n, { source: undefined, durationMs: undefined }));
    const ask = anAsk({ source: "192.0.2.7", durationMs: 9 * HOUR });
    expect(said({ past: { days: 90, requests: erased }, ask })).toEqual([
      "Usual: 4th time in 90 days",
    ]);
  });
});

describe("the earlier requests", () => {
  const entry = (seq: number, what: string, change: Partial<AuditEntry> = {}): AuditEntry => ({
    seq,
    atMs: T0 + seq,
    what,
    by: ERIN,
    requester: ERIN,
    request: idAt(1),
    vm: "rg-web/vm-01",
    detail: {},
    erased: false,
    seal: undefined,
    ...change,
  });
  const asked = (seq: number, change: Partial<AuditEntry> = {}) =>
    entry(seq, "asked", {
      detail: { vm: vmId("vm-01"), source: "192.0.2.7", durationMs: HOUR },
      ...change,
    });
  const of = { vm: aVm().key, sinceMs: T0 };

  it("are read from what they began and ended with", () => {
    expect(pastRequests([entry(5, "denied"), asked(2), entry(3, "approved")], of)).toEqual([
      {
        id: idAt(1),
        askedAtMs: T0 + 2,
        durationMs: HOUR,
        source: "192.0.2.7",
        wasDenied: true,
        entries: [2, 5],
      },
    ]);
  });

  it("are those of this VM alone, where another subscription has one of the same name", () => {
    const detail = { vm: vmId("vm-01").replace("1111", "2222") };
    expect(pastRequests([asked(2, { detail })], of)).toEqual([]);
  });

  it("are none before the time that is looked back, and none whose beginning is gone", () => {
    expect(pastRequests([asked(2, { atMs: T0 - 1 }), entry(3, "ended")], of)).toEqual([]);
    expect(pastRequests([entry(3, "ended")], of)).toEqual([]);
  });
});

it("every fact says what it rests on", () => {
  const numbers = { past: { days: 90, requests: [earlier(1, { wasDenied: true })] } };
  const [denied] = factsOf(around(numbers));
  expect(denied && plain(proofWords(anAsk(), denied))).toBe(
    "1 request by @U0ERIN for this VM in 90 days, 1 denied. Audit entries 98, 99.",
  );
});

function anExposure(ports: readonly number[]) {
  return { ports, protocol: "TCP" as const, address: "10.0.0.4", from: ["*"], by: [] };
}

it("stand before what they rest on as one sentence each, and nothing is said twice", () => {
  const given = around({
    ask: anAsk({ vm: { ...anAsk().vm, off: "stopped" }, source: "198.51.100.0/24" }),
    past: { days: 90, requests: [earlier(3), earlier(2), earlier(1, { wasDenied: true })] },
    own: [idAt(5)],
    inside: [{ id: idAt(7), requester: OMAR, untilMs: T0 + HOUR }],
    rulesChanged: { atMs: T0 - 20 * MINUTE, seq: 9 },
    nowMs: Date.UTC(2026, 10, 2, 2, 12),
  });
  const facts = factsOf({ ...given, rulesChanged: { atMs: given.nowMs - MINUTE, seq: 9 } });
  expect(facts.length).toBeGreaterThan(5);
  for (const fact of facts) {
    const [says, rests] = [plain(factWords(fact)), plain(proofWords(anAsk(), fact))];
    expect(says).not.toMatch(/[.:]$/);
    expect(rests).toMatch(/[^.]\.$/);
    expect(says).not.toContain("vm-01");
    for (const time of says.match(/\d{4}-\d{2}-\d{2}T\S+/g) ?? []) {
      if (fact.kind === "rules-changed") expect(rests).not.toContain(time);
    }
  }
});
