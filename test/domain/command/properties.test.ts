// What holds for every text: nothing throws or is slow, reasons survive, commands are read again.
// Of src/domain/command/command.ts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isUnsure } from "../../../src/domain/command/ask-parts.ts";
import { formatCommand, parseCommand } from "../../../src/domain/command/command.ts";
import { hiddenCharacter } from "../../../src/domain/text/hidden-characters.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";

/** As Slack does with `should_escape`. */
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const PIECES = [
  ..."request breakglass explain status list cancel end extend review vms enable change".split(" "),
  ..."disable audit help doctor for from max by ok concern mine open pending my ip any".split(" "),
  ..."vm-01 rg/vm-01 vm: rg: tag: tag:a= = ssh winrm 22 3389 70000 0 , 22,3389 2h 90m 2".split(" "),
  ..."hours PT2H -1h 0h years vpn 10.0.0.1 10.0.0.1/8 ::1 * JIT-4K7QWD 4k7qwd @U0LEAD".split(" "),
  ..."2026-11-01 2026-11-01..2026-11-08 .. … <@U0LEAD|ann> <!here> <https://a.b|a.b> &lt;".split(
    " ",
  ),
  ..."\" “ ” ' ` 💥 é \u0000 \ud800 \u200b < > & | # . ; :".split(" "),
  ...[" ", " ", " ", "\n", "\u00a0", "\t"],
];

/** Texts that look like commands; most of the grammar is reached within some hundred of them. */
const commandLike = fc
  .tuple(
    fc.constantFrom(...PIECES.slice(0, 16)),
    fc.array(
      fc
        .tuple(fc.constantFrom(...PIECES), fc.constantFrom(" ", " ", " ", ""))
        .map((two) => two.join("")),
      { maxLength: 10 },
    ),
  )
  .map(([verb, pieces]) => `${verb} ${pieces.join("")}`);

const HEADS = [
  ...["request vm-01", "Request `a b`", "breakglass “rg/a b”", "request for", "explain x/rg/vm-01"],
  ...["enable vm-01", "change rg:a tag:b=c", 'disable tag:b="c d"', "enable tag:'b c'='d\"=e'"],
  ...["extend 4k7qwd 1h", "extend 4k7qwd for 1h", "review 4k7qwd ok", "review 4k7qwd concern"],
  ...["status 4k7qwd", "list", "vms", "audit", "audit <@U0LEAD|ann>", "audit vm:'b`c'"],
];
const TAILS = [
  ...["22", "22, 3389", "ssh ,8080", "winrm", "2h", "2 hours", "1h 30 min", "max 3h", "PT90M"],
  ...[
    "at 23:00",
    "at tomorrow 9:00",
    "at friday 9am",
    "at 2026-12-01 23:00",
    "at 2026-12-01T22:00Z",
    "at",
    "at noon",
  ],
  ...["from vpn", "from “a b.”", "from 10.0.0.9/8", "from 'for'", "from my ip", "from", "from *"],
  ...[
    "for",
    "for 2h",
    "for work",
    "for “a\n&amp;b” 🚒",
    "tag:e=f",
    'tag:"g h"=',
    "rg:a",
    "vm:vm-01",
  ],
  ...[
    "7 days",
    "2026-11-01..2026-11-08",
    "2026-11-01",
    "mine",
    "vm:“b, c”",
    "x",
    ",",
    "'",
    "\u200b",
  ],
];

/** Commands made of parts that are mostly right. */
const shaped = fc
  .tuple(fc.constantFrom(...HEADS), fc.array(fc.constantFrom(...TAILS), { maxLength: 4 }))
  .map(([head, tails]) => [head, ...tails].join(" "));

const anyText = fc.oneof(
  { arbitrary: shaped, weight: 4 },
  commandLike,
  fc.string({ unit: "binary" }),
  fc.string(),
);

it("answers every text with a command or with a sentence", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const answer = parseCommand(text);
      if (!isRefusal(answer)) return;
      expect(plain(answer.say)).toMatch(/^.{10,400}[.?]$/u);
    }),
    { numRuns: 2000 },
  );
});

it("reads the same command from what it writes", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const command = parseCommand(text);
      if (isRefusal(command)) return;
      const again = parseCommand(escaped(formatCommand(command)));
      if (command.verb !== "request" || !isUnsure(command.unclear)) {
        expect(again).toEqual(command);
        return;
      }
      // What could mean two things isn't written: what was understood is.
      const { unclear, ...understood } = command;
      expect(again).toMatchObject(understood);
    }),
    { numRuns: 2000 },
  );
});

describe("a reason", () => {
  const reason = fc
    .oneof(
      fc.string({ unit: "grapheme", maxLength: 200 }),
      fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join(" ")),
    )
    .map((text) => text.trim())
    .filter((text) => text !== "" && hiddenCharacter(text) === undefined);

  it("survives Slack's escaping to the letter", () => {
    fc.assert(
      fc.property(reason, (text) => {
        expect(parseCommand(escaped(`request vm-01 22 2h for ${text}`))).toMatchObject({
          reason: text,
          durationMs: 7_200_000,
          unclear: undefined,
        });
        expect(parseCommand(escaped(`review 4k7qwd concern ${text}`))).toMatchObject({ text });
      }),
    );
  });

  it("is read to the letter behind every command that takes one", () => {
    fc.assert(
      fc.property(reason, (text) => {
        expect(parseCommand(escaped(`extend 4k7qwd 1h for\n${text}`))).toMatchObject({
          reason: text,
        });
        expect(parseCommand(escaped(`breakglass for for ${text}`))).toMatchObject({ reason: text });
      }),
    );
  });
});

it("takes any order of the parts", () => {
  const parts = ["22, 3389", "1 hour 30 min", "from vpn"];
  fc.assert(
    fc.property(fc.shuffledSubarray(parts, { minLength: 3 }), (order) => {
      expect(parseCommand(`request vm-01 ${order.join(" ")} for work`)).toMatchObject({
        ports: [22, 3389],
        durationMs: 5_400_000,
        source: "vpn",
        reason: "work",
      });
    }),
  );
});

it("is fast however long the text", () => {
  const began = performance.now();
  for (const head of [
    "",
    "request vm ",
    "enable ",
    "audit ",
    "vms ",
    "request vm for ",
    "extend ",
  ]) {
    for (const piece of [
      "22, ",
      "2h ",
      " ",
      '"',
      'tag:a="',
      "<",
      "&lt;",
      "from ",
      "9",
      "1 h ",
      "2026-",
    ]) {
      for (const length of [19_000, 100_000]) {
        parseCommand((head + piece.repeat(length / piece.length)).slice(0, length));
      }
    }
  }
  expect(performance.now() - began).toBeLessThan(5000);
});
