// The request form: what it shows at each moment, found in memory first and completed by Slack's look-ups.

import { type Choices, choicesFor, type Draft } from "../request/form.ts";
import { isRefusal, type Refusal } from "../request/refusal.ts";
import { type Members, mayAskFor } from "../request/rules.ts";
import type { Vm } from "../request/vm.ts";
import { searchVms, vmCode, vmOfCode } from "../request/vm-search.ts";
import type { Words } from "../request/words.ts";
import type { Deps } from "./deps.ts";
import type { Sender } from "./desk.ts";
import { membersOf, SHOWING_AGE_MS } from "./people.ts";

/** What the form shows. Everything is checked again when it is sent. */
export type RequestForm = {
  /** The VM that is chosen, if one is. */
  readonly vm: VmChoice | undefined;
  /** What may be chosen for that VM; `undefined`: no VM yet, or `problem` says why there is nothing. */
  readonly choices: Choices | undefined;
  readonly draft: Draft;
  /** Why it cannot be asked like this, or what is not clear. */
  readonly problem: Words | undefined;
  /** Whether any VM is known at all. */
  readonly empty: boolean;
};

export type VmChoice = {
  readonly code: string;
  readonly name: string;
  readonly resourceGroup: string;
  readonly address: string | undefined;
  readonly configured: boolean;
};

export type FormDraft = Draft & { readonly vmCode?: string | undefined };

/** Slack shows at most a hundred. */
const FOUND_MAX = 100;

/** The form for a draft, with the groups as they are known; `members` empty: not looked up yet. */
export function formNow(
  deps: Deps,
  sender: Sender,
  { draft, members, note }: { draft: FormDraft; members: Members; note?: Words | undefined },
): RequestForm {
  const picture = deps.azure.picture();
  const policy = deps.policy();
  const vm = draft.vmCode === undefined ? undefined : vmOfCode(picture.vms.values(), draft.vmCode);
  const covers = vm === undefined ? [] : (picture.covers.get(vm.key) ?? []);
  const asker = { policy, user: sender.user, members };
  const found = vm === undefined ? undefined : choicesFor(asker, { vm, covers }, draft);
  return {
    vm: vm === undefined ? undefined : choiceOf(deps, vm),
    choices: found === undefined || isRefusal(found) ? undefined : found,
    draft,
    problem: note ?? (isRefusal(found) ? found.say : undefined),
    empty: picture.vms.size === 0,
  };
}

/** The members of all groups that decide who may ask; none where Slack does not answer in time. */
export async function askerGroups(deps: Deps): Promise<Members> {
  const groups = deps
    .policy()
    .rules.flatMap((rule) => (rule.requesters === "anyone" ? [] : rule.requesters.groups));
  return membersOf(deps.chat, groups, SHOWING_AGE_MS);
}

/** VMs that this person may ask for, as one types. */
export function vmsFound(
  deps: Deps,
  sender: Sender,
  { text, members }: { text: string; members: Members },
): readonly VmChoice[] {
  const policy = deps.policy();
  const mayShow = (vm: Vm) => mayAskFor(policy, vm, { user: sender.user, members });
  const found = searchVms(deps.azure.picture().vms.values(), text, { mayShow, most: FOUND_MAX });
  return found.map((vm) => choiceOf(deps, vm));
}

function choiceOf(deps: Deps, vm: Vm): VmChoice {
  return {
    code: vmCode(vm.key),
    name: vm.name,
    resourceGroup: vm.resourceGroup,
    address: vm.publicAddresses[0] ?? vm.privateAddresses[0],
    configured: deps.azure.picture().covers.has(vm.key),
  };
}

export type FormField = "vm" | "ports" | "duration" | "source" | "reason";

/** Which field of the form a refusal is about, for the error to stand beside it. */
export function fieldOf({ refused }: Refusal): FormField {
  switch (refused) {
    case "bad-ports":
    case "port-not-in-policy":
    case "several-rules":
    case "two-policies":
      return "ports";
    case "bad-duration":
    case "too-long":
      return "duration";
    case "bad-source":
    case "source-not-allowed":
    case "ambiguous":
      return "source";
    case "bad-reason":
    case "reason-required":
      return "reason";
    default:
      return "vm";
  }
}
