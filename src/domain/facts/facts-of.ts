// Which facts matter for one decision: from the audit, the open requests, the VM and the clock. Pure.
//
// What could not be read is left out, and says nothing: no fact rests on a missing answer. A new kind is one more
// finder in the table below, in its place among the others.

import type { Ask } from "../rules/ask.ts";
import { FACTS_SHOWN_MAX, type Fact, type Inside } from "../rules/fact.ts";
import { DAY_MS, HOUR_MS } from "../text/duration.ts";
import type { RequestId } from "../text/ids.ts";
import type { Vm } from "../vm/vm.ts";
import { wallClock } from "./local-time.ts";
import type { PastRequest } from "./past-requests.ts";

/** Further back nobody compares; the audit may be kept for less. */
const LOOK_BACK_DAYS = 90;

/** A rule of before is still what people remember, for so long. */
const RULES_NEW_FOR_MS = HOUR_MS;

/** Fewer earlier requests are no habit from which another one could differ. */
const HABIT_LEAST = 3;

const NIGHT_BEGINS_MINUTES = 22 * 60;
const NIGHT_ENDS_MINUTES = 6 * 60;

/** Some of many, so that the document stays small. */
const LISTED_MAX = 5;
const ENTRIES_MAX = 20;

export type Surroundings = {
  readonly ask: Pick<Ask, "vm" | "ports" | "durationMs" | "source" | "extends">;
  readonly nowMs: number;
  /** IANA's name of the requester's time zone. */
  readonly zone: string | undefined;
  /** The earlier requests for this VM, and how far back they were looked for; `undefined`: they can't be known. */
  readonly past: { readonly requests: readonly PastRequest[]; readonly days: number } | undefined;
  /** The requester's other live requests. */
  readonly own: readonly RequestId[] | undefined;
  /** Requested together with it, or extended together: none of them is another one. */
  readonly together?: readonly RequestId[] | undefined;
  /** Live requests of others for this VM. */
  readonly inside: readonly Inside[] | undefined;
  /** The VM as last read. */
  readonly vm: Pick<Vm, "network"> | undefined;
  /** When the policy file was last changed, and the entry that says so. */
  readonly rulesChanged: { readonly atMs: number; readonly seq: number } | undefined;
};

type Finder = (around: Surroundings) => Fact | undefined;

/** What is out of the ordinary, the most important first. */
const UNUSUAL: readonly Finder[] = [
  exposed,
  off,
  first,
  denied,
  elsewhere,
  longer,
  inside,
  rulesChanged,
  night,
  alsoOpen,
];

/** The most important first: those that are shown, and then the others. Empty: nothing is worth saying. */
export function factsOf(around: Surroundings): readonly Fact[] {
  const found = UNUSUAL.flatMap((find) => find(around) ?? []);
  if (found.length > 0) return found;
  return [usual(around)].flatMap((fact) => fact ?? []);
}

export const shownFacts = (facts: readonly Fact[]): readonly Fact[] =>
  facts.slice(0, FACTS_SHOWN_MAX);

function exposed({ ask, vm }: Surroundings): Fact | undefined {
  const open = new Set(vm?.network?.exposures.flatMap(({ ports }) => ports));
  const ports = ask.ports.filter((port) => open.has(port));
  return ports.length === 0 ? undefined : { kind: "exposed", ports };
}

function off({ ask }: Surroundings): Fact | undefined {
  return ask.vm.off === undefined ? undefined : { kind: "off", off: ask.vm.off };
}

function first({ past }: Surroundings): Fact | undefined {
  return past?.requests.length === 0 ? { kind: "first", days: past.days } : undefined;
}

function denied({ past }: Surroundings): Fact | undefined {
  const refused = past?.requests.filter(({ wasDenied }) => wasDenied) ?? [];
  if (past === undefined || refused.length === 0) return undefined;
  const { days, requests } = past;
  const entries = entriesOf(refused);
  return { kind: "denied", denied: refused.length, earlier: requests.length, days, entries };
}

function elsewhere({ ask, past }: Surroundings): Fact | undefined {
  const known = past?.requests.filter(({ source }) => source !== undefined) ?? [];
  const before = [...new Set(known.flatMap(({ source }) => source ?? []))];
  if (known.length < HABIT_LEAST || before.includes(ask.source)) return undefined;
  // The latest are what an approver would compare it with.
  return { kind: "elsewhere", before: before.slice(-LISTED_MAX), entries: entriesOf(known) };
}

function longer({ ask, past }: Surroundings): Fact | undefined {
  const known = past?.requests.filter(({ durationMs }) => durationMs !== undefined) ?? [];
  const longestMs = Math.max(...known.map(({ durationMs = 0 }) => durationMs));
  if (known.length < HABIT_LEAST || ask.durationMs <= longestMs) return undefined;
  return { kind: "longer", longestMs, entries: entriesOf(known) };
}

function inside({ inside: others }: Surroundings): Fact | undefined {
  if (others === undefined || others.length === 0) return undefined;
  const last = others.toSorted((one, other) => other.untilMs - one.untilMs);
  return { kind: "inside", count: others.length, some: last.slice(0, LISTED_MAX) };
}

function rulesChanged({ rulesChanged: changed, nowMs }: Surroundings): Fact | undefined {
  if (changed === undefined || nowMs - changed.atMs >= RULES_NEW_FOR_MS) return undefined;
  return { kind: "rules-changed", atMs: changed.atMs, entries: [changed.seq] };
}

function night({ zone, nowMs }: Surroundings): Fact | undefined {
  const clock = zone === undefined ? undefined : wallClock(zone);
  if (zone === undefined || clock === undefined) return undefined;
  const { minutes } = clock(nowMs);
  const isNight = minutes >= NIGHT_BEGINS_MINUTES || minutes < NIGHT_ENDS_MINUTES;
  return isNight ? { kind: "night", minutes, zone } : undefined;
}

function alsoOpen({ ask, own, together = [] }: Surroundings): Fact | undefined {
  const others = own?.filter((id) => id !== ask.extends && !together.includes(id)) ?? [];
  if (others.length === 0) return undefined;
  return { kind: "also-open", count: others.length, some: others.slice(0, LISTED_MAX) };
}

/** A month is the requester's own. */
function usual({ past, zone, nowMs }: Surroundings): Fact | undefined {
  if (past === undefined) return undefined;
  const clock = wallClock(zone ?? "UTC") ?? wallClock("UTC");
  const month = clock?.(nowMs).month;
  const inMonth = past.requests.filter(({ askedAtMs }) => clock?.(askedAtMs).month === month);
  return inMonth.length > 0
    ? { kind: "usual", nth: inMonth.length + 1, span: "month", entries: entriesOf(inMonth) }
    : {
        kind: "usual",
        nth: past.requests.length + 1,
        span: { days: past.days },
        entries: entriesOf(past.requests),
      };
}

/** The latest of them: enough to look them up. */
const entriesOf = (requests: readonly PastRequest[]): readonly number[] =>
  requests
    .flatMap(({ entries }) => entries)
    .toSorted((one, other) => one - other)
    .slice(-ENTRIES_MAX);

/** How far back entries have to be found. */
export const KEPT_FINDABLE_MS = (LOOK_BACK_DAYS + 1) * DAY_MS;

/** How far back is looked: no further than the audit is kept. */
export const lookBackDays = (keepForMs: number): number =>
  Math.min(LOOK_BACK_DAYS, Math.floor(keepForMs / DAY_MS));
