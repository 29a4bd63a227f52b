// `/jit end all`: a preview for admins, and the buttons that apply or drop it.

import { type EndAll, intentWords, unreadableWords } from "../../domain/brake/end-all.ts";
import { formatCommand } from "../../domain/command/command.ts";
import { commandWords } from "../../domain/command/command-words.ts";
import type { EndAllOf, EndCommand } from "../../domain/command/verbs/by-id-verb.ts";
import { vmRefMatches } from "../../domain/command/vm-ref.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import { type Refusal, refuse } from "../../domain/text/refusal.ts";
import { typed } from "../../domain/text/typed.ts";
import { listed, type Words, words } from "../../domain/text/words.ts";
import { goneVms } from "../../domain/vm/gone-vms.ts";
import type { Answer, Sender } from "../../ports/inbound.ts";
import type { StoredEndAll } from "../../ports/storage/brake/end-alls.ts";
import { NOTHING, replaced, said } from "../answering/answering.ts";
import { progressWords, promisedWords } from "../answering/progress-words.ts";
import type { Deps } from "../deps.ts";
import { EVERY_VM, noSuchVm } from "../inventory/find-vm.ts";
import { refuseNonAdmins } from "../requests/can-see.ts";

type Needs = Pick<
  Deps,
  | "requests"
  | "absences"
  | "azure"
  | "endAlls"
  | "deliveries"
  | "storeClock"
  | "chat"
  | "onCall"
  | "random"
  | "log"
  | "policy"
  | "limits"
  | "applyEndAll"
>;

/** By it a button of this preview is told from one of a change of JIT policies. */
const ID_BEGINS = "end-";
export const isEndAllId = (id: string): boolean => id.startsWith(ID_BEGINS);

export async function previewEndAll(
  deps: Needs,
  sender: Sender,
  command: Extract<EndCommand, { all: EndAllOf }>,
): Promise<Answer | Refusal> {
  const mayNot = await refuseEndAll(deps, sender);
  if (mayNot !== undefined) return mayNot;
  const { all } = command;
  const { found: open, unreadable } = await affected(
    deps,
    "open",
    (request) => (request.state === "open" || request.state === "opening") && isOf(request, all),
  );
  // It would open later: by a press, at its time, or once a freeze is lifted.
  const { found: ready } = await affected(
    deps,
    "pending",
    (request) => request.state === "ready" && isOf(request, all),
  );
  const found = [...open, ...ready];
  const mistyped = found.length === 0 ? unknownTarget(deps, all) : undefined;
  if (mistyped !== undefined) {
    return { ...mistyped, say: besideUnreadable(mistyped.say, unreadable) };
  }
  if (!(await deps.deliveries.take(sender.delivery))) return NOTHING;
  const asked = formatCommand(command);
  if (found.length === 0) {
    return said(
      words`Nothing is open that ${commandWords(asked)} would end.`,
      ...unreadableWords(unreadable),
    );
  }
  const endAll: EndAll = {
    id: `${ID_BEGINS}${Buffer.from(deps.random.bytes(12)).toString("hex")}`,
    by: sender.user,
    asked,
    atMs: await deps.storeClock.nowMs(),
    state: "preview",
    requests: found.map(({ id }) => id),
    peopleCount: new Set(found.map(({ ask }) => ask.requester)).size,
    vmCount: new Set(found.map(({ ask }) => ask.vm.key)).size,
    breakGlassCount: found.filter(({ ask }) => ask.breakGlass === true).length,
    ...(ready.length > 0 && { readyCount: ready.length }),
    ...(unreadable.length > 0 && { unreadable }),
  };
  await deps.endAlls.commit(0, { endAll });
  return { answer: "screen", screen: { screen: "end-all", endAll } };
}

const besideUnreadable = (say: Words, unreadable: readonly string[]): Words => [
  ...say,
  ...unreadableWords(unreadable).flatMap((line) => ["\n", ...line]),
];

const RULES_NAMED_MAX = 10;

/** What is ended by a name that nothing has isn't over: somebody who mistypes it must not read that nothing is open. */
function unknownTarget({ azure, policy }: Needs, all: EndAllOf): Refusal | undefined {
  if (all === undefined || "user" in all) return undefined;
  if ("rule" in all) {
    const names = policy().rules.map(({ name }) => name);
    if (names.some((name) => isSameName(name, all.rule))) return undefined;
    const shown = names.slice(0, RULES_NAMED_MAX).map((name) => ({ code: name }));
    return refuse(
      "no-rule",
    )`There's no rule ${typed(all.rule)} in the policy file: use ${listed(shown, "or")}.`;
  }
  const snapshot = azure.snapshot();
  // Not read yet: nobody knows what there is.
  if (snapshot.atMs === 0) return undefined;
  const known = [...snapshot.vms.values(), ...goneVms(snapshot)];
  const isThere = known.some((vm) => vmRefMatches(all.vm, vm));
  return isThere ? undefined : noSuchVm(snapshot, all.vm, EVERY_VM);
}

async function refuseEndAll(deps: Needs, sender: Sender): Promise<Refusal | undefined> {
  const mayNot = await refuseNonAdmins(deps, sender, "end everything");
  if (mayNot !== undefined) return mayNot;
  return deps.policy().endEarly === "off"
    ? refuse(
        "switched-off",
      )`Ending early is switched off in the policy file: what's open ends by itself, on time.`
    : undefined;
}

const isSameName = (one: string, other: string): boolean =>
  one.toLowerCase() === other.toLowerCase();

function isOf(request: AccessRequest, of: EndAllOf): boolean {
  if (of === undefined) return true;
  if ("user" in of) return request.ask.requester === of.user;
  if ("rule" in of) return isSameName(request.promised.rule, of.rule);
  const { id, name } = request.ask.vm;
  const [, , subscriptionId = "", , resourceGroup = ""] = id.split("/");
  return vmRefMatches(of.vm, { id, name, resourceGroup, subscriptionId });
}

/** How many are read at once. */
const BATCH = 500;

type Affected = {
  readonly found: readonly AccessRequest[];
  /** Whatever was asked for: nobody can tell whether it is theirs. */
  readonly unreadable: readonly string[];
};

async function affected(
  deps: Needs,
  list: "open" | "pending",
  isWanted: (request: AccessRequest) => boolean,
): Promise<Affected> {
  const found = new Map<RequestId, AccessRequest>();
  const unreadable = new Set<string>();
  // What ends between two batches moves others up, past the second: looked through until there is nothing new.
  for (let before = -1; found.size > before; ) {
    before = found.size;
    for (let read = 0; ; read += BATCH) {
      const batch = await deps.requests.page(list, BATCH, read);
      if (batch.requests.length + batch.unreadable.length === 0) break;
      for (const id of batch.unreadable) unreadable.add(id);
      for (const one of batch.requests) {
        if (isWanted(one)) found.set(one.id, one);
      }
    }
  }
  return { found: [...found.values()], unreadable: [...unreadable] };
}

export async function applyEndAllClick(
  deps: Needs,
  sender: Sender,
  id: string,
): Promise<Answer | Refusal> {
  const found = await pressed(deps, sender, id);
  if ("refused" in found || "answer" in found) return found;
  const { endAll, version } = found;
  const beganAtMs = await deps.storeClock.nowMs();
  const next: EndAll = { ...endAll, state: "ending", beganAtMs };
  const detail = { about: endAll.asked, count: endAll.requests.length, policy: deps.policy().hash };
  const audit = [{ what: "end-all", by: sender.user, detail }];
  const written = await deps.endAlls.commit(version, { endAll: next, audit });
  if (written === undefined) return applyEndAllClick(deps, sender, id);
  deps.log.warn({ user: sender.user, about: endAll.asked }, "ending everything");
  deps.applyEndAll(id);
  return replaced(
    words`${commandWords(endAll.asked)} now ${intentWords(endAll)}. ${promisedWords(deps.policy())}.`,
  );
}

export async function dropEndAllClick(
  deps: Needs,
  sender: Sender,
  id: string,
): Promise<Answer | Refusal> {
  const found = await pressed(deps, sender, id);
  if ("refused" in found || "answer" in found) return found;
  const { endAll, version } = found;
  const next: EndAll = { ...endAll, state: "dropped" };
  const written = await deps.endAlls.commit(version, { endAll: next });
  if (written === undefined) return dropEndAllClick(deps, sender, id);
  return replaced(words`Nothing was ended: ${commandWords(endAll.asked)} was cancelled.`);
}

async function pressed(
  deps: Needs,
  sender: Sender,
  id: string,
): Promise<StoredEndAll | Answer | Refusal> {
  const mayNot = await refuseEndAll(deps, sender);
  if (mayNot !== undefined) return mayNot;
  const kept = await deps.endAlls.read(id);
  if (kept === undefined) {
    return refuse("too-late")`That preview is more than 15 minutes old: run the command again.`;
  }
  const { endAll } = kept;
  if (endAll.by !== sender.user) {
    return refuse(
      "not-yours",
    )`Only the person who made this preview can apply it: run the command yourself.`;
  }
  if (endAll.state === "preview") return kept;
  return endAll.state === "dropped"
    ? refuse("wrong-state")`That was cancelled, and nothing was ended: run the command again.`
    : replaced(words`That was already applied: ${progressWords(endAll, deps.policy())}.`);
}
