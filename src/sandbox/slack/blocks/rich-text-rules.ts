// The rules for rich text blocks, as far as an app writes them.

import {
  anything,
  byType,
  type Check,
  enumeration,
  integer,
  listOf,
  object,
  string,
  webAddress,
} from "./block-checks.ts";

const ITEMS_MAX = 1_000;
const slackId = string(64, 1);
const style = object({}, { bold: anything, italic: anything, strike: anything, code: anything });

function inline(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  return object({ type: anything, ...required }, { style, ...optional });
}

const inlineElement = byType({
  text: inline({ text: string(12_000, 1) }),
  link: inline({ url: webAddress }, { text: string(3_000), unsafe: anything }),
  emoji: inline({ name: string(100, 1) }, { unicode: string(100) }),
  user: inline({ user_id: slackId }),
  usergroup: inline({ usergroup_id: slackId }),
  channel: inline({ channel_id: slackId }),
  broadcast: inline({ range: enumeration("here", "channel", "everyone") }),
  date: inline(
    { timestamp: integer(0, 9_999_999_999), format: string(200, 1) },
    { fallback: string(200), url: webAddress },
  ),
});

const inlines = listOf(inlineElement, 0, ITEMS_MAX);
const part = { border: anything };
const richSection = object({ type: anything, elements: inlines });

export const richText = listOf(
  byType({
    rich_text_section: richSection,
    rich_text_quote: object({ type: anything, elements: inlines }, part),
    rich_text_preformatted: object(
      { type: anything, elements: inlines },
      { ...part, language: string(40) },
    ),
    rich_text_list: object(
      {
        type: anything,
        style: enumeration("bullet", "ordered"),
        elements: listOf(byType({ rich_text_section: richSection }), 1, ITEMS_MAX),
      },
      { ...part, indent: integer(0, 8), offset: integer(0, ITEMS_MAX) },
    ),
  }),
  1,
  ITEMS_MAX,
);
