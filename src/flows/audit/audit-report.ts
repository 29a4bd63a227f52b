// `/jit audit`: what is on record, for admins and auditors all of it, for others what they asked for themselves.

import { accessRecordBuilder } from "../../domain/audit/access-record.ts";
import type { AuditEntry } from "../../domain/audit/audit-entry.ts";
import { type Format, formatEntry, headOf } from "../../domain/audit/audit-export.ts";
import { livesIn } from "../../domain/audit/audit-lives.ts";
import { USUAL_PERIOD_MS } from "../../domain/audit/usual-period.ts";
import { formatCommand } from "../../domain/command/command.ts";
import { commandWords } from "../../domain/command/command-words.ts";
import type { AuditCommand } from "../../domain/command/verbs/audit-verb.ts";
import { type VmRef, vmRefMatches } from "../../domain/command/vm-ref.ts";
import { isSlackId, type Named, type Names } from "../../domain/report/names.ts";
import { tableHead, tableRow } from "../../domain/report/request-table.ts";
import { userId } from "../../domain/text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../domain/text/refusal.ts";
import { words } from "../../domain/text/words.ts";
import { PORTALS } from "../../domain/vm/portal-url.ts";
import { isFault } from "../../ports/fault.ts";
import type { Answer, Sender } from "../../ports/inbound.ts";
import type { AuditQuery, Searched } from "../../ports/storage/audit.ts";
import { within } from "../../ports/within.ts";
import { NOTHING, said } from "../answering/answering.ts";
import { record } from "../answering/record.ts";
import type { Deps } from "../deps.ts";
import { refuseSharedChannel, SHOWING_AGE_MS } from "../people/people.ts";
import { type Visibility, visibilityAfresh } from "../requests/visibility.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "requests"
  | "auditNotes"
  | "storeClock"
  | "audit"
  | "chat"
  | "onCall"
  | "policy"
  | "limits"
  | "onCommitted"
  | "clock"
>;

/** As many as fit one message with the longest names. */
const ON_A_PAGE = 5;
const PAGES_MAX = 200;
/** More is for the command line, which has no bound. */
const ENTRIES_MAX = 5_000;

/** `page` begins with 1. The first one is itself recorded: who looked at what. */
export async function auditReport(
  deps: Needs,
  sender: Sender,
  { page = 1, ...command }: AuditCommand & { readonly page?: number },
): Promise<Answer | Refusal> {
  const found = await entriesFor(deps, sender, command);
  if (isRefusal(found)) return found;
  if (page === 1 && (await looked(deps, sender, command)) === "repeated") return NOTHING;
  const { entries, query, stoppedAtMs } = found;
  const { lives, elsewhere, others } = livesIn(entries);
  const shownPage = Math.min(Math.max(1, page), PAGES_MAX);
  const from = (shownPage - 1) * ON_A_PAGE;
  return {
    answer: "screen",
    screen: {
      screen: "audit",
      fromMs: query.fromMs,
      untilMs: query.untilMs,
      elsewhere,
      others,
      lives: lives.slice(from, from + ON_A_PAGE),
      portal: PORTALS[deps.policy().azure.cloud],
      count: lives.length,
      stoppedAtMs,
      isUsual: command.period === undefined,
      page: shownPage,
      isMore: lives.length > from + ON_A_PAGE && shownPage < PAGES_MAX,
      asked: formatCommand(command),
    },
  };
}

/**
 * Sends what was found as a file, privately; the right to it is checked again. As CSV it is a table of the
 * requests, and every entry as a second file.
 */
export async function auditFile(
  deps: Needs,
  sender: Sender,
  { command, format }: { command: AuditCommand; format: Format },
): Promise<Answer | Refusal> {
  const found = await entriesFor(deps, sender, command);
  if (isRefusal(found)) return found;
  if ((await looked(deps, sender, command)) === "repeated") return NOTHING;
  const entries = found.entries.toReversed();
  const { stoppedAtMs, query } = found;
  const cut =
    stoppedAtMs === undefined
      ? words``
      : words`. The search stopped early, ${{ atMs: stoppedAtMs }}; older entries aren't in it`;
  const day = new Date(query.untilMs).toISOString().slice(0, 10);
  const asked = commandWords(formatCommand(command));
  const of = words`of ${asked}, from ${{ atMs: query.fromMs }} until ${{ atMs: query.untilMs }}${cut}.`;
  const text = headOf(format) + entries.map((entry) => formatEntry(entry, format)).join("");
  const counted = `${entries.length} ${entries.length === 1 ? "entry" : "entries"}`;
  const all = { text, says: words`${counted} ${of}` };
  if (format !== "csv") {
    await deps.chat.sendFile(sender.user, { name: `jit-audit-${day}.${format}`, ...all });
    return said(words`The file is in your DM: ${counted}${cut}.`);
  }
  const table = await requestTable(deps, entries, query.nowMs);
  const requests = `${table.count} ${table.count === 1 ? "request" : "requests"}`;
  const says = words`${requests} ${of}`;
  await deps.chat.sendFile(sender.user, { name: `jit-audit-${day}.csv`, text: table.text, says });
  await deps.chat.sendFile(sender.user, { name: `jit-audit-entries-${day}.csv`, ...all });
  return said(words`The files are in your DM: ${requests}, ${counted}${cut}.`);
}

/** A row for each request, the one that was asked for first at the top. `entries`: in their order. */
async function requestTable(
  deps: Needs,
  entries: readonly AuditEntry[],
  nowMs: number,
): Promise<{ readonly text: string; readonly count: number }> {
  const builder = accessRecordBuilder();
  entries.forEach(builder.take);
  const records = builder.rest();
  const people = records.flatMap(({ requester, approvers, reviews }) => [
    requester ?? "",
    ...approvers,
    ...reviews.map(({ by }) => by),
  ]);
  const portal = PORTALS[deps.policy().azure.cloud];
  const options = { names: await namesOf(deps, people), portal, nowMs };
  const rows = records.map((record) => tableRow(record, options));
  return { text: tableHead(options) + rows.join(""), count: rows.length };
}

/** Who isn't known by then goes by the id. */
const NAMED_WITHIN_MS = 2_000;
const NAMED_MAX = 100;

async function namesOf(
  { chat, clock }: Pick<Needs, "chat" | "clock">,
  people: readonly string[],
): Promise<Names> {
  const names = new Map<string, Named>();
  const read = async (id: string): Promise<void> => {
    try {
      const person = await chat.person(userId(id), SHOWING_AGE_MS);
      if (person !== undefined) names.set(id, { name: person.name, address: person.email });
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown;
    }
  };
  const asked = [...new Set(people)].filter(isSlackId).slice(0, NAMED_MAX);
  await within(Promise.all(asked.map(read)), NAMED_WITHIN_MS, clock);
  // What comes later changes nothing that is being written.
  return new Map(names);
}

type Entries = Searched & { readonly query: AuditQuery & { readonly nowMs: number } };

async function entriesFor(
  deps: Needs,
  sender: Sender,
  command: AuditCommand,
): Promise<Entries | Refusal> {
  const shared = await refuseSharedChannel(deps.chat, sender.channel);
  if (shared !== undefined) return shared;
  const { admins, auditors } = deps.policy();
  const visibility = await visibilityAfresh(deps, sender, {
    afresh: [admins, auditors],
    isNo: (one) => isRefusal(queryFor(sender, one, command)),
  });
  if (isRefusal(visibility)) return visibility;
  const { audit } = deps;
  if (audit === undefined) return refuse("switched-off")`The audit log can't be read from here.`;
  const query = queryFor(sender, visibility, command);
  return isRefusal(query) ? query : { query, ...(await audit.search(query)) };
}

function queryFor(
  { user }: Sender,
  visibility: Visibility,
  { user: about, vm, period }: AuditCommand,
): Entries["query"] | Refusal {
  if (!visibility.canSeeAll && about !== undefined && about !== user) {
    return refuse(
      "not-yours",
    )`Only admins and auditors can see what others did: ${{ code: "/jit audit" }} shows your own requests.`;
  }
  const { nowMs } = visibility;
  const when =
    period === undefined || "lastMs" in period
      ? { fromMs: nowMs - (period?.lastMs ?? USUAL_PERIOD_MS), untilMs: nowMs }
      : period;
  return {
    ...when,
    nowMs,
    user: visibility.canSeeAll ? about : user,
    wanted: (entry) => (visibility.canSeeAll || isOwn(entry, user)) && isOnVm(entry, vm),
    most: ENTRIES_MAX,
  };
}

/** What somebody decided, or was refused, about others' requests isn't theirs to look up. */
const isOwn = ({ requester, request, by }: AuditEntry, user: string): boolean =>
  requester === user || (request === undefined && by === user);

/** Entries name a VM as `resource group/name` in lower case; it may be gone from Azure by now. */
function isOnVm({ vm, detail }: AuditEntry, ref: VmRef | undefined): boolean {
  if (ref === undefined) return true;
  // Whose JIT policy was changed.
  if (Array.isArray(detail.vms) && detail.vms.some((id) => isId(id, ref))) return true;
  if (ref.id !== undefined && typeof detail.vm === "string") {
    return detail.vm.toLowerCase() === ref.id.toLowerCase();
  }
  const [group = "", name = ""] = (vm ?? "").split("/");
  return (
    name === ref.name.toLowerCase() &&
    (ref.resourceGroup === undefined || group === ref.resourceGroup.toLowerCase())
  );
}

function isId(id: string, ref: VmRef): boolean {
  const [, , , , resourceGroup = "", , , , name = ""] = id.split("/");
  return vmRefMatches(ref, { id, name, resourceGroup, subscriptionId: id.split("/")[2] ?? "" });
}

function looked(
  deps: Needs,
  sender: Sender,
  command: AuditCommand,
): Promise<"recorded" | "repeated"> {
  const detail = { about: formatCommand(command), policy: deps.policy().hash };
  const note = { what: "audit-read", by: sender.user, detail };
  return record(deps, { request: undefined, note, delivery: sender.delivery });
}
