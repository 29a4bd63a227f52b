// Looking at requests: one by its id, or a page of a list; nobody sees what isn't theirs to see.

import type { ListCommand } from "../../domain/command/verbs/list-verb.ts";
import { vmRefMatches } from "../../domain/command/vm-ref.ts";
import { goesOn } from "../../domain/request/offers.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import { isRefusal, type Refusal } from "../../domain/text/refusal.ts";
import { type Words, words } from "../../domain/text/words.ts";
import type { Answer, Sender } from "../../ports/inbound.ts";
import type { Entry } from "../../ports/screens/screens.ts";
import type { Deps } from "../deps.ts";
import { noSuchVm } from "../inventory/find-vm.ts";
import { refuseSharedChannel, SHOWING_AGE_MS } from "../people/people.ts";
import { knownVms } from "../requests/asking/known-vms.ts";
import { noSuchRequest } from "../requests/deciding/decide.ts";
import {
  type Found,
  foundIn,
  type Visibility,
  visibilityFor,
  visibilityOf,
} from "../requests/visibility.ts";

type Needs = Pick<
  Deps,
  "absences" | "requests" | "storeClock" | "chat" | "onCall" | "policy" | "limits"
>;
type Listing = Needs & Pick<Deps, "azure">;

/** How many are read on a phone without scrolling for ever, and fit one message with their buttons. */
export const ON_A_PAGE = 6;
/** Nobody turns more pages than this; there is a command to narrow. */
const PAGES_MAX = 50;

/** A person's requests stay for thirty days: those of which one is extended are among this many. */
const OWN_MAX = 500;

export async function requestStatus(
  deps: Needs,
  sender: Sender,
  id: RequestId,
  note?: Words,
): Promise<Answer | Refusal> {
  const shared = await refuseSharedChannel(deps.chat, sender.channel);
  if (shared !== undefined) return shared;
  const stored = await deps.requests.read(id);
  const visibility = await visibilityOf(deps, sender, stored?.request);
  if (isRefusal(visibility)) return visibility;
  if (stored === undefined || !visibility.canSee(stored.request)) return noSuchRequest(id);
  const { request, nowMs } = stored;
  const own = await foundIn(
    deps,
    { of: request.ask.requester },
    // An extension isn't everybody's to see who sees what it extends: escalation is each one's own.
    { wanted: (one) => one.ask.extends === id && visibility.canSee(one), most: OWN_MAX },
  );
  return {
    answer: "screen",
    screen: {
      screen: "status",
      nowMs,
      entry: visibility.entryOf(request),
      extensions: own.requests,
      ...(note && { note }),
    },
  };
}

/** `page` begins with 1. */
export async function listRequests(
  deps: Listing,
  sender: Sender,
  { filter, page = 1 }: ListCommand & { readonly page?: number },
): Promise<Answer | Refusal> {
  const shared = await refuseSharedChannel(deps.chat, sender.channel);
  if (shared !== undefined) return shared;
  const visibility = await visibilityFor(deps, sender);
  if (isRefusal(visibility)) return visibility;
  const shownPage = Math.min(Math.max(1, page), PAGES_MAX);
  const { requests, isCut } = await listed(deps, sender, {
    filter,
    visibility,
    most: shownPage * ON_A_PAGE + 1,
  });
  const from = (shownPage - 1) * ON_A_PAGE;
  const entries = requests.slice(from, from + ON_A_PAGE).map(visibility.entryOf);
  const unknown = entries.length > 0 ? undefined : await noVm(deps, sender, filter);
  if (unknown !== undefined && isRefusal(unknown)) return unknown;
  const isMore = requests.length > from + ON_A_PAGE && shownPage < PAGES_MAX;
  return {
    answer: "screen",
    screen: {
      screen: "list",
      nowMs: visibility.nowMs,
      heading: heading(filter),
      entries,
      page: shownPage,
      isMore,
      asked: askedFor(filter),
      note: unknown ?? note(filter, { entries, page: shownPage, isCut: isCut && !isMore }),
    },
  };
}

type Filter = ListCommand["filter"];
type Wanted = { readonly filter: Filter; readonly visibility: Visibility; readonly most: number };

const isMine = (filter: Filter): boolean => filter === undefined || filter === "mine";

async function listed(
  deps: Needs,
  sender: Sender,
  { filter, visibility, most }: Wanted,
): Promise<Found> {
  const { canSee } = visibility;
  if (isMine(filter)) {
    const all = await foundIn(deps, { of: sender.user }, { wanted: () => true, most: OWN_MAX });
    return { ...all, requests: currentFirst(all.requests, visibility.nowMs) };
  }
  if (filter === "pending" || filter === "open") {
    return foundIn(deps, filter, { wanted: canSee, most });
  }
  const wanted = (one: AccessRequest) => isOn(one, filter) && canSee(one);
  const [open, pending] = await Promise.all([
    foundIn(deps, "open", { wanted, most }),
    foundIn(deps, "pending", { wanted, most }),
  ]);
  const both = [...open.requests, ...pending.requests];
  return { requests: both.slice(0, most), isCut: open.isCut || pending.isCut };
}

/** What still goes on, before what is over; within each the newest first. */
const currentFirst = (
  requests: readonly AccessRequest[],
  nowMs: number,
): readonly AccessRequest[] => [
  ...requests.filter((one) => goesOn(one, nowMs)),
  ...requests.filter((one) => !goesOn(one, nowMs)),
];

function isOn(request: AccessRequest, filter: Filter): boolean {
  if (typeof filter !== "object") return false;
  const { id, name } = request.ask.vm;
  const [, , subscriptionId = "", , resourceGroup = ""] = id.split("/");
  return vmRefMatches(filter.vm, { id, name, resourceGroup, subscriptionId });
}

function askedFor(filter: Filter): string {
  if (typeof filter === "object") return `vm:${filter.vm.typed}`;
  return filter ?? "mine";
}

function heading(filter: Filter): string {
  if (typeof filter === "object") return `Current requests for ${filter.vm.typed}`;
  if (filter === "pending") return "Pending and ready requests";
  return isMine(filter) ? "Your requests" : "Open access";
}

/** There is no VM of that name, or none that they can request: a mistyped one must not read as one without access. */
async function noVm(
  deps: Listing,
  { user }: Sender,
  filter: Filter,
): Promise<Words | Refusal | undefined> {
  if (typeof filter !== "object") return undefined;
  const about = { policy: deps.policy(), user, everything: false };
  const known = await knownVms(deps, about, SHOWING_AGE_MS);
  if (isRefusal(known)) return known;
  const snapshot = deps.azure.snapshot();
  // What was never read can't be told from what isn't there.
  if (snapshot.vms.size === 0) return undefined;
  const isThere = [...snapshot.vms.values()].some(
    (vm) => vmRefMatches(filter.vm, vm) && known.isKnown(vm),
  );
  if (isThere) return undefined;
  return words`You can't see any requests there. ${noSuchVm(snapshot, filter.vm, known.isKnown).say}`;
}

type Shown = { readonly entries: readonly Entry[]; readonly page: number; readonly isCut: boolean };

function note(filter: Filter, { entries, page, isCut }: Shown): Words | undefined {
  if (isCut) {
    return words`There may be more than I looked through: ${{ code: "/jit list vm:<vm>" }} shows one VM's.`;
  }
  if (entries.length > 0) return undefined;
  if (page > 1) return words`Nothing more.`;
  if (typeof filter === "object") {
    const ask = { code: `/jit request ${filter.vm.typed}` };
    return words`You can't see any current requests there. To request access: ${ask}`;
  }
  const others = words`You see your own requests and those you can approve.`;
  if (filter === "pending") return words`Nothing is waiting for a decision. ${others}`;
  if (filter === "open") return words`Nothing is open. ${others}`;
  return words`You haven't requested anything in the last 30 days. Try ${{ code: "/jit request vm-01 3389 2h for …" }}, or ${{ code: "/jit" }} for the form.`;
}
