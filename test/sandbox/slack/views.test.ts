// Views that Slack refuses are refused here, each for the fault that it has.

import { describe, expect, it } from "vitest";
import { faultsOfView } from "../../../src/sandbox/slack/blocks/layout-rules.ts";

const plain = (text: string) => ({ type: "plain_text", text });
const long = (length: number) => "x".repeat(length);
const button = (more: object = {}) => ({
  type: "button",
  text: plain("Go"),
  action_id: "go",
  ...more,
});
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
const typed = (more: object = {}) => ({ type: "plain_text_input", action_id: "t", ...more });

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
  [
    "focus on a menu that Slack doesn't let have it",
    modal({
      submit: plain("S"),
      blocks: [input({ type: "multi_external_select", action_id: "m", focus_on_load: true })],
    }),
    "invalid additional property: focus_on_load",
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
