// Rotas in words: whose they are, who is on call by them, and why that can't be told. Pure.

import { listed, type Words, words } from "../text/words.ts";
import type { OnCallPerson, OnDuty, RotaFault, RotaSource } from "./rota.ts";

/** As a sentence begins; where a calendar is stays unsaid, for its address is mostly a secret. */
export function sourceName(source: RotaSource): string {
  switch (source.kind) {
    case "pagerduty":
      return "PagerDuty";
    case "incident.io":
      return "incident.io";
    case "calendar":
      return "The calendar";
  }
}

/** What the source did, without a full stop. */
function rotaFaultWords({ who, code, kind }: RotaFault): Words {
  switch (kind) {
    case "away":
      return words`${who} doesn't answer (${{ code }})`;
    case "slow":
      return words`${who} didn't answer in time`;
    case "throttled":
      return words`${who} asks the bot to wait`;
    case "refused":
      return words`${who} refuses (${{ code }})`;
    case "nonsense":
      return words`${who} answered something I can't read`;
    case "not-set":
      return words`${who} isn't set up (${{ code }})`;
  }
}

/** `@erin until 6:00 PM`. */
const untilWords = ({ user, untilMs }: OnCallPerson): Words =>
  untilMs === undefined ? words`${{ user }}` : words`${{ user }} until ${{ atMs: untilMs }}`;

/** How many are named; more is a crowd. */
const NAMED_MAX = 10;

/** `On call for payments: @erin until 6:00 PM.` */
export function onDutyWords({ rota, people, strangers, trouble }: OnDuty): Words {
  const name = { code: rota };
  if (trouble !== undefined && people.length === 0) {
    return words`Nobody counts as on call for ${name}: ${rotaFaultWords(trouble)}.`;
  }
  if (people.length === 0) {
    return strangers === 0
      ? words`Nobody is on call for ${name} now.`
      : words`Nobody counts as on call for ${name}: the person on call isn't a full member of this workspace.`;
  }
  const named = people.slice(0, NAMED_MAX).map(untilWords);
  const more = people.length - named.length;
  return words`On call for ${name}: ${listed(more > 0 ? [...named, `${more} more`] : named)}.`;
}

/** After a no that it may be the reason for. */
export const rotaFaultLines = (all: readonly OnDuty[]): readonly Words[] =>
  all.flatMap(({ rota, trouble }) =>
    trouble === undefined
      ? []
      : [words`${rotaFaultWords(trouble)}, so nobody counts as on call for ${{ code: rota }}.`],
  );
