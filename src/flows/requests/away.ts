// `/jit away` and `/jit back`: somebody says until when they don't decide, and who may for them.

import type { AwayCommand } from "../../domain/command/verbs/away-verb.ts";
import { AWAY_MAX_MS, delegates } from "../../domain/rules/delegation.ts";
import type { Policy, Rule } from "../../domain/rules/policy.ts";
import { includes } from "../../domain/rules/rule-match.ts";
import { DAY_MS, formatDuration } from "../../domain/text/duration.ts";
import type { UserId } from "../../domain/text/ids.ts";
import { isZone, momentAt } from "../../domain/text/moments.ts";
import { isRefusal, type Refusal, refuse } from "../../domain/text/refusal.ts";
import { listed, type Words, words } from "../../domain/text/words.ts";
import { isFault } from "../../ports/fault.ts";
import type { Answer, Sender } from "../../ports/inbound.ts";
import { NOTHING, said } from "../answering/answering.ts";
import type { Deps } from "../deps.ts";
import { DECIDING_AGE_MS, groupMembersOf, orCannotCheck, SEEING_AGE_MS } from "../people/people.ts";
import { followAllAbsences } from "./revoke-for-leavers.ts";

type Needs = Pick<
  Deps,
  "requests" | "absences" | "storeClock" | "chat" | "onCall" | "policy" | "log" | "onCommitted"
> &
  Parameters<typeof followAllAbsences>[0];

type Until = { readonly untilMs: number; readonly zone: string };

export async function goAway(
  deps: Needs,
  sender: Sender,
  { until: spoken, to }: AwayCommand,
): Promise<Answer | Refusal> {
  if (spoken === undefined) return comeBack(deps, sender);
  const { user } = sender;
  const until = await untilOf(deps, user, spoken);
  if (isRefusal(until)) return until;
  const wrong = to === undefined ? undefined : await refuseDelegate(deps, user, to);
  if (wrong !== undefined) return wrong;
  const { untilMs, zone } = until;
  const detail = { untilMs, policy: deps.policy().hash, ...(to !== undefined && { to }) };
  const note = { what: "away", by: user, detail };
  const away = { user, untilMs, ...(to !== undefined && { to }) };
  if ((await deps.absences.set(away, note, sender.delivery)) === "repeated") return NOTHING;
  deps.onCommitted({ audit: [note] });
  await followAllAbsences(deps);
  const rules = await approvingRules(deps, user);
  if (to !== undefined) await tellDelegate(deps, { user, to, untilMs, rules });
  const back = { code: "/jit back" };
  return said(
    words`You're away until ${{ atMs: untilMs }} (${zone}). ${back} ends it sooner.`,
    ...rulesWords(to, rules),
  );
}

export async function comeBack(deps: Needs, sender: Sender): Promise<Answer | Refusal> {
  const note = { what: "back", by: sender.user, detail: { policy: deps.policy().hash } };
  const outcome = await deps.absences.end(sender.user, note, sender.delivery);
  if (outcome === "repeated") return NOTHING;
  if (outcome === "not-away") return refuse("not-away")`You aren't away: there's nothing to end.`;
  deps.onCommitted({ audit: [note] });
  await followAllAbsences(deps);
  return said(words`You're back. Nobody decides for you now.`);
}

/** In the zone that they set in Slack. */
async function untilOf(
  { chat, storeClock }: Needs,
  user: UserId,
  spoken: NonNullable<AwayCommand["until"]>,
): Promise<Until | Refusal> {
  const person = await orCannotCheck(() => chat.person(user, SEEING_AGE_MS));
  if (isRefusal(person)) return person;
  const zone = person?.zone !== undefined && isZone(person.zone) ? person.zone : "UTC";
  const nowMs = await storeClock.nowMs();
  const untilMs = momentAt(spoken, nowMs, zone);
  if (untilMs <= nowMs) {
    return refuse("bad-time")`${{ atMs: untilMs }} (${zone}) is in the past: name a later time.`;
  }
  const most = formatDuration(Math.floor(AWAY_MAX_MS / DAY_MS) * DAY_MS);
  return untilMs - nowMs > AWAY_MAX_MS
    ? refuse("bad-time")`That's too far off: you can be away for ${most} at most.`
    : { untilMs, zone };
}

/** Somebody else, who could decide themselves: a full member of this workspace. */
async function refuseDelegate(
  { chat }: Needs,
  user: UserId,
  to: UserId,
): Promise<Refusal | undefined> {
  return orCannotCheck(async () => {
    const [own, other] = await Promise.all(
      [user, to].map((one) => chat.person(one, DECIDING_AGE_MS)),
    );
    if (user === to || (own !== undefined && own.identity === other?.identity)) {
      return refuse("bad-delegate")`You can't stand in for yourself: name somebody else.`;
    }
    return other?.kind === "full"
      ? undefined
      : refuse(
          "bad-delegate",
        )`${{ user: to }} isn't a full member of this workspace, so they can't decide for you.`;
  });
}

type Approving = { readonly delegated: readonly Rule[]; readonly others: readonly Rule[] };

/** Under which rules somebody approves now: those that let them name somebody, and the others. */
async function approvingRules(deps: Needs, user: UserId): Promise<Approving | undefined> {
  const policy: Policy = deps.policy();
  try {
    const people = policy.rules.map(({ approvers }) => approvers);
    const members = await groupMembersOf(deps, people, SEEING_AGE_MS);
    const own = policy.rules.filter(({ approvers }) => includes(approvers, user, members));
    const delegated = own.filter(({ name }) => delegates(policy, name));
    return { delegated, others: own.filter((rule) => !delegated.includes(rule)) };
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return undefined;
  }
}

const RULES_NAMED_MAX = 10;

const names = (rules: readonly Rule[]): Words => {
  const named = rules.slice(0, RULES_NAMED_MAX).map(({ name }) => ({ code: name }));
  const more = rules.length - named.length;
  return more > 0 ? listed([...named, `${more} more`]) : listed(named);
};

/** What comes of it, by the rules as they are now. */
function rulesWords(to: UserId | undefined, rules: Approving | undefined): readonly Words[] {
  if (rules === undefined) return [];
  const { delegated, others } = rules;
  if (to === undefined) {
    return delegated.length + others.length === 0
      ? [words`No rule names you as an approver, so nothing changes.`]
      : [words`You won't get reminders while you're away. You can still decide.`];
  }
  if (delegated.length === 0) {
    return [
      words`${{ user: to }} can't decide for you: no rule where you're an approver says ${{ code: "delegation: true" }}.`,
    ];
  }
  return [
    words`${{ user: to }} is asked and can decide for you under ${names(delegated)}, except on requests that you or they made.`,
    ...(others.length === 0
      ? []
      : [words`Not under ${names(others)}: their rules don't allow it.`]),
  ];
}

/** A courtesy: what waits has a card for them anyway. */
async function tellDelegate(
  { chat, log }: Needs,
  {
    user,
    to,
    untilMs,
    rules,
  }: { user: UserId; to: UserId; untilMs: number; rules: Approving | undefined },
): Promise<void> {
  if (rules === undefined || rules.delegated.length === 0) return;
  try {
    await chat.tell(
      to,
      words`${{ user }} is away until ${{ atMs: untilMs }} and named you: you can decide for them under ${names(rules.delegated)}. Their requests come to you here.`,
    );
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    log.info({ user: to, code: thrown.code }, "a delegate couldn't be told");
  }
}
