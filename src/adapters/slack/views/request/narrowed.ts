// What an approver cut down: what was asked beside what was granted of it. Pure.

import { ANY_SOURCE } from "../../../../domain/network/source.ts";
import type { Common } from "../../../../domain/request/request.ts";
import type { Ask } from "../../../../domain/rules/ask.ts";
import { formatDuration } from "../../../../domain/text/duration.ts";
import { type Part, type Words, words } from "../../../../domain/text/words.ts";

/**
 * `Asked for 4h from vpn, cut down by @lea to 1h from 203.0.113.7.` Only what differs is named; nothing
 * where nothing does.
 */
export function cutDownWords({ ask, narrowed }: Common, hideSource = false): Words {
  if (narrowed === undefined) return [];
  const isShorter = narrowed.durationMs < ask.durationMs;
  const isNarrower = narrowed.source !== ask.source;
  if (!isShorter && !isNarrower) return [];
  const isShown = !hideSource || ask.source === ANY_SOURCE;
  const asked = [
    ...(isShorter ? words` for ${formatDuration(ask.durationMs)}` : []),
    ...(isNarrower && isShown ? words` from ${shortSource(ask)}` : []),
  ];
  const source = hideSource ? "a narrower source" : shortSource(narrowed);
  const granted = [
    ...(isShorter ? words` ${formatDuration(narrowed.durationMs)}` : []),
    ...(isShorter && isNarrower ? words` from ${source}` : []),
    ...(!isShorter ? words` ${source}` : []),
  ];
  const by = words`cut down by ${{ user: narrowed.by }} to${granted}.`;
  return asked.length === 0 ? words`Source ${by}` : words`Asked${asked}, ${by}`;
}

const shortSource = ({ source, sourceName }: Pick<Ask, "source" | "sourceName">): Part =>
  source === ANY_SOURCE ? "any address" : { code: sourceName ?? source };
