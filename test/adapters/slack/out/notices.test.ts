// The history in the thread, the warning before the end, and notices for a channel.

import { describe, expect, it } from "vitest";
import { noticesMessage } from "../../../../src/adapters/slack/out/notices.ts";
import { historyMessage } from "../../../../src/adapters/slack/out/steps.ts";
import { warningMessage } from "../../../../src/adapters/slack/out/warning.ts";
import type { Notice } from "../../../../src/ports/store.ts";
import { lines, offered, spoken } from "./reading.ts";
import { DECIDED_AT_MS, ENDS_AT_MS, ERIN, LEAD, open, step } from "./requests.ts";

describe("the history in the thread", () => {
  it("is a short line", () => {
    const message = historyMessage(open(), [step("approved", { by: LEAD })], DECIDED_AT_MS);
    expect(lines(message)).toEqual(["Approved by @lea."]);
    expect(spoken(message)).toBe("Approved by @lea.");
  });

  it("carries times where lines come together or late", () => {
    const steps = [step("approved", { by: LEAD }), step("open")];
    expect(lines(historyMessage(open(), steps, DECIDED_AT_MS))).toEqual([
      "Today at 2:05 PM: Approved by @lea.",
      "Today at 2:05 PM: Open, until Today at 4:05 PM.",
    ]);
    expect(lines(historyMessage(open(), [step("open")], DECIDED_AT_MS + 600_000))).toEqual([
      "Today at 2:05 PM: Open, until Today at 4:05 PM.",
    ]);
  });
});

describe("the warning", () => {
  const warning = (leftMs: number, endsEarly = true) =>
    warningMessage(open(), { nowMs: ENDS_AT_MS - leftMs, endsEarly });

  it("says how much time is left, what happens then, and what can be done", () => {
    expect(lines(warning(600_000))).toEqual([
      "⏰ 10m left: 22 (SSH) on vm-01 ends Today at 4:05 PM, JIT-ABC123",
      "Then no new connection gets in. Sessions that are open are not cut, but one that drops cannot come back.",
      "Need longer? Ask again: /jit request rg-prod-web/vm-01 22 2h from vpn",
      "[End now]",
    ]);
    expect(spoken(warning(600_000))).toBe(
      "10m left: 22 (SSH) on vm-01 ends Today at 4:05 PM. (JIT-ABC123)",
    );
  });

  it.each([
    [659_999, "10m left"],
    [45_300, "45s left"],
    [-1, "0s left"],
  ])("never promises more time than is left: %i ms", (leftMs, said) => {
    expect(spoken(warning(leftMs))).toContain(said);
  });

  it("offers no early end where the policy has none", () => {
    expect(offered(warning(600_000, false))).toEqual([]);
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

describe("notices", () => {
  it("name the person and the VM", () => {
    const { message, count } = noticesMessage([notice()]);
    expect(count).toBe(1);
    expect(lines(message)).toEqual([
      "⚪ Ended on time (Today at 4:05 PM): vm-01, 22 (SSH), asked for by @erin, JIT-ABC123.",
    ]);
    expect(spoken(message)).toBe(lines(message)[0]);
  });

  it.each<[Partial<Notice>, string]>([
    [{ how: "early" }, "⚪ Ended early (Today at 4:05 PM): vm-01"],
    [{ how: "elsewhere" }, "⚪ Ended before its time, not by this bot (Today at 4:05 PM): vm-01"],
    [{ how: "by magic" }, "⚪ Ended (by magic) (Today at 4:05 PM): vm-01"],
    [{ what: "closed-late", how: undefined }, "⚪ Shut, later than its end (Today at 4:05 PM)"],
    [{ what: "still-open", how: undefined }, "To shut it by hand, delete the allow rule"],
    [{ what: "failed", how: undefined, text: "X: y" }, "JIT-ABC123. X: y"],
  ])("say what happened: %j", (change, said) => {
    expect(lines(noticesMessage([notice(change)]).message)[0]).toContain(said);
  });

  it("say an alarm that belongs to no request", () => {
    const alarm: Notice = { what: "alarm", atMs: ENDS_AT_MS, text: "Redis evicts keys." };
    expect(lines(noticesMessage([alarm]).message)).toEqual([
      "🚨 Alarm (Today at 4:05 PM): Redis evicts keys.",
    ]);
  });

  it("are merged, counted by weight, in the order in which they came", () => {
    const { message, count } = noticesMessage([
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

  it("are as many as fit one message; the others wait", () => {
    const many = Array.from({ length: 500 }, (_, index) => notice({ vm: `vm-${index}` }));
    const { message, count } = noticesMessage(many);
    expect(count).toBeGreaterThan(20);
    expect(count).toBeLessThan(500);
    const read = lines(message).join("\n");
    expect(read).toContain(`vm-${count - 1},`);
    expect(read).not.toContain(`vm-${count},`);
  });

  it("always take one, however long", () => {
    const long = notice({ vm: "&".repeat(3_000), text: "&".repeat(3_000) });
    expect(noticesMessage([long, long]).count).toBeGreaterThanOrEqual(1);
  });
});
