// `/jit away` and `/jit back`, as people write them.
// Of src/domain/command/verbs/away-verb.ts.

import { describe, expect, it } from "vitest";
import { formatCommand, parseCommand, parseTyped } from "../../../src/domain/command/command.ts";
import { userId } from "../../../src/domain/text/ids.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";

const OMAR = userId("U0OMAR");
const friday = { day: { weekday: 5 } };

describe("away", () => {
  it.each([
    ["away until friday to <@U0OMAR|omar>", friday, OMAR],
    ["AWAY Friday to <@U0OMAR>", friday, OMAR],
    ["away until fri", friday, undefined],
    ["away until 23:00", { time: { hour: 23, minute: 0 } }, undefined],
    ["away until 9pm", { time: { hour: 21, minute: 0 } }, undefined],
    ["away until 12am", { time: { hour: 0, minute: 0 } }, undefined],
    ["away until tomorrow 9:00", { day: "tomorrow", time: { hour: 9, minute: 0 } }, undefined],
    [
      "away until 2026-12-01 23:00 to <@U0OMAR>.",
      { day: { year: 2026, month: 12, day: 1 }, time: { hour: 23, minute: 0 } },
      OMAR,
    ],
    ["away off", undefined, undefined],
  ])("%s", (text, until, to) => {
    const command = parseCommand(text);
    expect(command).toEqual({ verb: "away", until, to });
    if (isRefusal(command)) return;
    expect(parseTyped(formatCommand(command))).toEqual(command);
  });

  it("is over with back", () => {
    expect(parseCommand("back")).toEqual({ verb: "back" });
    expect(parseCommand("back now")).toMatchObject({ refused: "unknown-command" });
  });

  it.each([
    ["away", "incomplete", "Until when?"],
    ["away until", "incomplete", "Until when?"],
    ["away until someday", "bad-time", "I can't read someday as a time"],
    ["away until 25:00", "bad-time", "I can't read 25:00 as a time"],
    ["away until 2026-02-30", "bad-time", "I can't read 2026-02-30 as a time"],
    ["away until 9", "bad-time", "I can't read 9 as a time"],
    ["away until friday for holidays", "unknown-command", "I didn't understand for"],
    ["away until friday to", "incomplete", "Who decides for you?"],
    ["away until friday to @omar", "ambiguous", "I can't tell who @omar is"],
    ["away until friday to <!subteam^S0ONCALL|oncall>", "ambiguous", "I can't tell who"],
    ["away until friday to <@U0OMAR> <@U0SAM>", "unknown-command", "I didn't understand @U0SAM"],
  ])("is refused with the fix: %s", (text, refused, says) => {
    const refusal = parseCommand(text);
    if (!isRefusal(refusal)) throw new Error("not refused");
    expect(refusal.refused).toBe(refused);
    expect(plain(refusal.say)).toContain(says);
  });
});
