// Who can do what somebody can't: named in the refusal, and those whom a button asks. Pure.

import type { OnCallPerson, OnDuty } from "../on-call/rota.ts";
import { onDutyWords } from "../on-call/source-words.ts";
import type { UserId } from "../text/ids.ts";
import { type Others, type Refusal, saying } from "../text/refusal.ts";
import { listed, type Words, words } from "../text/words.ts";
import { groundWords } from "./auto-approval.ts";
import type { People } from "./policy.ts";

type Able = {
  /** Whom a button can ask; a rota by which nobody is on call is left out. */
  readonly others: Others;
  /** Of its rotas. */
  readonly duties: readonly OnDuty[];
};

/** The people whom a rule names, and those on call by its rotas, but for the one who asks. */
export function othersWho(
  { users, groups, onCall = [] }: People,
  { requester, onDuty = [] }: { requester: UserId; onDuty?: readonly OnDuty[] | undefined },
): Able {
  const duties = onDuty
    .filter(({ rota }) => onCall.includes(rota))
    .map((duty) => ({ ...duty, people: duty.people.filter(({ user }) => user !== requester) }));
  const manned = duties.filter(({ people }) => people.length > 0).map(({ rota }) => rota);
  return {
    others: {
      users: users.filter((user) => user !== requester),
      groups,
      ...(manned.length > 0 && { onCall: manned }),
    },
    duties,
  };
}

/** The refusal with who can instead; where it depends on a rota by which nobody is on call, it says that. */
export function namingOthers(no: Refusal, able: Able): Refusal {
  const { others, duties } = able;
  const can = ableWords(able);
  const unmanned = duties.filter(({ people }) => people.length === 0).map(onDutyWords);
  const more = [
    ...(can.length === 0 ? [] : [words`Who can use break-glass: ${can}.`]),
    ...unmanned,
  ];
  return {
    ...(more.length === 0 ? no : saying(no, more)),
    ...(can.length > 0 && { others }),
  };
}

const NAMED_MAX = 5;

/** Those on call come first: they are awake. */
function ableWords({ others: { users, groups }, duties }: Able): Words {
  const due = new Map<UserId, Words>();
  for (const { rota, people } of duties) {
    for (const one of people) if (!due.has(one.user)) due.set(one.user, dutyOf(rota, one));
  }
  const all = [
    ...due.values(),
    ...groups.map((group) => words`${{ group }}`),
    ...users.filter((user) => !due.has(user)).map((user) => words`${{ user }}`),
  ];
  const more = all.length - NAMED_MAX;
  return listed(more > 0 ? [...all.slice(0, NAMED_MAX), `${more} more`] : all);
}

const dutyOf = (rota: OnDuty["rota"], { user, untilMs }: OnCallPerson): Words =>
  words`${{ user }} (${groundWords({ rota, untilMs })})`;
