// Blocks and views that Slack refuses are refused here, each for the fault that it has.

import { describe, expect, it } from "vitest";
import { faultsOfBlocks, faultsOfView } from "../../../src/sandbox/slack/blocks/layout.ts";
import { bench, refusalDataOf } from "./support.ts";

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
const input = (element: object, more: object = {}) => ({
  type: "input",
  label: plain("L"),
  element,
  ...more,
});
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const buttons = (count: number) => times(count, (index) => button({ action_id: `b${index}` }));
const typed = (more: object = {}) => ({ type: "plain_text_input", action_id: "t", ...more });

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
  ["a text input among actions", [actions(typed())], "unsupported type: plain_text_input"],
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

  it("are refused over the wire with the place of the fault", async () => {
    const { client } = await bench();
    const blocks = [{ type: "header", text: plain(long(151)) }];
    const refusal = await refusalDataOf(
      client.chat.postMessage({ channel: "C0PROD", text: "hi", blocks } as never),
    );
    const fault = "must be less than 151 characters [json-pointer:/blocks/0/text/text]";
    expect(refusal).toMatchObject({
      error: "invalid_blocks",
      errors: [fault],
      response_metadata: { messages: [`[ERROR] ${fault}`] },
    });
  });

  it("get the ids and defaults that were left out", async () => {
    const { client, slack } = await bench();
    const blocks = [section(), actions({ type: "button", text: plain("Go") })];
    await client.chat.postMessage({ channel: "C0PROD", text: "hi", blocks } as never);
    const [first, second] = slack.messages("C0PROD")[0]?.blocks ?? [];
    expect(first).toMatchObject({ block_id: expect.any(String), text: { verbatim: false } });
    expect(second).toMatchObject({
      elements: [{ action_id: expect.any(String), text: { emoji: true } }],
    });
  });
});

const modal = (more: object = {}) => ({ type: "modal", title: plain("T"), blocks: [], ...more });

const BAD_VIEWS: [what: string, view: unknown, fault: string][] = [
  [
    "101 blocks",
    modal({ blocks: times(101, () => ({ type: "divider" })) }),
    "no more than 100 items allowed [json-pointer:/view/blocks]",
  ],
  ["no title", { type: "modal", blocks: [] }, "missing required field: title [json-pointer:/view]"],
  [
    "a title of 25",
    modal({ title: plain(long(25)) }),
    "must be less than 25 characters [json-pointer:/view/title/text]",
  ],
  ["a submit of 25", modal({ submit: plain(long(25)) }), "must be less than 25 characters"],
  ["a close of 25", modal({ close: plain(long(25)) }), "must be less than 25 characters"],
  [
    "private metadata of 3,001",
    modal({ private_metadata: long(3_001) }),
    "must be less than 3001 characters",
  ],
  ["a callback id of 256", modal({ callback_id: long(256) }), "must be less than 256 characters"],
  ["inputs without submit", modal({ blocks: [input(typed())] }), "missing required field: submit"],
  ["an unknown key", modal({ size: "large" }), "invalid additional property: size"],
  ["a home where a modal belongs", { type: "home", blocks: [] }, "unsupported type: home"],
  [
    "a menu without options",
    modal({ submit: plain("S"), blocks: [input(menu({ options: [] }))] }),
    "no fewer than 1 items allowed",
  ],
  [
    "an input's label of 2,001",
    modal({ submit: plain("S"), blocks: [input(typed(), { label: plain(long(2_001)) })] }),
    "must be less than 2001 characters",
  ],
  [
    "a button as input",
    modal({ submit: plain("S"), blocks: [input(button())] }),
    "unsupported type: button",
  ],
  [
    "an initial text of 3,001",
    modal({ submit: plain("S"), blocks: [input(typed({ initial_value: long(3_001) }))] }),
    "must be less than 3001 characters",
  ],
  [
    "more length than there may be",
    modal({ submit: plain("S"), blocks: [input(typed({ min_length: 9, max_length: 8 }))] }),
    "min_length must not be greater",
  ],
  [
    "two elements in focus",
    modal({
      submit: plain("S"),
      blocks: times(2, (index) => input(typed({ action_id: `t${index}`, focus_on_load: true }))),
    }),
    "only one element may have focus_on_load",
  ],
  ["markdown", modal({ blocks: [{ type: "markdown", text: "x" }] }), "unsupported type: markdown"],
];

describe("views", () => {
  it("take 100 blocks and every kind of input", () => {
    const inputs = [
      typed({ multiline: true, max_length: 1_000 }),
      menu({ options: [option("a")] }),
      { type: "external_select", action_id: "e", min_query_length: 0, initial_option: option("a") },
      { type: "number_input", action_id: "n", is_decimal_allowed: false, min_value: "1" },
      { type: "users_select", action_id: "u" },
      { type: "multi_users_select", action_id: "mu" },
      { type: "multi_static_select", action_id: "ms", options: [option("a")] },
      { type: "checkboxes", action_id: "c", options: [option("a")] },
      { type: "radio_buttons", action_id: "r", options: [option("a")] },
      { type: "datepicker", action_id: "d", initial_date: "2026-11-03" },
      { type: "timepicker", action_id: "ti", initial_time: "09:30" },
    ].map((element) => input(element));
    const blocks = [...inputs, ...times(100 - inputs.length, () => ({ type: "divider" }))];
    expect(faultsOfView(modal({ submit: plain("S"), blocks }), "modal")).toEqual([]);
  });

  it.each(BAD_VIEWS)("refuse %s", (_what, view, fault) => {
    expect(faultsOfView(view, "modal").join("\n")).toContain(fault);
  });

  it("of the home tab have no title", () => {
    expect(faultsOfView({ type: "home", blocks: [] }, "home")).toEqual([]);
    const titled = { type: "home", title: plain("T"), blocks: [] };
    expect(faultsOfView(titled, "home").join()).toContain("invalid additional property: title");
  });
});
