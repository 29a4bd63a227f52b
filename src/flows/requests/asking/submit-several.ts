// Somebody asks for several VMs at once: each is checked as if it were asked for alone, and those of one rule share a card.

import type { RequestCommand } from "../../../domain/command/verbs/request-verb.ts";
import type { VmRef } from "../../../domain/command/vm-ref.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import { stateWord } from "../../../domain/request/state-words.ts";
import { nameAmong } from "../../../domain/rules/ask.ts";
import { filledIn } from "../../../domain/rules/bounds.ts";
import { type Checked, opensAtOnce } from "../../../domain/rules/check-ask.ts";
import type { RequestId, UserId } from "../../../domain/text/ids.ts";
import { besideAll, isRefusal, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import { listed, plain, type Words, words } from "../../../domain/text/words.ts";
import { typedName } from "../../../domain/vm/typed-name.ts";
import type { Sender } from "../../../ports/inbound.ts";
import type { Limits } from "../../../ports/storage/requests.ts";
import { recordRefusal } from "../../answering/answering.ts";
import type { Deps } from "../../deps.ts";
import { askedToProve } from "../../people/my-address.ts";
import { DECIDING_AGE_MS, orCannotCheck, refuseOutsiders } from "../../people/people.ts";
import { refuseCommand } from "../can-see.ts";
import { refuseTooManyAsks } from "./ask-rate.ts";
import { askedVms } from "./asked-vms.ts";
import { submitTogether, type Unmade } from "./create-batch.ts";
import { type CheckedAsk, drawn, type Submitted, submitRequest } from "./create-request.ts";
import { type Moment, momentOf, withDate } from "./moment-of.ts";
import { alreadyHad, asOfNow, type Unproven } from "./submit.ts";
import { type Tried, tryAsk } from "./try-ask.ts";

type Needs = Parameters<typeof submitTogether>[0] &
  Parameters<typeof asOfNow>[0] &
  Pick<Deps, "auditNotes">;

export type Several = {
  /** What was made under each rule, the lead of each first. */
  readonly batches: readonly (readonly Submitted[])[];
  readonly unmade: readonly Unmade[];
};

export type SeveralAsked = RequestCommand & Required<Pick<RequestCommand, "several">>;

export const asksForSeveral = (command: RequestCommand): command is SeveralAsked =>
  command.several !== undefined;

type Submitting = {
  readonly isAllOrNone?: boolean;
  /** What they have already is named instead of requested again. */
  readonly notTwice?: boolean;
};

/** A refusal instead of `Several`: nothing at all was requested. */
export async function submitSeveral(
  deps: Needs,
  sender: Sender,
  command: SeveralAsked,
  { isAllOrNone = false, notTwice = false }: Submitting = {},
): Promise<Several | Refusal | Unproven | "repeated"> {
  const mayNotHere = await refuseCommand(deps, sender);
  if (mayNotHere !== undefined) return mayNotHere;
  const refs = await askedVms(deps, sender.user, command.several);
  if (isRefusal(refs)) return refs;
  const moment = await readOnce(deps, sender.user, command);
  if (isRefusal(moment)) return moment;
  const looked = await triedEach(deps, sender, { command, refs, moment });
  const { page } = deps;
  const isUnproven = looked.unmade.some(({ refusal }) => refusal.refused === "address-unproven");
  if (isUnproven && page !== undefined) {
    const dated = await withDate(deps, sender.user, command);
    // It is recorded by this delivery, which mustn't be taken before.
    if (isRefusal(dated)) return dated;
    if (!(await deps.deliveries.take(sender.delivery))) return "repeated";
    const beside = { isAllOrNone, notTwice };
    return { prove: await askedToProve(deps, page, { sender, ask: dated, beside }) };
  }
  if (looked.tried.length === 0) return allRefused(looked.unmade);
  const breakGlass = command.verb === "breakglass";
  const mayNot =
    (await refuseTooManyAsks(deps, sender.user, { breakGlass })) ??
    (await refuseOutsiders(deps.chat, sender, DECIDING_AGE_MS));
  if (mayNot !== undefined) return mayNot;
  const now = await checkedEach(deps, { command, notTwice }, looked);
  const isStopped = isAllOrNone && now.unmade.length > 0;
  if (isStopped || now.asks.length === 0) return allRefused(now.unmade);
  const made = await madeByRule(deps, sender, { ...now, isAllOrNone });
  if (made === "repeated") return made;
  if (made.batches.length === 0) return allRefused(made.unmade);
  await recordEach(deps, sender, { act: command.verb, unmade: made.unmade });
  return made;
}

type One = { readonly ref: VmRef; readonly tried: Tried; readonly checked: Checked };
type Looked = { readonly tried: readonly One[]; readonly unmade: readonly Unmade[] };

/** One time for all of them: read for each, `at 23:00` would be two days in the moment around it. */
async function readOnce(
  deps: Needs,
  user: UserId,
  { at: spoken }: SeveralAsked,
): Promise<Moment | undefined | Refusal> {
  if (spoken === undefined) return undefined;
  const nowMs = await orCannotCheck(() => deps.storeClock.nowMs());
  return isRefusal(nowMs) ? nowMs : momentOf(deps, user, { spoken, nowMs });
}

type Trying = {
  readonly command: SeveralAsked;
  readonly refs: readonly VmRef[];
  readonly moment: Moment | undefined;
};

/** Each VM once, by whatever names it was named. */
async function triedEach(
  deps: Needs,
  sender: Sender,
  { command, refs, moment }: Trying,
): Promise<Looked> {
  const tried = new Map<string, One>();
  const unmade: Unmade[] = [];
  const { several: _, ...rest } = command;
  for (const ref of refs) {
    const one = await tryAsk(deps, sender.user, { ...rest, vm: ref }, { moment });
    const outcome = isRefusal(one) ? one : one.outcome;
    if (isRefusal(one) || isRefusal(outcome)) {
      unmade.push({
        vm: labelAmong(ref, refs),
        refusal: isRefusal(outcome) ? outcome : NO_OUTCOME,
        ...(!isRefusal(one) && { typedAs: typedFor(deps, one) }),
      });
    } else tried.set(outcome.ask.vm.key, { ref, tried: one, checked: outcome });
  }
  return { tried: [...tried.values()], unmade };
}

/** Among those that they can see: nothing tells them of another. */
const typedFor = ({ azure }: Needs, { input, isKnown }: Tried): string =>
  typedName(input.vm, azure.snapshot().vms.values(), isKnown);

/** As it was typed; with its group where it was chosen by its name, and another of that name was, too. */
function labelAmong({ typed, name, id }: VmRef, refs: readonly VmRef[]): string {
  if (typed !== name || id === undefined) return typed;
  return nameAmong({ name, id }, refs);
}

const NO_OUTCOME: Refusal = { refused: "cannot-check", say: ["It couldn't be checked."] };

/** As each is now, where it would open without anybody's click. */
async function checkedEach(
  deps: Needs,
  { command, notTwice }: { readonly command: SeveralAsked; readonly notTwice: boolean },
  { tried, unmade }: Looked,
): Promise<{ readonly asks: readonly CheckedAsk[]; readonly unmade: readonly Unmade[] }> {
  const asks: CheckedAsk[] = [];
  const refused = [...unmade];
  const vms = tried.map(({ checked }) => checked.ask.vm);
  for (const one of tried) {
    const vm = nameAmong(one.checked.ask.vm, vms);
    const now = await asOfNow(deps, one.tried, { checked: one.checked, ref: one.ref });
    if (isRefusal(now)) {
      refused.push({ vm, refusal: now, typedAs: typedFor(deps, one.tried) });
      continue;
    }
    const had = notTwice ? await alreadyHad(deps, now.ask) : undefined;
    if (had !== undefined) {
      refused.push({ vm, refusal: hasAlready(had) });
      continue;
    }
    const filled = command.durationMs === undefined ? [filledIn(now.ask.durationMs, now.rule)] : [];
    const { policy } = one.tried.input;
    asks.push({ ...now, notes: [...filled, ...now.notes], policy });
  }
  return { asks, unmade: refused };
}

const hasAlready = (had: AccessRequest): Refusal =>
  refuse("wrong-state")`You already have it: ${{ code: had.id }} is ${stateWord(had)}.`;

type Making = {
  readonly asks: readonly CheckedAsk[];
  readonly unmade: readonly Unmade[];
  /** Nothing is made where a limit would leave out some. */
  readonly isAllOrNone?: boolean;
};

const madeAfterFirst = (asks: readonly CheckedAsk[]): Limits["along"] =>
  asks.slice(1).map((checked) => (opensAtOnce(checked) ? "open" : "pending"));

/** Those of one rule share a card; one alone is a request like any other. */
export async function madeByRule(
  deps: Parameters<typeof submitTogether>[0],
  sender: Sender,
  { asks, unmade, isAllOrNone = false }: Making,
): Promise<Several | "repeated"> {
  const byRule = [...Map.groupBy(asWithEachOther(deps, asks), ({ rule }) => rule.name)];
  let along = isAllOrNone ? madeAfterFirst(byRule.flatMap(([, group]) => group)) : undefined;
  const batches: (readonly Submitted[])[] = [];
  const refused = [...unmade];
  const vms = asks.map(({ ask }) => ask.vm);
  const extended = asks.flatMap(({ ask }) => ask.extends ?? []);
  for (const [rule, group] of byRule) {
    // The same command again has no second effect, whatever rules it falls under then.
    const own = byRule.length === 1 ? "" : `+${rule}`;
    const from = { ...sender, delivery: `${sender.delivery}${own}` };
    const [only, ...more] = group;
    if (only === undefined) continue;
    const together = [...extended, ...batches.flat().map(({ request }) => request.id)];
    if (more.length > 0) {
      const made = await submitTogether(deps, from, group, { along, together });
      if (made === "repeated") continue;
      if (made.made.length > 0) batches.push(made.made);
      refused.push(...made.unmade);
    } else {
      const made = await submitRequest(deps, from, only, { along, together });
      if (made === "repeated") continue;
      if (isRefusal(made)) refused.push({ vm: nameAmong(only.ask.vm, vms), refusal: made });
      else batches.push([made]);
    }
    // There is no room for all: nothing more is made.
    if (along !== undefined && batches.length === 0) break;
    along = undefined;
  }
  const isRepeated = batches.length === 0 && refused.length === unmade.length;
  return isRepeated ? "repeated" : { batches, unmade: refused };
}

/** What falls under several rules is known as one ask later: to be asked for again together. */
function asWithEachOther(
  deps: Parameters<typeof drawn>[0],
  asks: readonly CheckedAsk[],
): readonly CheckedAsk[] {
  if (new Set(asks.map((one) => one.rule.name)).size <= 1) return asks;
  const { nonce: askedWith } = drawn(deps);
  return asks.map((checked) => ({ ...checked, ask: { ...checked.ask, askedWith } }));
}

/** What some were refused for stands in the audit log, too, though others were requested. */
export async function recordEach(
  deps: Parameters<typeof recordRefusal>[0],
  sender: Sender,
  { act, request, unmade }: Recorded,
): Promise<void> {
  for (const [n, { vm, refusal }] of unmade.entries()) {
    const from = { ...sender, delivery: `${sender.delivery}-${n}` };
    const about = { ...(request && { request }), about: `${act} ${vm}`.slice(0, 100) };
    await recordRefusal(deps, from, about, refusal);
  }
}

type Recorded = {
  readonly act: string;
  /** What it was about, where that is there already. */
  readonly request?: RequestId;
  readonly unmade: readonly Unmade[];
};

/** One sentence where all were refused for the same; else each by its name. */
export function allRefused(unmade: readonly Unmade[]): Refusal {
  const [first] = unmade;
  if (first === undefined) return NO_OUTCOME;
  const { refused } = first.refusal;
  const isSame = unmade.every(({ refusal }) => plain(refusal.say) === plain(first.refusal.say));
  const beside = besideAll(unmade.map(({ refusal }) => refusal));
  if (isSame) return { refused, say: first.refusal.say, ...beside };
  return {
    refused,
    say: unmadeLines(unmade).flatMap((line, n) => (n === 0 ? line : ["\n", ...line])),
    ...beside,
  };
}

/** Those that were refused for the same stand in one line. */
export const unmadeLines = (unmade: readonly Unmade[]): readonly Words[] =>
  [...Map.groupBy(unmade, ({ refusal }) => plain(refusal.say))].map(([, alike]) => {
    const vms = listed(alike.map(({ vm }) => ({ code: vm })));
    return words`${vms}: ${alike[0]?.refusal.say ?? []}`;
  });
