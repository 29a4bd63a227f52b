// The judge finds nothing wrong with an ordinary life, and everything wrong with one that is not.

import { describe, expect, it } from "vitest";
import { linesOf } from "./cards.ts";
import { ABSENT, STAND_IN, shyRequesterAt } from "./estate.ts";
import type { CardSeen, Evidence, Initiate } from "./evidence.ts";
import { judge, RULES, type RuleName } from "./judge.ts";

const ID = "JIT-4K7QWD";
const CHANNEL = "C0ACCESS00";
const POLICY = "/subscriptions/s/policies/of-vm-00-00";
const T0 = Date.UTC(2026, 10, 1, 12);
const SECOND = 1_000;
const END = T0 + 60 * SECOND;

const CARD: CardSeen = {
  id: ID,
  channel: CHANNEL,
  states: ["Pending", "Opening", "Open", "Ended"],
  state: "Ended",
  buttons: [],
  text: `⚪ Ended · @req1 → vm-00-00 · SSH · 1m · ${ID}\nEnded on time. Azure shows it closed.`,
  token: "life-1-0",
};
const SENT: Initiate = {
  id: ID,
  atMs: T0,
  policy: POLICY,
  port: 22,
  endMs: END,
  doneAtMs: T0 + SECOND / 2,
  acceptedAtMs: T0 + SECOND / 2,
};
const APPROVED = { id: ID, what: "jit.approve", by: "U0APPA", atMs: T0 - SECOND };
const PORT = { id: ID, vm: "vm-00-00", opensMs: T0 + SECOND, endMs: END, isOpen: false };

const ORDINARY: Evidence = {
  told: [{ token: "life-1-0", id: ID, by: "U0REQ001" }],
  withdrawn: [],
  needed: new Map([[CHANNEL, 1]]),
  requesters: new Map([["life-1-0", "U0REQ001"]]),
  tokens: new Map([["life-1-0", ID]]),
  cards: [CARD],
  mayReadHistory: true,
  initiates: [SENT],
  reads: [{ policy: POLICY, atMs: T0 + 2 * SECOND }],
  forgetful: [],
  failovers: [],
  ports: [PORT],
  acts: [APPROVED],
  direct: new Map([[ID, [`20s left: ${ID}`, `⚪ Ended: ${ID}`]]]),
  notices: [`Ended on time: ${ID}`],
  saidAgain: [],
};

const card = (change: Partial<CardSeen>): Partial<Evidence> => ({
  cards: [{ ...CARD, ...change }],
});
const again = (change: Partial<Initiate>): Initiate => ({
  ...SENT,
  atMs: T0 + 5 * SECOND,
  ...change,
});
const DENIED = card({ states: ["Pending", "Denied"], state: "Denied", text: "Denied life-1-0" });
const UNANSWERED = { ...SENT, acceptedAtMs: undefined };
/** Carried out when its caller had long hung up. */
const LATE = { ...UNANSWERED, doneAtMs: T0 + 4 * SECOND };

const WRONG: readonly (readonly [RuleName, string, Partial<Evidence>])[] = [
  [
    "one request for an ask",
    "two requests",
    { tokens: new Map([["life-1-0", `${ID} JIT-000000`]]) },
  ],
  ["one decision", "denied and opened", card({ states: ["Pending", "Denied", "Open", "Ended"] })],
  ["one decision", "denied and cancelled", card({ states: ["Denied", "Cancelled"] })],
  ["one grant", "the end moved", { initiates: [UNANSWERED, again({ endMs: END + 5 * SECOND })] }],
  ["one grant", "shortened by nobody", { initiates: [SENT, again({ endMs: END - 9 * SECOND })] }],
  ["one grant", "asked again after a yes", { initiates: [SENT, again({})], reads: [] }],
  [
    "one grant",
    "asked again after a look that showed it",
    {
      initiates: [LATE, again({})],
      reads: [{ policy: POLICY, atMs: T0 + 4.5 * SECOND }],
      forgetful: [{ fromMs: T0, toMs: T0 + 5 * SECOND }],
    },
  ],
  [
    "asked again only after a look",
    "nobody looked",
    { initiates: [UNANSWERED, again({})], reads: [] },
  ],
  ["approved by enough who might", "nobody approved", { acts: [] }],
  [
    "approved by enough who might",
    "an outsider approved",
    { acts: [{ ...APPROVED, by: "U0OUT" }] },
  ],
  [
    "approved by enough who might",
    "approved too late",
    { acts: [{ ...APPROVED, atMs: T0 + SECOND }] },
  ],
  [
    "approved by enough who might",
    "one of two",
    { needed: new Map([[CHANNEL, 2]]), acts: [APPROVED, { ...APPROVED, atMs: T0 - 1 }] },
  ],
  [
    "approved by enough who might",
    "taken back",
    { withdrawn: [{ id: ID, by: "U0APPA", atMs: T0 - 500 }] },
  ],
  ["nothing opened undecided", "denied, and asked for", DENIED],
  ["reaches an end", "no card", { cards: [] }],
  ["reaches an end", "still open", card({ state: "Open", states: ["Pending", "Open"] })],
  ["the card is true", "keeps looking", card({ text: "Azure still shows it open. life-1-0" })],
  ["the card is true", "a live button", card({ buttons: ["jit.end"] })],
  ["the card is true", "open at Azure", { ports: [{ ...PORT, isOpen: true }] }],
  ["the card is true", "waits", card({ text: "Waiting for Azure to close it. life-1-0" })],
  ["the card is true", "does not say how it stands", card({ text: "Ended on time. life-1-0" })],
  ["the card is true", "never opened", { initiates: [{ ...UNANSWERED, doneAtMs: undefined }] }],
  ["the card is true", "a stale copy", { cards: [CARD, { ...CARD, state: "Denied" }] }],
  ["told what was promised", "no end", { direct: new Map([[ID, ["20s left"]]]) }],
  ["told what was promised", "no warning", { direct: new Map([[ID, ["⚪ Ended"]]]) }],
  ["told what was promised", "no notice", { notices: [] }],
  ["nothing parked", "parked", { notices: [...ORDINARY.notices, `Parked after an error: ${ID}`] }],
  ["said once", "the same twice", { saidAgain: ["2 × C0ACCESS00 Ended"] }],
];

const rulesBroken = (change: Partial<Evidence>) =>
  judge({ ...ORDINARY, ...change }, { calm: true }).map(({ rule }) => rule);

describe("the judge", () => {
  it("finds nothing wrong with an ordinary life", () => {
    expect(rulesBroken({})).toEqual([]);
  });

  it("allows what a fault makes necessary", () => {
    const looked = [{ policy: POLICY, atMs: T0 + 3 * SECOND }];
    expect(rulesBroken({ initiates: [LATE, again({})], reads: looked })).toEqual([]);
    // A copy of which Slack did not tell, and which may not be looked for.
    const copies = [{ ...CARD, state: "Pending", buttons: ["jit.approve"] }, CARD];
    expect(rulesBroken({ cards: copies, mayReadHistory: false })).toEqual([]);
    expect(rulesBroken({ cards: copies })).not.toEqual([]);
    // Taken back before its card could be posted.
    const takenBack = new Map([[ID, [`Cancelled: ${ID}`]]]);
    expect(rulesBroken({ cards: [], initiates: [], direct: takenBack })).toEqual([]);
    // Approved, held up by a freeze before Azure was asked, and not opened in time.
    const heldUp = (...states: string[]) => ({
      ...card({ states, state: "Expired", text: "Expired life-1-0" }),
      ...{ initiates: [], direct: new Map([[ID, [`Expired: ${ID}`]]]) },
    });
    const all = ["Pending", "Opening", "Ready", "Expired"];
    expect(rulesBroken(heldUp(...all))).toEqual([]);
    expect(rulesBroken(heldUp("Pending", "Opening", "Expired"))).toEqual(["one decision"]);
    expect(rulesBroken({ ...heldUp(...all), initiates: [SENT] })).toContain("one decision");
    // Expired before it could be posted; only the requester's message tells why nobody decided.
    const unseen = (text: string) => ({
      cards: [],
      initiates: [],
      direct: new Map([[ID, [text]]]),
    });
    expect(rulesBroken(unseen("It couldn't be shown to the approvers in time"))).toEqual([]);
    expect(rulesBroken(unseen("Nobody decided in time"))).toEqual(["reaches an end"]);
    // Another request needs the same door for longer.
    const other = again({ id: "JIT-000001", endMs: END + 5 * SECOND });
    const forBoth = again({ endMs: END + 5 * SECOND });
    expect(
      judge(
        {
          ...ORDINARY,
          initiates: [{ ...SENT, doneAtMs: undefined, acceptedAtMs: undefined }, forBoth, other],
        },
        { calm: true },
      ).filter(({ id, rule }) => id === ID && rule === "one grant"),
    ).toEqual([]);
    // It said yes to a process that died of something else before it could store that.
    const died = [{ fromMs: T0, toMs: T0 + 4 * SECOND }];
    const saidYes = { ...LATE, acceptedAtMs: LATE.doneAtMs };
    expect(
      rulesBroken({ initiates: [saidYes, again({})], reads: looked, forgetful: died }),
    ).toEqual([]);
    // Nobody knows any more that it was asked for.
    const shown = [{ policy: POLICY, atMs: T0 + 4.5 * SECOND }];
    expect(
      rulesBroken({ initiates: [LATE, again({})], reads: shown, forgetful: died, failovers: died }),
    ).toEqual([]);
    // Its own opening was never carried out; another request's was, and opened the port for both.
    const [unopened, others] = [
      { ...UNANSWERED, doneAtMs: undefined },
      again({ id: "JIT-000001" }),
    ];
    for (const initiates of [[unopened, others], [others]]) {
      const own = judge({ ...ORDINARY, initiates }, { calm: true });
      expect(own.filter(({ id }) => id === ID)).toEqual([]);
    }
    const retried = { ...APPROVED, what: "jit.retry", atMs: T0 + 4 * SECOND };
    expect(
      rulesBroken({ initiates: [SENT, again({})], acts: [APPROVED, retried], reads: looked }),
    ).toEqual([]);
    const ended = { ...APPROVED, what: "jit.end", atMs: T0 + 4 * SECOND };
    const sooner = again({ endMs: END - 9 * SECOND });
    expect(rulesBroken({ initiates: [SENT, sooner], acts: [APPROVED, ended] })).toEqual([]);
  });

  it.each(WRONG)("%s: %s", (rule, _what, change) => {
    expect(rulesBroken(change)).toContain(rule);
  });

  it("has every rule tried", () => {
    expect(new Set(WRONG.map(([rule]) => rule))).toEqual(new Set(RULES));
  });
});

describe("who is unusual", () => {
  it("counts the approval of somebody who stands in for an approver", () => {
    expect(rulesBroken({ acts: [{ ...APPROVED, by: STAND_IN }] })).toEqual([]);
    expect(rulesBroken({ acts: [{ ...APPROVED, by: ABSENT }] })).toContain(
      "approved by enough who might",
    );
  });

  it("takes the card for what Slack lets nobody send its requester, but not for the warning", () => {
    const shy = { requesters: new Map([["life-1-0", shyRequesterAt(0)]]) };
    expect(rulesBroken({ ...shy, direct: new Map([[ID, [`20s left: ${ID}`]]]) })).toEqual([]);
    expect(rulesBroken({ ...shy, direct: new Map() })).toEqual(["told what was promised"]);
  });
});

const OF_SEVERAL = `🟢 2 of 3 open · req1 → 3 VMs · 1m
🟢 vm-00-00 · SSH · Open until Today at 6:24 AM · 10.0.0.5 · ${ID}
🟢 vm-00-00-a · SSH · Open until Today at 6:24 AM · 10.0.0.6 · JIT-M9Z0XK
❌ vm-00-00-b · SSH · Not requested: The bot stopped before it was requested. · JIT-TJ6XKS
Resource group: rg-00
${ID} · rule access 00
Reason:
> life-1-0`;

describe("a card of several VMs", () => {
  it("says of each how it stands", () => {
    expect(linesOf(OF_SEVERAL).map(({ id, state }) => [id, state])).toEqual([
      [ID, "Open"],
      ["JIT-M9Z0XK", "Open"],
      ["JIT-TJ6XKS", "Not requested"],
    ]);
    expect(linesOf(CARD.text)).toEqual([]);
  });

  it("that nobody can find is no lie where another copy is true, if only one of its lines is old", () => {
    const old = { ...CARD, id: ID, lead: ID, state: "Not requested", buttons: ["jit.cancel"] };
    const stale = { ...old, text: "an old copy" };
    const cards = [
      stale,
      { ...stale, id: "JIT-M9Z0XK", state: "Pending" },
      { ...old, buttons: [] },
    ];
    const about = (mayReadHistory: boolean) =>
      judge({ ...ORDINARY, cards, mayReadHistory }, { calm: true }).filter(
        ({ id, rule }) => id === ID && rule === "the card is true",
      );
    expect(about(false)).toEqual([]);
    expect(about(true)).not.toEqual([]);
  });

  it.each(["reaches an end", "told what was promised"] as const)(
    "is judged for each of them: %s",
    (rule) => {
      const other = { ...CARD, id: "JIT-M9Z0XK", lead: ID, text: OF_SEVERAL };
      const isOpen = { states: ["Pending", "Open"], state: "Open" };
      const cards = [
        { ...CARD, lead: ID, text: OF_SEVERAL },
        rule === "reaches an end" ? { ...other, ...isOpen } : other,
      ];
      const verdicts = judge({ ...ORDINARY, cards }, { calm: true });
      expect(verdicts.map(({ id, ...one }) => [id, one.rule])).toContainEqual([other.id, rule]);
      expect(verdicts.filter(({ id }) => id === ID)).toEqual([]);
    },
  );
});
