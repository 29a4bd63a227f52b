// Blocks that Slack refuses are refused here, each for the fault that it has.

import { describe, expect, it } from "vitest";
import { faultsOfBlocks } from "../../../src/sandbox/slack/blocks/layout-rules.ts";

const plain = (text: string) => ({ type: "plain_text", text });
const mrkdwn = (text: string) => ({ type: "mrkdwn", text });
const long = (length: number) => "x".repeat(length);
const section = (more: object = {}) => ({ type: "section", text: mrkdwn("hi"), ...more });
const button = (more: object = {}) => ({
  type: "button",
  text: plain("Go"),
  action_id: "go",
  ...more,
});
const actions = (...elements: object[]) => ({ type: "actions", elements });
const option = (value: string, text = value) => ({ text: plain(text), value });
const menu = (more: object = {}) => ({ type: "static_select", action_id: "m", ...more });
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const buttons = (count: number) => times(count, (index) => button({ action_id: `b${index}` }));

const GOOD: [what: string, blocks: object[]][] = [
  ["50 blocks", times(50, () => ({ type: "divider" }))],
  ["a section of 3,000 characters", [section({ text: mrkdwn(long(3_000)) })]],
  ["3,000 emoji", [section({ text: mrkdwn("🚪".repeat(3_000)) })]],
  ["10 fields of 2,000", [{ type: "section", fields: times(10, () => mrkdwn(long(2_000))) }]],
  [
    "a button of 75 with a value of 2,000",
    [actions(button({ text: plain(long(75)), value: long(2_000) }))],
  ],
  ["25 buttons", [actions(...buttons(25))]],
  ["100 options", [actions(menu({ options: times(100, (index) => option(`${index}`)) }))]],
  ["a header of 150", [{ type: "header", text: plain(long(150)) }]],
  ["a context of 10", [{ type: "context", elements: times(10, () => mrkdwn("x")) }]],
  ["a confirmation", [actions(button({ confirm: { title: plain("T"), text: mrkdwn("Sure?") } }))]],
  [
    "an initial option that is offered",
    [actions(menu({ options: [option("a")], initial_option: option("a") }))],
  ],
  ["the same action id in two blocks", [actions(button()), actions(button())]],
  [
    "rich text",
    [
      {
        type: "rich_text",
        elements: [{ type: "rich_text_section", elements: [{ type: "text", text: "x" }] }],
      },
    ],
  ],
];

const BAD: [what: string, blocks: unknown, fault: string][] = [
  [
    "51 blocks",
    times(51, () => ({ type: "divider" })),
    "no more than 50 items allowed [json-pointer:/blocks]",
  ],
  ["a block that is text", ["x"], "must provide an object [json-pointer:/blocks/0]"],
  ["a block without type", [{}], "missing required field: type [json-pointer:/blocks/0]"],
  [
    "an unknown block",
    [{ type: "sparkle" }],
    "unsupported type: sparkle [json-pointer:/blocks/0/type]",
  ],
  ["a block named like a property", [{ type: "constructor" }], "unsupported type: constructor"],
  ["an unknown key", [section({ colour: "red" })], "invalid additional property: colour"],
  [
    "a section of 3,001",
    [section({ text: mrkdwn(long(3_001)) })],
    "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
  ],
  ["an empty section", [section({ text: mrkdwn("") })], "must be more than 0 characters"],
  ["a section without text", [{ type: "section" }], "must define either `text` or `fields`"],
  [
    "11 fields",
    [section({ fields: times(11, () => mrkdwn("x")) })],
    "no more than 10 items allowed",
  ],
  [
    "a field of 2,001",
    [section({ fields: [mrkdwn(long(2_001))] })],
    "must be less than 2001 characters",
  ],
  ["no fields", [section({ fields: [] })], "no fewer than 1 items allowed"],
  [
    "emoji asked for in mrkdwn",
    [section({ text: { ...mrkdwn("x"), emoji: true } })],
    "invalid additional property: emoji",
  ],
  [
    "a button of 76",
    [actions(button({ text: plain(long(76)) }))],
    "must be less than 76 characters",
  ],
  ["a button in mrkdwn", [actions(button({ text: mrkdwn("Go") }))], "unsupported type: mrkdwn"],
  [
    "a value of 2,001",
    [actions(button({ value: long(2_001) }))],
    "must be less than 2001 characters",
  ],
  ["a style of its own", [actions(button({ style: "warning" }))], "must be a valid enum value"],
  [
    "an action id of 256",
    [actions(button({ action_id: long(256) }))],
    "must be less than 256 characters",
  ],
  ["a block id of 256", [section({ block_id: long(256) })], "must be less than 256 characters"],
  [
    "a block id twice",
    [section({ block_id: "a" }), section({ block_id: "a" })],
    "block_id already exists [json-pointer:/blocks/1/block_id]",
  ],
  [
    "an action id twice in a block",
    [actions(button(), button())],
    "action_id already exists in this block",
  ],
  ["26 buttons", [actions(...buttons(26))], "no more than 25 items allowed"],
  ["no buttons", [actions()], "no fewer than 1 items allowed"],
  ["a menu without options", [actions(menu({ options: [] }))], "no fewer than 1 items allowed"],
  ["a menu with nothing", [actions(menu())], "must define either `options` or `option_groups`"],
  [
    "101 options",
    [actions(menu({ options: times(101, (index) => option(`${index}`)) }))],
    "no more than 100 items allowed",
  ],
  [
    "an option text of 76",
    [actions(menu({ options: [option("a", long(76))] }))],
    "must be less than 76 characters",
  ],
  [
    "an option value of 76",
    [actions(menu({ options: [option(long(76), "a")] }))],
    "must be less than 76 characters",
  ],
  [
    "an option description of 76",
    [actions(menu({ options: [{ ...option("a"), description: plain(long(76)) }] }))],
    "must be less than 76 characters",
  ],
  [
    "an initial option that is not offered",
    [actions(menu({ options: [option("a")], initial_option: option("b") }))],
    "initial option must be one of the options",
  ],
  [
    "a group without options",
    [actions(menu({ option_groups: [{ label: plain("g"), options: [] }] }))],
    "no fewer than 1 items allowed",
  ],
  [
    "6 entries in an overflow",
    [
      actions({
        type: "overflow",
        action_id: "o",
        options: times(6, (index) => option(`${index}`)),
      }),
    ],
    "no more than 5 items allowed",
  ],
  [
    "11 checkboxes",
    [
      actions({
        type: "checkboxes",
        action_id: "c",
        options: times(11, (index) => option(`${index}`)),
      }),
    ],
    "no more than 10 items allowed",
  ],
  [
    "a placeholder of 151",
    [actions(menu({ options: [option("a")], placeholder: plain(long(151)) }))],
    "must be less than 151 characters",
  ],
  [
    "a header of 151",
    [{ type: "header", text: plain(long(151)) }],
    "must be less than 151 characters",
  ],
  ["a header in mrkdwn", [{ type: "header", text: mrkdwn("x") }], "unsupported type: mrkdwn"],
  [
    "a context of 11",
    [{ type: "context", elements: times(11, () => mrkdwn("x")) }],
    "no more than 10 items allowed",
  ],
  [
    "a button in a context",
    [{ type: "context", elements: [button()] }],
    "unsupported type: button",
  ],
  [
    "a text input among actions",
    [actions({ type: "plain_text_input" })],
    "unsupported type: plain_text_input",
  ],
  [
    "a confirmation without text",
    [actions(button({ confirm: { title: plain("T") } }))],
    "missing required field: text",
  ],
  [
    "a confirm title of 101",
    [actions(button({ confirm: { title: plain(long(101)), text: plain("x") } }))],
    "must be less than 101 characters",
  ],
  [
    "an image without address",
    [{ type: "image", alt_text: "x" }],
    "must define either `image_url` or `slack_file`",
  ],
  ["a link to nowhere", [actions(button({ url: "//x" }))], "must be a valid url"],
  ["a bad date", [actions({ type: "datepicker", initial_date: "1.2.2026" })], "must be a date"],
];

describe("blocks of a message", () => {
  it.each(GOOD)("takes %s", (_what, blocks) => {
    expect(faultsOfBlocks(blocks)).toEqual([]);
  });

  it.each(BAD)("refuses %s", (_what, blocks, fault) => {
    expect(faultsOfBlocks(blocks).join("\n")).toContain(fault);
  });
});
