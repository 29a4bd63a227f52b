// Rich text blocks: Slack's own structure for formatted text.

import type { ComponentChildren } from "preact";
import { asList, asObject, asText, type Json, objectsIn, textAt } from "../../../slack/json.ts";
import { renderDate } from "../../../slack/text/dates.ts";
import { channelOf, groupOf, nameOf, type Seen, useSeen } from "../seen.ts";
import { withEmoji } from "./emoji.ts";
import { Link } from "./mrkdwn.tsx";

export function RichText({ block }: { block: Json }) {
  return (
    <div class="rich">
      {objectsIn(block.elements).map((one, index) => (
        <RichPart key={index} part={one} />
      ))}
    </div>
  );
}

function RichPart({ part }: { part: Json }) {
  const seen = useSeen();
  const inside = (asList(part.elements) ?? []).map((one) => leaf(seen, asObject(one) ?? {}));
  switch (part.type) {
    case "rich_text_list": {
      const items = objectsIn(part.elements).map((one, index) => (
        <li key={index}>
          <RichPart part={one} />
        </li>
      ));
      return part.style === "ordered" ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case "rich_text_quote":
      return <blockquote>{inside}</blockquote>;
    case "rich_text_preformatted":
      return <pre>{inside}</pre>;
    default:
      return <span class="lines">{inside}</span>;
  }
}

function leaf(seen: Seen, part: Json): ComponentChildren {
  switch (part.type) {
    case "user":
      return <span class="mention">@{nameOf(seen, String(part.user_id))}</span>;
    case "usergroup": {
      const id = String(part.usergroup_id);
      return <span class="mention">@{groupOf(seen, id)?.handle ?? id}</span>;
    }
    case "channel": {
      const id = String(part.channel_id);
      return <span class="mention">#{channelOf(seen, id)?.name ?? id}</span>;
    }
    case "broadcast":
      return <span class="mention mention-me">@{String(part.range)}</span>;
    case "date": {
      const reader = { tz: seen.me.tz, nowMs: seen.nowMs };
      const date = renderDate(Number(part.timestamp), String(part.format), reader);
      return <time>{date ?? asText(part.fallback)}</time>;
    }
    case "emoji":
      return withEmoji(`:${String(part.name)}:`);
    case "link":
      return <Link url={String(part.url)} label={asText(part.text) ?? String(part.url)} />;
    default:
      return styled(asText(part.text) ?? "", part);
  }
}

function styled(text: string, part: Json): ComponentChildren {
  const { bold, italic, strike, code } = asObject(part.style) ?? {};
  let node: ComponentChildren = text;
  if (code === true) node = <code>{node}</code>;
  if (strike === true) node = <s>{node}</s>;
  if (italic === true) node = <em>{node}</em>;
  if (bold === true) node = <strong>{node}</strong>;
  return textAt(part, "text") === undefined ? "" : node;
}
