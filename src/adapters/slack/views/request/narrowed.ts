// What an approver changed before approving: what was requested beside what was approved. Pure.

import { ANY_SOURCE } from "../../../../domain/network/source.ts";
import type { Common } from "../../../../domain/request/request.ts";
import type { Ask } from "../../../../domain/rules/ask.ts";
import { formatDuration } from "../../../../domain/text/duration.ts";
import { listed, type Part, type Words, words } from "../../../../domain/text/words.ts";

/**
 * `@lea shortened it from 4h to 1h and narrowed the source from vpn to 203.0.113.7.` Names only what
 * differs, and nothing where nothing does.
 */
export function narrowedWords({ ask, narrowed }: Changed, hideSource = false): Words {
  if (narrowed === undefined) return [];
  const changes = [
    ...(narrowed.durationMs < ask.durationMs
      ? [
          words`shortened it from ${formatDuration(ask.durationMs)} to ${formatDuration(narrowed.durationMs)}`,
        ]
      : []),
    ...(narrowed.source !== ask.source
      ? [words`narrowed the source${whatSources(ask, narrowed, hideSource)}`]
      : []),
  ];
  return changes.length === 0 ? [] : words`${{ user: narrowed.by }} ${listed(changes)}.`;
}

type Changed = Pick<Common, "narrowed"> & {
  readonly ask: Pick<Ask, "durationMs" | "source" | "sourceName">;
};

type Source = Pick<Ask, "source" | "sourceName">;

function whatSources(asked: Source, approved: Source, isHidden: boolean): Words {
  if (!isHidden) return words` from ${shortSource(asked)} to ${shortSource(approved)}`;
  return asked.source === ANY_SOURCE ? words` from ${shortSource(asked)}` : [];
}

const shortSource = ({ source, sourceName }: Source): Part =>
  source === ANY_SOURCE ? "any address" : { code: sourceName ?? source };
