// Messages read as people read them, and everything live in them is found.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { demoWorkspace } from "../../../src/sandbox/slack/demo-workspace.ts";
import { createReading } from "../../../src/sandbox/slack/read.ts";
import { createWorld } from "../../../src/sandbox/slack/slack-workspace.ts";
import { escapeTyped } from "../../../src/sandbox/slack/text/escape-typed.ts";
import { broadcasts } from "../../../src/sandbox/slack/text/live-markup.ts";
import { encodeEntities } from "../../../src/sandbox/slack/text/read-mrkdwn.ts";
import { START_MS } from "./support.ts";

const world = createWorld({ workspace: demoWorkspace(), nowMs: () => START_MS });
const { plainText } = createReading(world);

const mrkdwn = (text: string) => ({ type: "mrkdwn", text });
const plain = (text: string) => ({ type: "plain_text", text });
const atNoon = Date.UTC(2026, 10, 3, 12, 0, 0) / 1000;

const READ: [what: string, mrkdwn: string, plain: string][] = [
  ["entities", "a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"],
  ["what was escaped twice", "&amp;lt;", "&lt;"],
  ["a person", "by <@U0ERIN>", "by @erin"],
  ["a person with a label", "by <@U0NOBODY|zoe>", "by @zoe"],
  ["a channel", "in <#C0PROD>", "in #prod-access"],
  ["a group", "<!subteam^S0ONCALL>", "@oncall"],
  ["a broadcast", "<!channel> look", "@channel look"],
  ["a link", "<https://x.example/?a=1&amp;b=2>", "https://x.example/?a=1&b=2"],
  ["a link with a label", "<https://x.example|here>", "here (https://x.example)"],
  ["marks", "*Port* _3389_ ~no~ `*code*`", "Port 3389 no *code*"],
  ["a block of code", "```\na *b* &lt;c&gt;\n```", "a *b* <c>"],
  ["marks around a mention", "*<@U0ERIN>*", "@erin"],
  ["marks that are none", "2*3*4 and a_b_c and * x *", "2*3*4 and a_b_c and * x *"],
  ["what looks like a sequence and is none", "<vm-01> <#lunch>", "<vm-01> <#lunch>"],
];

const DATES: [format: string, tz: string, shown: string][] = [
  ["{date_num}", "UTC", "2026-11-03"],
  ["{date}", "UTC", "November 3rd, 2026"],
  ["{date_short}", "UTC", "Nov 3, 2026"],
  ["{date_long}", "UTC", "Tuesday, November 3rd, 2026"],
  ["{date_short_pretty} {time}", "UTC", "Today 12:00 PM"],
  ["{date_short_pretty} {time}", "Europe/Berlin", "Today 1:00 PM"],
  ["{date_short_pretty} {time}", "Pacific/Auckland", "Tomorrow 1:00 AM"],
  ["{time_secs}", "America/New_York", "7:00:00 AM"],
  ["{ago}", "UTC", "in 3 hours"],
  ["{colour}", "UTC", "fallback"],
];

describe("plain text", () => {
  it.each(READ)("reads %s", (_what, text, shown) => {
    expect(plainText({ text })).toBe(shown);
  });

  it.each(DATES)("shows the date %s in %s", (format, tz, shown) => {
    const text = `<!date^${atNoon}^${format}|fallback>`;
    expect(plainText({ text }, { tz })).toBe(shown);
  });

  it("shows dates in the reader's own time zone", () => {
    const text = `until <!date^${atNoon}^{time}|12:00 UTC>`;
    expect(plainText({ text }, { as: "U0SAM" })).toBe("until 7:00 AM");
    expect(plainText({ text: "<!date^soon^{time}|12:00 UTC>" })).toBe("12:00 UTC");
  });

  it("flattens blocks, and leaves the top-level text to notifications", () => {
    const button = (text: string) => ({ type: "button", text: plain(text) });
    const blocks = [
      { type: "header", text: plain("A request &amp; more") },
      { type: "section", text: mrkdwn("*VM* vm-01"), fields: [mrkdwn("*Port*\n3389")] },
      { type: "divider" },
      { type: "context", elements: [mrkdwn("by <@U0ERIN>"), plain("now")] },
      { type: "actions", elements: [button("Approve"), button("Deny")] },
    ];
    expect(plainText({ text: "notification", blocks })).toBe(
      [
        "A request &amp; more",
        "VM vm-01",
        "Port\n3389",
        "---",
        "by @erin now",
        "[Approve] [Deny]",
      ].join("\n"),
    );
  });

  it("reads modals, attachments and rich text", () => {
    const element = { type: "plain_text_input", initial_value: "3389" };
    const input = { type: "input", label: plain("Port"), element, hint: plain("or two") };
    const modal = { title: plain("Ask"), submit: plain("Send"), blocks: [input] };
    expect(plainText(modal)).toBe("Ask\nPort\n(3389)\nor two\n[Send]");
    const attachments = [{ color: "#f00", blocks: [{ type: "section", text: mrkdwn("red") }] }];
    expect(plainText({ text: "top", attachments })).toBe("top\nred");
    const parts = [
      { type: "text", text: "hi " },
      { type: "user", user_id: "U0SAM" },
    ];
    const rich = { type: "rich_text", elements: [{ type: "rich_text_section", elements: parts }] };
    expect(plainText({ blocks: [rich] })).toBe("hi @sam");
  });
});

describe("what is live in a message", () => {
  const LIVE: [token: string, kind: string][] = [
    ["<!channel>", "broadcast"],
    ["<!here>", "broadcast"],
    ["<!everyone|x>", "broadcast"],
    ["<@U0ERIN>", "user"],
    ["<!subteam^S0ONCALL|@oncall>", "group"],
    ["<#C0PROD>", "channel"],
    ["<https://evil.example|click>", "link"],
    ["<mailto:a@b.example|a>", "link"],
    [`<!date^${atNoon}^{date}^https://evil.example|x>`, "link"],
  ];

  it.each(LIVE)("finds %s", (token, kind) => {
    const text = `before ${token} after`;
    const blocks = [
      { type: "section", text: mrkdwn(text), fields: [plain(text)] },
      { type: "context", elements: [mrkdwn(text)] },
    ];
    const attachments = [{ text }];
    expect(broadcasts({ text, blocks, attachments })).toEqual([
      { kind, token, at: "/text" },
      { kind, token, at: "/blocks/0/text/text" },
      { kind, token, at: "/blocks/1/elements/0/text" },
      { kind, token, at: "/attachments/0/text" },
    ]);
  });

  it("finds mentions in rich text, and bare names where they are linked", () => {
    const parts = [{ type: "broadcast", range: "here" }];
    const blocks = [
      { type: "rich_text", elements: [{ type: "rich_text_section", elements: parts }] },
    ];
    expect(broadcasts({ blocks })).toMatchObject([{ kind: "broadcast", token: "here" }]);
    expect(broadcasts({ text: "@here", linkNames: true })).toMatchObject([{ token: "@here" }]);
    expect(broadcasts({ text: "@here" })).toEqual([]);
  });

  it("finds nothing in dates, nor where markup is off", () => {
    expect(broadcasts({ text: `<!date^${atNoon}^{date}|x>` })).toEqual([]);
    expect(broadcasts({ text: "<!channel>", mrkdwn: false })).toEqual([]);
  });

  it("finds nothing in anything that is escaped, which reads as it was typed", () => {
    const words = fc.constantFrom(
      "<!channel>",
      "<@U0ERIN>",
      "&",
      "<",
      ">",
      "|",
      "&lt;",
      "x ",
      "\n",
    );
    fc.assert(
      fc.property(fc.array(words), (parts) => {
        const typed = parts.join("");
        const text = encodeEntities(typed);
        expect(broadcasts({ text, blocks: [{ type: "section", text: mrkdwn(text) }] })).toEqual([]);
        expect(plainText({ text })).toBe(typed);
      }),
    );
  });
});

describe("what is typed after a command", () => {
  const TYPED: [typed: string, sent: string][] = [
    ["@sam", "<@U0SAM|sam>"],
    ["@sam.", "<@U0SAM|sam>."],
    ["@nobody", "@nobody"],
    ["@oncall", "<!subteam^S0ONCALL|@oncall>"],
    ["@channel @here", "<!channel> <!here>"],
    ["#prod-access", "<#C0PROD|prod-access>"],
    ["#12345", "#12345"],
    ["see https://x.example/a?b=1&c=2.", "see <https://x.example/a?b=1&amp;c=2>."],
    ["vm-01.contoso.com", "<http://vm-01.contoso.com|vm-01.contoso.com>"],
    ["rg/vm-01", "rg/vm-01"],
    ["10.0.0.0/24", "10.0.0.0/24"],
    ["sam@contoso.example", "<mailto:sam@contoso.example|sam@contoso.example>"],
    ["<!channel> & <@U0SAM>", "&lt;!channel&gt; &amp; &lt;@U0SAM&gt;"],
    ["tag:env=prod", "tag:env=prod"],
  ];

  it.each(TYPED)("sends %s as %s", (typed, sent) => {
    expect(escapeTyped(typed, world)).toBe(sent);
  });
});
