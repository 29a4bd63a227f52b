// The history in the thread, the warning before the end, and notices for a channel.

import { describe, expect, it } from "vitest";
import { warningMessage } from "../../../../../src/adapters/slack/views/direct/warning.ts";
import { noticesMessage } from "../../../../../src/adapters/slack/views/notices/notices-message.ts";
import { historyMessage } from "../../../../../src/adapters/slack/views/request/batch/history.ts";
import type { Notice } from "../../../../../src/ports/storage/notices.ts";
import { lines, offered, spoken } from "../../reading.ts";
import { DECIDED_AT_MS, ENDS_AT_MS, ERIN, LEAD, open, PLAIN, step } from "../../requests.ts";
import { FIRST } from "../../variants.ts";

const VIEW = { nowMs: DECIDED_AT_MS, hide: [] };

describe("the history in the thread", () => {
  it("is a short line", () => {
    const message = historyMessage(open(), [step("approved", { by: LEAD })], VIEW);
    expect(lines(message)).toEqual(["Approved by @lea."]);
    expect(spoken(message)).toBe("Approved by @lea.");
  });

  it("carries times where lines come together or late", () => {
    const steps = [step("approved", { by: LEAD }), step("open")];
    expect(lines(historyMessage(open(), steps, VIEW))).toEqual([
      "Today at 2:05 PM: Approved by @lea.",
      "Today at 2:05 PM: Open until Today at 4:05 PM.",
    ]);
    const late = { ...VIEW, nowMs: DECIDED_AT_MS + 600_000 };
    expect(lines(historyMessage(open(), [step("open")], late))).toEqual([
      "Today at 2:05 PM: Open until Today at 4:05 PM.",
    ]);
  });
});

describe("the warning", () => {
  const warning = (leftMs: number, endsEarly = true, extendable = false) =>
    warningMessage(open(), { ...at(leftMs), endsEarly, extendable, holders: new Map() });
  const at = (leftMs: number) => ({ nowMs: ENDS_AT_MS - leftMs });

  it("says how much time is left, what happens then, and what can be done", () => {
    expect(lines(warning(600_000))).toEqual([
      "⏰ 10m left: 22 (SSH) on vm-01 ends Today at 4:05 PM, JIT-ABC123",
      "After that, no new connections. Existing sessions stay up, but one that drops can't reconnect.",
      "Need longer? Request it again: /jit request rg-prod-web/vm-01 22 2h from vpn",
      "[End now]",
    ]);
    expect(spoken(warning(600_000))).toBe(
      "10m left: 22 (SSH) on vm-01 ends Today at 4:05 PM. (JIT-ABC123)",
    );
  });

  it.each([
    [659_999, "10m left"],
    [60_000, "1m left"],
    [59_999, "Less than a minute left"],
    [-1, "Less than a minute left"],
  ])("never promises more time than is left: %i ms", (leftMs, said) => {
    expect(spoken(warning(leftMs))).toContain(said);
  });

  it("says of each port what happens to it, where others need one for longer", () => {
    const view = { ...at(600_000), endsEarly: true, extendable: false };
    const untilMs = ENDS_AT_MS + 3_600_000;
    const own = { id: FIRST, requester: ERIN, untilMs };
    const two = open(PLAIN, { ports: [22, 3389] });
    const [, ...said] = lines(warningMessage(two, { ...view, holders: new Map([[22, own]]) }));
    expect(said.slice(0, 2)).toEqual([
      "After that, no new connections to 3389 (RDP). Existing sessions stay up, but one that drops can't reconnect.",
      "22 (SSH) stays open until Today at 5:05 PM for your JIT-123456.",
    ]);
    const others = new Map([[22, { ...own, requester: LEAD }]]);
    expect(lines(warningMessage(open(), { ...view, holders: others }))[1]).toBe(
      "22 (SSH) stays open until Today at 5:05 PM for JIT-123456 of @lea.",
    );
    expect(lines(warningMessage(open(), { ...view, holders: others })).join()).not.toContain(
      "After",
    );
  });

  it("offers no early end where the policy has none", () => {
    expect(offered(warning(600_000, false))).toEqual([]);
  });

  it("offers Extend where that is possible, and says what it does", () => {
    const message = warning(600_000, true, true);
    expect(lines(message).slice(2)).toEqual([
      "Need longer? Extend requests more time; the end stays the same until that's approved.",
      "[Extend] [End now]",
    ]);
    expect(offered(warning(600_000, false, true))).toEqual(["extend"]);
  });
});

const notice = (change: Partial<Notice> = {}): Notice => ({
  what: "ended",
  id: open().id,
  requester: ERIN,
  vm: "vm-01",
  ports: [22],
  atMs: ENDS_AT_MS,
  how: "expired",
  ...change,
});

const noticed = (notices: readonly Notice[], hideReason = false) =>
  noticesMessage(notices, { hideReason, endsEarly: true });

describe("the notice of what was found open", () => {
  const said = (more: Partial<Notice>): string => {
    const found = { id: open().id, requester: ERIN, vm: "vm-01", ports: [22], nonce: "n" };
    const notice = { what: "recovered", atMs: DECIDED_AT_MS, ...found, ...more } as const;
    return lines(noticesMessage([notice], { hideReason: false, endsEarly: true }).message).join(
      "\n",
    );
  };

  it("says that no approval is recorded only where none is", () => {
    expect(said({})).toContain("No approval is recorded. End it if it shouldn't be open.");
    const approved = said({ approvedBy: [LEAD] });
    expect(approved).toContain(
      "Approved by @lea; the record of its opening was lost. End it if it shouldn't be open.",
    );
    expect(approved).not.toContain("No approval");
  });
});

describe("notices", () => {
  it("name the person and the VM", () => {
    const { message, count } = noticed([notice()]);
    expect(count).toBe(1);
    expect(lines(message)).toEqual([
      "⚪ Ended on time (Today at 4:05 PM): vm-01, 22 (SSH), requested by @erin, JIT-ABC123.",
    ]);
    expect(spoken(message)).toBe(lines(message)[0]);
  });

  it("name who opened it in Azure where nobody requested it", () => {
    const { message } = noticed([notice({ how: "early", by: "barbara@contoso.com" })]);
    expect(lines(message)).toEqual([
      "⚪ Ended early (Today at 4:05 PM): vm-01, 22 (SSH), opened in Azure by barbara@contoso.com, JIT-ABC123.",
    ]);
  });

  it.each<[Partial<Notice>, string]>([
    [{ how: "early" }, "⚪ Ended early (Today at 4:05 PM): vm-01"],
    [{ how: "elsewhere" }, "⚪ Ended early, outside this bot (Today at 4:05 PM): vm-01"],
    [{ how: "by magic" }, "⚪ Ended (by magic) (Today at 4:05 PM): vm-01"],
    [{ what: "closed-late", how: undefined }, "⚪ Closed late (Today at 4:05 PM)"],
    [{ what: "still-open", how: undefined }, "To close it by hand, delete the allow rule"],
    [{ what: "failed", how: undefined, text: "X: y" }, "JIT-ABC123. X: y"],
  ])("say what happened: %j", (change, said) => {
    expect(lines(noticed([notice(change)]).message)[0]).toContain(said);
  });

  it.each<[Partial<Notice>, string]>([
    [
      { what: "break-glass", text: "the shop is down" },
      "🚨 Break-glass, without approval (Today at 4:05 PM): vm-01, 22 (SSH), by @erin, JIT-ABC123. To review it: /jit review JIT-ABC123 ok or /jit review JIT-ABC123 concern …. Reason: “the shop is down”",
    ],
    [
      { what: "opened" },
      "🔑 Auto-approved by rule (Today at 4:05 PM): vm-01, 22 (SSH), requested by @erin, JIT-ABC123.",
    ],
    [
      { what: "no-approvers" },
      "⚠️ Nobody could approve it (Today at 4:05 PM): vm-01, 22 (SSH), requested by @erin, JIT-ABC123. An admin has to add an approver to its rule.",
    ],
    [
      { what: "review" },
      "🔎 Still needs a review (Today at 4:05 PM): vm-01, 22 (SSH), requested by @erin, JIT-ABC123. To review it: /jit review JIT-ABC123 ok or /jit review JIT-ABC123 concern ….",
    ],
    [
      { what: "concern", text: "nobody knew" },
      "⚠️ Reviewed, with a concern (Today at 4:05 PM): vm-01, 22 (SSH), requested by @erin, JIT-ABC123. The concern: “nobody knew”",
    ],
    [
      { what: "left" },
      "🚪 No longer allowed access (Today at 4:05 PM): vm-01, 22 (SSH), requested by @erin, JIT-ABC123. The bot cancels what was pending and ends what was open.",
    ],
  ])("say to the letter what can be done about it: %j", (change, said) => {
    expect(lines(noticed([notice({ how: undefined, ...change })]).message)).toEqual([said]);
  });

  const elsewhere: Notice = {
    ...{ what: "opened-elsewhere", atMs: ENDS_AT_MS, vm: "vm-01", ports: [22] },
    ...{ by: "barbara@contoso.com", jitPolicy: "rg-prod/default", source: "198.51.100.7" },
  };

  it.each<[Notice, string]>([
    [
      { ...elsewhere, untilMs: ENDS_AT_MS, text: "a quick fix" },
      "⚠️ Opened in Azure, not by this bot (Today at 4:05 PM): vm-01, 22 (SSH) from 198.51.100.7 until Today at 4:05 PM, in rg-prod/default, by barbara@contoso.com. Reason: “a quick fix”",
    ],
    [
      { ...elsewhere, vm: undefined, ports: undefined, source: undefined, by: "" },
      "⚠️ Opened in Azure, not by this bot (Today at 4:05 PM): rg-prod/default, by a caller Azure doesn't name. The JIT policy doesn't show which VM and port.",
    ],
    [
      { ...elsewhere, source: "*" },
      "⚠️ Opened in Azure, not by this bot (Today at 4:05 PM): vm-01, 22 (SSH) from any address, in rg-prod/default, by barbara@contoso.com.",
    ],
    [
      { ...elsewhere, what: "jit-policy-changed-elsewhere", vm: undefined },
      "⚠️ JIT policy changed, not by this bot (Today at 4:05 PM): rg-prod/default, by barbara@contoso.com. /jit vms shows what it allows now.",
    ],
    [
      { ...elsewhere, what: "jit-policy-changed-elsewhere", vm: undefined, asBot: true },
      "⚠️ JIT policy changed as this bot, which has no record of it (Today at 4:05 PM): rg-prod/default, by barbara@contoso.com. /jit vms shows what it allows now.",
    ],
    [
      { ...elsewhere, what: "jit-policy-deleted-elsewhere", vm: undefined },
      "⚠️ JIT policy deleted, not by this bot (Today at 4:05 PM): rg-prod/default, by barbara@contoso.com. Access to its VMs can be requested only where another JIT policy covers them.",
    ],
  ])("say what others did at Azure: %#", (notice, said) => {
    expect(lines(noticed([notice]).message)).toEqual([said]);
  });

  it("of a flood of openings by others are short, and take few messages", () => {
    const longest = "x".repeat(400);
    const flood = Array.from({ length: 500 }, (_, n): Notice => {
      const names = { vm: `vm-${n}-${longest}`, by: `${n}@${longest}`, jitPolicy: `rg/${longest}` };
      return { ...elsewhere, ...names, text: longest };
    });
    let messages = 0;
    for (let left = flood; left.length > 0; messages++) {
      const { count, message } = noticed(left);
      expect(JSON.stringify(message.blocks).length).toBeLessThanOrEqual(9_000);
      left = left.slice(count);
    }
    expect(messages).toBeLessThan(40);
    const usual = noticed(Array.from({ length: 90 }, () => elsewhere));
    expect(usual.count).toBe(90);
    expect(lines(usual.message)[1]).toBe(
      "⚠️ Opened in Azure, not by this bot: 90 (Today at 4:05 PM)",
    );
  });

  it("do not show everybody why the glass was broken, where reasons are hidden", () => {
    const broken = notice({ what: "break-glass", how: undefined, text: "the shop is down" });
    const { message } = noticed([broken], true);
    expect(JSON.stringify(message)).not.toContain("shop");
    expect(lines(message)[0]).toContain("Its reason is hidden here.");
    // What a reviewer says is no requester's reason.
    const concern = notice({ what: "concern", text: "nobody knew" });
    expect(spoken(noticed([concern], true).message)).toContain("nobody knew");
  });

  it("ask for break-glass with the command to paste, and its reason where that may be shown", () => {
    const wanted = notice({
      ...{ what: "glass-wanted", how: undefined, id: undefined, ports: [22, 3389] },
      ...{ vm: "vm-01,web-02", durationMs: 3_600_000, text: "the shop is down" },
    });
    const said = lines(noticed([wanted]).message)[0];
    expect(said).toContain("22 (SSH) and 3389 (RDP), for 1h, by @");
    expect(said?.endsWith("/jit breakglass vm-01,web-02 22,3389 1h for the shop is down")).toBe(
      true,
    );
    expect(said?.match(/the shop is down/g)).toHaveLength(1);
    const hidden = lines(noticed([wanted], true).message)[0];
    expect(hidden).toContain("/jit breakglass vm-01,web-02 22,3389 1h for … ");
    expect(hidden).not.toContain("shop is down");
    const { durationMs: _, ports: _ports, ...bare } = { ...wanted, text: "x".repeat(200) };
    expect(lines(noticed([bare]).message)[0]).toContain(
      "/jit breakglass vm-01,web-02 for … Reason:",
    );
  });

  it("are counted in the order of their weight, one and many", () => {
    const kinds = [
      ...["ended", "opened", "closed-late", "left", "failed", "review", "parked"],
      ...["concern", "no-approvers", "opened-elsewhere", "jit-policy-changed-elsewhere"],
      ...["jit-policy-deleted-elsewhere", "still-open", "break-glass", "alarm"],
    ] as readonly Notice["what"][];
    const once = kinds.map((what) => notice({ what, how: undefined }));
    expect(spoken(noticed(once).message)).toBe(
      "1 alarm, 1 break-glass, 1 still open, 1 opened in Azure, 1 JIT policy deleted, 1 JIT policy changed, 1 without an approver, 1 review with a concern, 1 parked, 1 awaiting review, 1 failed, 1 no longer allowed, 1 closed late, 1 auto-approved, 1 ended",
    );
    expect(spoken(noticed([...once, ...once]).message)).toMatch(
      /^2 alarms, 2 break-glass, .*, 2 reviews with a concern, /,
    );
  });

  it("say an alarm that belongs to no request", () => {
    const alarm: Notice = { what: "alarm", atMs: ENDS_AT_MS, text: "Redis evicts keys." };
    expect(lines(noticed([alarm]).message)).toEqual([
      "🚨 Alarm (Today at 4:05 PM): Redis evicts keys.",
    ]);
  });

  it("are merged, counted by weight, in the order in which they came", () => {
    const { message, count } = noticed([
      notice(),
      notice({ vm: "vm-02" }),
      notice({ what: "still-open", how: undefined, vm: "vm-03" }),
      { what: "alarm", atMs: 0, text: "a" },
      { what: "alarm", atMs: 0, text: "b" },
    ]);
    expect(count).toBe(5);
    const read = lines(message);
    expect(spoken(message)).toBe("2 alarms, 1 still open, 2 ended");
    expect(read[0]).toBe("2 alarms, 1 still open, 2 ended");
    expect(read.slice(1).map((line) => /vm-\d+/.exec(line)?.[0])).toEqual([
      "vm-01",
      "vm-02",
      "vm-03",
      undefined,
      undefined,
    ]);
  });

  it("that say the same stand beneath one heading, where there are many", () => {
    const many = Array.from({ length: 11 }, (_, index) => notice({ vm: `vm-${index}` }));
    const loud = notice({ what: "still-open", how: undefined, vm: "vm-loud" });
    const read = lines(noticed([...many, loud, notice({ how: "early", vm: "vm-early" })]).message);
    expect(read[0]).toBe("1 still open, 12 ended");
    expect(read[1]).toContain("⚠️ Still open after its end (Today at 4:05 PM): vm-loud");
    expect(read[2]).toBe("⚪ Ended on time: 11 (Today at 4:05 PM)");
    expect(read[3]).toBe("• vm-0, 22 (SSH), @erin, JIT-ABC123");
    expect(read.slice(-2)).toEqual([
      "⚪ Ended early: 1 (Today at 4:05 PM)",
      "• vm-early, 22 (SSH), @erin, JIT-ABC123",
    ]);
  });

  it("are so many in one message that five hundred in a minute need no more than ten", () => {
    const longest = notice({ vm: "v".repeat(64), ports: [3389] });
    const { count, message } = noticed(Array.from({ length: 200 }, () => longest));
    expect(count * 10).toBeGreaterThanOrEqual(500);
    expect(JSON.stringify(message.blocks).length).toBeLessThanOrEqual(9_000);
  });

  it("are as many as fit one message; the others wait", () => {
    const many = Array.from({ length: 500 }, (_, index) => notice({ vm: `vm-${index}` }));
    const { message, count } = noticed(many);
    expect(count).toBeGreaterThan(20);
    expect(count).toBeLessThan(500);
    const read = lines(message).join("\n");
    expect(read).toContain(`vm-${count - 1},`);
    expect(read).not.toContain(`vm-${count},`);
  });

  it("always take one, however long", () => {
    const long = notice({ vm: "&".repeat(3_000), text: "&".repeat(3_000) });
    expect(noticed([long, long]).count).toBeGreaterThanOrEqual(1);
  });

  it("say of the breaker who and what came too fast, without saying that all of it opened", () => {
    const openings = [
      { id: FIRST, requester: ERIN, vm: "vm-02" },
      { id: open().id, requester: LEAD, vm: "vm-01" },
    ];
    const { message } = noticed([{ what: "breaker", atMs: DECIDED_AT_MS, openings, count: 9 }]);
    expect(lines(message)[0]).toContain(
      "🚨 Access is frozen by the bot (Today at 2:05 PM): 9 approved requests due to open within a minute, the last of them @erin on vm-02 (JIT-123456) and @lea on vm-01 (JIT-ABC123).",
    );
  });
});

describe("the notice of a freeze", () => {
  const says = (what: "frozen" | "breaker", endsEarly: boolean) =>
    lines(noticesMessage([notice({ what })], { hideReason: false, endsEarly }).message).join(" ");

  it.each(["frozen", "breaker"] as const)("promises no ending that is switched off: %s", (what) => {
    expect(says(what, true)).toMatch(
      /Ending access always works\. .*; \/jit end all ends what's open\./,
    );
    expect(says(what, false)).toContain("What's open stays open until its end.");
    expect(says(what, false)).toContain("/jit unfreeze lifts the freeze.");
    expect(says(what, false)).not.toMatch(/always works|\/jit end/);
  });
});
