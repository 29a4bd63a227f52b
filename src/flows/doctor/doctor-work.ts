// What the doctor makes of what is parked: how much, which, and how to bring it back.

import type { Finding } from "../../domain/doctor/finding.ts";
import { frozenWords } from "../../domain/rules/freeze.ts";
import { parseRequestId } from "../../domain/text/ids.ts";
import { plain } from "../../domain/text/words.ts";
import type { WorkFacts } from "../../ports/checkup.ts";

/** More are counted. */
const NAMED_MAX = 5;

export function workFindings(facts: WorkFacts | undefined): readonly Finding[] {
  if (facts === undefined) return [];
  return [...frozenFinding(facts), parkedFinding(facts)];
}

function frozenFinding({ frozen }: WorkFacts): readonly Finding[] {
  if (frozen === undefined) return [];
  const since = new Date(frozen.atMs).toISOString().slice(0, 19);
  const says = `access is ${plain(frozenWords(frozen))}, since ${since}Z: nothing opens except by break-glass until an admin runs /jit unfreeze.`;
  return [{ level: "warning", about: "Work", says }];
}

function parkedFinding({ count, some }: WorkFacts): Finding {
  const about = "Work";
  if (count === 0) return { level: "fine", about, says: "nothing is parked." };
  const named = some.slice(0, NAMED_MAX).map(({ member, why }) => {
    const name = parseRequestId(member) ?? `notices for ${/^n:(\S+)/.exec(member)?.[1] ?? member}`;
    return `${name} (${why.replace(/\.$/, "")})`;
  });
  const more = count - named.length;
  const which = `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  const [what, it] = count === 1 ? ["1 thing is", "it"] : [`${count} things are`, "them"];
  const says = `${what} parked after an error: ${which}. Nothing more happens until you check the bot's log and bring ${it} back: with Try again in App Home or /jit doctor, or with jit requeue <id> (or --all).`;
  return { level: "fault", about, says };
}
