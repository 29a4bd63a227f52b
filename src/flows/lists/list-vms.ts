// `/jit vms`: how the VMs that somebody may see stand with just-in-time access, a page at a time.

import type { VmsCommand } from "../../domain/command/verbs/vms-verb.ts";
import { includesJit } from "../../domain/doctor/defender-plan.ts";
import { isRequester } from "../../domain/rules/rule-match.ts";
import { seenVms } from "../../domain/rules/vm-search.ts";
import type { VmKey } from "../../domain/text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../domain/text/refusal.ts";
import { listed as inWords, type Words, words } from "../../domain/text/words.ts";
import { goneVms } from "../../domain/vm/gone-vms.ts";
import { isExposed, jitStateOf } from "../../domain/vm/jit-state.ts";
import { fitsVm, type VmsFilter, vmsFilter } from "../../domain/vm/search/vms-filter.ts";
import type { Vm } from "../../domain/vm/vm.ts";
import type { InventorySnapshot } from "../../ports/azure.ts";
import type { Answer, Sender } from "../../ports/inbound.ts";
import type { VmEntry } from "../../ports/screens/screens.ts";
import type { Deps } from "../deps.ts";
import { askerGroupsOf } from "../forms/form-contents.ts";
import { refreshed } from "../inventory/find-vm.ts";
import { asOf } from "../inventory/inventory-age.ts";
import { isUnread } from "../inventory/unread-policies.ts";
import type { Listed, WithDirectory } from "../inventory/vm-directory.ts";
import { orCannotCheck, refuseSharedChannel } from "../people/people.ts";
import { foundIn, type Visibility, visibilityFor } from "../requests/visibility.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "requests"
  | "storeClock"
  | "azure"
  | "chat"
  | "onCall"
  | "clock"
  | "log"
  | "policy"
  | "checkup"
> &
  WithDirectory;

/** As many as are read at one look on a phone, and fit a message with the longest names. */
const ON_A_PAGE = 8;
const PAGES_MAX = 1_000;

/** `page` begins with 1. */
export async function listVms(
  deps: Needs,
  sender: Sender,
  { text = "", page = 1 }: Pick<VmsCommand, "text"> & { readonly page?: number },
): Promise<Answer | Refusal> {
  const shared = await refuseSharedChannel(deps.chat, sender.channel);
  if (shared !== undefined) return shared;
  const visibility = await visibilityFor(deps, sender);
  if (isRefusal(visibility)) return visibility;
  const visible = await visibleTo(deps, sender, visibility);
  if (isRefusal(visible)) return visible;
  const { listed, vms } = visible;
  const filter = vmsFilter(text);
  const open = await openOn(deps, visibility);
  const seen = vms(filter.words)
    .map((vm) => entryOf(vm, listed, open))
    .filter((entry) => fits(entry, filter));
  const shownPage = Math.min(Math.max(1, page), PAGES_MAX);
  const from = (shownPage - 1) * ON_A_PAGE;
  const gone = visibility.canSeeAll ? goneNotes(listed.snapshot, filter) : [];
  const shown = seen.slice(from, from + ON_A_PAGE);
  return {
    answer: "screen",
    screen: {
      screen: "vms",
      counts: counted(seen),
      entries: shown,
      page: shownPage,
      isMore: seen.length > from + ON_A_PAGE && shownPage < PAGES_MAX,
      asked: `vms ${text}`.trim(),
      notes: [
        ...(seen.length <= from && gone.length > 0
          ? []
          : notes(deps, listed, { visibility, isEmpty: seen.length <= from, page: shownPage })),
        ...gone,
        ...(await planNotes(deps, shown)),
      ],
    },
  };
}

/** Where JIT would have to be paid for first. A hint: single VMs may have a plan of their own. */
async function planNotes(
  { checkup }: Needs,
  entries: readonly VmEntry[],
): Promise<readonly Words[]> {
  const waiting = entries.filter(({ state }) => state === "not-configured");
  const ids = [...new Set(waiting.map(({ vm }) => vm.subscriptionId))];
  const plans = await Promise.all(ids.map((id) => checkup?.plan(id)));
  return ids.flatMap((id, index) => {
    const plan = plans[index];
    return plan === undefined || includesJit(plan)
      ? []
      : [
          words`Defender for Servers Plan 2 is off in subscription ${{ code: id }}: JIT can't be configured there, unless single VMs have the plan.`,
        ];
  });
}

type Visible = {
  readonly listed: Listed;
  /** Those in which every word occurs, by name. */
  readonly vms: (words: readonly string[]) => readonly Vm[];
};

/** Admins and auditors see every VM; others those that some rule lets them ask for. */
async function visibleTo(
  deps: Needs,
  { user }: Sender,
  visibility: Visibility,
): Promise<Visible | Refusal> {
  if (deps.azure.snapshot().atMs === 0 && (await refreshed(deps)).atMs === 0) {
    return refuse(
      "cannot-check",
    )`I couldn't read the list of VMs from Azure yet: try again in a minute, or ask an admin to check the bot's log.`;
  }
  const members = await orCannotCheck(() => askerGroupsOf(deps, user));
  if (isRefusal(members)) return members;
  const listed = await deps.directory.current();
  const { policy } = listed.index;
  const rules = visibility.canSeeAll
    ? undefined
    : new Set(policy.rules.filter((rule) => isRequester(rule, user, members)));
  return { listed, vms: (wanted) => seenVms(listed.index, wanted, rules) };
}

/** The open access on each VM that this reader can see. */
async function openOn(deps: Needs, visibility: Visibility): Promise<ReadonlyMap<VmKey, number>> {
  const { requests } = await foundIn(deps, "open", { wanted: visibility.canSee, most: Infinity });
  const counts = new Map<VmKey, number>();
  for (const { state, ask } of requests) {
    if (state !== "open" && state !== "ending") continue;
    counts.set(ask.vm.key, (counts.get(ask.vm.key) ?? 0) + 1);
  }
  return counts;
}

function entryOf(vm: Vm, { snapshot }: Listed, open: ReadonlyMap<VmKey, number>): VmEntry {
  const vmPolicies = snapshot.vmPolicies.get(vm.key) ?? [];
  return {
    vm,
    state: isUnread(snapshot, vm) ? "unknown" : jitStateOf(vm, vmPolicies),
    ports: vmPolicies.flatMap((vmPolicy) => vmPolicy.ports),
    unreadable: vmPolicies.flatMap((vmPolicy) => vmPolicy.unreadable ?? []),
    open: open.get(vm.key) ?? 0,
  };
}

const fits = (entry: VmEntry, filter: VmsFilter): boolean =>
  (filter.state === undefined || entry.state === filter.state) &&
  (!filter.exposed || isExposed(entry.vm)) &&
  (!filter.open || entry.open > 0) &&
  fitsVm(filter, entry.vm);

function counted(entries: readonly VmEntry[]) {
  const of = (state: VmEntry["state"]) => entries.filter((entry) => entry.state === state).length;
  return {
    configured: of("configured"),
    notConfigured: of("not-configured"),
    unknown: of("unknown"),
    unsupported: of("unsupported"),
    exposed: entries.filter(({ vm }) => isExposed(vm)).length,
  };
}

type About = { readonly visibility: Visibility; readonly isEmpty: boolean; readonly page: number };

function notes(deps: Needs, { snapshot }: Listed, about: About): readonly Words[] {
  const found: Words[] = [];
  if (about.isEmpty && about.page > 1) found.push(words`Nothing more.`);
  else if (about.isEmpty) {
    found.push(
      about.visibility.canSeeAll
        ? words`No VM matches. ${{ code: "/jit vms" }} shows all VMs I can see.`
        : words`No VM that you can request matches. ${{ code: "/jit vms" }} shows all of them.`,
    );
  }
  const old = asOf(snapshot, deps.clock.nowMs());
  if (old !== undefined) found.push(old);
  if (about.visibility.canSeeAll) found.push(...unreadNotes(snapshot));
  return found;
}

const GONE_NAMED_MAX = 3;

/** VMs that were deleted stay in their policy, and may keep Azure from taking a change of it. */
function goneNotes(snapshot: InventorySnapshot, filter: VmsFilter): readonly Words[] {
  const gone = goneVms(snapshot).filter(
    (vm) =>
      fitsVm(filter, vm) &&
      filter.words.every((word) => `${vm.resourceGroup}/${vm.name}`.includes(word)),
  );
  const names = gone.map(({ resourceGroup, name }) => `${resourceGroup}/${name}`);
  const [first] = names;
  if (first === undefined) return [];
  const shown = names.slice(0, GONE_NAMED_MAX).map((name) => ({ code: name }));
  const more = names.length - shown.length;
  return [
    words`⚠️ I can't find ${inWords(shown)}${more > 0 ? ` and ${more} more` : ""}, still named in JIT policies. An admin can remove a VM with ${{ code: `/jit disable ${first}` }}.`,
  ];
}

function unreadNotes({ unread }: InventorySnapshot): readonly Words[] {
  const gone = unread.find(({ goneSinceMs }) => goneSinceMs !== undefined);
  const [first, ...others] = unread.filter(({ goneSinceMs }) => goneSinceMs === undefined);
  const found: Words[] = [];
  if (gone?.goneSinceMs !== undefined) {
    found.push(
      words`I haven't been able to see subscription ${{ code: gone.subscriptionId }} since ${{ atMs: gone.goneSinceMs }}: its VMs are shown as last read.`,
    );
  }
  if (first !== undefined) {
    const more = others.length > 0 ? ` and ${others.length} more` : "";
    found.push(
      words`The JIT policies of subscription ${{ code: first.subscriptionId }}${more} couldn't be read: ${first.fault.slice(0, 300)}`,
    );
  }
  return found;
}
