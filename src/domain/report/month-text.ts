// The month's report in Markdown, part by part: what an auditor asks first stands first. Pure.

import { type AccessRecord, openMs } from "../audit/access-record.ts";
import { type AuditEntry, vmName } from "../audit/audit-entry.ts";
import { ANY_SOURCE } from "../network/source.ts";
import { HOUR_MS } from "../text/duration.ts";
import { portalUrl } from "../vm/portal-url.ts";
import { asMarkdown, markdownLink, tableLine, tableTop } from "./markdown.ts";
import type { Month, MonthTotals } from "./month-totals.ts";
import { type Names, withId } from "./names.ts";
import {
  endText,
  isoOf,
  minutesText,
  reviewText,
  sourceText,
  type TableOptions,
} from "./request-table.ts";
import { headText, type Verification } from "./verification.ts";

export type MonthHeading = {
  /** `2026-11`. */
  readonly name: string;
  readonly month: Month;
  readonly tenant: string;
  readonly nowMs: number;
  /** Where the audit begins, if that is after the month's beginning, because older entries were deleted. */
  readonly trimmedUntilMs: number | undefined;
  readonly isUnkeyed: boolean;
  /** A head from the log that was compared with. */
  readonly given: string | undefined;
};

export function headingText(
  { name, month, tenant, nowMs, trimmedUntilMs, isUnkeyed, given }: MonthHeading,
  found: Verification,
): string {
  const until = isoOf(Math.min(month.untilMs, nowMs));
  const notOver = nowMs < month.untilMs ? " The month isn't over." : "";
  const { span, findings, later } = found;
  const of = span === undefined ? "no entries" : `entries ${span.firstSeq} to ${span.lastSeq}`;
  const verified = found.isVerified
    ? `**Verified.** The chain is whole up to the month's last entry (${of}): none is missing, altered or unsealed.`
    : `**Not verified** (${of}):\n\n${findings.map((one) => `- ${asMarkdown(one)}\n`).join("")}`;
  const lines = [
    `# Just-in-time access in ${name}`,
    `Workspace ${asMarkdown(tenant)}, from ${isoOf(month.fromMs)} until ${until}, times in UTC. Written ${isoOf(nowMs)} from the audit log.${notOver}`,
    ...(trimmedUntilMs === undefined
      ? []
      : [
          `**Incomplete:** entries before ${isoOf(trimmedUntilMs)} were deleted as older than \`audit.keepFor\`.`,
        ]),
    "## Verification",
    verified,
    [
      `- Head at the month's end: \`${headText(found.monthHead)}\``,
      `- Newest head: \`${headText(found.newestHead)}\``,
      ...(given === undefined
        ? ["- Compared with no head from the bot's log: `--head` does that"]
        : [`- Compared with the head from the bot's log: \`${given}\``]),
      ...(later > 0
        ? [`- After the month: ${later} findings, which \`jit audit verify\` names`]
        : []),
      ...(isUnkeyed
        ? [
            "- Sealed without a key: this detects accidents, not tampering by somebody who can write to Redis",
          ]
        : []),
    ].join("\n"),
  ];
  return `${lines.join("\n\n")}\n\n`;
}

export function totalsText(totals: MonthTotals): string {
  const { asked, opened, openMs: ms, ends, requesters, vms, breakGlass } = totals;
  const { justified, concerns, unreviewed, othersOpened, othersChanged, amiss } = totals;
  const ended = [...ends]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([end, count]) => `${count} ${end.replace("-", " ")}`);
  const rows: readonly (readonly [string, string])[] = [
    ["Requests made in the month", `${asked}${asked === 0 ? "" : ` (${ended.join(", ")})`}`],
    ["Access that was open in the month", String(opened)],
    ["Hours open in the month, added up", (ms / HOUR_MS).toFixed(1)],
    ["People who had access", String(requesters.size)],
    ["VMs", String(vms.size)],
    [
      "Break-glass",
      `${breakGlass} (${justified} justified, ${concerns} with a concern, ${unreviewed} not reviewed)`,
    ],
    ["Opened by others", String(othersOpened)],
    ["JIT policies changed or deleted by others", String(othersChanged)],
    ...(amiss === 0
      ? []
      : [["Requests with erased, altered or unproven entries", String(amiss)] as const]),
  ];
  return `## In numbers\n\n${tableTop(["what", "how many"])}${rows.map((row) => tableLine(row)).join("")}\n`;
}

export const accessTop = (): string =>
  `## Who had access\n\n${tableTop(["who", "VM", "ports", "from", "approved by", "opened", "closed", "minutes", "in the month", "reason", "end", "request"])}`;

/** Only what was open in the month. */
export function accessLine(
  record: AccessRecord,
  { names, portal, nowMs }: TableOptions,
  month: Month,
): string {
  const inMonthMs = openMs(record, { ...month, nowMs });
  if (inMonthMs === 0) return "";
  const { id, requester = "", vm = "", vmId, ports, approvers, openedAtMs, closedAtMs } = record;
  const by = approvers.map((one) => withId(names, one)).join(", ");
  const nobody = record.isBreakGlass ? "nobody: break-glass" : "no approval recorded";
  return tableLine([
    asMarkdown(withId(names, requester)),
    markdownLink(vm, vmId === undefined ? undefined : portalUrl(portal, vmId)),
    ports.join(", "),
    asMarkdown(sourceText(record)),
    asMarkdown(by === "" ? (record.isRecovered || record.isBreakGlass ? nobody : "the rule") : by),
    isoOf(openedAtMs),
    isoOf(closedAtMs),
    minutesText(openMs(record, { nowMs })),
    minutesText(inMonthMs),
    asMarkdown(record.reason),
    endText(record),
    id,
  ]);
}

export function breakGlassText(
  records: readonly AccessRecord[],
  { names }: Pick<TableOptions, "names">,
  more: number,
): string {
  const head = "## Break-glass and its reviews\n\n";
  if (records.length === 0) return `\n${head}None.\n`;
  const lines = records.map((record) =>
    tableLine([
      record.id,
      asMarkdown(withId(names, record.requester ?? "")),
      asMarkdown(record.vm ?? ""),
      isoOf(record.openedAtMs),
      asMarkdown(record.reason),
      asMarkdown(reviewText(record, names)),
    ]),
  );
  const top = tableTop(["request", "who", "VM", "opened", "reason", "review"]);
  return `\n${head}${top}${lines.join("")}${moreText(more)}`;
}

export function othersText(entries: readonly AuditEntry[], more: number): string {
  const head = "## Done by others at Azure\n\n";
  if (entries.length === 0) return `\n${head}Nothing.\n`;
  const lines = entries.map((entry) => {
    const { what, vm, ports, source, by, atMs, untilMs } = othersDeed(entry);
    return tableLine([
      isoOf(atMs),
      what,
      asMarkdown(vm),
      asMarkdown(ports),
      asMarkdown(source),
      asMarkdown(by),
      isoOf(untilMs),
    ]);
  });
  const top = tableTop(["when", "what", "VM or JIT policy", "ports", "from", "by", "until"]);
  return `\n${head}${top}${lines.join("")}${moreText(more)}`;
}

const moreText = (more: number): string =>
  more > 0 ? `\n… and ${more} more, which the CSV has.\n` : "";

export type OthersDeed = {
  readonly what: string;
  readonly vm: string;
  readonly ports: string;
  readonly source: string;
  readonly by: string;
  readonly atMs: number;
  readonly untilMs: number | undefined;
};

/** What others opened or changed, by what Azure's log and policy say. */
export function othersDeed({ what, vm, detail, atMs }: AuditEntry): OthersDeed {
  const text = (name: string) => (typeof detail[name] === "string" ? detail[name] : "");
  const time = (name: string) => (typeof detail[name] === "number" ? detail[name] : undefined);
  const source = text("source");
  return {
    what:
      what === "opened-elsewhere" ? "opened" : what.replaceAll("-", " ").replace(" elsewhere", ""),
    vm: vm ?? vmName(text("jitPolicy")),
    ports: text("ports").replaceAll(",", " "),
    source: source === ANY_SOURCE ? "any" : source,
    by: text("caller"),
    atMs: time("loggedAtMs") ?? atMs,
    untilMs: time("endsAtMs"),
  };
}

/** Everybody who asked, approved or reviewed, so that the ids above can be looked up. */
export function peopleText(people: readonly string[], names: Names): string {
  if (people.length === 0) return "";
  const lines = people.toSorted().map((id) => {
    const known = names.get(id);
    return tableLine([
      asMarkdown(id),
      asMarkdown(known?.name ?? ""),
      asMarkdown(known?.address ?? ""),
    ]);
  });
  return `\n## People\n\n${tableTop(["id", "name", "address"])}${lines.join("")}`;
}
