// What the audit and the notices channel hear of something that the Activity Log tells.

import { idInJustification } from "../../domain/request/doors/doors.ts";
import { openedBy } from "../../domain/request/doors/opened-by.ts";
import type { AuditNote } from "../../domain/request/moved.ts";
import { askedIn, isMadeOf } from "../../domain/request/recovered.ts";
import { MINUTE_MS } from "../../domain/text/duration.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import type { ActivityKind } from "../../domain/vm/activity-log/activity-event.ts";
import type { Activity } from "../../domain/vm/activity-log/activity-events.ts";
import type { JitEntry, JitPolicy } from "../../domain/vm/vm.ts";
import { isFault } from "../../ports/fault.ts";
import type { Notice } from "../../ports/storage/notices.ts";
import type { Seen } from "../../ports/storage/watch-repository.ts";
import { underRule } from "../answering/audit-notes.ts";
import type { Watching } from "./watching.ts";

export type EntriesOf = (activity: Activity) => Promise<readonly JitEntry[]>;

/**
 * Finds what an opening made in its policy, which is read once, however much was done through it; what is
 * found belongs to nothing else. A policy that can't be read is as if it were gone.
 */
export function entryFinder(deps: Watching): EntriesOf {
  const taken = new Set<JitEntry>();
  const read = new Map<string, Promise<JitPolicy | undefined>>();
  const readOne = async (policyId: string) => {
    try {
      return await deps.azure.readPolicy(policyId);
    } catch (thrown) {
      // What was done is told anyway, without what only the policy knows.
      if (!isFault(thrown) || thrown.source !== "azure") throw thrown;
      deps.log.warn({ policy: policyId, code: thrown.code }, "a policy couldn't be read");
      return undefined;
    }
  };
  return async (activity) => {
    if (activity.kind !== "opened") return [];
    const key = activity.policyId.toLowerCase();
    const reading = read.get(key) ?? readOne(activity.policyId);
    read.set(key, reading);
    const found = openedBy(activity, (await reading)?.entries ?? [], taken);
    for (const entry of found) taken.add(entry);
    return found;
  };
}

const KINDS: Readonly<Record<ActivityKind, Extract<Notice["what"], `${string}-elsewhere`>>> = {
  opened: "opened-elsewhere",
  written: "jit-policy-changed-elsewhere",
  deleted: "jit-policy-deleted-elsewhere",
};

/** A record that was lost is made again within this time, if at all. */
const MADE_AGAIN_WITHIN_MS = 2 * MINUTE_MS;

/**
 * The bot's own is written beside its request; what others did is told, too. `undefined`: it looks like an
 * opening of the bot's own whose record was lost, and is judged later, when that has been made again.
 */
export async function seenOf(
  deps: Watching,
  activity: Activity,
  { entriesOf, nowMs }: { readonly entriesOf: EntriesOf; readonly nowMs: number },
): Promise<Seen | undefined> {
  if (activity.own !== undefined) return ownSeen(deps, activity);
  const { kind, policyId, atMs } = activity;
  const entries = await entriesOf(activity);
  const again = await madeAgain(deps, activity, entries);
  if (again !== undefined) return ownSeen(deps, { ...activity, own: { request: again } });
  if (nowMs - atMs < MADE_AGAIN_WITHIN_MS && looksOwn(deps, activity, entries)) return undefined;
  const byVm = [...Map.groupBy(entries, ({ vm }) => vm).values()];
  const what = KINDS[kind];
  const notes = (byVm.length === 0 ? [[]] : byVm).map((its) => ({
    note: { what, detail: { ...logged(activity), ...detailOf(its) } },
    about: { vm: its[0]?.vm },
  }));
  const notice = {
    what,
    atMs,
    by: activity.caller,
    jitPolicy: policyName(policyId),
    ...(isByBot(deps, activity) && { asBot: true }),
  };
  const notices = (byVm.length === 0 ? [[]] : byVm).map((its) => ({
    channel: deps.policy().channels.notices,
    notice: { ...notice, ...noticeOf(deps, its), ...openingOf(activity, its) },
  }));
  return { marks: activity.marks, atMs, notes, notices };
}

const isByBot = ({ azure }: Watching, { caller }: Activity): boolean =>
  caller.toLowerCase() === azure.principal();

/** Opened by the bot itself, and justified as it does. */
const looksOwn = (deps: Watching, activity: Activity, entries: readonly JitEntry[]) =>
  entries.length > 0 &&
  isByBot(deps, activity) &&
  entries.every(({ justification }) => askedIn(justification) !== undefined);

/** The request that was made again of what this opened, and told so. */
async function madeAgain(
  { requests, azure }: Watching,
  { caller }: Activity,
  entries: readonly JitEntry[],
): Promise<RequestId | undefined> {
  const principal = azure.principal();
  if (principal === undefined || caller.toLowerCase() !== principal) return undefined;
  const id = idInJustification(entries[0]?.justification ?? "");
  const stored =
    id === undefined ? undefined : await readableOrNothing(requests.read(id as RequestId));
  if (stored === undefined || !isMadeOf(stored.request, { entries, principal })) return undefined;
  return stored.request.id;
}

/** Joins the log's own entry with the request that it is about. */
async function ownSeen(deps: Watching, activity: Activity): Promise<Seen> {
  const id = activity.own?.request;
  const request = id === undefined ? undefined : await readableOrNothing(deps.requests.read(id));
  const { requester, vm } = request?.request.ask ?? {};
  const seen: AuditNote = { what: "seen-in-log", detail: logged(activity) };
  const about = { id, requester, vm: vm?.key };
  const under = request === undefined ? [seen] : underRule(deps.policy(), request.request, [seen]);
  const notes = under.map((note) => ({ note, about }));
  return { marks: activity.marks, atMs: activity.atMs, notes, notices: [] };
}

/** A document that can't be read harms no other, and no turn of the watch. */
async function readableOrNothing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (thrown) {
    if (!isFault(thrown) || thrown.retryable) throw thrown;
    return undefined;
  }
}

const logged = ({ policyId, correlationId, caller, status, atMs, kind }: Activity) => ({
  act: kind,
  jitPolicy: policyId,
  correlation: correlationId,
  caller,
  status,
  loggedAtMs: atMs,
});

const distinct = <T>(items: readonly T[]): readonly T[] => [...new Set(items)];

/** Several VMs and sources in one request are bounded where they are written or shown. */
function detailOf(entries: readonly JitEntry[]): NonNullable<AuditNote["detail"]> {
  const [first] = entries;
  if (first === undefined) return {};
  return {
    ports: distinct(entries.map(({ port }) => port)).join(),
    source: distinct(entries.map(({ source }) => source)).join(),
    reason: first.justification,
    vm: first.vm,
    endsAtMs: Math.max(...entries.map(({ endsAtMs }) => endsAtMs)),
  };
}

function noticeOf(deps: Watching, entries: readonly JitEntry[]): Partial<Notice> {
  const [first] = entries;
  if (first === undefined) return {};
  return {
    vm: deps.azure.snapshot().vms.get(first.vm)?.name ?? first.vm.split("/").at(-1),
    ports: distinct(entries.map(({ port }) => port)),
    source: distinct(entries.map(({ source }) => source)).join(", "),
    untilMs: Math.max(...entries.map(({ endsAtMs }) => endsAtMs)),
    text: first.justification,
  };
}

/** So that it can be dealt with where it is told. */
function openingOf(
  { policyId }: Activity,
  [first, ...others]: readonly JitEntry[],
): Pick<Notice, "opening"> {
  if (first === undefined) return {};
  const { vm, startedAtMs } = first;
  const ports = distinct([first, ...others].map(({ port }) => port));
  return { opening: { jitPolicyId: policyId, vm, ports, startedAtMs } };
}

/** `resource group/name`, as Azure spells it. */
function policyName(policyId: string): string {
  const [, , , , group = "", ...rest] = policyId.split("/");
  return `${group}/${rest.at(-1) ?? ""}`;
}
