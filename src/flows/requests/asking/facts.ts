// What an approver should know beside the request itself, looked up once when it is asked: never waited for long,
// and never a reason not to ask.

import { factsOf, lookBackDays, type Surroundings } from "../../../domain/facts/facts-of.ts";
import { pastRequests } from "../../../domain/facts/past-requests.ts";
import { type AccessRequest, isLive } from "../../../domain/request/request.ts";
import type { Ask } from "../../../domain/rules/ask.ts";
import type { Fact, Inside } from "../../../domain/rules/fact.ts";
import { DAY_MS } from "../../../domain/text/duration.ts";
import { isFault } from "../../../ports/fault.ts";
import type { Around } from "../../../ports/storage/people/history.ts";
import { within } from "../../../ports/within.ts";
import { factsOf as loggedOf } from "../../answering/log-facts.ts";
import type { Deps } from "../../deps.ts";
import { SHOWING_AGE_MS } from "../../people/people.ts";

type Needs = Pick<Deps, "history" | "chat" | "azure" | "clock" | "log" | "policy">;

/** Then the request is made without them. */
const PATIENCE_MS = 700;

type Asked = Pick<Surroundings, "nowMs" | "together">;

/** `undefined`: they could not be had. Never rejects. */
export async function factsAbout(
  deps: Needs,
  ask: Ask,
  asked: Asked,
): Promise<readonly Fact[] | undefined> {
  if (deps.history === undefined) return undefined;
  const looked = lookedUp(deps, ask, asked).catch((thrown: unknown) => {
    deps.log.warn(loggedOf(thrown), "nothing could be said beside a request");
    return undefined;
  });
  const found = await within(looked, PATIENCE_MS, deps.clock);
  return found === "late" ? undefined : found;
}

async function lookedUp(
  deps: Needs,
  ask: Ask,
  { nowMs, together }: Asked,
): Promise<readonly Fact[] | undefined> {
  const { history, chat, azure, policy } = deps;
  if (history === undefined) return undefined;
  const { requester, vm } = ask;
  const days = lookBackDays(policy().audit.keepForMs);
  const [around, person] = await Promise.all([
    history.around({ requester, vm: vm.key }, nowMs - days * DAY_MS),
    orNothing(chat.person(requester, SHOWING_AGE_MS)),
  ]);
  return factsOf({
    ask,
    nowMs: around.nowMs,
    zone: person?.zone,
    past: pastOf(around, ask, days),
    own: around.own,
    together,
    inside: around.inside.flatMap(insider),
    vm: azure.snapshot().vms.get(vm.key),
    rulesChanged: rulesChangedIn(around),
  });
}

/** Where the oldest entries are not all there, it is said for how far back they are. */
function pastOf({ past, nowMs }: Around, { vm }: Ask, days: number): Surroundings["past"] {
  if (past === undefined) return undefined;
  const covered = Math.min(days, Math.round((nowMs - past.sinceMs) / DAY_MS));
  if (covered < 1) return undefined;
  const sinceMs = Math.max(past.sinceMs, nowMs - days * DAY_MS);
  return { days: covered, requests: pastRequests(past.entries, { vm: vm.key, sinceMs }) };
}

/** The first file that was ever loaded changed nothing. */
function rulesChangedIn({ policyLoads }: Around): Surroundings["rulesChanged"] {
  const last = policyLoads.at(-1);
  const isChange = policyLoads.length > 1 || last?.detail.before !== undefined;
  return last !== undefined && isChange ? { atMs: last.atMs, seq: last.seq } : undefined;
}

const insider = (request: AccessRequest): readonly Inside[] =>
  isLive(request)
    ? [{ id: request.id, requester: request.ask.requester, untilMs: request.grant.endsAtMs }]
    : [];

/** Slack's silence costs the one fact, not the others. */
const orNothing = <T>(asked: Promise<T | undefined>): Promise<T | undefined> =>
  asked.catch((thrown: unknown) => {
    if (!isFault(thrown)) throw thrown;
    return undefined;
  });
