// `/jit enable`, `change` and `disable`: a preview for admins, and the buttons that apply or drop it.

import { formatCommand } from "../../domain/command/command.ts";
import type { PolicyCommand } from "../../domain/command/verbs/policy-verb.ts";
import { changeAsked } from "../../domain/policies/change-words.ts";
import { desiredPolicyOf } from "../../domain/policies/desired-policy.ts";
import type { Change } from "../../domain/policies/policy-change.ts";
import type { AuditNote } from "../../domain/request/moved.ts";
import { isRefusal, type Refusal, refuse } from "../../domain/text/refusal.ts";
import { words } from "../../domain/text/words.ts";
import type { Answer, Sender } from "../../ports/inbound.ts";
import type { Changes, StoredChange } from "../../ports/storage/policies/policy-changes.ts";
import { NOTHING, replaced } from "../answering/answering.ts";
import { progressWords, promisedWords } from "../answering/progress-words.ts";
import type { Deps } from "../deps.ts";
import { refuseNonAdmins } from "../requests/can-see.ts";
import { previewOf } from "./preview-change.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "requests"
  | "deliveries"
  | "storeClock"
  | "changes"
  | "azure"
  | "chat"
  | "onCall"
  | "clock"
  | "random"
  | "log"
  | "policy"
  | "limits"
  | "applyChange"
>;

export async function previewChange(
  deps: Needs,
  sender: Sender,
  command: PolicyCommand,
): Promise<Answer | Refusal> {
  const changes = await forAdmin(deps, sender);
  if (isRefusal(changes)) return changes;
  const desired = desiredPolicyOf(command, deps.policy());
  if (isRefusal(desired)) return desired;
  const change = await previewOf(deps, {
    items: [{ selector: command.selector, desired }],
    by: sender.user,
    asked: formatCommand(command),
  });
  if (isRefusal(change)) return change;
  if (!(await deps.deliveries.take(sender.delivery))) return NOTHING;
  // Nothing to press, nothing to keep.
  if (change.policies.length > 0) await changes.commit(0, { change });
  return { answer: "screen", screen: { screen: "change", change } };
}

/** The person who presses is checked again: only the admin who made a preview can apply it. */
export async function applyClick(
  deps: Needs,
  sender: Sender,
  id: string,
): Promise<Answer | Refusal> {
  const found = await pressed(deps, sender, id);
  if ("refused" in found || "answer" in found) return found;
  const { change, version } = found;
  const next: Change = { ...change, state: "applying" };
  const audit = [asked(deps, sender, change)];
  if (!(await written(deps, version, { change: next, audit }))) return applyClick(deps, sender, id);
  deps.log.info({ change: id, user: sender.user, about: change.asked }, "applying a change");
  deps.applyChange(id);
  return replaced(words`Applying ${changeAsked(change)}: ${promisedWords(deps.policy())}.`);
}

export async function dropClick(
  deps: Needs,
  sender: Sender,
  id: string,
): Promise<Answer | Refusal> {
  const found = await pressed(deps, sender, id);
  if ("refused" in found || "answer" in found) return found;
  const { change, version } = found;
  const next: Change = { ...change, state: "dropped" };
  if (!(await written(deps, version, { change: next }))) return dropClick(deps, sender, id);
  return replaced(words`Nothing was changed: ${changeAsked(change)} was cancelled.`);
}

/** Whether it is kept so; else another click was faster, and what it did is looked at before anything is said. */
async function written(
  { changes }: Needs,
  version: number,
  write: Parameters<Changes["commit"]>[1],
): Promise<boolean> {
  return (await changes?.commit(version, write)) !== undefined;
}

const asked = (deps: Needs, { user }: Sender, change: Change): AuditNote => ({
  what: "jit-change-asked",
  by: user,
  detail: { about: change.asked, policy: deps.policy().hash },
});

async function pressed(
  deps: Needs,
  sender: Sender,
  id: string,
): Promise<StoredChange | Answer | Refusal> {
  const changes = await forAdmin(deps, sender);
  if (isRefusal(changes)) return changes;
  const stored = await changes.read(id);
  if (stored === undefined) {
    return refuse("too-late")`That preview is more than an hour old: run the command again.`;
  }
  const { change } = stored;
  if (change.by !== sender.user) {
    return refuse(
      "not-yours",
    )`Only the person who made this preview can apply it: run the command yourself.`;
  }
  if (change.state === "preview") return stored;
  return change.state === "dropped"
    ? refuse("wrong-state")`That was cancelled without changes: run the command again.`
    : replaced(words`That was already applied: ${progressWords(change, deps.policy())}.`);
}

async function forAdmin(
  deps: Needs,
  sender: Sender,
): Promise<NonNullable<Deps["changes"]> | Refusal> {
  const mayNot = await refuseNonAdmins(deps, sender, "change JIT policies");
  if (mayNot !== undefined) return mayNot;
  return deps.changes ?? refuse("switched-off")`JIT policies can't be changed from here.`;
}
