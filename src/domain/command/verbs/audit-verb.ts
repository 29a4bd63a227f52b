// `/jit audit`: what was asked, decided and opened; of a VM, of a person, in a stretch of time.

import { USUAL_PERIOD_MS } from "../../audit/usual-period.ts";
import { formatDuration } from "../../text/duration.ts";
import type { UserId } from "../../text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../text/refusal.ts";
import { typed } from "../../text/typed.ts";
import { labelledVm } from "../answer-fields.ts";
import { asWord, joined } from "../format-words.ts";
import { formatPeriod, type Period, periodAt } from "../parts/period.ts";
import { personAt } from "../parts/person-at.ts";
import { stray, type Verb } from "../verb.ts";
import type { VmRef } from "../vm-ref.ts";
import { type Word, wordAt } from "../word-reader.ts";

/** What is given narrows; a command with nothing means everything that the person may see. */
export type AuditCommand = {
  readonly verb: "audit";
  readonly vm: VmRef | undefined;
  readonly user: UserId | undefined;
  readonly period: Period | undefined;
};

const USAGE = "/jit audit [vm:<vm>|@user] [<period>]";

export const audit: Verb<AuditCommand> = {
  verb: "audit",
  readsPeople: true,
  usage: USAGE,
  says: `Shows requests, decisions and openings from the last ${formatDuration(USUAL_PERIOD_MS)} unless you name a period.`,
  example: "/jit audit vm:vm-01 7d",
  read: readAudit,
  format: ({ verb, vm, user, period }) =>
    joined(
      verb,
      vm && asWord(`vm:${vm.typed}`),
      user && `@${user}`,
      period && formatPeriod(period),
    ),
};

function readAudit(text: string, at: number): AuditCommand | Refusal {
  let found: AuditCommand = { verb: "audit", vm: undefined, user: undefined, period: undefined };
  let end = at;
  for (let word = wordAt(text, at); word !== undefined; word = wordAt(text, end)) {
    const step = readStep(text, word);
    if (isRefusal(step)) return step;
    if (Object.keys(step.change).some((key) => found[key as keyof AuditCommand] !== undefined)) {
      return refuse(
        "ambiguous",
      )`I can't use ${typed(word.text)} as well: name at most one VM, one person and one period.`;
    }
    found = { ...found, ...step.change };
    end = step.end;
  }
  return found;
}

type Step = {
  readonly change: Partial<Omit<AuditCommand, "verb">>;
  readonly end: number;
};

function readStep(text: string, word: Word): Step | Refusal {
  const vm = labelledVm(word);
  if (isRefusal(vm)) return vm;
  if (vm !== undefined) return { change: { vm }, end: word.end };
  if (word.text.startsWith("@")) {
    const user = personAt(word);
    return isRefusal(user) ? user : { change: { user }, end: word.end };
  }
  const found = periodAt(text, word);
  if (isRefusal(found)) return found;
  if (found !== undefined) return { change: { period: found.period }, end: found.end };
  return stray(word, USAGE);
}
