// Who is on call, as the sources of the policy file say it now, and who they are in Slack.
//
// A source that doesn't answer has nobody on call: named people remain, and nothing opens by what it said before.

import type { OnCallPerson, OnDuty, RotaFault } from "../../domain/on-call/rota.ts";
import { type Due, onCallAt } from "../../domain/on-call/shifts.ts";
import { sourceName } from "../../domain/on-call/source-words.ts";
import type { Policy } from "../../domain/rules/policy.ts";
import { DAY_MS, SECOND_MS } from "../../domain/text/duration.ts";
import type { RotaName, UserId } from "../../domain/text/ids.ts";
import { cachedReads } from "../../ports/cached-reads.ts";
import type { Chat, Person } from "../../ports/chat.ts";
import type { Clock } from "../../ports/clock.ts";
import { type Fault, isFault } from "../../ports/fault.ts";
import type { Log } from "../../ports/log.ts";
import type { OnCall, RotaReading, Rotas } from "../../ports/rotas.ts";
import type { StoreClock } from "../../ports/storage/store-server.ts";

export type OnCallNeeds = {
  readonly rotas: Rotas;
  readonly chat: Pick<Chat, "person" | "personByAddress">;
  readonly policy: () => Policy;
  /** Shifts are of the time that all replicas share. */
  readonly storeClock: Pick<StoreClock, "nowMs">;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly log: Log;
};

/** Nothing is decided by an older answer. Well under a minute, so that what it leads to is done within one. */
const ON_CALL_AGE_MS = 45 * SECOND_MS;

/** Until when somebody is on call is told so far ahead. */
const AHEAD_MS = DAY_MS;

/** A source that is away isn't asked by everybody who waits; it may be back any moment. */
const FAILED_AGE_MS = 2 * SECOND_MS;

/** Whose an address is, and that they are a full member, hardly changes; who acts is looked at again. */
const PERSON_AGE_MS = 60 * SECOND_MS;

/** More people than ever share one shift: each is a question to Slack. */
const PEOPLE_MAX = 50;

type Read = { readonly atMs: number } & (
  | { readonly reading: RotaReading }
  | { readonly fault: Fault }
);

export function onCallPeople(needs: OnCallNeeds): OnCall {
  const { clock, storeClock } = needs;
  /** By how the source is written: two rotas that name the same one share its answer. */
  const reads = cachedReads((source: string) => readNow(needs, source), clock);
  const resting = new Map<string, number>();

  /** A source that failed rests for a moment, and then its answer is a new one. */
  const ageOf = (source: string, maxAgeMs: number): number => {
    const untilMs = resting.get(source);
    if (untilMs === undefined) return Math.min(maxAgeMs, ON_CALL_AGE_MS);
    return clock.monotonicMs() < untilMs ? Number.POSITIVE_INFINITY : 0;
  };

  const read = async (source: string, maxAgeMs: number): Promise<Read> => {
    const ageMs = ageOf(source, maxAgeMs);
    const found = await reads(source, ageMs);
    if ("reading" in found) resting.delete(source);
    else if (Number.isFinite(ageMs)) {
      const restMs = Math.max(FAILED_AGE_MS, found.fault.retryAfterMs ?? 0);
      resting.set(source, clock.monotonicMs() + Math.min(restMs, ON_CALL_AGE_MS));
    }
    return found;
  };

  return async (rotas, maxAgeMs) => {
    if (rotas.length === 0) return [];
    const policy = needs.policy();
    return Promise.all(
      [...new Set(rotas)].map(async (rota): Promise<OnDuty> => {
        const source = policy.onCall?.[rota];
        if (source === undefined)
          return nobody(rota, { who: rota, code: "unknown", kind: "not-set" });
        const written = JSON.stringify(source);
        let found = await read(written, maxAgeMs);
        const nowMs = await storeClock.nowMs();
        // Where the shared clock has moved on, the answer is as old as that clock says.
        if (Math.abs(nowMs - found.atMs) > ON_CALL_AGE_MS) found = await read(written, 0);
        const who = sourceName(source);
        if ("fault" in found) return nobody(rota, rotaFaultOf(who, found.fault));
        return inSlack(needs, rota, dueIn(found, nowMs).slice(0, PEOPLE_MAX));
      }),
    );
  };
}

/**
 * Those on call now who were so when it was read, too: a shift that has begun since may have been given away before
 * it began.
 */
function dueIn(
  { atMs, reading }: Extract<Read, { reading: RotaReading }>,
  nowMs: number,
): readonly Due[] {
  const then = new Set(onCallAt(reading.shifts, atMs).map(({ address }) => address));
  return onCallAt(reading.shifts, nowMs).filter(({ address }) => then.has(address));
}

const nobody = (rota: RotaName, trouble: RotaFault): OnDuty => ({
  rota,
  people: [],
  strangers: 0,
  trouble,
});

/** A fault is an answer, too: it is kept for a moment. */
async function readNow({ rotas, storeClock, log }: OnCallNeeds, written: string): Promise<Read> {
  const atMs = await storeClock.nowMs();
  try {
    const window = { fromMs: atMs, untilMs: atMs + AHEAD_MS };
    return { atMs, reading: await rotas(JSON.parse(written), window) };
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    log.warn({ code: thrown.code, source: thrown.source }, "a rota couldn't be read");
    return { atMs, fault: thrown };
  }
}

const KINDS: Readonly<Record<string, RotaFault["kind"]>> = {
  ratelimited: "throttled",
  ETIMEDOUT: "slow",
  nonsense: "nonsense",
  "not-set": "not-set",
};

const rotaFaultOf = (who: string, { code, retryable }: Fault): RotaFault => ({
  who,
  code,
  kind: KINDS[code] ?? (retryable ? "away" : "refused"),
});

/** Full members alone: a guest may be on call for other things, and not for this. */
async function inSlack(needs: OnCallNeeds, rota: RotaName, due: readonly Due[]): Promise<OnDuty> {
  const found = await Promise.all(due.map((one) => personOf(needs, one)));
  const people = new Map<UserId, OnCallPerson>();
  for (const one of found) {
    if (one === undefined || isFault(one)) continue;
    const before = people.get(one.user);
    if (before === undefined || isLater(one, before)) people.set(one.user, one);
  }
  const fault = found.find((one) => isFault(one));
  return {
    rota,
    people: [...people.values()],
    strangers: found.filter((one) => one === undefined).length,
    ...(isFault(fault) && { trouble: rotaFaultOf("Slack", fault) }),
  };
}

const isLater = (one: OnCallPerson, before: OnCallPerson): boolean =>
  before.untilMs !== undefined && (one.untilMs === undefined || one.untilMs > before.untilMs);

async function personOf(
  { chat, policy }: OnCallNeeds,
  { address, ...due }: Due,
): Promise<OnCallPerson | undefined | Fault> {
  const { byEmail = true, map = {} } = policy().people ?? {};
  const mapped = map[address];
  try {
    const person: Person | undefined =
      mapped !== undefined
        ? await chat.person(mapped, PERSON_AGE_MS)
        : byEmail
          ? verified(await chat.personByAddress(address, PERSON_AGE_MS), address)
          : undefined;
    return person?.kind === "full" ? { user: person.id, ...due } : undefined;
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return thrown;
  }
}

/** Slack finds people by addresses that they typed and never confirmed, too. */
const verified = (person: Person | undefined, address: string): Person | undefined =>
  person?.email?.toLowerCase() === address ? person : undefined;
