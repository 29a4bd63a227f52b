// The rules for what blocks are made of: text, options and confirmation dialogs.

import { asList, asObject, type Json, sameJson } from "../json.ts";
import {
  also,
  anything,
  byType,
  type Check,
  enumeration,
  fault,
  flag,
  listOf,
  object,
  type Report,
  string,
  webAddress,
} from "./block-checks.ts";

/** Texts, options and limits as documented at docs.slack.dev/reference/block-kit. */
const OPTION_MAX = 75;
const OPTIONS_MAX = 100;

export const id = string(255);

export function plainText(max: number): Check {
  return byType({
    plain_text: object({ type: anything, text: string(max, 1) }, { emoji: flag }),
  });
}

export function anyText(max: number): Check {
  return byType({
    plain_text: object({ type: anything, text: string(max, 1) }, { emoji: flag }),
    mrkdwn: object({ type: anything, text: string(max, 1) }, { verbatim: flag }),
  });
}

export const confirm = object(
  { title: plainText(100), text: anyText(300) },
  { confirm: plainText(30), deny: plainText(30), style: enumeration("primary", "danger") },
);

/** An option of a menu; only overflow menus may give a `url`. */
export const option = object(
  { text: plainText(OPTION_MAX), value: string(OPTION_MAX, 1) },
  { description: plainText(OPTION_MAX), url: webAddress },
);

/** An option of radio buttons and checkboxes, whose text may be mrkdwn. */
export const richOption = object(
  { text: anyText(OPTION_MAX), value: string(OPTION_MAX, 1) },
  { description: anyText(OPTION_MAX) },
);

// Slack refuses a menu without options, and with it the whole modal.
export const options = listOf(option, 1, OPTIONS_MAX);

export const optionGroups = listOf(
  object({ label: plainText(OPTION_MAX), options: listOf(option, 1, OPTIONS_MAX) }),
  1,
  OPTIONS_MAX,
);

/** A static menu has either options or groups of them, and its initial ones are among them. */
export function withOptions(check: Check): Check {
  return also(check, (menu, at, report) => {
    if ("options" in menu === "option_groups" in menu) {
      fault(report, at, "must define either `options` or `option_groups`");
    }
    initialAmong(menu, optionsOf(menu), at, report);
  });
}

export function initialAmong(menu: Json, offered: unknown[], at: string, report: Report): void {
  const initial = [menu.initial_option, asList(menu.initial_options) ?? []].flat();
  for (const one of initial) {
    if (one !== undefined && !offered.some((other) => sameOption(one, other))) {
      fault(report, at, "initial option must be one of the options");
    }
  }
}

/** The options of a menu, its groups' ones included. */
export function optionsOf(menu: Json): unknown[] {
  const grouped = (asList(menu.option_groups) ?? []).flatMap(
    (one) => asList(asObject(one)?.options) ?? [],
  );
  return [...(asList(menu.options) ?? []), ...grouped];
}

function sameOption(one: unknown, other: unknown): boolean {
  const left = asObject(one);
  const right = asObject(other);
  if (!left || !right) return false;
  const plain = (text: unknown) => asObject(text)?.text;
  return sameJson(
    [left.value, plain(left.text), plain(left.description)],
    [right.value, plain(right.text), plain(right.description)],
  );
}
