// What somebody requested before, in a line: on the home tab with a button, in the form as a choice. Pure.

import { ANY_SOURCE } from "../../../../domain/network/source.ts";
import type { Ask } from "../../../../domain/rules/ask.ts";
import { formatDuration } from "../../../../domain/text/duration.ts";
import { plainText as cut } from "../../../../domain/text/plain-text.ts";
import { formatPorts } from "../../../../domain/text/ports-list.ts";
import { listed, type Words, words } from "../../../../domain/text/words.ts";
import type { RecentAsk } from "../../../../ports/screens/screens.ts";
import { type Block, type Button, plainTextElement, withButton } from "../blocks.ts";
import { SAME_AGAIN_ACTION } from "../list-action.ts";
import { inLine, portsInText } from "../phrases.ts";
import { button } from "../request/buttons.ts";

const VMS_SHOWN_MAX = 4;
const REASON_CHARACTERS_MAX = 60;
const NAME_CHARACTERS_MAX = 80;

/** A section with its button. */
export function recentBlocks({ request, asks }: RecentAsk): Block[] {
  const [{ reason, durationMs, opensAtMs }] = asks;
  const ports = shared(asks, ({ ports }) => portsInText(ports));
  const duration =
    shared(asks, (one) => formatDuration(one.durationMs)) ?? formatDuration(durationMs);
  const line = words`${ports === undefined ? "" : `${ports} on `}${vmsWords(asks)} for ${duration} from ${fromWords(asks)}`;
  const why =
    reason.trim() === "" ? line : words`${line}: ${inLine(reason, REASON_CHARACTERS_MAX)}`;
  // Only the person knows the time that is meant now: the form asks for it.
  const press = opensAtMs === undefined ? sameAgain(request.id) : button(request, "again");
  return withButton([why], press);
}

const sameAgain = (id: string): Button => ({
  type: "button",
  action_id: SAME_AGAIN_ACTION,
  text: plainTextElement("Request again"),
  value: id,
  accessibility_label: `Request again what ${id} was for`,
});

function vmsWords(asks: readonly Ask[]): Words {
  const names = asks
    .slice(0, VMS_SHOWN_MAX)
    .map(({ vm }) => ({ code: inLine(vm.name, NAME_CHARACTERS_MAX) }));
  const more = asks.length - names.length;
  return listed(more > 0 ? [...names, `${more} more`] : names);
}

function fromWords(asks: RecentAsk["asks"]): Words {
  const [{ source, sourceName }] = asks;
  if (shared(asks, sourceOf) === undefined) return words`different sources`;
  return source === ANY_SOURCE
    ? words`any address`
    : words`${{ code: inLine(sourceName ?? source, NAME_CHARACTERS_MAX) }}`;
}

const sourceOf = ({ source, sourceName }: Ask): string => sourceName ?? source;

/** What they have in common; `undefined`: they differ. */
function shared(asks: readonly Ask[], of: (ask: Ask) => string): string | undefined {
  const all = new Set(asks.map(of));
  const [only] = all;
  return all.size === 1 ? only : undefined;
}

/** Slack takes no longer text in an option, nor under it. */
const OPTION_CHARACTERS_MAX = 75;

/** A choice of the form. */
export function recentOption({ request, asks }: RecentAsk) {
  const [{ durationMs, source, sourceName, reason }] = asks;
  const [first = "", ...others] = asks.map(({ vm }) => vm.name);
  const also = others.length === 0 ? "" : ` and ${others.length} more`;
  const ports = shared(asks, (one) => formatPorts(one.ports));
  const what = [ports, formatDuration(durationMs)].filter((one) => one !== undefined).join(" · ");
  const name = cut(first, OPTION_CHARACTERS_MAX - also.length - MARKS - Math.min(what.length, 30));
  const one = source === ANY_SOURCE ? "any address" : (sourceName ?? source);
  const from = shared(asks, sourceOf) === undefined ? "different sources" : one;
  const why = reason.trim() === "" ? "" : ` · ${reason}`;
  return {
    text: plain(cut(`${name}${also} · ${what}`, OPTION_CHARACTERS_MAX)),
    description: plain(cut(`from ${from}${why}`, OPTION_CHARACTERS_MAX)),
    value: request.id,
  };
}

/** Between the name and the rest. */
const MARKS = 3;

const plain = (text: string) => ({ type: "plain_text" as const, text });
