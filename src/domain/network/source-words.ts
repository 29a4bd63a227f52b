// The sources that a JIT policy allows, as people read them.

import { listed, type Part, type Words, words } from "../text/words.ts";
import { ANY_SOURCE } from "./source.ts";

/** More are counted. */
const SOURCES_MAX = 3;

/** `203.0.113.0/24 or 198.51.100.0/24`; any address where all are allowed. */
export function sourcesWords(sources: readonly string[]): Words {
  if (sources.includes(ANY_SOURCE)) return words`any address`;
  const shown = sources.slice(0, SOURCES_MAX).map((source): Part => ({ code: source }));
  const more = sources.length - shown.length;
  return more > 0 ? words`${listed(shown, "or")} or ${more} more` : listed(shown, "or");
}
