// The rules for interactive elements, and which of them may stand where.

import {
  also,
  anything,
  type Check,
  enumeration,
  type Fields,
  fault,
  flag,
  integer,
  listOf,
  matching,
  object,
  string,
  webAddress,
} from "./block-checks.ts";
import {
  anyText,
  confirm,
  id,
  initialAmong,
  option,
  optionGroups,
  options,
  optionsOf,
  plainText,
  richOption,
  withOptions,
} from "./object-rules.ts";

const INPUT_TEXT_MAX = 3_000;
const BIG = Number.MAX_SAFE_INTEGER;

const placeholder = plainText(150);
const slackId = string(64, 1);
const base: Fields = { action_id: id };
const focus: Fields = { focus_on_load: flag };
const menu: Fields = { ...base, ...focus, confirm, placeholder };
const typed: Fields = {
  ...base,
  ...focus,
  placeholder,
  dispatch_action_config: object(
    {},
    {
      trigger_actions_on: listOf(enumeration("on_enter_pressed", "on_character_entered"), 1, 2),
    },
  ),
};
const many: Fields = { max_selected_items: integer(1, BIG) };
const conversationFilter = object(
  {},
  {
    include: listOf(enumeration("im", "mpim", "private", "public"), 1, 4),
    exclude_external_shared_channels: flag,
    exclude_bot_users: flag,
  },
);

function element(required: Fields, optional: Fields): Check {
  return also(object({ type: anything, ...required }, optional), (found, _at, report) => {
    if (found.focus_on_load === true) report.focused += 1;
  });
}

/** A choice among up to ten options that are all in view. */
function choice(optional: Fields): Check {
  const check = element({ options: listOf(richOption, 1, 10) }, { ...base, ...focus, ...optional });
  return also(check, (found, at, report) => initialAmong(found, optionsOf(found), at, report));
}

const button = element(
  { text: plainText(75) },
  {
    ...base,
    confirm,
    value: string(2_000),
    url: webAddress,
    style: enumeration("primary", "danger"),
    accessibility_label: string(75, 1),
  },
);

const image: Check = also(
  object(
    { type: anything, alt_text: string(2_000) },
    { image_url: webAddress, slack_file: anything },
  ),
  (found, at, report) => {
    if ("image_url" in found === "slack_file" in found) {
      fault(report, at, "must define either `image_url` or `slack_file`");
    }
  },
);

const staticMenu = { options, option_groups: optionGroups };
const external = { min_query_length: integer(0, BIG) };
const conversations = { default_to_current_conversation: flag, filter: conversationFilter };

const overflow = element({ options: listOf(option, 1, 5) }, { ...base, confirm });
const datepicker = element(
  {},
  { ...menu, initial_date: matching(/^\d{4}-\d\d-\d\d$/, "must be a date like 2026-01-31") },
);
const timepicker = element(
  {},
  {
    ...menu,
    initial_time: matching(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time like 23:59"),
    timezone: string(64, 1),
  },
);
const datetimepicker = element(
  {},
  {
    ...base,
    ...focus,
    confirm,
    initial_date_time: integer(1_000_000_000, 9_999_999_999),
  },
);

const plainTextInput = also(
  element(
    {},
    {
      ...typed,
      initial_value: string(INPUT_TEXT_MAX),
      multiline: flag,
      min_length: integer(0, INPUT_TEXT_MAX),
      max_length: integer(1, INPUT_TEXT_MAX),
    },
  ),
  (found, at, report) => {
    if (Number(found.min_length ?? 0) > Number(found.max_length ?? INPUT_TEXT_MAX)) {
      fault(report, at, "min_length must not be greater than max_length");
    }
  },
);
const numberText = matching(/^-?\d+(\.\d+)?$/, "must be a number in a string");
const numberInput = element(
  { is_decimal_allowed: flag },
  { ...typed, initial_value: numberText, min_value: numberText, max_value: numberText },
);

const { focus_on_load: _, ...unfocused } = menu;

const menus: Record<string, Check> = {
  static_select: withOptions(element({}, { ...menu, ...staticMenu, initial_option: option })),
  multi_static_select: withOptions(
    element({}, { ...menu, ...many, ...staticMenu, initial_options: listOf(option, 1, 100) }),
  ),
  external_select: element({}, { ...menu, ...external, initial_option: option }),
  // Documented as one that can have the focus, and refused: https://github.com/soxtoby/SlackNet/issues/177
  multi_external_select: element(
    {},
    { ...unfocused, ...many, ...external, initial_options: listOf(option, 1, 100) },
  ),
  users_select: element({}, { ...menu, initial_user: slackId }),
  multi_users_select: element({}, { ...menu, ...many, initial_users: listOf(slackId, 1, 100) }),
  conversations_select: element(
    {},
    { ...menu, ...conversations, initial_conversation: slackId, response_url_enabled: flag },
  ),
  multi_conversations_select: element(
    {},
    { ...menu, ...many, ...conversations, initial_conversations: listOf(slackId, 1, 100) },
  ),
  channels_select: element({}, { ...menu, initial_channel: slackId, response_url_enabled: flag }),
  multi_channels_select: element(
    {},
    { ...menu, ...many, initial_channels: listOf(slackId, 1, 100) },
  ),
};

const choices: Record<string, Check> = {
  checkboxes: choice({ confirm, initial_options: listOf(richOption, 1, 10) }),
  radio_buttons: choice({ confirm, initial_option: richOption }),
};

const pickers: Record<string, Check> = { datepicker, timepicker };

export const SECTION_ACCESSORIES: Record<string, Check> = {
  button,
  image,
  overflow,
  ...menus,
  ...choices,
  ...pickers,
};

export const ACTION_ELEMENTS: Record<string, Check> = {
  button,
  overflow,
  ...menus,
  ...choices,
  ...pickers,
  datetimepicker,
};

export const INPUT_ELEMENTS: Record<string, Check> = {
  ...menus,
  ...choices,
  ...pickers,
  datetimepicker,
  plain_text_input: plainTextInput,
  number_input: numberInput,
  email_text_input: element({}, { ...typed, initial_value: string(INPUT_TEXT_MAX) }),
  url_text_input: element({}, { ...typed, initial_value: string(INPUT_TEXT_MAX) }),
  rich_text_input: element({}, { ...typed, initial_value: anything }),
};

export const CONTEXT_ELEMENTS: Record<string, Check> = {
  image,
  plain_text: anyText(2_000),
  mrkdwn: anyText(2_000),
};
