// Somebody who can't break the glass asks those who can: each hears of it in a direct message.

import { parseCommand } from "../../../domain/command/command.ts";
import type { RequestCommand } from "../../../domain/command/verbs/request-verb.ts";
import { everybody } from "../../../domain/rules/rule-match.ts";
import { channelId, type UserId } from "../../../domain/text/ids.ts";
import { isRefusal, type Others, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import { listed, type Part, type Words, words } from "../../../domain/text/words.ts";
import { typedName } from "../../../domain/vm/typed-name.ts";
import type { Answer, Sender } from "../../../ports/inbound.ts";
import type { Notice } from "../../../ports/storage/notices.ts";
import { NOTHING, replaced } from "../../answering/answering.ts";
import { record } from "../../answering/record.ts";
import type { Deps } from "../../deps.ts";
import { ableOf } from "../../people/able-people.ts";
import { DECIDING_AGE_MS, groupMembersOf, orCannotCheck } from "../../people/people.ts";
import { refuseCommand } from "../can-see.ts";
import { refuseTooManyAsks } from "./ask-rate.ts";
import { askedVms } from "./asked-vms.ts";
import type { Unmade } from "./create-batch.ts";
import { allRefused, unmadeLines } from "./submit-several.ts";
import { type Tried, tryAsk } from "./try-ask.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "freezes"
  | "requests"
  | "rateLimits"
  | "auditNotes"
  | "notices"
  | "storeClock"
  | "azure"
  | "chat"
  | "onCall"
  | "clock"
  | "log"
  | "policy"
  | "page"
  | "limits"
  | "onCommitted"
>;

/** More are a crowd, in which each waits for another. */
const ASKED_MAX = 25;
const NAMED_MAX = 5;

/** What was refused is looked at again: the rules, or the person's groups, may be others by now. */
export async function askOthers(
  deps: Needs,
  sender: Sender,
  text: string,
): Promise<Answer | Refusal> {
  const mayNot = await refuseCommand(deps, sender);
  if (mayNot !== undefined) return mayNot;
  const command = parseCommand(text);
  if (isRefusal(command)) return command;
  if (command.verb !== "breakglass") return NOTHING;
  const looked = await lookedAt(deps, sender.user, command);
  if (isRefusal(looked)) return looked;
  if (looked.wanted.length === 0) return nobodyToAsk(looked);
  const tooMany = await refuseTooManyAsks(deps, sender.user, { breakGlass: false });
  if (tooMany !== undefined) return tooMany;
  const able = await orCannotCheck(() => ableFor(deps, sender.user, looked.wanted));
  if (isRefusal(able)) return able;
  if (able.length === 0) {
    return refuse("wrong-state")`${nobodyWords(namesOf(looked.wanted))}`;
  }
  const asked = { command, able };
  if ((await tellEach(deps, sender, asked)) === "repeated") return NOTHING;
  return replaced(...askedWords(able), ...leftOut(looked, able));
}

/** A VM on which this person can't use break-glass, and who can. */
type GlassWanted = {
  readonly vm: string;
  /** What others type for it, who may see a VM of the same name that this person can't. */
  readonly toOthers: string;
  readonly others: Others;
};

type Looked = {
  readonly wanted: readonly GlassWanted[];
  /** This person can use break-glass on these themselves. */
  readonly own: readonly string[];
  /** What others can't help with. */
  readonly unmade: readonly Unmade[];
};

/** One alone that can't be tried is refused as it is where it's typed. */
async function lookedAt(
  deps: Needs,
  user: UserId,
  command: RequestCommand,
): Promise<Looked | Refusal> {
  const { several, ...one } = command;
  const refs = several === undefined ? [command.vm] : await askedVms(deps, user, several);
  if (isRefusal(refs)) return refs;
  const tried = new Map<string, Tried>();
  const unmade: Unmade[] = [];
  for (const ref of refs) {
    const found = await tryAsk(deps, user, { ...one, vm: ref });
    if (!isRefusal(found)) tried.set(found.input.vm.key, found);
    else unmade.push({ vm: ref?.typed ?? "", refusal: found });
  }
  const { vms } = deps.azure.snapshot();
  const own: string[] = [];
  const wanted: GlassWanted[] = [];
  for (const { input, outcome, isKnown } of tried.values()) {
    const vm = typedName(input.vm, vms.values(), isKnown);
    if (!isRefusal(outcome)) own.push(vm);
    else if (outcome.others === undefined) unmade.push({ vm, refusal: outcome });
    else {
      const toOthers = typedName(input.vm, vms.values());
      wanted.push({ vm, toOthers, others: outcome.others });
    }
  }
  return { wanted, own, unmade };
}

const nobodyToAsk = ({ own, unmade }: Looked): Refusal =>
  own.length === 0
    ? allRefused(unmade)
    : refuse("wrong-state")`You can use break-glass now: send the command again.`;

/** Who can use break-glass, and on which of the VMs. */
type Able = { readonly user: UserId; readonly vms: readonly GlassWanted[] };

async function ableFor(
  deps: Needs,
  requester: UserId,
  wanted: readonly GlassWanted[],
): Promise<readonly Able[]> {
  const alike: { vms: readonly GlassWanted[]; users: readonly UserId[] }[] = [];
  for (const [, vms] of Map.groupBy(wanted, ({ others }) => JSON.stringify(others))) {
    const [first] = vms;
    if (first !== undefined) {
      alike.push({ vms, users: await ableNow(deps, requester, first.others) });
    }
  }
  return someOf(alike.map(({ users }) => users)).map((user) => ({
    user,
    vms: alike.flatMap(({ users, vms }) => (users.includes(user) ? vms : [])),
  }));
}

/** At most `ASKED_MAX` in all, taken from each list in turn; the first of each always, so that no VM is left out. */
function someOf(lists: readonly (readonly UserId[])[]): readonly UserId[] {
  const some = new Set(lists.flatMap(([first]) => first ?? []));
  for (let nth = 1; nth < ASKED_MAX; nth++) {
    for (const { [nth]: user } of lists) {
      if (user !== undefined && some.size < ASKED_MAX) some.add(user);
    }
  }
  return [...some];
}

/**
 * Read this moment: nobody is woken whose shift is over. Those on call first: they are awake. Guests, people who
 * left, and the one who asks are none of them.
 */
async function ableNow(
  deps: Needs,
  requester: UserId,
  { users, groups, onCall = [] }: Others,
): Promise<readonly UserId[]> {
  const members = await groupMembersOf(deps, [{ users, groups, onCall }], DECIDING_AGE_MS);
  const due = everybody({ users: [], groups: [], onCall }, members);
  const all = [...new Set([...due, ...everybody({ users, groups }, members)])];
  return ableOf(deps, { users: all, requester }, ASKED_MAX);
}

/** One message for each, however many VMs it is about. */
async function tellEach(
  deps: Needs,
  sender: Sender,
  { command, able }: { readonly command: RequestCommand; readonly able: readonly Able[] },
): Promise<"told" | "repeated"> {
  const { ports, durationMs, reason = "" } = command;
  const vms = [...new Set(able.flatMap((one) => one.vms.map(({ toOthers }) => toOthers)))];
  const note = { what: "glass-wanted", by: sender.user, detail: { reason, vms } };
  const entry = { request: undefined, note, delivery: sender.delivery };
  if ((await record(deps, entry)) === "repeated") return "repeated";
  const notice: Notice = {
    what: "glass-wanted",
    requester: sender.user,
    ...(ports && { ports }),
    ...(durationMs !== undefined && { durationMs }),
    atMs: await deps.storeClock.nowMs(),
    text: reason,
  };
  for (const one of able) {
    const theirs = one.vms.map(({ toOthers }) => toOthers);
    await deps.notices.add(channelId(one.user), { ...notice, vm: theirs.join(",") });
  }
  return "told";
}

/** Who was asked, and for which VMs where that isn't the same for all. */
function askedWords(able: readonly Able[]): readonly Words[] {
  const groups = [...Map.groupBy(able, ({ vms }) => namesOf(vms).join(",")).values()];
  const gets = words`each gets a direct message from me now.`;
  const [first] = groups;
  if (first !== undefined && groups.length === 1) {
    return [words`I've asked ${named(first)}: ${gets}`];
  }
  return [
    words`I've asked these people: ${gets}`,
    ...groups.map((group) => words`${vmNames(namesOf(group[0]?.vms ?? []))}: ${named(group)}`),
  ];
}

/** The VMs that nobody was asked for, and why. */
function leftOut({ wanted, own, unmade }: Looked, able: readonly Able[]): readonly Words[] {
  const asked = new Set(able.flatMap(({ vms }) => vms));
  const unasked = namesOf(wanted.filter((one) => !asked.has(one)));
  return [
    ...(unasked.length === 0 ? [] : [nobodyWords(unasked)]),
    ...(own.length === 0
      ? []
      : [
          words`You can use break-glass on ${vmNames(own)} yourself: ${{ code: `/jit breakglass ${own.join(",")} …` }}.`,
        ]),
    ...unmadeLines(unmade),
  ];
}

const nobodyWords = (vms: readonly string[]): Words =>
  words`Nobody who can use break-glass on ${vmNames(vms)} can be asked now: use ${{ code: `/jit request ${vms.join(",")}` }}.`;

const namesOf = (all: readonly GlassWanted[]): readonly string[] => all.map(({ vm }) => vm);

const vmNames = (vms: readonly string[]): Words => listed(vms.map((vm) => ({ strong: vm })));

function named(asked: readonly Able[]): Words {
  const more = asked.length - NAMED_MAX;
  const shown: readonly (Part | Words)[] = asked
    .slice(0, NAMED_MAX)
    .map(({ user }) => words`${{ user }}`);
  return listed(more > 0 ? [...shown, `${more} more`] : shown);
}
