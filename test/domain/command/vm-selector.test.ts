// Which VMs a command about JIT policies is for: one, a list, a resource group, tags.

import { describe, expect, it } from "vitest";
import { type Command, formatCommand, parseTyped } from "../../../src/domain/command/command.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";

const written = (text: string): string => {
  const command = parseTyped(text);
  return isRefusal(command) ? plain(command.say) : formatCommand(command);
};

describe("a list of VMs", () => {
  it.each([
    ["enable vm-01,vm-02", "enable vm:vm-01,vm-02"],
    ["enable vm-01, rg-web/vm-02 22,3389 max 2h", "enable vm:vm-01,rg-web/vm-02 22,3389 max 2h"],
    ["disable vm:vm-01 ,vm-02 22", "disable vm:vm-01,vm-02 22"],
    ["change vm-01,vm-02 rg:rg-web tcp", "change vm:vm-01,vm-02 rg:rg-web tcp"],
    ["enable vm-01, 22", "enable vm:vm-01,22"],
  ])("is read from %s, and read again from what is written", (text, canonical) => {
    expect(written(text)).toBe(canonical);
    const again = parseTyped(canonical) as Command;
    expect(formatCommand(again)).toBe(canonical);
  });

  it.each([
    ["enable ,", "Which VMs?"],
    ["enable vm-01,a/b/c/d", "a/b/c/d"],
    [`enable ${Array.from({ length: 51 }, (_, n) => `vm-${n}`).join(",")}`, "more than 50 VMs"],
    ["enable vm-01,vm-02 vm:vm-03", "No VM is both"],
  ])("is refused in a sentence: %s", (text, says) => {
    expect(written(text)).toContain(says);
  });
});
