// A button below an answer carries what Slack takes, however much was typed.

import fc from "fast-check";
import { expect, it } from "vitest";
import { answerButtons } from "../../../../src/adapters/slack/views/answer-buttons.ts";

const typed = fc
  .array(fc.constantFrom("&lt;", "&amp;", "a", "😀", " ", "<@U0ERIN>", "<https://example.com|e>"), {
    minLength: 100,
    maxLength: 1_200,
  })
  .map((parts) => `breakglass vm-01 for ${parts.join("")}`);

it("carries the command, with as much of its reason as fits", () => {
  fc.assert(
    fc.property(typed, (text) => {
      const [{ value = "" } = {}] = answerButtons([{ does: "ask-others", text }]);
      expect(value.length).toBeLessThanOrEqual(2_000);
      if (text.length <= 2_000) {
        expect(value).toBe(text);
        return;
      }
      expect(text.startsWith(value.slice(0, -1))).toBe(true);
      expect(value.at(-1)).toBe("…");
      expect(value.length).toBeGreaterThan(1_900);
      // Neither an escaped character nor a mention is cut in two.
      expect(value).not.toMatch(/[&<][^;>]*…$/);
      expect(value.isWellFormed()).toBe(true);
    }),
  );
});

it("leaves out a request that it couldn't carry to the letter", () => {
  const instead = (length: number) =>
    ({ does: "instead", label: `Use ${length}`, text: "x".repeat(length) }) as const;
  const shown = answerButtons([instead(2_001), instead(2_000), instead(10)]);
  expect(shown.map(({ text }) => text.text)).toEqual(["Use 2000", "Use 10"]);
  expect(new Set(shown.map(({ action_id }) => action_id)).size).toBe(2);
});

it("leaves out asking others where not all of the VMs would fit", () => {
  const vms = Array.from({ length: 20 }, (_, n) => `${"g".repeat(99)}/vm-${n}`);
  const asking = (names: readonly string[]) =>
    ({
      does: "ask-others",
      text: `breakglass ${names.join(",")} for ${"why ".repeat(400)}`,
    }) as const;
  expect(answerButtons([asking(vms)])).toEqual([]);
  expect(answerButtons([asking(vms.slice(0, 3))])).toHaveLength(1);
});
