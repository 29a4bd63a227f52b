// What nobody sees, and what turns the text around it, is refused where people type and shown elsewhere.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPolicyFile } from "../../../src/config/policy-file/read-policy-file.ts";
import { askedReason, askedSource } from "../../../src/domain/command/answer-fields.ts";
import { parseCommand } from "../../../src/domain/command/command.ts";
import { hiddenCharacter, withHiddenShown } from "../../../src/domain/text/hidden-characters.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { typed } from "../../../src/domain/text/typed.ts";

const HIDDEN: readonly (readonly [string, string])[] = [
  // bidirectional
  ...[0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e],
  ...[0x2066, 0x2067, 0x2068, 0x2069],
  // of no width, or no ink
  ...[0x00ad, 0x034f, 0x115f, 0x180e, 0x200b, 0x200c, 0x200d, 0x2060, 0x2063, 0x206a],
  ...[0x3164, 0xfeff, 0xfe0f, 0xffa0, 0xfffa, 0xe0041, 0xe0100],
  // control characters
  ...[0x0000, 0x0007, 0x001b, 0x007f, 0x009f],
].map((code) => [
  `U+${code.toString(16).toUpperCase().padStart(4, "0")}`,
  String.fromCodePoint(code),
]);

describe.each(HIDDEN)("%s", (name, character) => {
  const text = `vm${character}01`;

  it("is refused, by its name, wherever people type", () => {
    const commands = [
      ...[`request ${text} 22 1h for x`, `request vm-01 22 1h from ${text} for x`],
      ...[`request vm-01 22 1h for a ${text}`, `breakglass vm-01 22 1h for ${text}`],
      ...[`explain ${text}`, `list vm:${text}`, `vms ${text}`, `enable ${text} 22`],
      ...[`extend JIT-4K7QWD 1h for ${text}`, `review JIT-4K7QWD ok ${text}`, `audit vm:${text}`],
      ...[`disable rg:${text}`, `change tag:env=${text} 22 max 1h`, text],
    ];
    for (const asked of [...commands.map(parseCommand), askedReason(text), askedSource(text)]) {
      if (!isRefusal(asked)) throw new Error("it was not refused");
      expect(asked.say).toContainEqual({ code: name });
    }
  });

  it("is a fault of a name in the policy file", () => {
    const file = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
rules:
  - name: ${JSON.stringify(text)}
    match: { vms: [${JSON.stringify(text)}], tags: { env: ${JSON.stringify(text)} } }
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    networks: [203.0.113.0/24]
`;
    const read = readPolicyFile(file);
    if (!("faults" in read)) throw new Error("there was no fault");
    const keys = read.faults.map(({ key }) => key);
    expect(keys).toContain("rules[0].name");
  });

  it("is shown where Azure or Slack names things", () => {
    const isControl = /\p{Cc}/u.test(character);
    expect(withHiddenShown(text)).toBe(`vm⟨${name}⟩01`);
    expect(typed(text)).toEqual({ code: isControl ? "vm 01" : `vm⟨${name}⟩01` });
  });
});

describe("what people do write", () => {
  it.each([
    ...["plain", "line\nbreak\tand tab\r\n", "naïve Zürich", "日本語", "العربية", "עברית"],
    ...["👩‍💻", "🏳️‍🌈", "❤️‍🔥", "⚠️ 1️⃣ ☺︎", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "می‌خواهم", "क्‍ष"],
  ])("is left alone: %j", (text) => {
    expect(hiddenCharacter(text)).toBeUndefined();
    expect(withHiddenShown(text)).toBe(text);
    expect(askedReason(text)).toBe(text.trim());
  });

  it("is the same once it is shown, whatever it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        const shown = withHiddenShown(text);
        expect(hiddenCharacter(shown)).toBeUndefined();
        expect(withHiddenShown(shown)).toBe(shown);
        expect(hiddenCharacter(text) === undefined).toBe(shown === text);
      }),
      { numRuns: 3_000 },
    );
  });
});
