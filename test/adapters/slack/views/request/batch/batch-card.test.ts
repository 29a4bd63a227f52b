// Several VMs as people see them: every VM keeps its line, and what approvers said of each reaches its requester.

import { describe, expect, it } from "vitest";
import { pingMessage } from "../../../../../../src/adapters/slack/views/direct/ping.ts";
import { requesterMessage } from "../../../../../../src/adapters/slack/views/direct/requester-message.ts";
import {
  BLOCKS_CHARACTERS_MAX,
  fitted,
} from "../../../../../../src/adapters/slack/views/fit-blocks.ts";
import { historyMessage } from "../../../../../../src/adapters/slack/views/request/batch/history.ts";
import { cardMessage } from "../../../../../../src/adapters/slack/views/request/card.ts";
import type { Member } from "../../../../../../src/domain/request/document/batch.ts";
import type { State } from "../../../../../../src/domain/request/document/phase.ts";
import { memberOf } from "../../../../../../src/domain/request/members.ts";
import { stepsForLead } from "../../../../../../src/domain/request/messages/lead-news.ts";
import type { AccessRequest, Common } from "../../../../../../src/domain/request/request.ts";
import type { Fact } from "../../../../../../src/domain/rules/fact.ts";
import { requestIdFrom } from "../../../../../../src/domain/text/ids.ts";
import { faultsOfBlocks } from "../../../../../../src/sandbox/slack/blocks/layout-rules.ts";
import { anAsk, HOUR, inState, LEA, OMAR, PROD, T0 } from "../../../../../support/requests.ts";

const VIEW = { nowMs: T0, hide: [], endsEarly: true } as const;
const idOf = (n: number) => requestIdFrom(new Uint8Array(6).fill(n));

const aMember = (n: number, request: AccessRequest, vm = `web-0${n}`): Member => ({
  ...memberOf(request),
  id: idOf(n),
  vm,
});
const leading = (state: State, members: readonly Member[], change: Partial<Common> = {}) =>
  inState(state, { batch: { role: "lead", nonce: "all-n", members }, ...change });

const membersIn = ({ batch }: AccessRequest): readonly Member[] =>
  batch?.role === "lead" ? batch.members : [];

const said = (message: { blocks: unknown[] }): string =>
  message.blocks
    .map((block) => JSON.stringify(block))
    .map((block) => /"text":\{"type":"mrkdwn","text":("(?:[^"\\]|\\.)*")/.exec(block)?.[1])
    .flatMap((text) => (text === undefined ? [] : String(JSON.parse(text))))
    .join("\n");

const denied = (denial: string): AccessRequest => ({
  ...inState("pending"),
  state: "denied",
  deniedBy: LEA,
  denial,
  deniedAtMs: T0,
});
const noted = inState("opening", { approvals: [{ by: OMAR, atMs: T0, note: "after the deploy" }] });

describe("what approvers said of some of several VMs", () => {
  const lead = leading("open", [
    aMember(2, denied("Not this week.")),
    aMember(3, denied("Not this week.")),
    aMember(4, noted),
    aMember(5, denied(" ")),
  ]);
  const all = [
    /Denied by <@U0LEAD> \(web-02, web-03\):\n> Not this week\./,
    /Denied by <@U0LEAD> \(web-05\); no reason given\./,
    /Note\* by <@U0OMAR> \(web-04\):\n> after the deploy/,
  ];

  it.each([
    ["the card", cardMessage(lead, VIEW)],
    ["the requester's message", requesterMessage(lead, [], VIEW)],
  ])("stands once in %s", (_, message) => {
    for (const one of all) expect(said(message)).toMatch(one);
    expect(said(message).split("Not this week.")).toHaveLength(2);
  });

  it("is told with the news of it alone", () => {
    const step = { n: 1, atMs: T0, by: LEA };
    const told = said(pingMessage(lead, [{ ...step, what: "denied", of: "web-02" }]));
    expect(told).toMatch(all[0] ?? "");
    expect(told).not.toContain("no reason given");
    expect(told).not.toContain("after the deploy");
    const news = said(pingMessage(lead, [{ ...step, by: OMAR, what: "approved", of: "web-04" }]));
    expect(news).toMatch(all[2] ?? "");
    expect(news).not.toContain("Not this week.");
  });

  it("includes what was said of the one that leads", () => {
    const none = leading("denied", [aMember(2, denied("Nothing is urgent."))]);
    const told = said(pingMessage(none, [{ n: 1, atMs: T0, what: "denied", by: LEA }]));
    expect(told).toContain("Denied by <@U0LEAD>");
    const card = said(cardMessage(none, VIEW));
    expect(card).toContain("(web-02):\n> Nothing is urgent.");
  });

  it("stays off a card that hides the reason, as far as it's a note", () => {
    const card = said(cardMessage(lead, { ...VIEW, hide: ["reason"] }));
    expect(card).not.toContain("after the deploy");
  });
});

describe("what the lead tells in place of the others", () => {
  const step = (what: "denied" | "approved" | "warning-missed" | "ended", by = OMAR) => ({
    n: 1,
    atMs: T0,
    what,
    by,
  });

  it("is an approval with a note, and that no warning was given", () => {
    const kinds = (request: AccessRequest) => stepsForLead(request).map(({ what }) => what);
    expect(kinds({ ...noted, steps: [step("approved")] })).toEqual(["approved"]);
    expect(kinds({ ...inState("opening"), steps: [step("approved")] })).toEqual([]);
    const over = { ...inState("ended"), steps: [step("warning-missed"), step("ended")] };
    expect(kinds(over)).toContain("warning-missed");
  });

  it("says of which VM no warning was given", () => {
    const over = leading("open", [aMember(2, inState("ended"))]);
    const steps = [{ ...step("warning-missed"), of: "web-02" }];
    expect(said(pingMessage(over, steps))).toContain(
      "`web-02`: the warning before the end couldn't be sent in time, as far as the bot knows.",
    );
  });
});

describe("the card of several VMs", () => {
  const from = (group: string, n: number) => ({ ...aMember(n, inState("pending")), group });
  const shown = (...members: readonly Member[]) =>
    said(cardMessage(leading("pending", members), VIEW));

  it("says in which resource group they are, in any case", () => {
    expect(shown(from("RG-Web", 2))).toMatch(/^\*Resource group:\* `rg-web`$/im);
  });

  it("says of each in which one, where they are in several", () => {
    const text = shown(from("rg-old", 2), from("rg-web", 3), from("rg-old", 4));
    expect(text).toContain(
      "*Resource groups:* `rg-web` (vm-01, web-03) and `rg-old` (web-02, web-04)",
    );
  });

  it("says how many they are, and where each stands, where they don't fit", () => {
    const many = Array.from({ length: 19 }, (_, n) => from(`rg-${"x".repeat(60)}-${n}`, n + 2));
    expect(shown(...many)).toContain(
      "*Resource groups:* 20; `/jit status` with a VM's ID shows its own",
    );
  });

  it("says nothing of all where earlier versions kept none of one", () => {
    const { group: _, ...old } = from("rg-web", 2);
    expect(shown(old)).not.toContain("Resource group");
  });
});

describe("twenty VMs with long names, faults and a long reason", () => {
  const message = "The request was refused & <will> be refused again. ".repeat(6);
  const fault = { code: "AuthorizationFailed", message };
  const failed = { ...inState("failed"), fault };
  const named = (n: number) => `vm-${String(n).padStart(2, "0")}-${"x".repeat(55)}`;
  const members = Array.from({ length: 19 }, (_, n) => aMember(n + 2, failed, named(n + 2)));
  const ask = anAsk({ reason: "a & b ".repeat(170).slice(0, 1_000) });
  const lead: AccessRequest = { ...leading("failed", members, { ask }), ...{ fault } };

  it.each([
    ["the card", cardMessage(lead, VIEW)],
    ["the requester's message", requesterMessage(lead, [], VIEW)],
    ["the notification", pingMessage(lead, [])],
  ])("all keep their lines in %s", (_, whole) => {
    const sent = fitted<(typeof whole.blocks)[number], typeof whole>(whole, BLOCKS_CHARACTERS_MAX);
    const text = said(sent);
    for (const { id } of members) expect(text).toContain(`\`${id}\``);
    expect(text).toContain(`\`${lead.id}\``);
    expect(faultsOfBlocks(sent.blocks)).toEqual([]);
  });
});

describe("as many VMs as one request may name", () => {
  const STEM = "vm-payments-reporting-worker-westeurope-production-blue-";
  const longName = (n: number) => `${STEM}${String(n).padStart(2, "0")}`;
  const fault = { code: "AuthorizationFailed", message: "The request was refused. ".repeat(12) };
  const reason = "a & b ".repeat(170).slice(0, 1_000);
  const batch = (
    count: number,
    { state, name = longName }: { state: State; name?: (n: number) => string },
    change: (member: Member, n: number) => Partial<Member> = () => ({}),
  ) => {
    const members = Array.from({ length: count - 1 }, (_, at) => {
      const n = at + 2;
      const member = aMember(n % 32, inState(state), name(n));
      return { ...member, id: idOf(n % 32), ...change(member, n) };
    });
    const named = anAsk({ reason, vm: { ...anAsk().vm, name: name(1) } });
    return leading(state, members, { ask: named });
  };

  it.each([
    ["pending", batch(50, { state: "pending" })],
    ["open", batch(50, { state: "open" })],
    ["open, with short names", batch(50, { state: "open", name: (n) => `web-${n}-` })],
    ["failed", batch(50, { state: "failed" }, () => ({ fault }))],
    [
      "pending, each with a source and ports of its own",
      batch(50, { state: "pending" }, (_, n) => ({
        source: `203.0.113.${n}/32`,
        ports: [22, 3389],
      })),
    ],
    ["failed, of twenty", batch(20, { state: "failed" }, () => ({ fault }))],
  ])("all keep lines that tell them apart: %s", (_, lead) => {
    const names = [lead.ask.vm.name, ...membersIn(lead).map((one) => one.vm)];
    for (const whole of [
      cardMessage(lead, VIEW),
      requesterMessage(lead, [], VIEW),
      pingMessage(lead, []),
    ]) {
      const sent = fitted<(typeof whole.blocks)[number], typeof whole>(
        whole,
        BLOCKS_CHARACTERS_MAX,
      );
      const text = said(sent);
      const lines = text.split("\n").map((line) => /^\S+ \*([^*]+)\* · /.exec(line)?.[1] ?? "");
      for (const name of names) {
        expect(lines.filter((line) => line.endsWith(name.slice(-6)))).toHaveLength(1);
      }
      expect(faultsOfBlocks(sent.blocks)).toEqual([]);
    }
  });

  it("say of twenty what failed", () => {
    const text = said(
      cardMessage(
        batch(20, { state: "failed" }, () => ({ fault })),
        VIEW,
      ),
    );
    expect(text.match(/Azure says `AuthorizationFailed`/g)).toHaveLength(20);
  });

  it("stand apart from a title that says of one of them how it stands", () => {
    const lead = batch(3, { state: "open" }, (_, n) => (n === 3 ? { state: "failed", fault } : {}));
    const { text, blocks } = requesterMessage(lead, [], { nowMs: T0, endsEarly: true });
    for (const shown of [text, JSON.stringify(blocks[0])]) {
      expect(shown).toMatch(/: Failed\*? · \S/);
      expect(shown).not.toMatch(/: Failed\*?:/);
    }
  });

  it("are told apart in titles, in the thread and where somebody is asked", () => {
    const lead = batch(3, { state: "open" }, (_, n) => (n === 3 ? { state: "failed", fault } : {}));
    const card = cardMessage(lead, VIEW);
    expect(card.text).toContain(`${longName(3)}: Failed`);
    expect(JSON.stringify(card.blocks)).toMatch(/"confirm".*3 VMs: [^"]*01, [^"]*02, [^"]*03,/);
    const step = { n: 1, what: "denied", atMs: T0, of: `${"rg-".repeat(25)}/vm-17` } as const;
    expect(said(historyMessage(lead, [step], VIEW))).toMatch(/`rg-rg-.*vm-17`/);
  });

  it("of one name are told apart by long resource groups", () => {
    const group = (n: number) => `rg-payments-${"reporting-".repeat(5)}${n}`;
    const members = [2, 3].map((n) => ({
      ...aMember(n, inState("open"), "vm-01"),
      group: group(n),
    }));
    const text = said(cardMessage(leading("open", members), VIEW));
    for (const n of [2, 3])
      expect(text).toMatch(new RegExp(`\\*rg-payments-\\S*-${n}/vm-01\\* · `));
    const alike = [2, 3].map((n) => ({
      ...aMember(n, inState("open"), "v".repeat(64)),
      group: `${"g".repeat(40)}${n}${"g".repeat(40)}`,
    }));
    const whole = said(cardMessage(leading("open", alike), VIEW));
    for (const n of [2, 3]) expect(whole).toContain(`g${n}g`);
  });
});

describe("where several VMs may be opened from", () => {
  const narrowed = { by: LEA, durationMs: HOUR, source: "203.0.113.7/32" };
  const lead = leading("pending", [aMember(2, inState("pending"))], { narrowed });

  it("stands once where it is the same for all", () => {
    const same = said(cardMessage(leading("pending", [aMember(2, inState("pending"))]), VIEW));
    expect(same).toContain("*From:* `vpn` (`203.0.113.0/24`)");
    expect(same).not.toContain(" · from `");
  });

  it("stands on each line where an approver narrowed some, and never as narrower than it is", () => {
    const card = said(cardMessage(lead, VIEW));
    expect(card).toContain("*From:* different for some of the VMs");
    expect(card).toMatch(/vm-01\*.* · from `203\.0\.113\.7\/32`/);
    expect(card).toMatch(/web-02\*.* · from `vpn` \(`203\.0\.113\.0\/24`\)/);
  });

  it("is hidden where the policy file says so, but for any address", () => {
    const view = { ...VIEW, hide: ["source"] } as const;
    expect(said(cardMessage(lead, view))).not.toMatch(/203\.0\.113/);
    const open = aMember(
      2,
      inState("pending", { ask: anAsk({ source: "*", sourceName: undefined }) }),
    );
    expect(said(cardMessage(leading("pending", [open], { narrowed }), view))).toMatch(
      /web-02\*.* · from .*any/i,
    );
  });
});

describe("who decides about what waits, and who decided", () => {
  const approvals = [{ by: OMAR, atMs: T0 }];
  const granted = inState("open", { approvals });
  const mixed = leading(
    "open",
    [aMember(2, inState("pending")), aMember(3, inState("pending")), aMember(4, granted)].map(
      (one) => (one.vm === "web-04" ? { ...one, approvedBy: approvals } : one),
    ),
  );

  it("stands with the VMs that it is so of, once for all that wait alike", () => {
    const card = said(cardMessage(mixed, VIEW));
    expect(card).toMatch(/\*web-02, web-03:\*\nNeeds 1 approval\./);
    expect(card.split("Needs 1 approval.")).toHaveLength(2);
    expect(card).toMatch(/Approvers: <@U0LEAD> or <@U0OMAR>\.\nExpires/);
    expect(card).toMatch(/\*vm-01:\* Approved by <@U0LEAD>\./);
    expect(card).toMatch(/\*web-04:\* Approved by <@U0OMAR>\./);
    expect(said(requesterMessage(mixed, [], VIEW))).toMatch(/web-02, web-03:\*\nNeeds 1 approval/);
  });

  it("says what keeps one from opening at its time, and why one expired instead", () => {
    const heldUp = { code: "too-many-open", message: "One has to end first." };
    const fromMs = T0 + HOUR;
    const ready = { ...inState("ready"), frozen: undefined, fromMs } as AccessRequest;
    const all = [
      aMember(2, { ...ready, heldUp } as AccessRequest),
      aMember(3, { ...ready, state: "lapsed", expiredAtMs: T0, heldUp } as AccessRequest),
      aMember(4, ready),
    ];
    const card = said(cardMessage(leading("open", all), VIEW));
    expect(card).toMatch(/web-02\*.* · Ready: One has to end first ·/);
    expect(card).toMatch(/web-03\*.* · Expired: One has to end first ·/);
    expect(card).toMatch(/\*web-02:\*\n.*\*Not opened yet:\* One has to end first\..*\n.*Expires/);
    expect(card).toMatch(/\*web-04:\*\n.*\*It opens\*/);
    expect(card.match(/by itself/g)).toHaveLength(1);
  });

  it("keeps the line of one that was never requested, and says so", () => {
    const fault = { code: "too-many-pending", message: "You have 10 requests pending." };
    const unmade = { ...aMember(2, inState("pending")), state: "unmade", fault } as const;
    const card = said(cardMessage(leading("pending", [unmade, aMember(3, inState("open"))]), VIEW));
    expect(card).toMatch(/web-02\*.* · Not requested/);
  });

  it("has no names where it is so of all of them", () => {
    const same = leading("pending", [aMember(2, inState("pending"))]);
    const card = said(cardMessage(same, VIEW));
    expect(card).toMatch(/(^|\n)Needs 1 approval\./);
    expect(card.split("Needs 1 approval.")).toHaveLength(2);
    const open = leading("open", [aMember(2, inState("open"))]);
    expect(said(cardMessage(open, VIEW))).toMatch(/\nApproved by <@U0LEAD>\./);
  });

  it("says of each what was changed", () => {
    const narrowed = { by: LEA, durationMs: HOUR, source: "203.0.113.0/24", sourceName: "vpn" };
    const cut = inState("open", { narrowed, ask: anAsk({ durationMs: 3 * HOUR }) });
    const card = said(cardMessage(leading("open", [aMember(2, cut)]), VIEW));
    expect(card).toContain("*web-02:* <@U0LEAD> shortened it from 3h to 1h.");
  });

  it("calls people once for all that it is about, in the thread", () => {
    const steps = ["web-02", "web-03"].map((of, n) => ({
      n,
      atMs: T0,
      what: "reminded" as const,
      of,
    }));
    const thread = said(historyMessage(mixed, steps, VIEW));
    expect(thread).toMatch(/^\*web-02, web-03:\* Still waiting for a decision by <@U0LEAD>/);
    const voided = { n: 9, atMs: T0, what: "approval-void" as const, by: OMAR };
    const all = [voided, ...["web-02", "web-03", "web-04"].map((of) => ({ ...voided, of }))];
    expect(said(historyMessage(mixed, all, VIEW))).toBe(
      "The approval by <@U0OMAR> no longer counts: not an approver now.",
    );
    const decided = leading("open", [aMember(2, inState("denied"))]);
    const late = said(
      historyMessage(decided, [{ ...voided, what: "reminded", of: "web-02" }], VIEW),
    );
    expect(late).not.toContain("U0LEAD");
  });
});

describe("a call of the lead", () => {
  const reminded = { n: 1, atMs: T0, what: "reminded" as const };
  const waiting = aMember(2, inState("pending"));

  it("is about those that waited with it, though it was decided before it was posted", () => {
    const thread = said(historyMessage(leading("open", [waiting]), [reminded], VIEW));
    expect(thread).toMatch(/web-02:\* Still waiting for a decision by <@U0LEAD>/);
  });

  it("isn't one with a call much later", () => {
    const later = { ...reminded, n: 2, atMs: T0 + HOUR, of: "web-02" };
    const thread = said(historyMessage(leading("pending", [waiting]), [reminded, later], VIEW));
    expect(thread.match(/Still waiting/g)).toHaveLength(2);
  });

  it("is left out beside other news where all that it was about are decided", () => {
    const lead = leading("denied", [aMember(2, inState("denied"))]);
    const denied = { n: 2, atMs: T0, what: "denied" as const, by: LEA };
    const thread = said(historyMessage(lead, [{ ...reminded, of: "web-02" }, denied], VIEW));
    expect(thread).toBe("Denied by <@U0LEAD>.");
  });
});

describe("several VMs that no approver was shown", () => {
  const members = [aMember(2, inState("lapsed"))];
  const UNSEEN = "It couldn't be shown to the approvers in time";

  it("are told so to their requester", () => {
    const unseen = leading("lapsed", members, { cards: [{ to: PROD, shown: 0 }] });
    expect(said(requesterMessage(unseen, [], VIEW))).toContain(UNSEEN);
    expect(said(pingMessage(unseen, [{ n: 1, atMs: T0, what: "lapsed" }]))).toContain(UNSEEN);
  });

  it("but not where they may have seen it, nor as long as they may decide", () => {
    const cards = [{ to: PROD, shown: 0, postingSinceMs: T0 }];
    const late = leading("lapsed", members, { cards });
    const early = leading("pending", [aMember(2, inState("pending"))], {
      cards: [{ to: PROD, shown: 0 }],
    });
    for (const one of [late, early])
      expect(said(requesterMessage(one, [], VIEW))).not.toContain(UNSEEN);
  });
});

describe("VMs of one name", () => {
  const twin: Member = { ...aMember(2, inState("denied"), "VM-01"), group: "rg-two" };
  const named = [{ what: "denied" as const, by: LEA, text: "Not that one." }];
  const lead = leading("open", [{ ...twin, said: named }, aMember(3, inState("open"))]);

  it.each([
    ["the card", cardMessage(lead, VIEW)],
    ["the requester's message", requesterMessage(lead, [], VIEW)],
    [
      "the notification",
      pingMessage(lead, [{ n: 1, atMs: T0, what: "denied", of: "rg-two/VM-01" }]),
    ],
  ])("are told apart by their groups: %s", (_, message) => {
    const text = said(message);
    expect(text).toContain("rg-two/VM-01");
    expect(text).toContain("rg-web/vm-01");
    expect(text).not.toContain("rg-web/web-03");
    expect(text).toMatch(/\(rg-two\/VM-01\):\n> Not that one\./);
  });
});

describe("what is out of the ordinary about several VMs", () => {
  const first = { kind: "first" as const, days: 90 };
  const night = { kind: "night" as const, minutes: 180, zone: "Europe/Zurich" };
  const withFacts = (n: number, facts: readonly Fact[]) =>
    aMember(n, inState("pending", { facts }));

  it("stands once, with the VMs that it is so of, the most important first", () => {
    const lead = leading(
      "pending",
      [withFacts(2, [{ kind: "exposed", ports: [22] }, night]), withFacts(3, [first, night])],
      { facts: [first, night] },
    );
    const card = said(cardMessage(lead, VIEW));
    expect(card).toMatch(/• \*vm-01, web-03:\* First time on this VM in 90 days\n/);
    expect(card).toMatch(/• \*web-02:\* ⚠️ .*exposed despite JIT\n/);
    expect(card).toMatch(/• \*Each of them:\* Requested at 3:00 AM their time/);
    expect(card.indexOf("exposed")).toBeLessThan(card.indexOf("First time"));
    expect(card.indexOf("First time")).toBeLessThan(card.indexOf("3:00 AM"));
  });

  it("leaves out no VM that has graver facts besides", () => {
    const off = { kind: "off" as const, off: "stopped" as const };
    const worse = withFacts(2, [{ kind: "exposed", ports: [22] }, off, first]);
    const lead = leading("pending", [worse, withFacts(3, [])], { facts: [first] });
    const card = said(cardMessage(lead, VIEW));
    expect(card).toMatch(/• \*vm-01, web-02:\* First time on this VM in 90 days/);
    expect(card).toMatch(/• \*web-02:\* ⚠️ The VM was stopped when this was requested/);
  });

  it("is at most four lines, and nothing once all are decided or where all is as usual", () => {
    const many = Array.from({ length: 19 }, (_, n) =>
      withFacts(n + 2, [{ kind: "first", days: n + 1 }]),
    );
    const card = said(cardMessage(leading("pending", many), VIEW));
    expect(card.match(/First time/g)).toHaveLength(4);
    expect(card).toContain("15 more: see Details");
    const usual = { kind: "usual" as const, nth: 3, span: "month" as const, entries: [] };
    const plainly = leading("pending", [withFacts(2, [usual])], { facts: [usual] });
    expect(said(cardMessage(plainly, VIEW))).not.toContain("•");
    const over = aMember(2, inState("open", { facts: [first] }));
    expect(said(cardMessage(leading("open", [over], { facts: [first] }), VIEW))).not.toContain("•");
  });
});
