// The request form: what it shows at each moment, and to whom. Everything is checked again when it is sent.

import { type VmRef, vmRefMatches } from "../../domain/command/vm-ref.ts";
import { choicesFor } from "../../domain/rules/form-options.ts";
import type { MyAddress } from "../../domain/rules/requested-source.ts";
import { isRequester, type Members, mayAskFor } from "../../domain/rules/rule-match.ts";
import { anyUnder, searchVms, vmCode, vmOfCode } from "../../domain/rules/vm-search.ts";
import type { UserId, VmKey } from "../../domain/text/ids.ts";
import { isRefusal, type Refusal } from "../../domain/text/refusal.ts";
import { typed } from "../../domain/text/typed.ts";
import { type Words, words } from "../../domain/text/words.ts";
import { jitStateOf } from "../../domain/vm/jit-state.ts";
import type { Vm } from "../../domain/vm/vm.ts";
import { offOf } from "../../domain/vm/vm-power.ts";
import type { Sender } from "../../ports/inbound.ts";
import type {
  FormDraft,
  FormField,
  Found,
  RequestForm,
  VmAvailability,
  VmChoice,
} from "../../ports/screens/request-form.ts";
import type { Deps } from "../deps.ts";
import { orUnread } from "../inventory/unread-policies.ts";
import type { Listed } from "../inventory/vm-directory.ts";
import { groupMembersOf, membershipsOf, SHOWING_AGE_MS } from "../people/people.ts";
import { bundleForm, bundleOfCode, bundlesFound } from "./bundle-form.ts";

type Needs = Pick<Deps, "azure" | "chat" | "onCall" | "log" | "policy" | "clock">;

/** What the form says before anything was looked up. */
export type Opening = {
  readonly draft: FormDraft;
  /** The VM as somebody typed it: which one that is depends on who they are. */
  readonly ref?: VmRef | undefined;
  readonly note?: Words | undefined;
  /** Other VMs that are to get the same. */
  readonly more?: readonly VmKey[] | undefined;
};

const BLANK = { vm: undefined, choices: undefined, problem: undefined, shut: undefined };

/** What can be shown at once: nothing of any VM, because it isn't known yet who is looking. */
export function emptyForm(deps: Pick<Needs, "azure">, { draft, note, ref }: Opening): RequestForm {
  const { vmCode: code, ...rest } = draft;
  const shut = inventoryMissing(deps.azure.snapshot());
  const filling = code !== undefined || ref !== undefined;
  return { ...BLANK, draft: rest, problem: note, shut, filling };
}

export const shutForm = (draft: RequestForm["draft"], { say }: Refusal): RequestForm => ({
  ...BLANK,
  draft,
  shut: say,
  filling: false,
});

/** The VM can be chosen, as far as the search finds any; `problem` says what is amiss. */
export const bareForm = ({ draft, note }: Opening, problem?: Words): RequestForm => {
  const { vmCode: _, ...rest } = draft;
  return { ...BLANK, draft: rest, problem: problem ?? note, filling: false };
};

/** What has been looked up about the form's reader. */
type Known = {
  readonly listed: Listed;
  readonly members: Members;
  readonly myAddress: MyAddress;
  readonly zone: string;
};

/** The form for a draft, for somebody who is known to be one of us. */
export function formFor(
  deps: Needs,
  sender: Sender,
  { listed, members, myAddress, zone, opening }: Known & { readonly opening: Opening },
): RequestForm {
  const { snapshot, index } = listed;
  const { policy } = index;
  const { vmCode: code, ...draft } = opening.draft;
  const { ref } = opening;
  const missing = inventoryMissing(snapshot);
  if (missing !== undefined) return { ...bareForm(opening), shut: missing };
  const rules = rulesFor(listed, sender, members);
  if (!anyUnder(index, rules)) return { ...bareForm(opening), shut: NO_RULE };
  const who = { user: sender.user, members };
  const nowMs = deps.clock.nowMs();
  const bundle = code === undefined ? undefined : bundleOfCode(code);
  if (bundle !== undefined) {
    const asker = { policy, ...who, myAddress, nowMs };
    const shown = bundleForm({ listed, asker, rules }, bundle, draft);
    return shown === undefined
      ? bareForm(opening, NO_BUNDLE)
      : { ...bareForm(opening), zone, ...shown };
  }
  // What somebody can't request isn't shown to them, not even that it exists.
  const mayAsk = (vm: Vm) => mayAskFor(policy, vm, who);
  const meant =
    ref === undefined
      ? []
      : [...snapshot.vms.values()].filter((vm) => vmRefMatches(ref, vm) && mayAsk(vm));
  if (ref !== undefined && meant.length !== 1) return bareForm(opening, notOne(ref, meant.length));
  const vm = code === undefined ? meant[0] : vmOfCode(index, code);
  if (vm === undefined && code === undefined) return bareForm(opening);
  if (vm === undefined || !mayAsk(vm)) return bareForm(opening, NO_VM);
  const vmPolicies = snapshot.vmPolicies.get(vm.key) ?? [];
  const choices = choicesFor({ policy, ...who, myAddress, nowMs }, { vm, vmPolicies }, draft);
  const found = orUnread(snapshot, vm, choices);
  const others = (opening.more ?? []).flatMap((key) => snapshot.vms.get(key) ?? []);
  deps.log.debug({ user: sender.user, vm: vm.id }, "the form shows a VM");
  return {
    ...bareForm(opening),
    zone,
    vm: choiceOf(listed, vm, { ...who, nowMs }),
    more: others.filter(mayAsk).map((one) => choiceOf(listed, one, { ...who, nowMs })),
    choices: isRefusal(found) ? undefined : found,
    problem: opening.note ?? (isRefusal(found) ? found.say : undefined),
  };
}

const notOne = ({ typed: name }: VmRef, count: number): Words =>
  count === 0
    ? words`I can't find a VM named ${typed(name)} that you can request: choose one.`
    : words`${count} VMs are named ${typed(name)}: choose one.`;

export const NO_VM = words`That VM is gone, or no rule lets you request it: choose another.`;

const NO_BUNDLE = words`That bundle is gone, or you can't request any of its VMs now: choose another.`;

const NO_RULE = words`No rule lets you request any VM I can see: an admin can add you to one.`;

/** An empty list of VMs is told from one that was never read. */
function inventoryMissing(snapshot: Listed["snapshot"]): Words | undefined {
  if (snapshot.vms.size > 0) return undefined;
  const command = { code: "/jit request vm-01 3389 2h for restarting the print spooler" };
  return snapshot.atMs === 0
    ? words`I haven't read the list of VMs from Azure yet. Open the form again in a minute, or type a command: ${command}.`
    : words`I can't see any VMs in Azure: an admin has to let me read some. You can request a new VM right away with a command: ${command}.`;
}

/** The rules under which this person may ask, of the policy that the index was made with. */
const rulesFor = ({ index }: Listed, { user }: Sender, members: Members) =>
  new Set(index.policy.rules.filter((rule) => isRequester(rule, user, members)));

/** The members of all groups that decide who may ask. */
export const askerGroups = (deps: Needs): Promise<Members> =>
  groupMembersOf(deps, asking(deps), SHOWING_AGE_MS);

/** The same for what one person is in them, as of now. */
export const askerGroupsOf = (deps: Needs, user: UserId): Promise<Members> =>
  membershipsOf(deps, user, asking(deps));

const asking = (deps: Needs) =>
  deps.policy().rules.flatMap((rule) => (rule.requesters === "anyone" ? [] : [rule.requesters]));

/** Slack shows at most a hundred. */
const FOUND_MAX = 100;

type Search = {
  readonly text: string;
  readonly members: Members;
  /** What the person requested last, the newest first. */
  readonly recent: readonly VmKey[];
  readonly nowMs: number;
};

export const NOTHING_FOUND: Found = { bundles: [], vms: [] };

/** What this person may ask for, as one types; VMs with nothing to open come last. */
export function found(
  listed: Listed,
  sender: Sender,
  { text, members, recent, nowMs }: Search,
): Found {
  const rules = rulesFor(listed, sender, members);
  const isOpenable = (vm: Vm) => stateOf(listed, vm) === "configured";
  const asker = { user: sender.user, members, nowMs };
  const { policy } = listed.index;
  const bundles = bundlesFound({ listed, asker: { policy, ...asker }, rules }, text);
  const most = FOUND_MAX - bundles.length;
  const vms = searchVms(listed.index, text, { rules, most, recent, isOpenable });
  const choices = vms.map((vm) => choiceOf(listed, vm, asker));
  const isRequestable = ({ availability }: VmChoice) => availability === "requestable";
  const last = choices.filter((one) => !isRequestable(one));
  return { bundles, vms: [...choices.filter(isRequestable), ...last] };
}

const stateOf = ({ snapshot }: Listed, vm: Vm) =>
  jitStateOf(vm, snapshot.vmPolicies.get(vm.key) ?? []);

type Asker = { readonly user: UserId; readonly members: Members; readonly nowMs: number };

function choiceOf(listed: Listed, vm: Vm, asker: Asker): VmChoice {
  const off = offOf(vm.power);
  return {
    code: vmCode(vm.key),
    name: vm.name,
    resourceGroup: vm.resourceGroup,
    address: vm.publicAddresses[0] ?? vm.privateAddresses[0],
    availability: availabilityOf(listed, vm, asker),
    ...(off !== undefined && { off }),
  };
}

function availabilityOf(listed: Listed, vm: Vm, asker: Asker): VmAvailability {
  const state = stateOf(listed, vm);
  if (state !== "configured") return state;
  const { snapshot, index } = listed;
  const vmPolicies = snapshot.vmPolicies.get(vm.key) ?? [];
  const choices = choicesFor({ policy: index.policy, ...asker }, { vm, vmPolicies }, {});
  if (!isRefusal(choices)) return "requestable";
  return choices.refused === "outside-hours" ? "outside-hours" : "no-port";
}

/** Which field of the form a refusal is about, for the error to stand beside it. */
export function fieldOf({ refused }: Refusal): FormField {
  switch (refused) {
    case "bad-ports":
    case "incomplete":
    case "no-rule":
    case "port-not-in-policy":
    case "several-rules":
    case "two-policies":
      return "ports";
    case "bad-duration":
    case "too-long":
      return "duration";
    case "bad-time":
      return "at";
    case "ambiguous":
    case "bad-source":
    case "source-not-allowed":
    case "switched-off":
      return "source";
    case "bad-reason":
    case "reason-required":
      return "reason";
    default:
      return "vm";
  }
}
